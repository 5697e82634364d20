"""How errors of the user's making end a command: one line on stderr, exit code 2, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from readycheck.errors import MendableError
from readycheck.report import ExitCode


class UsageFailure(click.ClickException):
    """A message for the person at the keyboard."""

    exit_code = int(ExitCode.USAGE)


class NotSent(click.ClickException):
    """A report is written, and not everybody got it."""

    exit_code = int(ExitCode.INCOMPLETE)


class Unverified(click.ClickException):
    """An API server should have been asked about fixes, and could not be."""

    exit_code = int(ExitCode.INCOMPLETE)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the user can mend into one line."""
    try:
        yield
    except MendableError as error:
        raise UsageFailure(str(error)) from error
