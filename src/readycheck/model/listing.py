"""What stands in the scanned tree, by name: files, links and folders, without what is in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct


class Entry(Struct, frozen=True):
    """A file of the scanned tree, or a link.

    Args:
        uri: the path from the scan root, with forward slashes.
        link: for a symbolic link, what is written in it; None for everything else.
        target: for a link, the path from the scan root that it leads to; starts with `../` where that is outside.
        folder: whether it is a link to a folder.
        dangling: whether it is a link to nothing.
        executable: whether its owner may execute it; asked only of files that are no YAML and no JSON.
    """

    uri: str
    link: str | None = None
    target: str = ""
    folder: bool = False
    dangling: bool = False
    executable: bool = False

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.uri.rpartition("/")[2]

    @property
    def parent(self) -> str:
        """The folder that it stands in; "" for the scan root."""
        return self.uri.rpartition("/")[0]


class Listing:
    """The names of a scanned tree: what is ignored by git or skipped on purpose is not in it.

    Args:
        entries: the files and links.
        hidden: the hidden folders that were not entered, such as `.terraform`.
        left_out: other folders and files that are there and were left out on purpose.
        whole: whether the scan root is the root of its repository, or in none, and was read from there: False where
            files that matter may stand above it or beside what was read.
    """

    def __init__(
        self,
        entries: Iterable[Entry] = (),
        hidden: Collection[str] = (),
        left_out: Collection[str] = (),
        *,
        whole: bool = True,
    ) -> None:
        self.entries: Mapping[str, Entry] = {entry.uri: entry for entry in entries}
        self.hidden = frozenset(hidden)
        self.left_out = frozenset(left_out)
        self.whole = whole

    @cached_property
    def folders(self) -> Mapping[str, tuple[str, ...]]:
        """The names that stand in each folder, sorted; the scan root is ""."""
        names: dict[str, set[str]] = defaultdict(set)
        names[""] = set()
        for uri in self.entries:
            folder, _, name = uri.rpartition("/")
            while name not in names[folder]:
                names[folder].add(name)
                if not folder:
                    break
                folder, _, name = folder.rpartition("/")
        return {folder: tuple(sorted(found)) for folder, found in names.items()}

    def lacks(self, uri: str) -> bool:
        """Whether surely nothing stands at a path from the scan root: it was looked for there, and not left out."""
        if not self.whole or uri.startswith("..") or uri in self.entries or uri in self.folders:
            return False
        place = uri
        while place:
            link = self.entries.get(place)
            if place in self.hidden or place in self.left_out or (link is not None and link.folder):
                return False
            place = place.rpartition("/")[0]
        return True

    def files_in(self, folder: str) -> Iterator[Entry]:
        """The files and links that stand in a folder itself."""
        for name in self.folders.get(folder, ()):
            entry = self.entries.get(f"{folder}/{name}" if folder else name)
            if entry is not None:
                yield entry

    def folders_in(self, folder: str) -> Iterator[str]:
        """The folders that stand in a folder, by uri; links to folders are files here."""
        for name in self.folders.get(folder, ()):
            uri = f"{folder}/{name}" if folder else name
            if uri in self.folders:
                yield uri

    def below(self, folder: str) -> Iterator[Entry]:
        """Every file and link below a folder, at any depth."""
        waiting = [folder]
        while waiting:
            place = waiting.pop()
            yield from self.files_in(place)
            waiting += self.folders_in(place)
