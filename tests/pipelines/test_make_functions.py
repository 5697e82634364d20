"""What is worked out of make's functions is what make itself gives."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from readycheck.model import Entry, Listing
from readycheck.pipelines.shell.make_variables import expand
from readycheck.pipelines.shell.tree_names import matching

FILES = ("envs/dev/main.tf", "envs/prod/main.tf", "envs/template/main.tf", "cmd/a.go", "cmd/b.go")
VARIABLES = {"ENVS": "prod dev template dev", "SOURCES": "cmd/a.go cmd/b.go README", "EMPTY": ""}
KNOWN = [
    "$(addprefix deploy-,$(ENVS))",
    "$(addsuffix -x,$(ENVS))",
    "$(basename $(SOURCES))",
    "$(dir $(SOURCES))",
    "$(notdir $(SOURCES))",
    "$(filter %.go READ%,$(SOURCES))",
    "$(filter-out template dev,$(ENVS))",
    "$(firstword $(ENVS)) $(lastword $(ENVS)) $(firstword $(EMPTY))",
    "$(patsubst cmd/%.go,bin/%,$(SOURCES))",
    "$(patsubst README,LICENSE,$(SOURCES))",
    "$(sort $(ENVS))",
    "$(subst cmd,bin,$(SOURCES))",
    "$(ENVS:%=deploy-%)",
    "$(SOURCES:.go=.o)",
    "$(foreach env,$(ENVS),deploy-$(env))",
    "$(foreach env,$(sort $(ENVS)),$(addprefix $(env)-,a b))",
    "$(notdir $(wildcard envs/*))",
    "$(patsubst envs/%/main.tf,%,$(wildcard envs/*/main.tf))",
    "$(wildcard cmd/*.go envs/dev)",
    "a$(EMPTY)b ${ENVS}",
]


def worked_out(expression: str) -> str:
    """What the reader makes of an expression in a tree with `FILES`."""
    listing = Listing([Entry(file) for file in FILES])
    return expand(expression, VARIABLES, {}, lambda pattern: matching(listing, pattern, ""))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("expression", KNOWN)
def test_functions_give_what_make_gives(tmp_path: Path, expression: str) -> None:
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    lines = [f"{name} := {value}" for name, value in VARIABLES.items()]
    makefile = "\n".join([*lines, f"$(info {expression})", "all: ;", ""])
    made = subprocess.run(
        ["make", "-s", "-f", "-"], input=makefile, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert worked_out(expression).split() == made.stdout.split()


@pytest.mark.parametrize(
    "expression",
    ["$(addprefix deploy-,$(UNKNOWN))", "$(filter-out a,$(shell ls))", "$(wildcard gone/*)", "$(UNKNOWN:%=x-%)"],
)
def test_what_only_make_can_tell_stays_one_piece(expression: str) -> None:
    assert expression in worked_out(expression)
