"""Sending a report to the receivers of the configuration."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from readycheck.cli.configuration import found_config

if TYPE_CHECKING:
    from readycheck.outputs.html import Edition

_FILE = "readycheck.html"


def notified(config: Path | None) -> Sequence[str]:
    """The environment variables that hold the addresses of who gets the report.

    Raises:
        ConfigError: the configuration cannot be used, or names nobody.
    """
    from readycheck.config import DEFAULT_FILE, load  # noqa: PLC0415 - see the package's docstring
    from readycheck.section import ConfigError  # noqa: PLC0415

    file = config or found_config()
    receivers = load(file).notify if file else ()
    if not receivers:
        raise ConfigError(
            f"--send: {file or DEFAULT_FILE} names nobody; `notify: [READYCHECK_NOTIFY_MAIL]` names an environment"
            " variable that holds an address"
        )
    return receivers


def deliver(editions: Sequence[Edition], content: bytes, receivers: Sequence[str]) -> None:
    """Send a report, with the page as a file.

    Raises:
        NotSent: it could not be sent to all of them.
    """
    from readycheck.cli.errors import NotSent  # noqa: PLC0415
    from readycheck.notify import Message, NotifyError, send  # noqa: PLC0415
    from readycheck.outputs.html.digest import digest  # noqa: PLC0415

    title, body = digest(editions)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / _FILE
        page.write_bytes(content)
        try:
            send(Message(title, body, page), receivers)
        except NotifyError as error:
            raise NotSent(str(error)) from error
    click.echo(f"Sent to {', '.join(receivers)}", err=True)
