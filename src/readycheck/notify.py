"""Sending a report to where people read: mail and chats, through Apprise.

Where to is a secret as a whole (it holds tokens and passwords), so it stands in environment variables, and neither a
message nor an error ever repeats it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct


class NotifyError(Exception):
    """A message could not be sent: one line that says to whom, and what to do."""


class Message(Struct, frozen=True):
    """What is sent.

    Args:
        title: the subject.
        body: a few lines of Markdown.
        attachment: the file that goes with it, where the receiver takes files.
    """

    title: str
    body: str
    attachment: Path


def send(message: Message, variables: Sequence[str]) -> None:
    """Send a message to all receivers; one that cannot be reached does not keep the others from it.

    Args:
        message: what to send.
        variables: the environment variables that hold the receivers' addresses, as Apprise takes them.

    Raises:
        NotifyError: Apprise is not installed, a variable holds no address, or a receiver did not take the message.
    """
    failed = [trouble for variable in variables if (trouble := _send(message, variable))]
    if failed:
        raise NotifyError("; ".join(failed))


def _send(message: Message, variable: str) -> str:
    """Send to one receiver; what is wrong with it, or "" where nothing is."""
    try:
        import apprise  # noqa: PLC0415 - of an extra, and slow to import
    except ImportError as error:
        raise NotifyError("sending takes Apprise: pip install 'readycheck-audit[notify]'") from error
    address = os.environ.get(variable, "").strip()
    if not address:
        return f"{variable}: is not set; it holds the address, as `mailto://...` or `slack://...`"
    # What Apprise logs quotes addresses.
    logging.getLogger("apprise").disabled = True
    receivers = apprise.Apprise()
    if not receivers.add(address):
        return f"{variable}: holds no address that Apprise knows"
    taken = receivers.notify(
        title=message.title,
        body=message.body,
        body_format=apprise.NotifyFormat.MARKDOWN,
        attach=str(message.attachment),
    )
    return "" if taken else f"{variable}: the receiver did not take the message: check the address in the variable"
