"""A script is rehearsed round by round: in which folders its programs run."""

from __future__ import annotations

import pytest

from readycheck.inventory import Inventory
from readycheck.model import Collected, Entry, Listing, Resource
from readycheck.pipelines.shell.reading import Start
from readycheck.pipelines.shell.rehearsal import rehearse

LISTING = Listing(
    Entry(uri) for uri in ("envs/dev/main.tf", "envs/prod/main.tf", "envs/template/main.tf", "envs/README.md", "run.sh")
)


def applied(script: str, *arguments: str) -> list[str]:
    """The folders that a script runs `tool` in, or names to it."""
    inventory = Inventory([Collected("files", [], listing=LISTING)])
    place = Resource("Script", "run.sh", "", {}, inventory.environment.origin).at(())
    reading = rehearse(script, lambda _: place, Start(arguments=arguments), inventory)
    return [command.words[1] if len(command.words) > 1 else command.folder for command in reading.commands]


@pytest.mark.parametrize(
    ("script", "folders"),
    [
        ("for e in envs/*/; do tool $e; done", ["envs/dev/", "envs/prod/", "envs/template/"]),
        ("for e in envs/*; do [ -d $e ] || continue; tool $e; done", ["envs/dev", "envs/prod", "envs/template"]),
        ("for e in envs/*/; do [[ $e == *template* ]] && continue; tool $e; done", ["envs/dev/", "envs/prod/"]),
        (
            'for e in envs/*/; do if [ "$(basename $e)" != template ]; then tool $e; fi; done',
            ["envs/dev/", "envs/prod/"],
        ),
        ("for e in envs/*/; do case $e in *template*) continue;; esac; tool $e; done", ["envs/dev/", "envs/prod/"]),
        ("for e in $(ls envs | grep -v template | grep -v README); do tool $e; done", ["dev", "prod"]),
        (
            "for e in $(find envs -mindepth 1 -maxdepth 1 -type d ! -name template); do tool $e; done",
            ["envs/dev", "envs/prod"],
        ),
        ("for e in dev prod; do cd envs/$e; tool; cd -; done", ["envs/dev", "envs/prod"]),
        ("for e in dev prod; do (cd envs/$e && tool); done", ["envs/dev", "envs/prod"]),
        ("ls -d envs/*/ | while read -r e; do tool ${e%/}; done", ["envs/dev", "envs/prod", "envs/template"]),
        ("ls -d envs/*/ | grep -v template | xargs -n1 tool", ["envs/dev/", "envs/prod/"]),
        ('E=(dev prod)\nfor e in "${E[@]}"; do tool $e; done', ["dev", "prod"]),
        ("f() { tool envs/$1; }\nfor e in dev prod; do f $e; done", ["envs/dev", "envs/prod"]),
        ("for e in a b c; do [ $e = b ] && break; tool $e; done", ["a"]),
        ('tool "${1:-dev}"', ["dev"]),
    ],
)
def test_rounds_are_those_of_the_tree(script: str, folders: list[str]) -> None:
    assert applied(script) == folders


def test_arguments_stand_where_the_script_names_them() -> None:
    assert applied('tool "envs/$1"', "run.sh", "prod") == ["envs/prod"]


def test_what_cannot_be_answered_stops_nothing() -> None:
    assert applied('if [ -z "$CI" ]; then\n  echo no\n  exit 1\nfi\ntool envs/dev') == ["envs/dev"]


def test_a_script_that_calls_itself_in_a_function_comes_to_an_end() -> None:
    assert applied("f() { tool x; f; }\nf") == ["x"]
