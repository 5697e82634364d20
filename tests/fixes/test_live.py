"""What runs is mended in git where git declares it, else by a command."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import yaml

from readycheck.fixes.additions import Neighbours
from readycheck.fixes.choice import Choice
from readycheck.fixes.forms import live_patches
from readycheck.fixes.operations import Operations
from readycheck.fixes.proposals import Left, Tree, proposals_of
from readycheck.model import Path as Path_
from tests.test_joining import joined, web


def left_of(tmp_path: Path, declared: str, live: str) -> list[Left]:
    report = joined(tmp_path, declared, live)
    resources = [resource for source in report.sources for resource in source.resources]
    root = str(tmp_path / "tree")
    tree = Tree(root, root, Neighbours(resources, single=False), report.counterparts)
    return proposals_of(report.outcomes, Choice(), tree)[1]


def test_what_git_declares_is_mended_there(tmp_path: Path) -> None:
    (left,) = left_of(tmp_path, web(1), web(1))
    assert (left.code, left.reason) == ("in-git", "is mended in git, at web.yaml:5")


def test_what_holds_in_git_has_to_be_applied(tmp_path: Path) -> None:
    (left,) = left_of(tmp_path, web(2), web(1))
    assert left.reason == "holds in git, at web.yaml:5: what stands there has to be applied"


def test_what_no_file_declares_is_mended_by_a_command(tmp_path: Path) -> None:
    (left,) = left_of(tmp_path, web(2).replace("web", "api"), web(1))
    assert left.code == "live"
    *command, patch = shlex.split(left.title)
    assert command == ["kubectl", "patch", "--namespace", "shop", "deployment.apps", "web", "--type=json", "--patch"]
    assert json.loads(patch) == [{"op": "replace", "path": "/spec/replicas", "value": 2}]


def test_what_is_missing_on_the_way_is_added_with_it_and_found_by_what_comes_after() -> None:
    body = {"spec": {"containers": [{"name": "a"}]}, "metadata": {"annotations": {"x/y~z": "1"}}}
    operations = Operations(body)
    edits: list[tuple[Path_, object]] = [
        (("spec", "containers", 0, "resources", "limits", "memory"), "1Gi"),
        (("spec", "containers", 0, "resources", "requests", "memory"), "1Gi"),
        (("spec", "containers", 1), {"name": "b"}),
        (("spec", "containers", 0, "name"), "c"),
        (("metadata", "annotations", "x/y~z"), "2"),
    ]
    for path, value in edits:
        operations.set(path, value)
    assert operations.made == [
        {"op": "add", "path": "/spec/containers/0/resources", "value": {"limits": {"memory": "1Gi"}}},
        {"op": "add", "path": "/spec/containers/0/resources/requests", "value": {"memory": "1Gi"}},
        {"op": "add", "path": "/spec/containers/-", "value": {"name": "b"}},
        {"op": "replace", "path": "/spec/containers/0/name", "value": "c"},
        {"op": "replace", "path": "/metadata/annotations/x~1y~0z", "value": "2"},
    ]
    assert body == {"spec": {"containers": [{"name": "a"}]}, "metadata": {"annotations": {"x/y~z": "1"}}}


def test_what_several_fixes_add_to_a_list_stands_in_it_one_behind_the_other() -> None:
    operations = Operations({"spec": {"constraints": [1]}})
    for value in (2, 3, 2):
        operations.set(("spec", "constraints", 1), value)
    assert operations.body == {"spec": {"constraints": [1, 2, 3]}}
    assert [each["path"] for each in operations.made] == ["/spec/constraints/-"] * 2


def test_what_no_file_declares_has_its_patches_in_the_report(tmp_path: Path) -> None:
    report = joined(tmp_path, web(2).replace("web", "api"), web(1))
    (patch,) = live_patches(report).values()
    assert patch.diff == ""
    assert shlex.split(patch.kubectl)[:6] == ["kubectl", "patch", "--namespace", "shop", "deployment.apps", "web"]
    (entry,) = yaml.safe_load(patch.kustomize)["patches"]
    assert entry["target"] == {"group": "apps", "kind": "Deployment", "name": "web"}
    assert yaml.safe_load(entry["patch"]) == [{"op": "replace", "path": "/spec/replicas", "value": 2}]


def test_what_git_declares_has_no_patch_of_its_own(tmp_path: Path) -> None:
    assert live_patches(joined(tmp_path, web(1), web(1))) == {}
