"""Whether one thing that a pipeline does waits for another one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readycheck.pipelines.model import Command, Job, Occasion, Run, Step
from readycheck.pipelines.pipeline import Pipeline


class Spot(Struct, frozen=True):
    """Where in a pipeline something is done.

    Args:
        pipeline: the pipeline.
        job: the job.
        step: the index of the step.
        command: the index of the command in the step; 0 for a ready-made step.
    """

    pipeline: Pipeline
    job: Job
    step: int = 0
    command: int = 0

    @property
    def its_step(self) -> Step | None:
        """The step; None for a job that has none."""
        return self.job.steps[self.step] if self.step < len(self.job.steps) else None

    @property
    def its_command(self) -> Command | None:
        """The command; None for a ready-made step."""
        step = self.its_step
        return step.commands[self.command] if step is not None and self.command < len(step.commands) else None

    def run(self, occasion: Occasion) -> Run | None:
        """How it is run on an occasion; None where it is not."""
        step = self.its_step
        return self.job.run(occasion) if step is None else self.job.run_of(step, occasion)


def spots(pipeline: Pipeline, job: Job) -> Iterator[Spot]:
    """Every spot of a job, in order: each command, and each ready-made step.

    Args:
        pipeline: the pipeline that the job belongs to.
        job: the job.
    """
    for index, step in enumerate(job.steps):
        for command in range(len(step.commands) or 1):
            yield Spot(pipeline, job, index, command)


def gap(first: Spot, then: Spot, occasion: Occasion | None = None) -> str:
    """Why `then` may be done though `first` failed or was not done; "" where it only follows the success of `first`.

    Args:
        first: what must have succeeded.
        then: what waits for it.
        occasion: the occasion that is asked about; every one on which `then` is done where None.
    """
    before, behind = first.its_command, then.its_command
    if before is not None and behind is not None and before in behind.given:
        return ""
    why = _unordered(first, then) or _powerless(first, then)
    if why:
        return why
    occasions = [occasion] if occasion is not None else [each for each in Occasion if then.run(each) is not None]
    return next((why for each in occasions for why in [_absent(first, then, each)] if why), "")


def _powerless(first: Spot, then: Spot) -> str:
    """Why a failure of `first` stops nothing."""
    step, command = first.its_step, first.its_command
    if step is not None and step.skipped:
        return f"it never runs: {step.skipped}"
    if command is not None and command.swallowed:
        return command.swallowed
    if command is not None and command.conditional and not _under_the_same(command, then.its_command):
        return f"it runs only under the condition `{command.conditional}`"
    if step is not None and step.may_fail:
        return step.may_fail
    return first.job.may_fail if first.job is not then.job else ""


def _under_the_same(first: Command, then: Command | None) -> bool:
    return then is not None and first.conditional == then.conditional


# Order ---------------------------------------------------------------------------------------------------------


def _unordered(first: Spot, then: Spot) -> str:
    """Why `then` does not wait for `first`."""
    if first.pipeline is not then.pipeline:
        return _of_another(first.pipeline, then.pipeline)
    if first.job is then.job:
        return _of_the_same_job(first, then)
    jobs = {job.id: job for job in then.pipeline.flow.jobs}
    waiting, seen = [then.job], {then.job.id}
    lets_run = ""
    while waiting:
        job = waiting.pop()
        for need in job.needs:
            if need.in_spite:
                lets_run = lets_run or f"{need.in_spite} lets job `{job.id}` run all the same"
            elif need.job == first.job.id:
                return ""
            elif need.job not in seen and need.job in jobs:
                seen.add(need.job)
                waiting.append(jobs[need.job])
    return lets_run or f"job `{then.job.id}` does not wait for job `{first.job.id}`"


def _of_the_same_job(first: Spot, then: Spot) -> str:
    if (first.step, first.command) >= (then.step, then.command):
        return "it comes later"
    step = then.its_step
    if first.step != then.step and step is not None and step.in_spite:
        return f"{step.in_spite} lets the step run all the same"
    return ""


def _of_another(first: Pipeline, then: Pipeline) -> str:
    """Why one pipeline does not wait for another."""
    for follow in then.flow.follows:
        if follow.pipeline in (first.name, first.flow.name):
            return follow.in_spite
    return f"it is in another pipeline, `{first.name}`, which this one does not wait for"


# Occasions -----------------------------------------------------------------------------------------------------


def _absent(first: Spot, then: Spot, occasion: Occasion) -> str:
    """Why `first` may not be done where `then` is."""
    run, other = first.run(occasion), then.run(occasion)
    if run is None:
        return f"it does not run on {occasion.value}"
    if other is None or run == other:
        return ""
    if run.unsure and run.unsure not in other.unsure:
        return f"it runs only under the condition `{run.unsure}`"
    if run.paths and run.paths != other.paths:
        return f"it runs only when {', '.join(run.paths)} change"
    return ""
