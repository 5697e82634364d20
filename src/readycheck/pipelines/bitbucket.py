"""Bitbucket Pipelines: `bitbucket-pipelines.yml` (Bitbucket Cloud docs: Configuration reference)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import Resource
from readycheck.pipelines.filters import NAMES, passes, run_if
from readycheck.pipelines.hands import behind_hands
from readycheck.pipelines.model import Files, Flow, Job, Need, Occasion, Run, Step
from readycheck.pipelines.node import Node
from readycheck.pipelines.plugins import plugin
from readycheck.pipelines.scripts import Script
from readycheck.pipelines.values import OTHER_BRANCH, negated

SYSTEM = "Bitbucket Pipelines"


class _Line(Struct, frozen=True, eq=False):
    """One of the pipelines that a file holds: what starts it, and its steps."""

    name: str
    runs: tuple[Run, ...]
    steps: Node


def read(resource: Resource, files: Files) -> Flow:
    """What a configuration comes to: the jobs of its pipelines, each called by the pipeline's name and its position.

    Args:
        resource: the file.
        files: finds scripts that jobs call.
    """
    root = Node.of(resource)
    return Flow(SYSTEM, resource.name, behind_hands(job for line in _lines(root) for job in _jobs(line, root, files)))


def _lines(root: Node) -> Iterator[_Line]:
    pipelines = root["pipelines"]
    branches = pipelines["branches"]
    if pipelines["default"]:
        # What a branch has steps of its own for does not run the default ones.
        elsewhere = {
            occasion: negated(passes(NAMES[occasion], tuple(branches.entries)) if branches.entries else False)
            for occasion in (Occasion.MAIN, Occasion.BRANCH)
        }
        runs = [Run(occasion) for occasion, answer in elsewhere.items() if answer is not False]
        yield _Line("default", tuple(runs), pipelines["default"])
    for pattern, steps in branches.entries.items():
        runs = [
            run
            for occasion in (Occasion.MAIN, Occasion.BRANCH)
            for run in run_if(occasion, passes(NAMES[occasion], (pattern,)), f"branches: {pattern}")
        ]
        yield _Line(pattern, tuple(runs), steps)
    for pattern, steps in pipelines["pull-requests"].entries.items():
        answer = passes(OTHER_BRANCH, (pattern,))
        yield _Line(pattern, tuple(run_if(Occasion.PULL_REQUEST, answer, f"pull-requests: {pattern}")), steps)
    for pattern, steps in pipelines["tags"].entries.items():
        answer = passes(NAMES[Occasion.TAG], (pattern,))
        yield _Line(pattern, tuple(run_if(Occasion.TAG, answer, f"tags: {pattern}")), steps)
    for name, steps in pipelines["custom"].entries.items():
        schedule = Run(Occasion.SCHEDULE, unsure="a schedule, which is kept in the repository's settings")
        yield _Line(name, (Run(Occasion.MANUAL), schedule), steps)


def _jobs(line: _Line, root: Node, files: Files) -> Iterator[Job]:
    needs: tuple[Need, ...] = ()
    position = 0
    for item in line.steps.items:
        made: list[Job] = []
        for step in _steps_of(item):
            position += 1
            made.append(_job(f"{line.name}/{position}", step, line, root, files))
        yield from (replace(job, needs=needs) for job in made)
        if made:
            needs = (*needs, *(Need(job.id, job.may_fail) for job in made))


def _steps_of(item: Node) -> Iterator[Node]:
    """The steps that run at once or in one stage."""
    if item["step"]:
        yield item["step"]
    parallel, stage = item["parallel"], item["stage"]
    for inner in (*(parallel["steps"] if parallel.is_mapping else parallel).items, *stage["steps"].items):
        if inner["step"]:
            yield inner["step"]


def _job(id_: str, node: Node, line: _Line, root: Node, files: Files) -> Job:
    paths = node["condition"]["changesets"]["includePaths"].texts
    manual = node["trigger"].text == "manual"
    image = node["image"] or root["image"]
    ignored = node["on-fail"]["strategy"].text == "ignore"
    return Job(
        id_,
        node["name"].text or id_,
        node.place,
        tuple(_steps(node, files)),
        tuple(replace(run, paths=paths, manual=manual) for run in line.runs),
        may_fail="`on-fail: ignore`" if ignored else "",
        environment=node["deployment"].text,
        images=tuple(
            root["definitions"]["services"][service]["image"].text or service for service in node["services"].texts
        ),
        image=(image["name"] if image.is_mapping else image).text,
    )


def _steps(node: Node, files: Files) -> Iterator[Step]:
    """Lines of shell between pipes are one script: they run in one shell."""
    lines: list[Node] = []
    for item in (*node["script"].items, Node({"pipe": ""}, node.resource)):
        if not item.is_mapping:
            lines.append(item)
            continue
        if lines:
            yield Script("script", lines[0].place, lines).step(files)
        lines = []
        if item["pipe"].text:
            use = plugin(item["pipe"].text, item["variables"], item.place)
            yield Step(item["name"].text or use.name, item.place, uses=use)
    after = node["after-script"]
    if after.items:
        step = Script("after-script", after.place, after.items).step(files)
        yield replace(
            step,
            may_fail="`after-script` cannot fail the step",
            in_spite="`after-script` is run whatever came of the script",
        )
