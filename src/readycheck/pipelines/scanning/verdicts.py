"""What decides over a scan's findings in its place: commands that read its report, steps that ask how it ended."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.pipelines.acts.words import called, names
from readycheck.pipelines.model import Command, Job, Step
from readycheck.pipelines.scanning.nouns import Scan

_READERS = names("jq yq gojq grep egrep awk python python3 node ruby perl opa conftest test [ [[ bash sh")
_OUTCOME = (".outcome", ".conclusion")


def judged_by(scan: Scan, job: Job) -> str:
    """What may fail the job for what a scan found, though the scan itself does not; "" where nothing does.

    Args:
        scan: the scan.
        job: its job.
    """
    if isinstance(scan.cause, Command) and called(scan.report.split()).program in _READERS:
        return f"`{scan.report}` reads what it finds"
    for step in _behind(scan, job):
        for command in step.commands:
            program = called(command.words).program
            if _reads(command, program, scan.report):
                return f"`{command.text}` reads what it finds"
        asked = (step.condition, *step.variables.values(), *(command.text for command in step.commands))
        if scan.swallowed and any(word in text for text in asked for word in _OUTCOME):
            return f"step `{step.name}` asks how it ended"
    return ""


def _behind(scan: Scan, job: Job) -> Iterator[Step]:
    found = False
    for step in job.steps:
        found = found or step is scan.step
        if found:
            yield step


def _reads(command: Command, program: str, report: str) -> bool:
    told = program in _READERS or program.endswith((".sh", ".py"))
    return told and bool(report) and any(report in text for text in (*command.words, *command.variables.values()))
