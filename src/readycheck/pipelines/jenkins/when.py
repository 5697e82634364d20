"""The `when` of a stage (Jenkins docs: Pipeline Syntax, when)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readycheck.pipelines.filters import NAMES, glob, passes
from readycheck.pipelines.model import Occasion, Run
from readycheck.pipelines.node import Node
from readycheck.pipelines.values import all_of, any_of, equal, matches, negated

_SETTINGS = "what the Jenkins job builds, which is not in the tree"
_SURE = frozenset((Occasion.MAIN, Occasion.MANUAL))
"""What any Jenkins job of a repository runs for; the rest depends on its settings."""
_TIMING = ("beforeAgent", "beforeInput", "beforeOptions")


class _Answer(Struct, frozen=True):
    """Whether a condition holds, and whether it names the occasion, so that there must be such runs."""

    holds: bool | None
    names_it: bool = False


def runs_of(whens: tuple[Node, ...], *, scheduled: bool, manual: bool) -> Iterator[Run]:
    """When a stage runs.

    Args:
        whens: its conditions, and those of the stages around it: the statements of each `when`.
        scheduled: whether the pipeline starts itself by a schedule.
        manual: whether somebody has to let it go on.
    """
    paths = tuple(path for when in whens for path in _changesets(when))
    words = ", ".join(_in_words(statement) for when in whens for statement in when.items)
    for occasion in Occasion:
        if occasion is Occasion.SCHEDULE and not scheduled:
            continue
        answers = [_all(when, occasion) for when in whens]
        holds = all_of(*(answer.holds for answer in answers))
        if holds is False:
            continue
        known = occasion in _SURE or occasion is Occasion.SCHEDULE or any(answer.names_it for answer in answers)
        doubts = ([] if holds else [f"when: {words}"]) + ([] if known else [_SETTINGS])
        pushed = occasion in {Occasion.PULL_REQUEST, Occasion.MAIN, Occasion.BRANCH}
        yield Run(occasion, paths if pushed else (), manual, " and ".join(doubts))


def _all(block: Node, occasion: Occasion) -> _Answer:
    answers = [_one(statement, occasion) for statement in block.items]
    return _Answer(all_of(*(answer.holds for answer in answers)), any(answer.names_it for answer in answers))


def _one(statement: Node, occasion: Occasion) -> _Answer:
    name = statement["name"].text
    if name in _TIMING or name == "changeset":
        return _Answer(holds=True)
    if name in {"allOf", "not"}:
        inner = _all(statement["block"], occasion)
        return inner if name == "allOf" else _Answer(negated(inner.holds))
    if name == "anyOf":
        answers = [_one(inner, occasion) for inner in statement["block"].items]
        named = any(answer.names_it and answer.holds is not False for answer in answers)
        return _Answer(any_of(*(answer.holds for answer in answers)), named)
    return _asked(name, statement, occasion)


def _asked(name: str, statement: Node, occasion: Occasion) -> _Answer:
    pattern = (statement["options"]["pattern"] or statement["arguments"]).texts
    if name == "branch":
        regular = statement["options"]["comparator"].text == "REGEXP"
        on_branch = occasion not in {Occasion.PULL_REQUEST, Occasion.TAG}
        branch = NAMES.get(occasion, NAMES[Occasion.MAIN])
        found = on_branch and passes(branch, pattern, pattern=str if regular else glob)
        return _Answer(found, on_branch and occasion is not Occasion.BRANCH)
    if name in _NAMING:
        named = occasion is _NAMING[name]
        target = statement["options"]["target"].text
        return _Answer(named and (not target or equal(NAMES[occasion], target)), named)
    cause = next((_CAUSES[word] for word in pattern if word in _CAUSES), None) if name == "triggeredBy" else None
    if cause is not None:
        return _Answer(occasion is cause)
    return _Answer(_of_expression(statement, occasion) if name == "expression" else None)


_CAUSES = {"TimerTrigger": Occasion.SCHEDULE, "UserIdCause": Occasion.MANUAL}
_NAMING = {"buildingTag": Occasion.TAG, "tag": Occasion.TAG, "changeRequest": Occasion.PULL_REQUEST}


def _of_expression(statement: Node, occasion: Occasion) -> bool | None:
    """What can be told of an expression: a comparison of the branch's name."""
    inner = statement["block"].items
    code = " ".join((*inner[0]["name"].texts, *inner[0]["arguments"].texts)) if len(inner) == 1 else ""
    words = code.replace("return ", "").replace("env.", "").replace("'", " ").replace('"', " ").split()
    if len(words) != 3 or words[0] not in {"BRANCH_NAME", "GIT_BRANCH"}:  # noqa: PLR2004 - name, operator, value
        return None
    if occasion in {Occasion.PULL_REQUEST, Occasion.TAG}:
        return words[1] == "!="
    branch = NAMES.get(occasion, NAMES[Occasion.MAIN])
    name = words[2].removeprefix("origin/")
    if words[1] == "==":
        return equal(branch, name)
    return negated(matches(branch, rf"\A{name}\Z")) if words[1] == "!=" else None


def _changesets(block: Node) -> Iterator[str]:
    for statement in block.items:
        if statement["name"].text == "changeset":
            yield from (statement["options"]["pattern"] or statement["arguments"]).texts
        elif statement["name"].text in {"allOf", "anyOf"}:
            yield from _changesets(statement["block"])


def _in_words(statement: Node) -> str:
    inner = ", ".join(_in_words(part) for part in statement["block"].items)
    said = " ".join((statement["name"].text, *statement["arguments"].texts, *statement["options"].texts)).strip()
    return f"{said} {{ {inner} }}" if inner else said
