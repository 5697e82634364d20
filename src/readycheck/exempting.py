"""The exemptions of a configuration file as its text: adding one, and taking some out, with every other byte kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from readycheck.documents.edits import Change, Refused, line_break_near
from readycheck.documents.edits.layout import Style, items
from readycheck.documents.edits.yaml import revise
from readycheck.documents.edits.yaml_items import remove_items
from readycheck.documents.text import Unreadable, read_text
from readycheck.documents.yaml import parse
from readycheck.section import ConfigError

_KEY = "exemptions"


def with_exemption(file: Path, entry: Mapping[str, object]) -> str:
    """The text of a configuration file with one more exemption.

    Args:
        file: the configuration; there may be none yet.
        entry: the exemption as the configuration states it.

    Raises:
        ConfigError: it cannot be read, or holds its exemptions in a form that cannot be added to.
    """
    text = _text(file) if file.exists() else ""
    documents, _ = parse(text, templated=False)
    body = documents[0].body if documents else None
    if not isinstance(body, dict) or not body:
        line_break = line_break_near(text, len(text))
        head = text if not text or text.endswith("\n") else text + line_break
        lines = (f"{_KEY}:", *items([dict(entry)], 2, Style()))
        return head + "".join(f"{line}{line_break}" for line in lines)
    there = body.get(_KEY) or []
    change = Change(0, (_KEY, len(there)), dict(entry)) if there else Change(0, (_KEY,), [dict(entry)])
    try:
        return revise(text, [change])
    except Refused as refused:
        raise ConfigError(f"{file}: {refused.reason}: add the exemption by hand") from refused


def without_exemptions(file: Path, indexes: Collection[int]) -> str:
    """The text of a configuration file without some of its exemptions.

    Args:
        file: the configuration.
        indexes: which ones, counted from 0.

    Raises:
        ConfigError: it cannot be read, or they are written in a form that they cannot be taken out of.
    """
    try:
        return remove_items(_text(file), _KEY, indexes)
    except Refused as refused:
        raise ConfigError(f"{file}: {refused.reason}: take the exemptions out by hand") from refused


def _text(file: Path) -> str:
    try:
        text = read_text(file)
        plain = text.encode() == file.read_bytes()
    except Unreadable as unreadable:
        raise ConfigError(f"{file}: {unreadable.reason}") from unreadable
    if not plain:
        raise ConfigError(f"{file}: is not in UTF-8 without a byte-order mark: edit it by hand")
    return text
