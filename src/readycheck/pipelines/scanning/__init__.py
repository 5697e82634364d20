"""Which steps of a pipeline scan images for vulnerabilities, and whether what they find fails them."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.pipelines.acts.doing import Doing
from readycheck.pipelines.model import Files, Job, Step
from readycheck.pipelines.scanning import hints, naming, others, published, trivy
from readycheck.pipelines.scanning.nouns import Scan, Subject

__all__ = ["Scan", "Subject", "hints", "naming", "published", "scans_of"]


def scans_of(job: Job, files: Files) -> Iterator[Scan]:
    """The scans of a job, in the order in which it does them; those that never run (`if: false`) too.

    Args:
        job: the job.
        files: finds the settings of scanners that lie in the tree.
    """
    for step in job.steps:
        for doing in _doings(job, step):
            yield from trivy.scans(doing, files)
            yield from others.scans(doing)


def _doings(job: Job, step: Step) -> Iterator[Doing]:
    if step.uses is not None:
        yield Doing(job, step, step.uses)
    for command in step.commands:
        yield Doing(job, step, command, command.words)
