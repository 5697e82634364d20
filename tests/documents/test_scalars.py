"""The values are those that go-yaml v2 gives, worked out from its resolver by hand."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from readycheck.documents.scalars import PlainScalars, resolve, resolve_tagged, undecided
from readycheck.model import Unresolved


@pytest.mark.parametrize("text", ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
def test_words_for_true(text: str) -> None:
    assert resolve(text) is True


@pytest.mark.parametrize("text", ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
def test_words_for_false(text: str) -> None:
    assert resolve(text) is False


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_words_for_nothing(text: str) -> None:
    assert resolve(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("-12", -12),
        ("1_000", 1000),
        ("0600", 384),
        ("0o17", 15),
        ("-017", -15),
        ("0x1F", 31),
        ("0X1f", 31),
        ("-0x_1f", -31),
        ("0b101", 5),
        ("-0b101", -5),
        ("9223372036854775808", 2**63),
    ],
)
def test_integers(text: str, value: int) -> None:
    resolved = resolve(text)
    assert (resolved, type(resolved)) == (value, int)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("-1.", -1.0),
        (".5", 0.5),
        ("+.5e1", 5.0),
        ("1e3", 1000.0),
        ("1_0.5", 10.5),
        ("1.10", 1.1),
        ("08", 8.0),  # no octal digit, so no integer
        ("123456789012345678901234567890", 123456789012345678901234567890.0),
        (".inf", math.inf),
        ("+.Inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_floats(text: str, value: float) -> None:
    resolved = resolve(text)
    assert (resolved, type(resolved)) == (value, float)


def test_not_a_number() -> None:
    assert math.isnan(resolve(".NaN"))


@pytest.mark.parametrize(
    "text",
    [
        "2001-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "12:30",
        "190:20:30",
        "=",
        "<<",
        "yEs",
        "1.2.3",
        "100m",
        "0x",
        "0b12",
        "0o8",
        "1e999",
        "9" * 5000,
        "+",
        "-",
        ".",
        "...",
        "1e",
        "\u0663",  # a digit, but no ASCII digit
        ".5_0",
        "_1",
    ],
)
def test_what_stays_the_text_it_is(text: str) -> None:
    assert resolve(text) == text
    assert type(resolve(text)) is str


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("tag:yaml.org,2002:str", "3", "3"),
        ("tag:yaml.org,2002:int", "0x10", 16),
        ("tag:yaml.org,2002:float", "3", 3.0),
        ("tag:yaml.org,2002:bool", "yes", True),
        ("tag:yaml.org,2002:null", "", None),
        ("tag:yaml.org,2002:timestamp", "2001-01-01", "2001-01-01"),
        ("tag:yaml.org,2002:binary", "aGk=", "aGk="),
        ("tag:yaml.org,2002:python/name:os.system", "", ""),
        ("!env_var", "3", "3"),
    ],
)
def test_tags(tag: str, text: str, value: Any) -> None:
    resolved = resolve_tagged(tag, text)
    assert (resolved, type(resolved)) == (value, type(value))


def test_remembering_values_changes_none_and_is_bounded() -> None:
    scalars = PlainScalars()
    assert [scalars["0600"], scalars["0600"], scalars["x" * 100]] == [384, 384, "x" * 100]
    for number in range(50_000):
        assert scalars[str(number)] == number
    assert len(scalars) == 20_000


@pytest.mark.parametrize("text", ["${APP}", "a-${APP_1:=x}-b", "${A:-${B}}", "$$ ${A}", "${a}"])
def test_a_variable_that_flux_substitutes_is_undecided(text: str) -> None:
    value = undecided(text, templated=True)
    assert isinstance(value, Unresolved)
    assert value.reason == "is substituted when Flux applies it"


@pytest.mark.parametrize("text", ["$${APP}", "$APP", "$(APP)", "${}", "${1}", "${APP", "100$", "{ APP }"])
def test_what_flux_does_not_substitute_is_decided(text: str) -> None:
    assert type(undecided(text, templated=True)) is str


def test_a_template_expression_is_undecided_where_templates_are() -> None:
    value = undecided("v{{ .Values.tag }}", templated=True)
    assert isinstance(value, Unresolved)
    assert value.reason == "is a template expression that was not rendered"
    assert type(undecided("v{{ $labels.pod }}", templated=False)) is str
    assert type(undecided("v{{ .Values.tag", templated=True)) is str


def test_looking_for_variables_takes_time_by_length_only() -> None:
    begun = time.perf_counter()
    for text in ("${" + "A" * 2_000_000, "${A" * 700_000, "{{" * 1_000_000, "$" * 2_000_000 + "${"):
        undecided(text, templated=True)
    assert time.perf_counter() - begun < 5
