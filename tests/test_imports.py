"""Imports point one way, and what is heavy is imported only when it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "readycheck"

# A part of the engine, from the bottom up, and the other parts that it may know.
PARTS = {
    "__init__": "",
    "errors": "",
    "model": "",
    "documents": "model",
    "report": "model",
    "known": "model report",
    "aws": "",
    "kubernetes": "model",
    "images": "model documents kubernetes",
    "pipelines": "model documents images kubernetes",
    "secrets": "model kubernetes",
    "terraform": "model",
    "charts": "model documents kubernetes terraform",
    "observability": "model documents kubernetes secrets terraform charts",
    "vault": "model documents kubernetes secrets terraform charts",
    "simulation": "model kubernetes",
    "clusters": "model kubernetes terraform",
    "inventory": "model kubernetes images pipelines secrets terraform observability charts vault clusters simulation",
    "scope": "model kubernetes images pipelines secrets terraform charts inventory",
    "spread": "model kubernetes inventory",
    "stack": "model kubernetes observability inventory",
    "rule": "errors model kubernetes terraform inventory",
    "rule_pages": "rule",
    "packs": "rule",
    "engine": "model kubernetes inventory rule",
    "section": "errors model documents",
    "baseline": "model report known section",
    "sources": "model documents aws kubernetes images pipelines secrets terraform clusters section",
    "history": "errors model report",
    "outputs": "errors model report history",
    "fixes": "model documents kubernetes simulation inventory report sources",
    "notify": "",
    "config": "model documents rule engine sources section",
    "proposal": "documents sources",
    "exemptions": "model report config",
    "exempting": "documents section",
    "provenance": "report sources config",
    "joining": "model kubernetes terraform inventory report",
    "standing": "model report known baseline",
    "since": "model report section sources",
    "gate": "model report standing",
    "harness": "model documents inventory rule engine fixes sources section",
    "scan": (
        "model kubernetes report baseline standing since inventory packs engine sources section config exemptions gate "
        "joining provenance"
    ),
    "simulate": "model kubernetes simulation inventory sources section config scan",
    "fix": "model documents kubernetes report outputs sources fixes scan",
    "patching": "model documents fix fixes scan sources",
    "cli": (
        "errors baseline exemptions exempting model "
        "fix fixes patching "
        "aws kubernetes report history rule rule_pages packs outputs section config gate proposal provenance harness "
        "scan simulation simulate notify"
    ),
    "__main__": "cli",
}
# What a rule may know of the engine.
RULE_MAY_KNOW = (
    "model kubernetes images pipelines secrets terraform observability charts vault clusters simulation inventory "
    "scope spread stack rule"
)
# A library, and the only parts that may use it. Rules use none.
LIBRARIES = {
    "boto3": "sources",
    "botocore": "sources",
    "helm_python": "sources",
    "pathspec": "sources",
    "promql_parser": "documents",
    "pyasn1": "kubernetes",
    "pyasn1_modules": "kubernetes",
    "kubernetes": "sources",
    "urllib3": "sources",
    "tree_sitter": "documents",
    "tree_sitter_bash": "documents",
    "tree_sitter_containerfile": "documents",
    "tree_sitter_hcl": "documents",
    "detect_secrets": "secrets",
    "apprise": "notify",
    "codeowners": "outputs",
    "jinja2": "outputs",
    "markupsafe": "outputs",
    "platformdirs": "cli",
    "psycopg": "history",
    "re2": "secrets",
    "sqlalchemy": "history",
    "yaml": "documents",
    "rich": "outputs cli",
    "click": "cli",
}
# What asking for help must not wait for.
HEAVY = {
    *("boto3", "botocore", "detect_secrets", "kubernetes", "orjson", "promql_parser", "pyasn1"),
    *("apprise", "codeowners", "jinja2", "rich", "sqlalchemy", "sqlite3", "tree_sitter", "yaml", "helm_python"),
}


def part_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(file: Path) -> Iterator[tuple[int, str]]:
    """The line and the absolute name of each module or member that a file imports, at any depth."""
    package = ("readycheck", *file.relative_to(PACKAGE).parts[:-1]) if file.is_relative_to(PACKAGE) else ()
    for node in ast.walk(ast.parse(file.read_bytes(), str(file))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *filter(None, (node.module,))))
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def trespasses(file: Path, may_know: str) -> Iterator[str]:
    """The imports of the engine's other parts that a file's own part must not know, with their lines."""
    own = part_of(file) if file.is_relative_to(PACKAGE) else None
    for line, module in imported_modules(file):
        package, _, rest = module.partition(".")
        # `from readycheck import __version__` is a fact about the package and no part of it.
        if package != "readycheck" or rest == "__version__":
            continue
        part = rest.partition(".")[0]
        if part != own and part not in may_know.split():
            yield f"{file.relative_to(ROOT)}:{line} imports {module}"


def test_every_part_of_the_engine_has_its_place_in_the_table() -> None:
    assert {part_of(file) for file in PACKAGE.rglob("*.py")} <= set(PARTS)


def test_the_table_itself_points_one_way() -> None:
    parts = list(PARTS)
    assert {part: set(known.split()) - set(parts[: parts.index(part)]) for part, known in PARTS.items()} == {
        part: set() for part in PARTS
    }


@pytest.mark.parametrize("part", PARTS)
def test_imports_point_one_way(part: str) -> None:
    files = [file for file in PACKAGE.rglob("*.py") if part_of(file) == part]
    assert [wrong for file in files for wrong in trespasses(file, PARTS[part])] == []


def test_rules_know_the_vocabulary_and_the_standard_library_only() -> None:
    wrong: list[str] = []
    for file in sorted((ROOT / "rules").rglob("*.py")):
        wrong += trespasses(file, RULE_MAY_KNOW)
        wrong += [
            f"{file.relative_to(ROOT)}:{line} imports {module}"
            for line, module in imported_modules(file)
            if module.partition(".")[0] not in {"readycheck", *sys.stdlib_module_names}
        ]
    assert wrong == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_used_only_where_it_belongs(library: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in sorted(PACKAGE.rglob("*.py"))
        if part_of(file) not in LIBRARIES[library].split()
        for line, module in imported_modules(file)
        if module.partition(".")[0] == library
    ]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_a_question_about_the_program_waits_for_no_heavy_import(argument: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "readycheck", argument],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "readycheck" in imported
    assert imported & HEAVY == set()
