"""Whether one thing that a pipeline does waits for another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from readycheck.pipelines.model import Job, Occasion
from readycheck.pipelines.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Spot:
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


def gap(first: Spot, then: Spot, occasion: Occasion | None = None) -> str:
    """Why `then` may be done though `first` failed or was not done; "" where it only follows the success of `first`.

    Args:
        first: what must have succeeded.
        then: what waits for it.
        occasion: the occasion that is asked about; every one on which `then` is done where None.
    """
    del first, then, occasion
    return "not known"


def spots(pipeline: Pipeline, job: Job) -> Iterator[Spot]:
    """Every spot of a job, in order: each command, and each ready-made step."""
    for index, step in enumerate(job.steps):
        for command in range(len(step.commands) or 1):
            yield Spot(pipeline, job, index, command)
