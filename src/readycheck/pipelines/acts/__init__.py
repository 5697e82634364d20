"""What the commands and uses of a pipeline do."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.pipelines.acts.nouns import Act, Breadth, Build, Deploy, Push, Test, Throwaway, Way
from readycheck.pipelines.model import Job

__all__ = ["Act", "Breadth", "Build", "Deploy", "Push", "Test", "Throwaway", "Way", "acts_of"]


def acts_of(job: Job) -> Iterator[Act]:
    """Everything that a job does, in the order in which it does it; a command that does two things gives two acts.

    Steps that never run (`if: false`) and failures that are swallowed are in it: `act.skipped` and `act.swallowed`
    tell.

    Args:
        job: the job.
    """
    del job
    yield from ()
