"""Where documents come from: files, and buckets of S3."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from readycheck.documents.text import Unreadable
from readycheck.model import Problem
from readycheck.sources.terraform.document import Document
from readycheck.sources.terraform.request import TerraformRequest

if TYPE_CHECKING:
    from readycheck.sources.terraform.s3 import StateStore

_ELSEWHERE = "states are read from files and from s3:// alone; `terraform state pull` makes a file of any other"
_NO_CLIENT = "reading a state from S3 takes boto3: pip install 'readycheck-audit[aws]'"


class Fetched(Struct, frozen=True, eq=False):
    """A document, and how it is kept.

    Args:
        document: the document.
        store: what is known of the bucket that it was fetched from; empty for a file.
    """

    document: Document
    store: Mapping[str, Any] = {}


class Fetching:
    """Fetches documents one after the other; what cannot be fetched is a problem.

    Args:
        request: which.
        progress: told what is being done.
    """

    def __init__(self, request: TerraformRequest, progress: Callable[[str], None]) -> None:
        self._request = request
        self._progress = progress
        self._store: StateStore | None = None
        self.problems: list[Problem] = []

    def documents(self) -> Iterator[Fetched]:
        """Each document that is asked for, once."""
        for path in dict.fromkeys((*self._request.states, *self._request.plans)):
            for uri, fetch in self._named(path):
                self._progress(f"terraform: {uri}")
                try:
                    yield fetch()
                except Unreadable as unreadable:
                    self.problems.append(Problem(uri, unreadable.reason, unreadable.line, hides_objects=True))

    def _named(self, path: Path | str) -> Iterator[tuple[str, Callable[[], Fetched]]]:
        if isinstance(path, str):
            yield path, lambda: self._stored(path)
            return
        for file in files_of(path):
            uri = uri_of(file, self._request.bases)
            yield uri, lambda file=file, uri=uri: Fetched(Document.read(file, uri))  # type: ignore[misc]

    def _stored(self, address: str) -> Fetched:
        if not address.startswith("s3://"):
            raise Unreadable(_ELSEWHERE)
        try:
            # botocore is slow to import, and an extra.
            from readycheck.sources.terraform.s3 import StateStore  # noqa: PLC0415
        except ImportError:
            raise Unreadable(_NO_CLIENT) from None
        self._store = self._store or StateStore(self._request)
        return Fetched(self._store.read(address), self._store.facts(address))


def files_of(path: Path) -> Sequence[Path]:
    """The files that a path names, which may be a pattern; the path itself where no file fits."""
    if has_magic(path.name) and not path.exists():
        return sorted(path.parent.glob(path.name)) or (path,)
    return (path,)


def uri_of(file: Path, bases: Sequence[Path]) -> str:
    """What a file or folder is called in reports.

    Args:
        file: the file.
        bases: folders that its path may start from: the first that it stands in, else the last.
    """
    place = file.absolute()
    base = next((base for base in bases if place.is_relative_to(base.absolute())), bases[-1])
    return Path(os.path.relpath(place, base.absolute())).as_posix()
