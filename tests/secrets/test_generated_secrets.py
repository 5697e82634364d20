"""Secrets that kustomize generates are judged by what they are made of, built or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Outcome, Status
from tests.trees import collected_from

CIPHERTEXT = "ENC[AES256_GCM,data:Zm9v,iv:aXY=,tag:dGFn,type:str]"
KUSTOMIZATION = "deploy/kustomization.yaml"


def kustomization(generator: str) -> str:
    return f"namespace: shop\nsecretGenerator:\n  - name: web\n{generator}"


TREES = {
    "literals": ({KUSTOMIZATION: kustomization("    literals:\n      - password=Inv3nted\n")}, Status.FAIL, 5),
    "quoted": ({KUSTOMIZATION: kustomization("    literals: ['password=\"\"']\n")}, Status.NOT_APPLICABLE, None),
    "variables": (
        {KUSTOMIZATION: kustomization("    envs:\n      - web.env\n"), "deploy/web.env": "PASSWORD=Inv3nted\n"},
        Status.FAIL,
        5,
    ),
    "file": (
        {KUSTOMIZATION: kustomization("    files: [token=token.txt]\n"), "deploy/token.txt": "Inv3nted"},
        Status.FAIL,
        4,
    ),
    "encrypted variables": (
        {
            KUSTOMIZATION: kustomization("    envs: [web.env]\n"),
            "deploy/web.env": f"PASSWORD={CIPHERTEXT}\nsops_mac={CIPHERTEXT}\nsops_version=3.13.2\n",
        },
        Status.PASS,
        None,
    ),
    "encrypted file": (
        {
            KUSTOMIZATION: kustomization("    files: [token.encrypted]\n"),
            "deploy/token.encrypted": f'{{"data": "{CIPHERTEXT}", "sops": {{"mac": "{CIPHERTEXT}"}}}}',
        },
        Status.PASS,
        None,
    ),
}
CASES = pytest.mark.parametrize(("files", "status", "line"), TREES.values(), ids=TREES)


def outcome_of(root: Path, files: dict[str, str]) -> Outcome:
    """What is said of the Secret."""
    (rule,) = (each for each in packs.load() if each.id == "secret/encrypted")
    collected = collected_from(root, files)
    assert collected.problems == []
    (outcome,) = (
        each for each in judge([Selection.default(rule)], Inventory((collected,))) if each.resource.kind == "Secret"
    )
    return outcome


def place(outcome: Outcome) -> tuple[str, int | None] | None:
    if not outcome.findings:
        return None
    location = outcome.findings[0].place.location
    return location.uri, location.line


@CASES
def test_without_kustomize_the_sources_tell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str], status: Status, line: int | None
) -> None:
    monkeypatch.setenv("PATH", "")
    outcome = outcome_of(tmp_path, files)
    assert outcome.status is status
    assert outcome.resource.scope == "shop"
    assert outcome.resource.name == "web"
    assert place(outcome) == (None if line is None else (KUSTOMIZATION, line))


@pytest.mark.slow
@CASES
def test_with_kustomize_the_built_secret_tells(
    require_tool: Callable[[str], Path], tmp_path: Path, files: dict[str, str], status: Status, line: int | None
) -> None:
    require_tool("kustomize")
    outcome = outcome_of(tmp_path, files)
    assert outcome.status is status
    assert (place(outcome) or (KUSTOMIZATION,))[0] == KUSTOMIZATION
    assert bool(line) is bool(outcome.findings)


def test_an_input_that_git_ignores_holds_nothing_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    files = {KUSTOMIZATION: kustomization("    envs: [later.env]\n    literals: [password=Inv3nted]\n")}
    assert outcome_of(tmp_path, files).status is Status.FAIL
