"""When Azure pipelines run, and what is known then (Azure Pipelines docs: Triggers, Predefined variables)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from readycheck.pipelines.azure.expression import asks_for_success, holds
from readycheck.pipelines.filters import NAMES, passes
from readycheck.pipelines.model import Occasion, Run
from readycheck.pipelines.node import Node
from readycheck.pipelines.values import MAIN_BRANCH, OTHER_BRANCH, RELEASE_TAG, Unset, Value

_REASONS: Mapping[Occasion, str] = {
    Occasion.PULL_REQUEST: "PullRequest",
    Occasion.MAIN: "IndividualCI",
    Occasion.BRANCH: "IndividualCI",
    Occasion.TAG: "IndividualCI",
    Occasion.SCHEDULE: "Schedule",
    Occasion.MANUAL: "Manual",
}


def known_names(occasion: Occasion, variables: Mapping[str, str]) -> dict[str, Value]:
    """What is known of the variables that conditions ask for, by their names in lower case."""
    name, kind = MAIN_BRANCH, "refs/heads/"
    if occasion is Occasion.BRANCH:
        name = OTHER_BRANCH
    elif occasion is Occasion.TAG:
        name, kind = RELEASE_TAG, "refs/tags/"
    request = occasion is Occasion.PULL_REQUEST
    anywhere = request or occasion is Occasion.MANUAL
    target = MAIN_BRANCH if request else None
    known: dict[str, Value] = {variable.lower(): text for variable, text in variables.items() if "$" not in text}
    return known | {
        "build.reason": _REASONS[occasion],
        "build.sourcebranch": Unset() if anywhere else name.of_kind(kind),
        "build.sourcebranchname": Unset() if anywhere else name,
        "system.pullrequest.targetbranch": target,
        "system.pullrequest.targetbranchname": target,
        "system.pullrequest.pullrequestid": Unset() if request else None,
    }


def runs_of(root: Node) -> Iterator[Run]:
    """When a pipeline runs at all."""
    yield from _pushes(root["trigger"])
    yield from _requests(root["pr"])
    if root["schedules"].items:
        yield Run(Occasion.SCHEDULE)
    yield Run(Occasion.MANUAL)


def _pushes(trigger: Node) -> Iterator[Run]:
    if trigger.text == "none":
        return
    branches = _filter(trigger, "branches") if not trigger.is_list else (trigger.texts, ())
    paths = trigger["paths"]["include"].texts
    for occasion in (Occasion.MAIN, Occasion.BRANCH):
        answer = passes(NAMES[occasion], *branches)
        # Naming tags alone builds no branch.
        if answer is not False and not (trigger["tags"] and not trigger["branches"]):
            yield Run(occasion, paths, unsure="" if answer else "trigger: " + ", ".join(branches[0]))
    tags = _filter(trigger, "tags")
    if trigger["tags"] or any(name.startswith("refs/tags/") for name in branches[0]):
        answer = passes(NAMES[Occasion.TAG], *tags)
        if answer is not False:
            yield Run(Occasion.TAG, unsure="" if answer else "trigger: tags: " + ", ".join(tags[0]))


def _requests(trigger: Node) -> Iterator[Run]:
    if trigger.text == "none":
        return
    if not trigger:
        unsure = "whether pull requests are built, which the host of the repository decides"
        yield Run(Occasion.PULL_REQUEST, unsure=unsure)
        return
    branches = _filter(trigger, "branches") if not trigger.is_list else (trigger.texts, ())
    answer = passes(NAMES[Occasion.PULL_REQUEST], *branches)
    if answer is not False:
        paths = trigger["paths"]["include"].texts
        yield Run(Occasion.PULL_REQUEST, paths, unsure="" if answer else "pr: " + ", ".join(branches[0]))


def _filter(trigger: Node, key: str) -> tuple[Sequence[str], Sequence[str]]:
    names = trigger[key]
    if names.is_list:
        return _bare(names.texts), ()
    return _bare(names["include"].texts), _bare(names["exclude"].texts)


def _bare(names: Sequence[str]) -> Sequence[str]:
    """Names without their kind; a star runs through folders too."""
    return tuple(
        name.removeprefix("refs/heads/").removeprefix("refs/tags/").replace("**", "*").replace("*", "**")
        for name in names
    )


def under(runs: Sequence[Run], condition: str, variables: Mapping[str, str]) -> Iterator[Run]:
    """Those of the runs that a condition lets be."""
    for run in runs:
        known = known_names(run.occasion, variables)
        answer = holds(condition, partial(_known, known)) if condition else True
        if answer is not False:
            unsure = run.unsure or ("" if answer else condition)
            yield Run(run.occasion, run.paths, run.manual, unsure)


def _known(names: Mapping[str, Value], name: str) -> Value:
    return names.get(name.lower(), Unset())


def in_spite(condition: str) -> str:
    """What lets something run though what came before failed; "" where it does not.

    A condition of one's own takes the place of the usual one, which asks for success.
    """
    if not condition or asks_for_success(condition):
        return ""
    return f"`condition: {condition}`, which does not ask whether what came before succeeded"
