"""Where scans are kept, as configuration says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from readycheck.section import Section

KEEP_DAYS = 730


class HistorySetting(Struct, frozen=True):
    """Where scans are kept: a file (absolute) or a server's URL; "" for the user's own file. For how many days."""

    place: str = ""
    keep_days: int = KEEP_DAYS
    off: bool = False


def read_history(top: Section, base: Path) -> HistorySetting:
    """What stands under `history`.

    Args:
        top: the whole configuration.
        base: the folder that relative paths start at.

    Raises:
        ConfigError: it says something that is not understood.
    """
    top.known.add("history")
    given = top.body.get("history")
    # A bare `off` is a boolean in YAML 1.1.
    if given is False or given == "off":
        return HistorySetting(off=True)
    if not isinstance(given, Mapping):
        return HistorySetting(_place(top, "history", base))
    section = top.section("history")
    setting = HistorySetting(_place(section, "place", base), section.integer("keep_days", KEEP_DAYS))
    if setting.keep_days < 1:
        section.fail("`keep_days` must be 1 or more", "keep_days")
    section.done()
    return setting


def _place(section: Section, key: str, base: Path) -> str:
    given = section.string(key)
    file = None if "://" in given else section.file(key, base)
    return given if file is None else str(file.absolute())
