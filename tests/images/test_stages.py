"""What comes of a Dockerfile: which stages an image needs, what they start from, what variables hold where."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.images.dockerfile import Dockerfile
from readycheck.inventory import Inventory
from readycheck.model import Unresolved
from readycheck.sources.files import FilesRequest, collect


def read(folder: Path, text: str, name: str = "Dockerfile") -> Dockerfile:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    collected = collect(FilesRequest(paths=(folder,), repository=folder))
    assert collected.problems == []
    found = Inventory((collected,)).file(name)
    assert isinstance(found, Dockerfile)
    return found


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("ARG V=1.25\nFROM golang:${V}", "golang:1.25"),
        ("ARG V=1.25\nARG IMAGE=golang:$V\nFROM $IMAGE", "golang:1.25"),
        ("FROM golang:${V:-1.25}", "golang:1.25"),
        ("ARG V=\nFROM golang${V:+:$V}", "golang"),
        ("ARG REGISTRY=\nFROM ${REGISTRY}golang:1.25", "golang:1.25"),
        ("FROM example.com/$TARGETARCH/app:1", "example.com/amd64/app:1"),
    ],
)
def test_arguments_before_the_first_stage_are_put_into_from_lines(tmp_path: Path, text: str, source: str) -> None:
    stage = read(tmp_path, text + "\n").final
    assert str(stage.source) == source
    assert not isinstance(stage.source, Unresolved)


@pytest.mark.parametrize(
    "text", ["ARG V\nFROM golang:$V", "FROM golang:$V", "FROM golang AS a\nARG V=1\nFROM golang:$V"]
)
def test_without_a_default_in_sight_a_base_is_not_decided(tmp_path: Path, text: str) -> None:
    assert isinstance(read(tmp_path, text + "\n").final.source, Unresolved)


def test_a_stage_rests_on_the_image_at_the_bottom_of_its_chain(tmp_path: Path) -> None:
    dockerfile = read(tmp_path, "FROM alpine:3 AS Base\nFROM base AS middle\nFROM middle\n")
    assert [stage.index for stage in dockerfile.final.chain] == [2, 1, 0]
    assert str(dockerfile.final.root.source) == "alpine:3"


def test_a_stage_cannot_start_from_itself(tmp_path: Path) -> None:
    stage = read(tmp_path, "FROM node AS node\n").final
    assert stage.parent is None
    assert str(stage.root.source) == "node"


def test_an_image_needs_what_it_copies_and_mounts_from(tmp_path: Path) -> None:
    text = (
        "FROM a:1 AS one\nFROM b:1 AS two\nFROM c:1 AS spare\nFROM one AS three\n"
        "FROM scratch\nCOPY --from=three /x /x\nRUN --mount=type=bind,from=1,target=/y cp /y /z\n"
    )
    assert {stage.index for stage in read(tmp_path, text).final.needed} == {0, 1, 3, 4}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("FROM alpine\nARG U=7\nUSER $U\n", "7"),
        ("ARG U=7\nFROM alpine\nARG U\nUSER $U\n", "7"),
        ("FROM alpine\nARG A=7\nENV B=$A\nUSER ${B}\n", "7"),
        ("FROM alpine\nENV U=7\nARG U=8\nUSER $U\n", "7"),
        ("FROM alpine AS a\nENV U=7\nFROM a\nUSER $U\n", "7"),
        ("FROM alpine\nUSER ${U:-7}\nENV U=8\n", "7"),
    ],
)
def test_a_variable_holds_what_was_set_before(tmp_path: Path, text: str, value: str) -> None:
    stage = read(tmp_path, text).final
    user = next(each for each in stage.instructions if each.name == "USER")
    assert stage.value_at(user, user.words[0]) == value


def test_an_argument_above_the_stages_is_not_known_in_one_that_does_not_ask_for_it(tmp_path: Path) -> None:
    stage = read(tmp_path, "ARG U=7\nFROM alpine\nUSER $U\n").final
    assert isinstance(stage.value_at(stage.instructions[0], "$U"), Unresolved)


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("Dockerfile", None),
        ("build/package/Dockerfile", None),
        ("services/web/Dockerfile", None),
        ("Dockerfile.prod", None),
        ("Dockerfile.dev", "development"),
        ("Dockerfile.dev-tools", "development"),
        ("dev.Dockerfile", "development"),
        ("tests/e2e/Dockerfile", "tests"),
        ("Dockerfile.build", "building"),
        ("ci.Dockerfile", "building"),
    ],
)
def test_a_path_says_what_an_image_is_for(tmp_path: Path, name: str, purpose: str | None) -> None:
    assert read(tmp_path, "FROM alpine\n", name).purpose == purpose
