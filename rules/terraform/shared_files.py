"""Share what environments have in common by links or modules.

A copy is changed in one environment and forgotten in the next, and nobody can say afterwards whether the difference is
meant. Backends, values of variables, lock files and configs are each environment's own, and so are provider files and
files that only call modules as long as they differ.
"""

import difflib
import posixpath
import shlex
from collections.abc import Iterator, Sequence

from readycheck.inventory import SHARED_CONFIGURATION, Inventory
from readycheck.inventory.terraform.infrastructure import lines_of
from readycheck.model import Entry, Fix, Place, Resource, Severity, Verdict
from readycheck.rule import rule
from readycheck.terraform.parts import Part, part_of

_ALIKE = 0.8
"""The share of equal lines from which on two files are copies."""
_MOST_LINES = 5_000


@rule(SHARED_CONFIGURATION, severity=Severity.MEDIUM)
def shared_files(file: Resource, inventory: Inventory) -> Iterator[Verdict]:
    entry = inventory.listing.entries.get(file.name) or Entry(file.name)
    reason = inventory.why_unread(entry)
    if reason:
        yield file.finding(reason) if entry.dangling else file.unknown(reason)
        return
    for link in inventory.links_to(file.name):
        if (link.link or "").startswith("/"):
            yield file.finding(f"{link.uri} leads here by an absolute path (`{link.link}`), which other machines lack")
    part, lines = part_of(file), lines_of(file)
    others = [read for each in inventory.counterparts(file.name) if (read := inventory.behind(each)) is not None]
    if part is Part.BACKEND or not any(lines):
        return
    copies = [other for other in others if other is not file and lines_of(other) == lines]
    drifted = [other for other in others if part is Part.OTHER and _is_copy(lines, lines_of(other))]
    if copies:
        names = ", ".join(dict.fromkeys(copy.name for copy in copies))
        fix = _linked(file, copies[0])
        yield file.finding(f"is a copy of {names}: a link or a module is wanted", also=[Place(copies[0], ())], fix=fix)
    elif drifted:
        yield file.finding(_drift(lines, drifted[0]), also=[Place(drifted[0], ())])


def _linked(file: Resource, copy: Resource) -> Fix:
    """The command that makes one of two copies a link to the other; which stays is for people to say."""
    there = posixpath.relpath(copy.name, posixpath.dirname(file.name) or ".")
    return Fix(f"make it a link: ln -sf {shlex.quote(there)} {shlex.quote(file.name)}", (), safe=False)


def _is_copy(lines: Sequence[str], others: Sequence[str]) -> bool:
    longest = max(len(lines), len(others))
    if min(len(lines), len(others)) < _ALIKE * longest or longest > _MOST_LINES:
        return False
    blocks = difflib.SequenceMatcher(None, lines, others, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= _ALIKE * longest


def _drift(lines: Sequence[str], other: Resource) -> str:
    changes = [
        change
        for change in difflib.SequenceMatcher(None, lines, lines_of(other), autojunk=False).get_opcodes()
        if change[0] != "equal"
    ]
    here = [_lines(start, end) for _, start, end, _, _ in changes if end > start]
    there = [_lines(start, end) for _, _, _, start, end in changes if end > start]
    parts = [f"here {', '.join(here)}"] if here else []
    parts += [f"there {', '.join(there)}"] if there else []
    return f"is a copy of {other.name} that drifted, by line: {'; '.join(parts)}"


def _lines(start: int, end: int) -> str:
    return str(end) if end == start + 1 else f"{start + 1}-{end}"
