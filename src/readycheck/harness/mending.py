"""What the fixes of a rule make of a case, compared byte by byte with what stands beside it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from readycheck.documents.text import read_text
from readycheck.engine import Selection, judge
from readycheck.fixes.additions import Neighbours
from readycheck.fixes.choice import Choice
from readycheck.fixes.planning import plan
from readycheck.fixes.proposals import Left, Proposal, Tree, proposals_of
from readycheck.harness.announcements import Announcements
from readycheck.inventory import Inventory
from readycheck.model import Outcome, Status
from readycheck.sources.files import FilesRequest, collect

_MARK = ".fixed"
_MOST_ROUNDS = 4


def is_fixed(path: Path) -> bool:
    """Whether something is no case, but what fixes make of one: `fail-x.fixed.yaml`, `fail-x.fixed/`."""
    return _MARK in path.suffixes


def complaints_about_fixes(case: Path, selection: Selection, announced: Announcements) -> Iterator[str]:
    """What differs between what the fixes of a rule make of a case and what stands beside it, where that does.

    Args:
        case: a file, or a folder; of the latter, what is fixed holds the files that change.
        selection: the rule as the case wants it.
        announced: what the case announces.
    """
    fixed = case.with_name(f"{case.name}{_MARK}" if case.is_dir() else f"{case.stem}{_MARK}{case.suffix}")
    if not fixed.exists():
        return
    with tempfile.TemporaryDirectory(prefix="readycheck-") as name:
        place = Path(name).resolve() / case.name
        shutil.copytree(case, place, symlinks=True) if case.is_dir() else shutil.copyfile(case, place)
        outcomes, left = _mended(place, selection, announced)
        wanted = _contents(fixed)
        before, after = _contents(case), _contents(place)
        if not case.is_dir():
            wanted = dict.fromkeys(before, next(iter(wanted.values())))
    for uri in sorted(after.keys() | wanted.keys()):
        if after.get(uri) != wanted.get(uri, before.get(uri)):
            yield f"{uri}: the fix does not make of it what {fixed.name} holds"
    for outcome in outcomes:
        if outcome.status is Status.FAIL:
            reason = next((each.reason for each in left if each.outcome is outcome), "")
            yield f"still fails when it is fixed: {outcome.reason}" + (f" ({reason})" if reason else "")


def _mended(place: Path, selection: Selection, announced: Announcements) -> tuple[Sequence[Outcome], Sequence[Left]]:
    """Fix a case until nothing changes any more; what is said of it then."""
    root = str(place if place.is_dir() else place.parent)
    for _ in range(_MOST_ROUNDS):
        outcomes, made, left = _proposed(place, root, selection, announced)
        planned = plan(made, read_text)
        if not planned.made:
            break
        for file, text in planned.texts.items():
            Path(file).write_text(text, encoding="utf-8", newline="")
    return outcomes, left


def _proposed(
    place: Path, root: str, selection: Selection, announced: Announcements
) -> tuple[Sequence[Outcome], list[Proposal], list[Left]]:
    collected = collect(FilesRequest(paths=(place,), repository=Path(root)))
    outcomes = judge((selection,), Inventory((collected,), now=announced.now))
    choice = Choice(unsafe=True, values={name: str(value) for name, value in announced.values.items()})
    neighbours = Neighbours(collected.resources, single=place.is_file())
    return outcomes, *proposals_of(outcomes, choice, Tree(root, root, neighbours))


def _contents(place: Path) -> Mapping[str, Any]:
    """The bytes of a file, or of all files in a folder by their paths."""
    if place.is_file():
        return {place.name: place.read_bytes()}
    return {file.relative_to(place).as_posix(): file.read_bytes() for file in place.rglob("*") if file.is_file()}
