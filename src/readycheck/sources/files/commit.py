"""The tree of a commit, read from git's objects without touching the work tree, the index or any setting.

Only `git rev-parse`, `merge-base`, `ls-tree` and `cat-file` are run: they start no hook, no filter and no helper, and
fetch nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from msgspec import Struct

_LINK, _SUBMODULE = "120000", "160000"
_EXECUTABLE = "100755"
_SECONDS = 120
_CHUNK = 1 << 20
_LARGEST_CONVERTED = 16 << 20
_HASHES = {40: hashlib.sha1, 64: hashlib.sha256}
MERGE_BASE = "..."
"""What stands behind a revision where its last common ancestor with HEAD is meant, as in git."""


class CommitError(Exception):
    """A commit cannot be read: what is wrong and what to do."""


class Blob(Struct, frozen=True):
    """A file, link or submodule of a tree: its mode as git writes it, and the name of its object."""

    mode: str
    id: str


class Commit:
    """A commit of a repository.

    Args:
        repository: the top of its work tree.
        revision: a branch, tag or commit; with `...` at its end, the merge base of that and HEAD.

    Raises:
        CommitError: there is no git, no repository, or no such commit in it.
    """

    def __init__(self, repository: Path, revision: str) -> None:
        self._repository = repository
        self.id = _resolve(repository, revision)

    def entries(self) -> Mapping[str, Blob]:
        """What stands in the commit, by the path from the repository's top; what is no path below it is left out.

        Raises:
            CommitError: its tree cannot be read.
        """
        listed = _git(self._repository, "ls-tree", "-r", "-z", "--full-tree", self.id)
        found = {}
        for line in listed.split(b"\0"):
            head, _, name = line.partition(b"\t")
            path = os.fsdecode(name)
            if path and not {"", ".", "..", ".git"} & set(path.lower().split("/")):
                mode, _, blob = head.decode().split(" ")
                found[path] = Blob(mode, blob)
        return found

    def differs(self, entries: Mapping[str, Blob], present: Iterable[str]) -> bool:
        """Whether the work tree holds anything else than the commit.

        Args:
            entries: what stands in the commit.
            present: the paths of files that are there and count, whether git knows them or not.
        """
        if any(path not in entries for path in present):
            return True
        return any(self._changed(path, blob) for path, blob in entries.items())

    def _changed(self, path: str, blob: Blob) -> bool:
        file = self._repository / path
        if blob.mode == _SUBMODULE:
            return self._submodule_changed(file, blob)
        try:
            if blob.mode == _LINK:
                return _name(os.readlink(os.fsencode(file)), blob) != blob.id
            if file.is_symlink() or not file.is_file():
                return True
            # What git converts when it checks a file out makes no difference to what the file says.
            return blob.id not in (_hash(file, blob), _hash(file, blob, converted=True))
        except OSError:
            return True

    def _submodule_changed(self, folder: Path, blob: Blob) -> bool:
        if not (folder / ".git").exists():
            return False
        with suppress(CommitError):
            inner = Commit(folder, "HEAD")
            if inner.id == blob.id:
                return any(inner._changed(name, each) for name, each in inner.entries().items())
        return True

    def write(self, entries: Mapping[str, Blob], folder: Path) -> None:
        """Write the tree of the commit into an empty folder, those of the submodules that are checked out too.

        Args:
            entries: what stands in the commit.
            folder: where to.

        Raises:
            CommitError: an object is missing, or a submodule lacks the commit that belongs here.
        """
        links = []
        with _Objects(self._repository) as objects:
            for path, blob in entries.items():
                target = folder / path
                if blob.mode == _SUBMODULE:
                    self._write_submodule(path, blob, target)
                    continue
                # Two entries of a tree that somebody made by hand may exclude each other: the first one stands.
                with suppress(FileExistsError, NotADirectoryError):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    if blob.mode == _LINK:
                        links.append((target, objects.read(blob.id)))
                    else:
                        with target.open("xb") as file:
                            objects.copy(blob.id, file)
                        if blob.mode == _EXECUTABLE:
                            target.chmod(0o755)
        # Last, so that nothing is ever written through a link.
        for target, written in links:
            with suppress(FileExistsError, NotADirectoryError):
                target.symlink_to(os.fsdecode(written))

    def _write_submodule(self, path: str, blob: Blob, target: Path) -> None:
        checked_out = self._repository / path
        if not (checked_out / ".git").exists():
            return
        try:
            inner = Commit(checked_out, blob.id)
        except CommitError as error:
            raise CommitError(
                f"the submodule {path} lacks the commit {blob.id[:12]} that belongs to it there:"
                f" git -C {path} fetch origin {blob.id}"
            ) from error
        target.mkdir(parents=True, exist_ok=True)
        inner.write(inner.entries(), target)


class _Objects:
    """Reading many objects of a repository by one process."""

    def __init__(self, repository: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - git, by its full path, with arguments of our own
            [_program(), "-C", str(repository), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.kill()
        self._process.wait()

    def copy(self, name: str, file: BinaryIO) -> None:
        """Write the content of an object to an open file."""
        file.writelines(self._chunks(name))

    def read(self, name: str) -> bytes:
        """The content of an object."""
        return b"".join(self._chunks(name))

    def _chunks(self, name: str) -> Iterator[bytes]:
        given, answer = self._process.stdin, self._process.stdout
        if given is None or answer is None:
            raise CommitError("git cat-file has no streams")
        given.write(f"{name}\n".encode())
        given.flush()
        head = answer.readline().split()
        if len(head) != 3 or not head[2].isdigit():  # noqa: PLR2004 - name, type and size
            raise CommitError(f"the object {name[:12]} is not in the repository: a partial clone lacks it")
        left = int(head[2])
        while left:
            chunk = answer.read(min(left, _CHUNK))
            if not chunk:
                raise CommitError(f"git ended while it gave the object {name[:12]}")
            left -= len(chunk)
            yield chunk
        answer.read(1)


def _resolve(repository: Path, revision: str) -> str:
    if not (repository / ".git").exists():
        raise CommitError(f"{repository} is in no git repository")
    name = revision.removesuffix(MERGE_BASE)
    try:
        found = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if name != revision:
            found = _git(repository, "merge-base", found.decode().strip(), "HEAD")
    except CommitError as error:
        shallow = (repository / ".git" / "shallow").exists()
        remedy = ", and the clone is shallow: fetch more of it (actions/checkout: `fetch-depth: 0`)" if shallow else ""
        said = f": {error}" if str(error) else ""
        raise CommitError(f"there is no commit `{revision}` here{remedy}{said}") from error
    return found.decode().strip()


def _git(repository: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - git, by its full path, with arguments of our own
            [_program(), "-C", str(repository), *arguments],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env=_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise CommitError(f"git {arguments[0]} did not end within {_SECONDS} s") from error
    if done.returncode:
        raise CommitError(done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: "))
    return done.stdout


def _program() -> str:
    found = shutil.which("git")
    if found is None:
        raise CommitError("git is not installed")
    return found


def _environment() -> dict[str, str]:
    """The user's own, so that git trusts what the user does; nothing is fetched and nobody is asked for anything."""
    kept = {name: value for name, value in os.environ.items() if name not in {"GIT_DIR", "GIT_WORK_TREE"}}
    return {
        **kept,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }


def _name(content: bytes, blob: Blob) -> str:
    """The name of the object that git would keep some bytes as."""
    return _HASHES[len(blob.id)](b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _hash(file: Path, blob: Blob, *, converted: bool = False) -> str:
    """The name of the object that git would keep a file as; where it converts line ends, in the form that it keeps.

    A file that is too large to be converted in memory has none.
    """
    size = file.stat().st_size
    if converted:
        content = file.read_bytes() if size <= _LARGEST_CONVERTED else b""
        return _name(content.replace(b"\r\n", b"\n"), blob) if b"\r\n" in content else ""
    found = _HASHES[len(blob.id)](b"blob %d\0" % size, usedforsecurity=False)
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
