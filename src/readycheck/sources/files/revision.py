"""Which repository and which commit a tree is of, by git's own files: git is not run, and nothing that it would run."""

from __future__ import annotations

import os
import re
from pathlib import Path

from msgspec import Struct

from readycheck.documents.text import Unreadable, read_text
from readycheck.kubernetes.git_address import address_of
from readycheck.sources.files.tree import repository_of

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REMOTE = re.compile(r"""^\s*\[\s*remote\s+"origin"\s*\][^\[]*?^\s*url\s*=\s*"?([^"\r\n]+?)"?\s*$""", re.MULTILINE)
_LARGEST = 4 * 1024 * 1024


class Revision(Struct, frozen=True):
    """What a folder belongs to.

    Args:
        project: the address of the repository that it was cloned from, without user and password; its path where it
            was not cloned.
        commit: the commit that is checked out; "" where there is none, or it cannot be told.
    """

    project: str
    commit: str


def read_revision(folder: Path) -> Revision:
    """What a folder belongs to."""
    repository = repository_of(folder)
    git = git_folder(repository)
    shared = os.path.join(git, _text(os.path.join(git, "commondir")).strip())
    remote = _REMOTE.search(_text(os.path.join(shared, "config")))
    return Revision(address_of(remote[1]) if remote else str(repository), _commit(git, shared))


def git_folder(repository: Path) -> str:
    """The folder that holds HEAD: `.git`, or where that points in a worktree or submodule."""
    git = os.path.join(repository, ".git")
    kind, _, elsewhere = _text(git).partition(":")
    return os.path.join(repository, elsewhere.strip()) if kind == "gitdir" else git


def _commit(git: str, shared: str) -> str:
    head = _text(os.path.join(git, "HEAD")).strip()
    if not head.startswith("ref: refs/"):
        return _valid(head)
    reference = head.removeprefix("ref: ")
    if ".." in reference:
        return ""
    found = _valid(_text(os.path.join(shared, reference)))
    if found:
        return found
    packed = re.search(rf"^(\w+) {re.escape(reference)}$", _text(os.path.join(shared, "packed-refs")), re.MULTILINE)
    return _valid(packed[1]) if packed else ""


def _valid(text: str) -> str:
    return text.strip() if _COMMIT.fullmatch(text.strip()) else ""


def _text(file: str) -> str:
    try:
        return read_text(file, _LARGEST)
    except Unreadable:
        return ""
