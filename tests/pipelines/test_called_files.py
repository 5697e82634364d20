"""Scripts and Makefiles that a step calls: what they do is what the step does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from readycheck.inventory import Inventory
from readycheck.model import Place
from readycheck.pipelines.model import Command
from readycheck.pipelines.shell import Reading, Start, read
from tests.trees import collected_from

GOES_ON = "its shell goes on after a failure (no `set -e`)"


def called(root: Path, files: Mapping[str, str], text: str, start: Start | None = None) -> Reading:
    inventory = Inventory([collected_from(root, files)])
    place = Place(inventory.environment, ())
    return read(text, lambda _: place, start or Start(errexit=True), inventory)


def where(command: Command) -> tuple[str, int | None]:
    return command.place.location.uri, command.place.location.line


def texts(reading: Reading) -> list[str]:
    return [command.text for command in reading.commands]


# Scripts -------------------------------------------------------------------------------------------------------


def test_a_script_is_followed_to_its_lines(tmp_path: Path) -> None:
    files = {"ci/scan.sh": '#!/bin/bash\nset -e\n\ntrivy image "$1"\ndocker push "$1"\n'}
    reading = called(tmp_path, files, "./ci/scan.sh acme/api")
    assert texts(reading) == ["trivy image acme/api", "docker push acme/api"]
    assert where(reading.commands[0]) == ("ci/scan.sh", 4)
    assert reading.commands[0].via == ("./ci/scan.sh acme/api",)
    assert reading.commands[0].swallowed == ""


@pytest.mark.parametrize(
    ("script", "call", "swallowed"),
    [
        ("trivy x\necho", "./s.sh", GOES_ON),
        ("trivy x", "./s.sh", ""),
        ("#!/bin/sh -e\ntrivy x\necho", "./s.sh", ""),
        ("#!/usr/bin/env bash\nset -euo pipefail\ntrivy x | tee log\necho", "./s.sh", ""),
        ("#!/bin/sh -e\ntrivy x\necho", "sh s.sh", ""),
        ("trivy x\necho", "bash -e s.sh", ""),
        ("trivy x\necho", "bash -euo pipefail ./s.sh", ""),
        ("set -e\ntrivy x\necho", "./s.sh || true", "`|| true`"),
        ("trivy x\necho", ". ./s.sh", ""),
        ("trivy x\necho", "source s.sh", ""),
        ("set -e\ntrivy x\necho", "sudo -E ./s.sh", ""),
        ("set -e\ntrivy x\necho", "time timeout 5m ./s.sh", ""),
    ],
)
def test_a_script_fails_as_its_shell_is_started(tmp_path: Path, script: str, call: str, swallowed: str) -> None:
    reading = called(tmp_path, {"s.sh": script}, f"{call}\necho")
    assert reading.commands[0].text == "trivy x"
    assert reading.commands[0].swallowed == swallowed


def test_what_is_sourced_is_known_afterwards(tmp_path: Path) -> None:
    files = {"lib.sh": "IMAGE=acme/api\npush() { docker push $IMAGE:$1; }\n"}
    assert texts(called(tmp_path, files, ". ./lib.sh\npush 1")) == ["docker push acme/api:1"]


def test_scripts_find_their_neighbours(tmp_path: Path) -> None:
    files = {
        "ci/a.sh": 'cd "$(dirname "$0")"\n./b.sh\n',
        "ci/e.sh": '. "$(realpath "$(dirname "${BASH_SOURCE[0]}")")/c.sh"\n. "$(dirname "$(readlink -f "$0")")/c.sh"\n',
        "ci/b.sh": 'HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\n. "$HERE/c.sh"\n"$HERE/../d.sh"\n',
        "ci/c.sh": "from c\n",
        "d.sh": "from d\n",
    }
    assert texts(called(tmp_path, files, "ci/a.sh")) == ["from c", "from d"]
    assert texts(called(tmp_path, files, "ci/e.sh")) == ["from c", "from c"]


def test_an_executable_without_suffix_is_a_script_by_its_first_line(tmp_path: Path) -> None:
    files = {"bin/ci": "#!/usr/bin/env bash\ngo test ./...\n", "bin/tool": "#!/usr/bin/env python3\nimport os\n"}
    assert texts(called(tmp_path, files, "bin/ci && bin/tool x")) == ["go test ./...", "bin/tool x"]


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    reading = called(tmp_path, {"a.sh": "./gone.sh\n"}, "./a.sh\n./$STAGE.sh")
    assert texts(reading) == ["./gone.sh", "./$STAGE.sh"]
    assert reading.unread == (
        "it runs `./gone.sh`, which could not be found in the tree",
        "it runs `./$STAGE.sh`, whose path a variable decides",
    )


@pytest.mark.parametrize(
    "text",
    [
        "curl -fsSLo get_helm.sh https://get.helm.sh/x\nchmod +x get_helm.sh\n./get_helm.sh",
        "curl https://get.helm.sh/x > get_helm.sh; bash get_helm.sh",
        "wget -q https://get.helm.sh/get_helm.sh && sudo ./get_helm.sh",
    ],
)
def test_a_script_that_is_loaded_down_is_a_program_like_others(tmp_path: Path, text: str) -> None:
    reading = called(tmp_path, {}, text)
    assert reading.unread == ()
    assert "get_helm.sh" in texts(reading)[-1]


def test_a_script_that_runs_in_a_container_is_not_taken_for_one_of_the_tree(tmp_path: Path) -> None:
    assert texts(called(tmp_path, {"s.sh": "go test\n"}, "docker run tools ./s.sh")) == ["docker run tools ./s.sh"]


def test_scripts_that_call_each_other_come_to_an_end(tmp_path: Path) -> None:
    files = {"a.sh": "one\n./b.sh\n", "b.sh": "two\n./a.sh\n"}
    assert texts(called(tmp_path, files, "./a.sh"))[:2] == ["one", "two"]


# Makefiles -----------------------------------------------------------------------------------------------------

MAKEFILE = """\
IMAGE ?= acme/api
TAG := $(shell git describe)

