"""Which files are one environment's alone: of what serves others too, nothing is changed for its sake."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from readycheck.fixes.deliveries import Deliveries
from readycheck.sources.files import FilesRequest
from readycheck.sources.files.gitignore import Patterns
from readycheck.sources.files.surroundings import Surroundings
from readycheck.sources.files.targets import file_of


class _Claim:
    """What an environment reads.

    Args:
        files: the same as a request. Of a chart only the values count: it may hold those of several environments.
    """

    def __init__(self, files: FilesRequest) -> None:
        values = [path for each in files.charts for path in (each.chart / "values.yaml", *each.values)]
        self._places = [os.path.realpath(path) for path in (*files.paths, *values)]
        base = os.path.realpath(files.exclude_base or Path())
        self._excluded = Patterns(base, files.exclude) if files.exclude else None

    def holds(self, file: str) -> bool:
        """Whether a file is among it, from its absolute path without links."""
        if self._excluded is not None and self._excluded.verdict(file, folder=False):
            return False
        return any(_stands_in(file, place) for place in self._places)


class Ownership:
    """Tells what serves others than one environment.

    Args:
        root: the scan root, which uris start at.
        repository: the repository that holds it, absolute and without links.
        files: what the environment that is meant reads.
        others: what each other one reads that the configuration names, by its name.
    """

    def __init__(self, root: str, repository: str, files: FilesRequest, others: Mapping[str, FilesRequest]) -> None:
        self._root = root
        self._repository = repository
        self._own = _Claim(files)
        self._others = {name: _Claim(each) for name, each in sorted(others.items())}
        self._surroundings = Surroundings(repository, files.skip_folders)
        self._deliveries = Deliveries(repository, self._surroundings)

    def served(self, uri: str, world: str = "") -> str:
        """What else a file serves, in words that follow its name; "" for nothing that is known.

        Args:
            uri: the file's path from the scan root.
            world: the overlay that it is to be changed for, from there too; "" for what is applied as it stands.
        """
        return next(self._served(file_of(uri, self._root), file_of(world, self._root) if world else ""), "")

    def _served(self, file: str, overlay: str) -> Iterator[str]:
        sharing = [name for name, claim in self._others.items() if claim.holds(file)]
        if sharing:
            yield f"is a part of {' and '.join(sharing)} too"
        links = [*self._surroundings.links(file)]
        if links:
            yield f"is what links lead to: {self._named(links)}"
        callers = self._surroundings.callers(file)
        if len(callers) > 1:
            yield f"is called from {self._named(callers)}"
        others = self._surroundings.overlays(file) - {overlay}
        if others:
            yield f"is what {self._named(others)} is made of"
        deliveries = self._deliveries.of(file)
        if len(deliveries) > 1 and not all(self._own.holds(each.place) for each in deliveries):
            named = (f"{each.kind} {each.name} ({self._named([each.place])})" for each in deliveries)
            yield f"is delivered more than once: by {', '.join(dict.fromkeys(named))}"
        if overlay and not _stands_in(file, overlay):
            yield f"stands outside of {self._named([overlay])}"
        if not self._own.holds(file):
            yield "stands outside of what the environment names"

    def _named(self, paths: Iterable[str]) -> str:
        return ", ".join(sorted(Path(os.path.relpath(path, self._repository)).as_posix() for path in paths))


def _stands_in(file: str, place: str) -> bool:
    return file == place or file.startswith(f"{place.rstrip(os.sep)}{os.sep}")
