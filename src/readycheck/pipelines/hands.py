"""What waits for somebody: a job by hand, and all that need it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from readycheck.pipelines.model import Job, Occasion


def behind_hands(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """The jobs, those that need one which somebody has to start marked to be by hand themselves.

    Args:
        jobs: the jobs of a pipeline; what needs a job in spite of its failure does not wait for anybody to start it.
    """
    known = tuple(jobs)
    runs = {job.id: {run.occasion for run in job.runs} for job in known}
    held = {
        (job.id, occasion)
        for job in known
        for occasion in runs[job.id]
        if all(run.manual for run in job.runs if run.occasion is occasion)
    }
    if not held:
        return known
    followers: dict[str, list[str]] = defaultdict(list)
    for job in known:
        for need in job.needs:
            if not need.in_spite:
                followers[need.job].append(job.id)
    waiting = list(held)
    while waiting:
        id_, occasion = waiting.pop()
        for follower in followers[id_]:
            if occasion in runs[follower] and (follower, occasion) not in held:
                held.add((follower, occasion))
                waiting.append((follower, occasion))
    return tuple(_held(job, held) for job in known)


def _held(job: Job, held: set[tuple[str, Occasion]]) -> Job:
    runs = tuple(replace(run, manual=run.manual or (job.id, run.occasion) in held) for run in job.runs)
    return replace(job, runs=runs)
