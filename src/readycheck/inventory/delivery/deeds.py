"""What the pipelines of a tree do, when, and what of it is not to be seen."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from msgspec import Struct

from readycheck.inventory.delivery.pipelines import Delivery
from readycheck.model import Resource
from readycheck.pipelines.acts import Act, Breadth, Deploy, Test, Throwaway, Way, acts_of
from readycheck.pipelines.acts.words import names, segments
from readycheck.pipelines.model import Command, Job, Occasion, Run, Unread
from readycheck.pipelines.order import Spot, gap
from readycheck.pipelines.pipeline import Pipeline, may_be_pipeline

AnAct_co = TypeVar("AnAct_co", bound=Act, covariant=True)


class Deed(Struct, Generic[AnAct_co], frozen=True, eq=False):
    """Something that a pipeline does, and when.

    Args:
        act: what it does.
        pipeline: the pipeline.
        job: the job that does it.
        runs: when it does it, of the occasions that were asked about.
    """

    act: AnAct_co
    pipeline: Pipeline
    job: Job
    runs: tuple[Run, ...]

    @property
    def named(self) -> str:
        """What people call it: `helm upgrade in job deploy`."""
        return f"{self.act.what} in job {self.job.name}"

    @property
    def unsure(self) -> str:
        """The condition that decides whether it is done at all; "" where it surely is, once what it is for changes."""
        doubts = [run.unsure for run in self.runs]
        return "" if any(map(_asks_for_changes, doubts)) else doubts[0]

    @property
    def manual(self) -> bool:
        """Whether it waits for somebody to start it."""
        return all(run.manual for run in self.runs)

    @property
    def powerless(self) -> str:
        """Why its failure stops nothing; "" where it stops what comes after it."""
        waits = "it waits for somebody to start it" if self.manual else ""
        return self.act.swallowed or self.job.may_fail or waits

    @property
    def rehearsal(self) -> bool:
        """Whether its job is called after an environment that comes before production."""
        words = segments(f"{self.job.id} {self.job.name} {self.job.environment}")
        return bool(words & _BEFORE_PRODUCTION) and not words & _PRODUCTION

    @property
    def occasions(self) -> str:
        """When it is done, in words."""
        sure = [run for run in self.runs if not run.unsure] or self.runs
        *others, last = dict.fromkeys(run.occasion.value for run in sure)
        return f"{', '.join(others)} and {last}" if others else last

    def on(self, *occasions: Occasion) -> Deed[AnAct_co] | None:
        """The same on fewer occasions; None where it is done on none of them.

        Args:
            occasions: the occasions that are asked about.
        """
        runs = tuple(run for run in self.runs if run.occasion in occasions)
        return Deed(self.act, self.pipeline, self.job, runs) if runs else None

    @property
    def spot(self) -> Spot:
        """Where in the pipeline that is."""
        step = next((index for index, step in enumerate(self.job.steps) if step is self.act.step), 0)
        commands: Sequence[Command] = self.act.step.commands if self.act.step else ()
        command = next((index for index, command in enumerate(commands) if command is self.act.cause), 0)
        return Spot(self.pipeline, self.job, step, command)


def _asks_for_changes(condition: str) -> bool:
    """Whether a condition asks for nothing but what has changed: `needs.changes.outputs.web == 'true'`."""
    return all(_CHANGES.search(part) for part in condition.split(" and ")) if condition else True


_CHANGES = re.compile(r"(?i)chang|affected|modified|\b(?:needs|steps)\.[\w-]*(?:filter|diff)")
_PRODUCTION = names("prod production live prd")
_BEFORE_PRODUCTION = names(
    "dev develop development test testing staging stage stg uat qa int integration preprod sandbox preview acc",
    "acceptance nonprod demo",
)


class Awaited(Struct, frozen=True, eq=False):
    """What a deploy waits for.

    Args:
        test: the widest test that it waits for; None where it waits for none.
        why: why the nearest test does not hold it up, where none does; "" where there is no test at all.
        condition: the condition that decides whether that one does, where it is for that alone; else "".
    """

    test: Deed[Test] | None = None
    why: str = ""
    condition: str = ""


def _worth(awaited: Awaited) -> int:
    return _WORTH[awaited.test.act.breadth] if awaited.test else len(_WORTH)


_WORTH = {Breadth.WIDE: 0, Breadth.SMOKE: 1, Breadth.UNIT: 2}


class Deeds(Delivery):
    """The relations between what pipelines do and when they do it."""

    @cached_property
    def _acts(self) -> Sequence[tuple[Pipeline, Job, Act]]:
        return [
            (pipeline, job, act)
            for pipeline in self.pipelines
            if not pipeline.flow.called_only
            for job in pipeline.flow.jobs
            for act in acts_of(job)
            if not act.skipped
        ]

    @cached_property
    def _done(self) -> dict[tuple[type[Act], tuple[Occasion, ...]], Sequence[Deed[Any]]]:
        """The answers to `done`: each is asked for once for every service and every pipeline."""
        return {}

    def done(self, kind: type[AnAct_co], *occasions: Occasion) -> Sequence[Deed[AnAct_co]]:
        """What pipelines do on any of some occasions, in the order in which they were read.

        Args:
            kind: the kind of act.
            occasions: the occasions.
        """
        found = self._done.get((kind, occasions))
        if found is None:
            found = self._done[kind, occasions] = [
                Deed(act, pipeline, job, runs)
                for pipeline, job, act in self._acts
                if isinstance(act, kind) and (runs := tuple(_runs(job, act, occasions)))
            ]
        return found

    def surest(self, kind: type[AnAct_co], *occasions: Occasion) -> Deed[AnAct_co] | None:
        """What pipelines do most surely of one kind: unconditionally, by itself, and known for what it is.

        Args:
            kind: the kind of act.
            occasions: the occasions that count.
        """

        def doubts(deed: Deed[AnAct_co]) -> tuple[bool, bool, bool]:
            told_by_name = isinstance(deed.act, Deploy) and deed.act.way is Way.UNTOLD
            return bool(deed.unsure), deed.manual, told_by_name

        return min(self.done(kind, *occasions), key=doubts, default=None)

    def hidden_on(self, *occasions: Occasion) -> Unread | None:
        """What pipelines do on some occasions that could not be read; the first of it.

        Args:
            occasions: the occasions.
        """
        if occasions not in self._first_hidden:
            self._first_hidden[occasions] = next(self._hidden(occasions), None)
        return self._first_hidden[occasions]

    @cached_property
    def _first_hidden(self) -> dict[tuple[Occasion, ...], Unread | None]:
        """The answers to `hidden_on`."""
        return {}

    def _hidden(self, occasions: Collection[Occasion]) -> Iterator[Unread]:
        for pipeline in self.pipelines:
            if pipeline.flow.called_only:
                continue
            yield from (unread for unread in pipeline.flow.unread if not _is_beside(unread.reason))
            for job in pipeline.flow.jobs:
                if any(job.run(occasion) for occasion in occasions):
                    yield from _unread(job)
        for uri in filter(may_be_pipeline, self.problems):
            yield Unread(self.environment.at(()), f"{uri} could not be read")

    @property
    def what_is_read_of_pipelines(self) -> str:
        """How many pipelines there are, in words."""
        count = len(self.pipelines)
        if not count:
            return "no pipeline in the tree"
        return "1 pipeline in the tree" if count == 1 else f"{count} pipelines in the tree"

    # Order -------------------------------------------------------------------------------------------------------

    def test_before(self, deploy: Deed[Deploy]) -> Awaited:
        """The test that a deploy waits for, and where it waits for none, why the nearest one does not hold it up.

        Args:
            deploy: the deploy.
        """
        occasion = deploy.runs[0].occasion
        nearest = Awaited()
        for test in self.done(Test, occasion):
            why = test.powerless or gap(test.spot, deploy.spot, occasion)
            if not why:
                nearest = min(nearest, Awaited(test), key=_worth)
            elif nearest.test is None and (not nearest.why or test.pipeline is deploy.pipeline):
                condition = next((each for each in (test.unsure, test.act.conditional) if each and each in why), "")
                nearest = Awaited(None, f"{test.named} does not hold it up: {why}", condition)
        return nearest

    def hidden_before(self, deploy: Deed[Deploy]) -> Unread | None:
        """What a deploy waits for that could not be read; the first of it.

        Args:
            deploy: the deploy.
        """
        flow = deploy.pipeline.flow
        jobs = {job.id: job for job in flow.jobs}
        awaited = (jobs[name] for name in sorted(_awaited(deploy.job, jobs)))
        own = (
            unread
            for unread in _unread(deploy.job)
            if deploy.act.step is None or unread.place is not deploy.act.step.place
        )
        hidden = (*flow.unread, *(unread for job in awaited for unread in _unread(job)), *own)
        return next(iter(hidden), None)

    # Environments ------------------------------------------------------------------------------------------------

    @cached_property
    def _tested_jobs(self) -> Sequence[Job]:
        """The jobs that test to some effect."""
        return [deed.job for deed in self.done(Test, *Occasion) if not deed.powerless]

    def tested_in(self, made: Deed[Throwaway]) -> bool:
        """Whether tests run in an environment that a pipeline makes; a review app is made for people to test in.

        Args:
            made: the making of the environment.
        """
        return made.act.review_app or any(job is made.job for job in self._tested_jobs)

    @cached_property
    def brings_containers(self) -> Resource | None:
        """A list of dependencies that names testcontainers."""
        return next(iter(self.of("DependencyList")), None)


def _runs(job: Job, act: Act, occasions: Collection[Occasion]) -> Iterator[Run]:
    for occasion in occasions:
        run = job.run_of(act.step, occasion) if act.step else job.run(occasion)
        if run is not None:
            yield run


_BESIDE = names(
    "sast dast secret detection dependency scanning license vulnerability quality codeql scorecard scorecards",
    "slsa slsa3 provenance codegen",
    "stale label labels labeler lint linter renovate dependabot cla zizmor install setup configure prepare format fmt",
    "clean cleanup close closed login notify reviewers assign fossa greetings triage milestone changelog first",
    "get binstall chatops retest backport cherry pick comment",
)
_TELLING = names("test tests e2e build image images deploy deployment release publish ci cd pipeline main smoke")


def _is_beside(reason: str) -> bool:
    """Whether what could not be read is called after something that neither builds, tests nor deploys."""
    quoted = re.search(r"`([^`]+)`", reason)
    words = quoted[1].partition("@")[0].split()[:2] if quoted else []
    called = segments(" ".join(word.rpartition("/")[2].strip(".").partition(".")[0] for word in words))
    return bool(called & _BESIDE) and not called & _TELLING


def _unread(job: Job) -> Iterator[Unread]:
    if job.unread and not _is_beside(job.unread):
        yield Unread(job.place, job.unread)
    for step in job.steps:
        # What an action of somebody else does is told by its name, or taken for nothing that is asked about here.
        for reason in step.unread.split("; ") if step.uses is None and not step.skipped else ():
            if reason and not _is_beside(reason):
                yield Unread(step.place, reason)


def _awaited(job: Job, jobs: Mapping[str, Job]) -> set[str]:
    """The ids of all jobs that a job waits for, directly or not."""
    found: set[str] = set()
    waiting = [need.job for need in job.needs]
    while waiting:
        name = waiting.pop()
        if name not in found and name in jobs:
            found.add(name)
            waiting += [need.job for need in jobs[name].needs]
    return found
