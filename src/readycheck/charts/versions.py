"""Versions of charts and the ranges of them that Helm, Flux and Argo CD accept (Masterminds/semver, README)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Version(NamedTuple):
    """A version of a chart; what comes before a release (`-rc.1`) counts as just before it."""

    major: int
    minor: int
    patch: int
    released: bool = True


_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-[\w.-]+)?(?:\+[\w.-]+)?")
_PART = re.compile(
    r"(!=|<=|>=|=<|=>|~>|[=<>~^])?\s*v?([xX*]|\d+)(?:\.([xX*]|\d+))?(?:\.([xX*]|\d+))?(-[\w.-]+)?(?:\+[\w.-]+)?"
)
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")
_AFTER_ALL = Version(1 << 60, 0, 0)


def parse_version(text: str) -> Version | None:
    """A whole version, `v` or not; None for anything else."""
    match = _VERSION.fullmatch(text.strip())
    return Version(int(match[1]), int(match[2]), int(match[3]), match[4] is None) if match else None


def as_written(version: object) -> str:
    """A version as it stands, even where it is not decided yet; "" where none does, a number as its digits."""
    return "" if version is None else version if isinstance(version, str) else str(version)


class _Span(NamedTuple):
    """From a version on, up to one that is not meant any more."""

    start: Version
    end: Version
    inverted: bool = False

    def has(self, version: Version) -> bool:
        return (self.start <= version < self.end) is not self.inverted


class Range(NamedTuple):
    """Versions that a constraint lets in: those that all spans of one of its alternatives have."""

    alternatives: tuple[tuple[_Span, ...], ...]

    def has(self, version: Version) -> bool:
        """Whether a version is let in."""
        return any(all(span.has(version) for span in spans) for spans in self.alternatives)


@lru_cache(maxsize=256)
def parse_range(text: str) -> Range | None:
    """The versions that a constraint lets in; nothing at all stands for any. None where it is no constraint.

    Args:
        text: `4.x`, `>=4.0.0 <5`, `^1.2 || ~2.0`.
    """
    alternatives = []
    for alternative in text.split("||"):
        spans = _spans(alternative.strip())
        if spans is None:
            return None
        alternatives.append(spans)
    return Range(tuple(alternatives))


def _spans(text: str) -> tuple[_Span, ...] | None:
    hyphen = _HYPHEN.fullmatch(text)
    rest = f">={hyphen[1]} <={hyphen[2]}" if hyphen else text or "*"
    spans = []
    while rest := rest.lstrip(" ,"):
        match = _PART.match(rest)
        if match is None:
            return None
        rest = rest[match.end() :]
        if rest and rest[0] not in " ,":
            return None
        spans.append(_span(match[1] or "=", [int(each) for each in _numbers(match)]))
    return tuple(spans)


def _numbers(match: re.Match[str]) -> list[str]:
    """The numbers of a version up to the first that is left open."""
    numbers: list[str] = []
    for each in match.group(2, 3, 4):
        if each is None or not each.isdigit():
            break
        numbers.append(each)
    return numbers


def _span(operator: str, given: list[int]) -> _Span:
    if not given:
        return _Span(Version(0, 0, 0, released=False), _AFTER_ALL)
    start = _first(given)
    behind = _behind(given)
    first = Version(0, 0, 0, released=False)
    if operator in ("<", "<=", "=<"):
        return _Span(first, start if operator == "<" else behind)
    if operator in (">", ">=", "=>"):
        return _Span(behind if operator == ">" else start, _AFTER_ALL)
    if operator in ("~", "~>"):
        return _Span(start, _behind(given[:2]))
    if operator == "^":
        return _Span(start, _behind(_kept_by_caret(given)))
    return _Span(start, behind, inverted=operator == "!=")


def _behind(given: list[int]) -> Version:
    """The first version behind all those that begin with some numbers."""
    return _first([*given[:-1], given[-1] + 1])


def _first(given: list[int]) -> Version:
    """The first release that begins with some numbers."""
    major, minor, patch = [*given, 0, 0][:3]
    return Version(major, minor, patch)


def _kept_by_caret(given: list[int]) -> list[int]:
    """The numbers that `^` holds fast: up to the first one that is not 0."""
    for index, number in enumerate(given):
        if number:
            return given[: index + 1]
    return given
