"""The nouns of a pipeline, the same for every system that runs one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Protocol

from msgspec import Struct, field

from readycheck.model import Listing, Place, Resource


class Files(Protocol):
    """Finds other files of the scanned tree."""

    def file(self, uri: str) -> Resource | None:
        """What was read from a file; None where nothing was."""
        ...

    @property
    def listing(self) -> Listing:
        """The names of the tree."""
        ...

    def of(self, *kinds: str) -> Sequence[Resource]:
        """The objects of some kinds, wherever they stand."""
        ...


class Occasion(Enum):
    """What makes a pipeline run."""

    PULL_REQUEST = "a pull request"
    """Opened or updated; a merge request, a merge queue."""
    MAIN = "a merge to the main branch"
    """Also `pull_request` closed and merged."""
    BRANCH = "a push to another branch"
    TAG = "a tag or release"
    SCHEDULE = "a schedule"
    MANUAL = "a start by hand"
    """Also by an API, or by another pipeline that cannot be told."""


class Run(Struct, frozen=True):
    """That a job runs on an occasion, and what narrows it.

    Args:
        occasion: the occasion.
        paths: globs from the root of the repository; the job runs only when a file that they match has changed. Empty
            where it runs whatever has changed.
        manual: whether it waits for somebody to start it.
        unsure: the condition that could not be decided, as it is written; "" where it surely runs.
    """

    occasion: Occasion
    paths: tuple[str, ...] = ()
    manual: bool = False
    unsure: str = ""


class Command(Struct, frozen=True, eq=False):
    """A simple command as a shell would run it.

    Args:
        words: the program and its arguments, quotes taken off and variables put in as far as they are known; what is
            not known stays as it is written (`$TAG`, `${{ github.sha }}`).
        place: where it stands.
        swallowed: why its failure does not stop the job: `|| true`, "a pipe without pipefail"; "" where it does.
        conditional: the condition that it stands under, as it is written (`if`, `case`, the left side of `&&`); ""
            where it is run whenever its step is.
        variables: the environment in which it runs, as far as it is written: the job's, the step's, its own.
        via: what called it, from the outside in: `make scan`, `./ci/scan.sh`.
        output: where its output goes, if that is not the log: a file, or the program behind a pipe.
        folder: the folder that it runs in, as a path from the root of the repository ("" for the root itself): `cd`
            and `working-directory` followed; as it is written where a variable decides.
        given: the commands without whose success it does not run, though the job goes on when they fail: the left side
            of `&&`, the condition of an `if`.
    """

    words: tuple[str, ...]
    place: Place
    swallowed: str = ""
    conditional: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    via: tuple[str, ...] = ()
    output: str = ""
    folder: str = ""
    given: tuple[Command, ...] = ()

    @property
    def text(self) -> str:
        """The command as one line, for people."""
        return " ".join(self.words)


class Use(Struct, frozen=True, eq=False):
    """A ready-made step of somebody else: an action, an orb's command, a task.

    Args:
        name: what is used, without its version: `aquasecurity/trivy-action`.
        version: the tag, branch or commit; "" where none is given.
        inputs: what it is given, as text.
        place: where it stands.
    """

    name: str
    version: str
    inputs: Mapping[str, str]
    place: Place


class Step(Struct, frozen=True, eq=False):
    """One step of a job; steps run one after the other.

    Args:
        name: what people call it.
        place: where it stands.
        commands: what its shell runs, scripts and Makefile targets followed.
        uses: what it uses in place of commands.
        variables: the environment in which it runs, as far as it is written.
        may_fail: why its failure does not stop the job (`continue-on-error: true`, `after_script`); "" where it does.
        skipped: why it never runs (`if: false`); "" where it may.
        condition: its own condition as it is written; "" where it runs whenever the steps before it succeed.
        in_spite: the condition that lets it run though an earlier step failed (`always()`); "" where there is none.
        unread: what it runs that could not be read, with the reason: a remote action, a script that is not there.
        runs: when it runs, where it has a condition of its own; None where it runs whenever its job does.
    """

    name: str
    place: Place
    commands: tuple[Command, ...] = ()
    uses: Use | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    may_fail: str = ""
    skipped: str = ""
    condition: str = ""
    in_spite: str = ""
    unread: str = ""
    runs: tuple[Run, ...] | None = None


class Need(Struct, frozen=True, eq=False):
    """That a job waits for another one.

    Args:
        job: the id of that one.
        in_spite: what lets the job run though that one failed (`if: always()`, `allow_failure`); "" where it does not.
    """

    job: str
    in_spite: str = ""


class Job(Struct, frozen=True, eq=False):
    """A job: steps that run on one machine.

    Args:
        id: what other jobs call it; a job of a reusable workflow is called `caller/job`.
        name: what people call it.
        place: where it stands.
        steps: what it does.
        runs: when it runs; empty where it never does.
        needs: the jobs that it waits for, stages included, direct ones only.
        may_fail: why its failure stops nothing (`allow_failure: true`); "" where it does.
        environment: the deployment environment that it names; "" where it names none.
        stops_environment: whether it takes that environment down (GitLab: `action: stop`).
        images: container images that run beside it: its services.
        image: the image that it runs in; "" where none is named.
        unread: what it consists of that could not be read, with the reason: a remote reusable workflow or include.
    """

    id: str
    name: str
    place: Place
    steps: tuple[Step, ...] = ()
    runs: tuple[Run, ...] = ()
    needs: tuple[Need, ...] = ()
    may_fail: str = ""
    environment: str = ""
    stops_environment: bool = False
    images: tuple[str, ...] = ()
    image: str = ""
    unread: str = ""

    def run(self, occasion: Occasion) -> Run | None:
        """How it runs on an occasion; None where it does not. A sure run is preferred to an unsure one."""
        return _surest(self.runs, occasion)

    def run_of(self, step: Step, occasion: Occasion) -> Run | None:
        """How one of its steps runs on an occasion; None where it does not."""
        return _surest(self.runs if step.runs is None else step.runs, occasion)


def _surest(runs: Iterable[Run], occasion: Occasion) -> Run | None:
    found = [run for run in runs if run.occasion is occasion]
    return min(found, key=lambda run: bool(run.unsure), default=None)


class Unread(Struct, frozen=True, eq=False):
    """A part of a pipeline that is not at hand: a remote include, a template that does not exist in the tree."""

    place: Place
    reason: str


class Follow(Struct, frozen=True, eq=False):
    """That a pipeline runs after another one (GitHub Actions: `workflow_run`).

    Args:
        pipeline: the name or the uri of that one.
        in_spite: "" where it runs only when that one succeeded; else why it runs all the same.
    """

    pipeline: str
    in_spite: str = ""


class Flow(Struct, frozen=True, eq=False):
    """What a pipeline file comes to.

    Args:
        system: the system that runs it: `GitHub Actions`.
        name: what people call it.
        jobs: its jobs, those of reusable workflows and local includes in place.
        unread: what of it is not at hand.
        follows: the pipelines that it runs after.
        called_only: whether nothing but another pipeline starts it: its jobs are judged there.
    """

    system: str
    name: str
    jobs: tuple[Job, ...] = ()
    unread: tuple[Unread, ...] = ()
    follows: tuple[Follow, ...] = ()
    called_only: bool = False
