"""Makefiles as bodies with places."""

from __future__ import annotations

from readycheck.documents.makefile import parse_makefile
from readycheck.documents.text import line_of
from readycheck.documents.yaml import locate
from readycheck.model import Path


def line_at(text: str, path: Path) -> int:
    (document,), _ = parse_makefile(text)
    return line_of(text, locate(document.body, path, document.offset))


def test_rules_have_targets_prerequisites_and_recipes() -> None:
    (document,), faults = parse_makefile("a b: c $(D) | e ## help\n\t@one\n\t-two \\\n\t  three\n\nx: ; y\n")
    assert faults == []
    assert document.body["rules"] == [
        {"targets": ["a", "b"], "prerequisites": ["c", "$(D)", "e"], "recipe": ["@one", "-two \\\n\t  three"]},
        {"targets": ["x"], "prerequisites": [], "recipe": ["y"]},
    ]


def test_variables_say_how_they_are_set() -> None:
    text = "A ?= 1\nB := $(shell x)\nexport C = 2\nifdef X\nD += 3\nendif\na b: E = 4\ndefine F\none\ntwo\nendef\n"
    (document,), _ = parse_makefile(text)
    assert document.body["variables"] == [
        {"name": "A", "operator": "?=", "value": "1"},
        {"name": "B", "operator": ":=", "value": "$(shell x)"},
        {"name": "C", "operator": "=", "value": "2"},
        {"name": "D", "operator": "+=", "value": "3", "conditional": True},
        {"name": "E", "operator": "=", "value": "4", "targets": ["a", "b"]},
        {"name": "F", "operator": "=", "value": "one\ntwo"},
    ]


def test_includes_are_listed() -> None:
    (document,), _ = parse_makefile("include a.mk $(B)/c.mk\n-include d.mk\n")
    assert document.body["includes"] == ["a.mk", "$(B)/c.mk", "d.mk"]


def test_each_recipe_line_has_its_place_whatever_stands_before_it() -> None:
    text = "# Übersicht 🚀\r\nA = ä\r\nall:\r\n\t@echo ö\r\n\tgo test\r\n"
    assert line_at(text, ("rules", 0, "recipe", 1)) == 5
    assert line_at(text, ("rules", 0)) == 3
    assert line_at(text, ("variables", 0)) == 2


def test_recipes_in_conditional_parts_are_read_too() -> None:
    (document,), _ = parse_makefile("all:\nifdef CI\n\ta\nelse\n\tb\nendif\n\tc\n")
    assert document.body["rules"][0]["recipe"] == ["a", "b", "c"]


def test_nothing_is_a_makefile_without_anything() -> None:
    (document,), faults = parse_makefile("")
    assert (document.body, faults) == ({"rules": [], "variables": [], "includes": []}, [])


def test_the_makefiles_of_large_projects_are_read_to_their_end() -> None:
    text = """\
ifeq ($(OS),$(filter $(OS),linux darwin))
	ifneq (,$(SKIP))
		LINT :=
	else ifeq (,$(CI))
		LINT := $(shell echo ':=')/bin/lint # not a rule: really
	endif
endif

%: common-% ;
$(ARCHS): docker-%:
	docker build $*
.PHONY: a
a::  ; @one
	two
b &: c
	# a comment for the shell
"""
    (document,), _ = parse_makefile(text)
    rules = [(rule["targets"], rule["prerequisites"], rule["recipe"]) for rule in document.body["rules"]]
    assert rules == [
        (["%"], ["common-%"], []),
        (["$(ARCHS)"], [], ["docker build $*"]),
        ([".PHONY"], ["a"], []),
        (["a"], [], ["@one", "two"]),
        (["b"], ["c"], ["# a comment for the shell"]),
    ]
    assert [(each["name"], each["value"], each["conditional"]) for each in document.body["variables"]] == [
        ("LINT", "", True),
        ("LINT", "$(shell echo ':=')/bin/lint", True),
    ]
