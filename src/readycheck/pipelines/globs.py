"""Globs over the paths of a tree, as pipelines write them: `*` stays in a folder, `**` does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from readycheck.model import Listing

_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|\{[^{}/]*\}|[^*?\[{]+|.", re.DOTALL)
_LONGEST = 500


@lru_cache(maxsize=1024)
def pattern_of(glob: str) -> re.Pattern[str] | None:
    """The regular expression of a glob, for whole paths from the root; None where it cannot be read."""
    parts: list[str] = []
    for part in _PART.findall(glob[:_LONGEST].removeprefix("./").lstrip("/")):
        if part == "**/":
            parts.append("(?:.*/)?")
        elif part == "**":
            parts.append(".*")
        elif part == "*":
            parts.append("[^/]*")
        elif part == "?":
            parts.append("[^/]")
        elif part[0] == "[" and len(part) > 1:
            parts.append(part.replace("[!", "[^", 1).replace("\\", "\\\\"))
        elif part[0] == "{" and len(part) > 1:
            parts.append("(?:" + "|".join(map(re.escape, part[1:-1].split(","))) + ")")
        else:
            parts.append(re.escape(part))
    try:
        return re.compile("".join(parts) + r"\Z", re.DOTALL)
    except re.error:
        return None


def selected(listing: Listing, glob: str) -> Iterator[str]:
    """The files of a tree that a glob selects, in the order of their paths."""
    pattern = pattern_of(glob)
    if pattern is not None:
        yield from sorted(uri for uri in listing.entries if pattern.match(uri))
