"""Changes as unified diffs that `git apply` takes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

_PLAIN_NAME = re.compile(r'[^\x00-\x1f"\\\x7f-\U0010ffff]+\Z')
_CONTEXT = 3


def unified(path: str, before: str | None, after: str) -> str:
    """The diff of one file.

    Args:
        path: its path from the repository's root.
        before: its text; None where it is new.
        after: its text afterwards.
    """
    old, new = _name(f"a/{path}"), _name(f"b/{path}")
    head = f"diff --git {old} {new}\n"
    if before is None:
        head += "new file mode 100644\n"
        old = "/dev/null"
    return head + f"--- {old}\n+++ {new}\n" + "".join(_hunks(_lines(before or ""), _lines(after)))


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    # What is the same at both ends costs difflib most and tells it nothing.
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    # The context around is put there afterwards: among what is compared, a change could trade places with it.
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    groups = list(difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT))
    if groups:
        above, below = min(start, _CONTEXT), min(end, _CONTEXT)
        groups[0].insert(0, ("equal", -above, 0, -above, 0))
        groups[-1].append(("equal", len(old), len(old) + below, len(new), len(new) + below))
    for group in groups:
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2], start)} +{_range(first[3], last[4], start)} @@\n"
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from _marked(" ", before[start + i1 : start + i2])
                continue
            yield from _marked("-", before[start + i1 : start + i2])
            yield from _marked("+", after[start + j1 : start + j2])


def _marked(mark: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"


def _range(start: int, stop: int, skipped: int) -> str:
    length = stop - start
    first = start + skipped + (1 if length else 0)
    return str(first) if length == 1 else f"{first},{length}"


def _lines(text: str) -> list[str]:
    """The lines as git counts them: a carriage return alone, or U+2028, ends none."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def _name(path: str) -> str:
    """A path as git writes it: in quotes, byte by byte, where it is not plain."""
    if _PLAIN_NAME.match(path):
        return path
    escaped = "".join(
        chr(byte) if _PLAIN_NAME.match(chr(byte)) else f"\\{byte:03o}"
        for byte in path.encode("utf-8", "surrogateescape")
    )
    return f'"{escaped}"'
