"""Input that breaks naive readers: what is good in a tree is judged, what is bad is a problem with file and line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  replicas: 1
  template:
    spec: {containers: [{name: web, image: "web:1"}]}
"""
# What stands in a file, and the line of `spec.replicas` in it.
GOOD: dict[str, tuple[str | bytes, int]] = {
    "anchor-redefined": ("x: &a 1\ny: &a 2\n---\n" + DEPLOYMENT, 8),
    "plain-equals-sign": (DEPLOYMENT + "matchType: =\n", 5),
    "custom-tag": (DEPLOYMENT + "other: !reference [a, b]\npython: !!python/name:os.system x\n", 5),
    "tab-after-key": (DEPLOYMENT.replace("replicas: 1", "replicas:\t1"), 5),
    "utf-16": (("\ufeff" + DEPLOYMENT).encode("utf-16-le"), 5),
    "byte-order-mark": ("\ufeff" + DEPLOYMENT, 5),
    "crlf": (DEPLOYMENT.replace("\n", "\r\n"), 5),
    "booleans-as-keys": (DEPLOYMENT + "on: {yes: 12:30, no: 0600}\ndate: 2026-01-01\n", 5),
    "comments-and-empty-documents": ("# one\n--- # two\n" + DEPLOYMENT + "---  \n---\n", 7),
    "in-a-list": ("apiVersion: v1\nkind: List\nitems:\n- " + DEPLOYMENT.replace("\n", "\n  ").rstrip() + "\n", 8),
    "in-a-typed-list": (
        "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- "
        + DEPLOYMENT.partition("kind: Deployment\n")[2].replace("\n", "\n  ").rstrip()
        + "\n",
        6,
    ),
    "before-a-broken-document": (DEPLOYMENT + "---\na: [1,\n---\nb: 1\n", 5),
    "after-a-broken-document": ("a: [1,\n---\n" + DEPLOYMENT, 7),
    "generated-name": (DEPLOYMENT.replace("{name: NAME}", "{generateName: NAME}"), 5),
}
# What stands in a file, the line that is told, and words of the reason.
BAD: dict[str, tuple[str | bytes, int | None, str]] = {
    "latin-1": (b"# caf\xe9\n" + DEPLOYMENT.encode(), 1, "is not UTF-8 text"),
    "duplicate-key": (DEPLOYMENT + "kind: Pod\n", 8, "the key 'kind' stands twice"),
    "helm-template": ("{{ if .Values.on }}\n" + DEPLOYMENT + "{{ end }}\n", 2, "a template that was not rendered"),
    "terraform-template": ("%{ if on }\n" + DEPLOYMENT, 1, "a template that was not rendered"),
    "alias-bomb": (
        "a: &a [1,1,1,1,1,1,1,1,1]\n"
        + "".join(
            f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
        ),
        7,
        "expands to more than",
    ),
    "recursive-alias": ("a: &a [*a]\n", 1, "an alias inside the very thing"),
    "nested-flow": ("[" * 100_000, 1, "nest"),
    "nested-blocks": ("".join(f"{' ' * level}a:\n" for level in range(3_000)), 201, "nested"),
    "scalar-of-40-mb": ("a: " + "x" * 40_000_000, None, "larger than 32 MiB"),
    "no-api-version": (DEPLOYMENT.partition("\n")[2], 1, "without apiVersion"),
    "broken-json": ('{"apiVersion": "v1",\n "kind": }', 2, "JSON"),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One scan of everything at once, by a process that may take 60 seconds and 1.5 GB."""
    folder = tmp_path_factory.mktemp("traps")
    for name, content, *_ in ((name, *rest) for table in (GOOD, BAD) for name, rest in table.items()):
        text = content.replace("NAME", name) if isinstance(content, str) else content
        ending = "json" if "json" in name else "yaml"
        (folder / f"{name}.{ending}").write_bytes(text if isinstance(text, bytes) else text.encode())
    _strange_files(folder)
    limited = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2);"
        "runpy.run_module('readycheck', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "scan", ".", "-o", "json", "--fail-on", "none"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 3
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _strange_files(folder: Path) -> None:
    (folder / "folder.yaml").mkdir()
    (folder / "terraform.tfstate").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    (folder / "loop").symlink_to(".")
    (folder / "dangling.yaml").symlink_to("nothing.yaml")
    (folder / "out").symlink_to("/etc")
    (folder / "\x1b[31m\nname.yaml").write_text(DEPLOYMENT.replace("NAME", "escape"), encoding="utf-8")
    (folder / "variable.yaml").write_text(
        DEPLOYMENT.replace("NAME", "variable").replace("replicas: 1", "replicas: ${REPLICAS}"), encoding="utf-8"
    )
    for skipped in ("vendor", "node_modules", "testdata", "_archived", ".terraform"):
        (folder / skipped).mkdir()
        (folder / skipped / "web.yaml").write_text(DEPLOYMENT, encoding="utf-8")


def replicas(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (finding for finding in report["findings"] if finding["rule"] == "workload/replicas")


@pytest.mark.parametrize("name", GOOD)
def test_what_can_be_read_is_judged_at_its_line(report: dict[str, Any], name: str) -> None:
    name_there = "NAME" if name == "utf-16" else name  # what is written as bytes keeps its placeholder
    lines = [f["location"]["line"] for f in replicas(report) if f["resource"]["name"] == name_there]
    assert lines == [GOOD[name][1]]


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_a_problem_with_line_and_reason(report: dict[str, Any], name: str) -> None:
    _, line, words = BAD[name]
    told = [problem for problem in report["sources"][0]["problems"] if problem["uri"].startswith(f"{name}.")]
    assert (line, True) in [(problem["line"], words in problem["reason"]) for problem in told], told


def test_a_variable_is_unknown_and_not_wrong(report: dict[str, Any]) -> None:
    (outcome,) = [
        outcome
        for outcome in report["outcomes"]
        if outcome["rule"] == "workload/replicas" and outcome["resource"]["name"] == "variable"
    ]
    assert outcome["status"] == "unknown"
    assert "${REPLICAS}" in outcome["reason"]


def test_links_and_folders_are_skipped_and_counted(report: dict[str, Any]) -> None:
    skipped = report["sources"][0]["skipped"]
    assert {reason: skipped[reason] for reason in ("links out of the repository", "vendor/", "testdata/")} == {
        "links out of the repository": 1,
        "vendor/": 1,
        "testdata/": 1,
    }
    assert [p["reason"] for p in report["sources"][0]["problems"] if p["uri"] == "dangling.yaml"]
    assert not [
        f for f in replicas(report) if f["resource"]["name"] == "NAME" and f["location"]["uri"] != "utf-16.yaml"
    ]
