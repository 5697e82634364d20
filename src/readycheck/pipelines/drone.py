"""Drone and Woodpecker: `.drone.yml`, `.woodpecker.yaml` and the files of `.woodpecker/`.

Each step is a container of its own with conditions of its own, so it is a job here (Drone docs: Pipelines, Triggers;
Woodpecker docs: Workflow syntax).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from readycheck.model import Resource
from readycheck.pipelines.filters import NAMES, passes, run_if
from readycheck.pipelines.model import Files, Flow, Follow, Job, Need, Occasion, Run, Step
from readycheck.pipelines.node import Node
from readycheck.pipelines.plugins import plugin
from readycheck.pipelines.scripts import Script
from readycheck.pipelines.values import MAIN_BRANCHES, all_of, any_of

_EVENTS: Mapping[Occasion, tuple[str, ...]] = {
    Occasion.PULL_REQUEST: ("pull_request",),
    Occasion.MAIN: ("push",),
    Occasion.BRANCH: ("push",),
    Occasion.TAG: ("tag", "release"),
    Occasion.SCHEDULE: ("cron",),
    Occasion.MANUAL: ("promote", "rollback", "custom", "manual", "deployment"),
}


def read(resource: Resource, files: Files) -> Flow:
    """What one document of a configuration comes to.

    Args:
        resource: the document.
        files: finds scripts that steps call.
    """
    root = Node.of(resource)
    name = root["name"].text or resource.name.rpartition("/")[2].rpartition(".")[0]
    steps = root["steps"] or root["pipeline"]
    system = "Drone" if resource.name.rpartition("/")[2].startswith(".drone") else "Woodpecker"
    jobs = tuple(_jobs(steps, root, files))
    return Flow(system, name, jobs, follows=tuple(Follow(needed) for needed in root["depends_on"].texts))


def _jobs(steps: Node, root: Node, files: Files) -> Iterator[Job]:
    if steps.is_list:
        named = {item["name"].text or str(position): item for position, item in enumerate(steps.items, 1)}
    else:
        named = dict(steps.entries)
    graph = any(node["depends_on"] for node in named.values())
    before: tuple[Need, ...] = ()
    services = root["services"]
    images = tuple(item["image"].text for item in (services.items if services.is_list else services.entries.values()))
    for name, node in named.items():
        job = _job(name, node, root, files)
        if graph:
            needs = tuple(Need(needed) for needed in node["depends_on"].texts if needed in named)
        else:
            needs, before = before, (*before, Need(name, job.may_fail))
        failed_too = "`status: failure`" if "failure" in _conditions(node["when"], "status") else ""
        yield replace(job, images=images, needs=tuple(Need(need.job, failed_too or need.in_spite) for need in needs))


def _conditions(when: Node, key: str) -> tuple[str, ...]:
    return tuple(text for one in when.items for text in _named(one[key])[0])


def _job(name: str, node: Node, root: Node, files: Files) -> Job:
    image = node["image"].text
    variables = {
        key: value.text
        for holder in (root["environment"], node["environment"])
        for key, value in holder.entries.items()
        if not value.is_mapping
    }
    ignored = "`failure: ignore`" if node["failure"].text == "ignore" else ""
    if node["detach"].flag:
        ignored = "it is detached: nothing waits for it"
    if node["commands"]:
        step = Script(name, node["commands"].place, node["commands"].items, variables).step(files)
    else:
        settings = node["settings"]
        step = Step(name, node.place, uses=plugin(image, settings or node, node.place), variables=variables)
    return Job(
        name,
        name,
        node.place,
        (step,),
        tuple(_runs(root["trigger"] or root["when"], node["when"])),
        may_fail=ignored,
        image=image,
    )


def _runs(*whens: Node) -> Iterator[Run]:
    for occasion in _EVENTS:
        answer = all_of(*(_lets(when, occasion) for when in whens))
        paths = tuple(dict.fromkeys(path for when in whens for one in when.items for path in _named(one["path"])[0]))
        in_push = occasion in {Occasion.PULL_REQUEST, Occasion.MAIN, Occasion.BRANCH}
        yield from run_if(occasion, answer, "the condition of its `when`", paths=paths if in_push else ())


def _lets(when: Node, occasion: Occasion) -> bool | None:
    """Whether a condition lets something run; a list of conditions does where one of them does."""
    return any_of(*(_one_lets(one, occasion) for one in when.items)) if when.items else True


def _one_lets(when: Node, occasion: Occasion) -> bool | None:
    events, no_events = _named(when["event"])
    listed = [event for event in _EVENTS[occasion] if event in events]
    if (events and not listed) or any(event in no_events for event in _EVENTS[occasion]):
        return False
    only, but = _named(when["branch"])
    answers: list[bool | None] = []
    if occasion is Occasion.TAG:
        # A tag is on no branch, so a condition on branches keeps tags out that nothing else asks for.
        answers.append(not only or bool(listed))
        only, but = _named(when["tag"])
    name = NAMES.get(occasion, NAMES[Occasion.MAIN])
    answers += passes(name, only, but), _ref(when["ref"], occasion)
    if when["evaluate"] or when["target"]:
        answers.append(None)
    return all_of(*answers)


def _ref(condition: Node, occasion: Occasion) -> bool | None:
    """Whether a condition on full names (`refs/heads/main`) lets something run."""
    only, but = _named(condition)
    if occasion is Occasion.PULL_REQUEST:
        return any("pull" in ref for ref in only) if only else True
    kind = "refs/tags/" if occasion is Occasion.TAG else "refs/heads/"
    name = NAMES.get(occasion, NAMES[Occasion.MAIN])
    wanted, refused = (tuple(ref.removeprefix(kind) for ref in refs if ref.startswith(kind)) for refs in (only, but))
    return False if only and not wanted else passes(name, wanted, refused)


def _named(condition: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a condition names, and what it excludes."""
    included, excluded = (condition["include"], condition["exclude"]) if condition.is_mapping else (condition, None)
    return _main_by_name(included.texts), _main_by_name(excluded.texts if excluded is not None else ())


def _main_by_name(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts with the variable for the main branch put in."""
    return tuple(_DEFAULT_BRANCH.sub(MAIN_BRANCHES[0], text) for text in texts)


_DEFAULT_BRANCH = re.compile(r"\$\{?(?:CI_REPO_DEFAULT_BRANCH|DRONE_REPO_BRANCH)\}?")
