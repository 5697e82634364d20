"""What is read of a pipeline that a test writes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from readycheck.inventory import Inventory
from readycheck.pipelines.model import Flow, Job, Occasion
from tests.trees import collected_from

PULL_REQUEST, MAIN, BRANCH, TAG = Occasion.PULL_REQUEST, Occasion.MAIN, Occasion.BRANCH, Occasion.TAG
SCHEDULE, MANUAL = Occasion.SCHEDULE, Occasion.MANUAL


def flow_of(root: Path, files: Mapping[str, str]) -> Flow:
    """What the first of some files comes to, the others beside it."""
    written = {uri: textwrap.dedent(text) for uri, text in files.items()}
    inventory = Inventory([collected_from(root, written)])
    uri = next(iter(files))
    return next(pipeline.flow for pipeline in inventory.pipelines if pipeline.name == uri)


def jobs_of(root: Path, files: Mapping[str, str]) -> dict[str, Job]:
    """The jobs of the first of some files, by id."""
    return {job.id: job for job in flow_of(root, files).jobs}


def lines_of(job: Job) -> list[str]:
    """The commands of a job, as text."""
    return [command.text for step in job.steps for command in step.commands]


def sure_runs(job: Job) -> set[Occasion]:
    """The occasions on which a job surely runs, whatever has changed and without anybody's help."""
    return {run.occasion for run in job.runs if not (run.unsure or run.paths or run.manual)}


def needs_of(job: Job) -> list[str]:
    """The jobs that a job waits for."""
    return [need.job for need in job.needs]
