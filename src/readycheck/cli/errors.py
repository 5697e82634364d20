"""How errors of the user's making end a command: one line on stderr, exit code 2, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from readycheck.history import HistoryError
from readycheck.notify import NotifyError
from readycheck.outputs.formats import LayoutError
from readycheck.report import ExitCode
from readycheck.rule import RuleError
from readycheck.section import ConfigError


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
    except (ConfigError, HistoryError, LayoutError, RuleError) as error:
        raise UsageFailure(str(error)) from error
    except NotifyError as error:
        raise NotSent(str(error)) from error
