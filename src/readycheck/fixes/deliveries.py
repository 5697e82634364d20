"""What Flux and Argo CD bring to clusters from anywhere in a repository: whether a file goes to several places."""

from __future__ import annotations

import os
import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.delivery.gitops import GitOps
from readycheck.kubernetes import argo, flux
from readycheck.model import Resource, Unjudged
from readycheck.sources.files.helm import CHART_FILE, Release
from readycheck.sources.files.releases import deployment_of
from readycheck.sources.files.surroundings import Surroundings
from readycheck.sources.files.targets import file_of


class Delivery(Struct, frozen=True):
    """That an object of Flux or Argo CD delivers something.

    Args:
        kind: the object's kind.
        name: its name.
        place: where it is said, absolute and without links: its file, or the folder of the overlay that brings it.
    """

    kind: str
    name: str
    place: str


class Deliveries:
    """What delivers the files of a repository.

    Args:
        repository: the repository, absolute and without links.
        surroundings: knows it.
    """

    def __init__(self, repository: str, surroundings: Surroundings) -> None:
        self._repository = repository
        self._surroundings = surroundings

    def of(self, file: str) -> Sequence[Delivery]:
        """All that delivers a file: an object several times that does so several times.

        Args:
            file: the file, absolute and without links.
        """
        return self._by_file.get(file, ())

    @cached_property
    def _by_file(self) -> Mapping[str, Sequence[Delivery]]:
        found: dict[str, list[Delivery]] = defaultdict(list)
        inventory = GitOps([self._surroundings.outline])
        for resource, files in self._delivered(inventory):
            own = self._file(resource.origin.file)
            places = sorted(self._surroundings.overlays(own) or {own})
            for file in files:
                found[file] += (Delivery(resource.kind, resource.name, place) for place in places)
        return found

    def _delivered(self, inventory: GitOps) -> Iterator[tuple[Resource, Collection[str]]]:
        """Each object, with the files that it delivers: once for each folder that it is told to."""
        for claim in inventory.claims:
            files = inventory.applied_by(claim).files
            if claim.resource.kind in argo.KINDS and posixpath.join(claim.path, CHART_FILE) in files:
                yield claim.resource, self._values(claim.resource, claim.path)
            else:
                yield claim.resource, [self._file(uri) for uri in files]
        for release in inventory.of(flux.HELM_RELEASE):
            try:
                if flux.chart_source_of(release) is not None:
                    yield release, self._values(release, flux.folder(release.string("spec.chart.spec.chart")))
            except Unjudged:
                continue

    def _values(self, resource: Resource, chart: str) -> Collection[str]:
        """The values files of a chart that an object installs: as far as can be told, only those may be one's own."""
        release = deployment_of(resource, (self._repository,))
        named = release.values if isinstance(release, Release) else ()
        return {self._file(posixpath.join(chart, "values.yaml")), *map(os.path.realpath, named)}

    def _file(self, uri: str) -> str:
        return file_of(uri, self._repository)
