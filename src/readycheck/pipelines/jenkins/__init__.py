"""Jenkins: declarative pipelines of a `Jenkinsfile` (Jenkins docs: Pipeline Syntax); scripted ones are not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import Resource
from readycheck.pipelines.hands import behind_hands
from readycheck.pipelines.jenkins.steps import Around, StepReader
from readycheck.pipelines.jenkins.when import runs_of
from readycheck.pipelines.model import Files, Flow, Job, Need, Step, Unread
from readycheck.pipelines.node import Node

SYSTEM = "Jenkins"
_DEEPEST = 10
"""Stages in stages."""


def read(resource: Resource, files: Files) -> Flow:
    """What a Jenkinsfile comes to: a job for each stage, and one for what is done after all of them.

    Args:
        resource: the file.
        files: finds scripts that steps call.
    """
    root = Node.of(resource)
    pipeline = _found(root["block"], "pipeline")["block"]
    if not pipeline:
        place = next(iter(root["block"].items), root).place
        return Flow(SYSTEM, resource.name, unread=(Unread(place, "a scripted pipeline, which is not read"),))
    return Flow(SYSTEM, resource.name, behind_hands(_Reader(pipeline, files).jobs()))


def _found(block: Node, name: str) -> Node:
    """The first statement of a block that has a name; an absent one where there is none."""
    return next(
        (statement for statement in block.items if statement["name"].text == name),
        Node(None, block.resource, block.path),
    )


class _Context(Struct, frozen=True, eq=False):
    """What a stage takes from the stages around it."""

    prefix: str
    variables: Mapping[str, str]
    image: str
    whens: tuple[Node, ...] = ()
    manual: bool = False
    depth: int = 0


class _Reader:
    def __init__(self, pipeline: Node, files: Files) -> None:
        self._pipeline = pipeline
        self._steps = StepReader(files)
        triggers = _found(pipeline, "triggers")["block"].items
        self._scheduled = any(trigger["name"].text in {"cron", "parameterizedCron"} for trigger in triggers)

    def jobs(self) -> Iterator[Job]:
        context = _Context("", _environment(self._pipeline), _image(self._pipeline))
        needs: tuple[Need, ...] = ()
        for job in self._in_line(_found(self._pipeline, "stages")["block"], context, ()):
            yield job
            needs = (*needs, Need(job.id))
        post = list(self._after(_found(self._pipeline, "post")["block"], context.variables))
        if post:
            place = _found(self._pipeline, "post").place
            runs = tuple(runs_of((), scheduled=self._scheduled, manual=False))
            spite = "`post` is run whatever came of the stages"
            yield Job("post", "post", place, tuple(post), runs, tuple(replace(need, in_spite=spite) for need in needs))

    # Stages ----------------------------------------------------------------------------------------------------

    def _in_line(self, block: Node, context: _Context, needs: tuple[Need, ...]) -> Iterator[Job]:
        """Stages that run one after the other."""
        for stage in block.items:
            if stage["name"].text == "stage":
                made = list(self._stage(stage, context, needs))
                yield from made
                needs = (*needs, *(Need(job.id, job.may_fail) for job in made))

    def _stage(self, stage: Node, context: _Context, needs: tuple[Need, ...]) -> Iterator[Job]:
        block = stage["block"]
        name = next(iter((stage["arguments"] or stage["options"]).texts), "stage")
        asks = any(statement["name"].text == "input" for statement in block.items)
        inner = _Context(
            f"{context.prefix}{name}/",
            {**context.variables, **_environment(block)},
            _image(block) or context.image,
            (*context.whens, *([_found(block, "when")["block"]] if _found(block, "when") else [])),
            context.manual or asks,
            context.depth + 1,
        )
        if inner.depth > _DEEPEST:
            return
        parallel = _found(block, "parallel")["block"]
        matrix = _found(_found(block, "matrix")["block"], "stages")["block"]
        for branch in parallel.items:
            if branch["name"].text == "stage":
                yield from self._stage(branch, inner, needs)
        yield from self._in_line(matrix or _found(block, "stages")["block"], inner, needs)
        steps = _found(block, "steps")["block"]
        if steps:
            yield self._job(name, stage, steps, inner, needs)

    def _job(self, name: str, stage: Node, steps: Node, context: _Context, needs: tuple[Need, ...]) -> Job:
        made = list(self._steps.steps(steps, Around(context.variables)))
        manual = context.manual or any(statement["name"].text == "input" for statement in steps.items)
        made += self._after(_found(stage["block"], "post")["block"], context.variables)
        return Job(
            context.prefix.rstrip("/"),
            name,
            stage.place,
            tuple(made),
            tuple(runs_of(context.whens, scheduled=self._scheduled, manual=manual)),
            needs,
            image=context.image,
        )

    def _after(self, post: Node, variables: Mapping[str, str]) -> Iterator[Step]:
        """What is done after a stage, or after all of them."""
        for outcome in post.items:
            told = outcome["name"].text
            for step in self._steps.steps(outcome["block"], Around(variables)):
                if told == "success":
                    yield step
                else:
                    always = told in {"always", "cleanup"}
                    yield replace(
                        step,
                        condition=step.condition or ("" if always else f"post: {told}"),
                        in_spite=f"`post: {told}`",
                    )


def _environment(block: Node) -> dict[str, str]:
    """The variables that a pipeline or a stage gives values; credentials are none."""
    variables: dict[str, str] = {}
    for statement in _found(block, "environment")["block"].items:
        value = next(iter(statement["arguments"].items), None)
        if "assigned" in statement.entries and not statement["name"].text and value is not None:
            variables[statement["assigned"].text.strip()] = value.text
    return variables


def _image(block: Node) -> str:
    """The container image that an agent names."""
    for statement in _found(block, "agent")["block"].items:
        if statement["name"].text == "docker":
            inner = _found(statement["block"], "image")
            return next(iter((statement["arguments"] or inner["arguments"]).texts), "")
    return ""