.PHONY: build scan push
push: scan ## pushes
\tdocker push $(IMAGE):$(TAG)

scan: build
\t-@trivy image --exit-code 1 $(IMAGE)
\t@trivy image $(IMAGE); echo done

build:
\tcd src && docker build \\
\t  -t $(IMAGE) .
"""


def test_a_target_runs_what_it_needs_first(tmp_path: Path) -> None:
    reading = called(tmp_path, {"Makefile": MAKEFILE}, "make push")
    found = [(command.text, command.swallowed, where(command)[1], command.folder) for command in reading.commands]
    assert found == [
        ("docker build -t acme/api .", "", 13, "src"),
        ("trivy image --exit-code 1 acme/api", "`-` in front of its line in the Makefile", 9, ""),
        ("trivy image acme/api", GOES_ON, 10, ""),
        ("echo done", "", 10, ""),
        ("git describe", "its failure is lost in `$( )`", 6, ""),
        ("docker push acme/api:$(git describe)", "", 6, ""),
    ]
    assert [command.via for command in reading.commands][1:2] == [("make push", "make scan")]


@pytest.mark.parametrize(
    ("call", "pushed"),
    [
        ("make push IMAGE=x TAG=1", "docker push x:1"),
        ("IMAGE=y make push TAG=1", "docker push y:1"),
        ("TAG=1 make push TAG=2", "docker push acme/api:2"),
        ("make -j 4 push TAG=1", "docker push acme/api:1"),
        ("make -C . push TAG=1", "docker push acme/api:1"),
        ("make -f Makefile push TAG=1", "docker push acme/api:1"),
        ("sudo make push TAG=1", "docker push acme/api:1"),
    ],
)
def test_variables_come_from_where_make_takes_them(tmp_path: Path, call: str, pushed: str) -> None:
    assert texts(called(tmp_path, {"Makefile": MAKEFILE}, call))[-1] == pushed


@pytest.mark.parametrize(
    ("makefile", "call", "commands"),
    [
        ("first:\n\ta\nsecond:\n\tb\n", "make", ["a"]),
        (".DEFAULT_GOAL := second\nfirst:\n\ta\nsecond:\n\tb\n", "make", ["b"]),
        ("all: one two\none:\n\ta\ntwo: one\n\tb\n", "make", ["a", "b"]),
        ("all:\n\t$(MAKE) other X=1\nother:\n\ta $(X)\n", "make", ["a 1"]),
        ("test-%:\n\tgo test ./$*\n", "make test-api", ["go test ./api"]),
        ("a b:\n\techo $@ $<\n", "make b", ["echo b"]),
        ("run = ssh host '$(1)'\nall:\n\t$(call run,make x)\n", "make", ["ssh host make x"]),
        ("deploy: ENV = prod\ndeploy:\n\tkubectl apply -k $(ENV)\n", "make deploy", ["kubectl apply -k prod"]),
        ("ifdef CI\nX = 1\nelse\nX = 2\nendif\nall:\n\ta $(X)\n", "make", ["a $(X)"]),
        ("all:\n\techo $$HOME ${HOME} $(word 1,$(A))\n", "make", ["echo $HOME ${HOME} $(word 1,$(A))"]),
        ("T = a b\n$(T): c\n\tmake-it $@\nc:\n\td\n", "make b", ["d", "make-it b"]),
        ("%: common-% ;\ncommon-docker:\n\tdocker build .\n", "make docker", ["docker build ."]),
        ("all:\n\techo $(MAKECMDGOALS)\n", "make all", ["echo all"]),
        (".ONESHELL:\nall:\n\tcd x\n\tgo test\n", "make", ["go test"]),
        ("a: b\nb: a\n\tx\n", "make a", ["x"]),
        ("X = $(Y)\nY = $(X)\nall:\n\ta $(X)\n", "make", ["a $(X)"]),
        ("all: ; go test\n", "make", ["go test"]),
    ],
)
def test_make_is_understood(tmp_path: Path, makefile: str, call: str, commands: list[str]) -> None:
    assert texts(called(tmp_path, {"Makefile": makefile}, call)) == commands


def test_the_shell_of_recipes_may_stop_at_failures(tmp_path: Path) -> None:
    makefile = "SHELL = /bin/bash\n.SHELLFLAGS = -eu -o pipefail -c\nscan:\n\ttrivy x | tee log; echo\n"
    assert called(tmp_path, {"Makefile": makefile}, "make scan").commands[0].swallowed == ""


def test_lines_of_one_shell_share_their_folder(tmp_path: Path) -> None:
    makefile = ".ONESHELL:\nall:\n\tcd x\n\tgo test\n"
    (command,) = called(tmp_path, {"Makefile": makefile}, "make").commands
    assert (command.folder, where(command)[1]) == ("x", 4)


def test_makefiles_of_other_folders_and_included_ones_are_found(tmp_path: Path) -> None:
    files = {
        "api/Makefile": "include ../common.mk ../Makefile.lint\nall: test lint\n",
        "common.mk": "test:\n\tgo test\n",
        "Makefile.lint": "\nlint:\n\tgolint .\n",
    }
    found = called(tmp_path, files, "cd api && make").commands
    assert [(command.text, command.folder, where(command)) for command in found] == [
        ("go test", "api", ("common.mk", 2)),
        ("golint .", "api", ("Makefile.lint", 3)),
    ]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("make deploy", "it runs `make deploy`, and the Makefile has no target `deploy`"),
        ("make -C gone x", "it runs `make -C gone x`, and there is no `gone/Makefile` in the tree"),
        ("make -C $DIR x", "it runs `make -C $DIR x`, and a variable decides which Makefile that is"),
    ],
)
def test_what_make_cannot_find_is_named(tmp_path: Path, call: str, reason: str) -> None:
    reading = called(tmp_path, {"Makefile": "all:\n\ta\n"}, call)
    assert reading.unread == (reason,)
    assert texts(reading) == [call]
