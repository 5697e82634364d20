"""What Flux and Argo CD apply: from which repository, from which folder of it, which files that brings."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.delivery.reach import Reach, Reached
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.argo_generators import filled, parameters_of
from readycheck.kubernetes.git_address import address_of
from readycheck.model import Place, Resource, Unjudged

_CHART_FILE = "Chart.yaml"


class Applied(Struct, frozen=True):
    """What one Flux or Argo CD object applies from the scanned tree.

    Args:
        files: the uris of all files that have a part in it.
        missing: what stops it: its own path, or entries of kustomizations on the way, where nothing stands.
        unknown: why it may apply more, or something else, than is told; "" where all is told.
        entries: the folders of the kustomizations that it begins with.
    """

    files: frozenset[str] = frozenset()
    missing: tuple[Place, ...] = ()
    unknown: str = ""
    entries: frozenset[str] = frozenset()


class Claim(Struct, frozen=True, eq=False):
    """That an object applies a folder of a repository.

    Args:
        resource: the Flux Kustomization, FluxInstance or Argo CD Application.
        source: the repository, the same text for the same one, and for people.
        path: the folder; "" for the root.
        place: where the object names it.
        pushed: whether the source is what a pipeline pushes, whose root may be any folder of the repository.
    """

    resource: Resource
    source: str
    path: str
    place: Place
    pushed: bool = False


class FilledPlace(Place, frozen=True):
    """A place in the template of an ApplicationSet, as it reads for one of its Applications.

    Args:
        text: what stands there with that one's parameters.
    """

    text: str

    @property
    def seen(self) -> str:
        """The text with the parameters in it."""
        return self.text


class GitOps(Reach):
    """The relations from what Flux and Argo CD are told to apply to the files of the tree."""

    @remembered
    def applied_files(self, applier: Resource) -> Applied:
        """What a Flux Kustomization, a FluxInstance or an Argo CD Application applies from the tree.

        Args:
            applier: the object.
        """
        try:
            applied = list(map(self.applied_by, self._claims_of(applier)))
        except Unjudged as unjudged:
            return Applied(unknown=unjudged.reason)
        return Applied(
            frozenset().union(*(each.files for each in applied)),
            tuple(place for each in applied for place in each.missing),
            next((each.unknown for each in applied if each.unknown), ""),
            frozenset().union(*(each.entries for each in applied)),
        )

    def applied_by(self, claim: Claim) -> Applied:
        """What a Flux or Argo CD object applies of one of the folders that it names.

        Args:
            claim: that it does.
        """
        if claim.source not in self._own_sources:
            return Applied(unknown=f"whether its source {claim.source} is this repository cannot be told")
        folder = self._folder_of(claim)
        if folder is not None:
            reached = self._reached_by(claim, folder)
            return Applied(reached.files, reached.missing, reached.unknown, reached.entries)
        if self.listing.lacks(claim.path) and not claim.pushed:
            return Applied(missing=(claim.place,))
        return Applied(unknown=f"its path {claim.path} was not read")

    def _reached_by(self, claim: Claim, folder: str) -> Reached:
        if claim.resource.kind in argo.KINDS:
            return self._reached_by_argo(claim, folder)
        reached = self.reached_from(folder)
        if claim.resource.kind != flux.KUSTOMIZATION:
            return reached
        components = claim.resource.strings("spec.components")
        folders = [posixpath.normpath(posixpath.join(folder, component)) for component in components]
        added = self.built_from(folders)
        return Reached(
            reached.files | added.files,
            reached.missing + added.missing,
            reached.unknown or added.unknown,
            reached.entries,
        )

    def _reached_by_argo(self, claim: Claim, folder: str) -> Reached:
        """What Argo CD makes of a folder: a kustomization, a chart, else the manifests in it (its `directory`)."""
        if self.has_kustomization(folder):
            return self.built_from([folder])
        if _CHART_FILE in self.listing.folders.get(folder, ()):
            return Reached(frozenset(entry.uri for entry in self.listing.below(folder)))
        directory = claim.resource.mapping((*claim.place.resource.path, *claim.place.path[:-1], "directory"))
        entries = self.listing.below(folder) if directory.get("recurse") else self.listing.files_in(folder)
        files = frozenset(entry.uri for entry in entries if entry.uri.endswith((".yaml", ".yml", ".json")))
        chosen = directory.get("include") or directory.get("exclude")
        return Reached(files, unknown=f"it takes only some of the files of {folder}" if chosen else "")

    def _real_folder(self, path: str) -> str | None:
        """The uri of a folder of the tree by its path, links followed; None where it is none."""
        if path in self.listing.folders:
            return path
        place = path
        while place:
            link = self.listing.entries.get(place)
            if link is not None and link.folder:
                target = posixpath.normpath(posixpath.join(link.target, path[len(place) + 1 :]))
                return target if target in self.listing.folders else None
            place = posixpath.dirname(place)
        return None

    # Which sources are this repository ---------------------------------------------------------------------------

    @cached_property
    def appliers(self) -> Sequence[Resource]:
        """Every object that makes Flux or Argo CD apply a folder."""
        return self.of(flux.KUSTOMIZATION, flux.INSTANCE, *argo.KINDS)

    @cached_property
    def claims(self) -> Sequence[Claim]:
        """Every folder that Flux or Argo CD is told to apply, as far as that is decided."""
        found: list[Claim] = []
        for applier in self.appliers:
            try:
                found += self._claims_of(applier)
            except Unjudged:
                # Its own verdict will say so.
                continue
        return found

    @remembered
    def _claims_of(self, applier: Resource) -> Sequence[Claim]:
        if applier.kind == flux.KUSTOMIZATION:
            source, path = self._origin_of_artifact(applier, flux.source_of(applier), flux.path_of(applier))
            repository = self._repository_of(applier, source)
            return [Claim(applier, repository, path, applier.at("spec.path"), source.kind in flux.PUSHED)]
        if applier.kind == flux.INSTANCE:
            url, path = applier.string("spec.sync.url"), flux.folder(applier.string("spec.sync.path"))
            pushed = applier.string("spec.sync.kind") in flux.PUSHED
            return [Claim(applier, address_of(url), path, applier.at("spec.sync.path"), pushed)] if url else []
        if applier.kind == argo.APPLICATION_SET:
            return self._claims_of_set(applier)
        return [
            Claim(applier, address_of(source.url), source.path, source.part.at("path"))
            for source in argo.sources_of(applier)
            if source.path is not None
        ]

    def _claims_of_set(self, application_set: Resource) -> Sequence[Claim]:
        """The folders that the Applications of a set apply.

        Raises:
            Unjudged: its generators or its template leave something open.
        """
        parameters = parameters_of(application_set, self.listing.folders, self.listing.entries)
        if not parameters:
            raise Unjudged("its generators find nothing in the tree", application_set.at("spec.generators"))
        found = []
        for place in argo.templates_of(application_set):
            template = {key: str(value) for key, value in place.seen.items() if isinstance(value, str)}
            for each in parameters if "chart" not in template else ():
                url, path = (filled(template.get(key, ""), each) for key in ("repoURL", "path"))
                if "{{" in f"{url}{path}":
                    raise Unjudged("its template leaves open what is applied", place)
                where = FilledPlace(application_set, (*place.path, "path"), path)
                found.append(Claim(application_set, address_of(url), flux.folder(path), where))
        return found

    def _origin_of_artifact(self, applier: Resource, source: flux.Source, path: str) -> tuple[flux.Source, str]:
        """The source and the folder that an artifact's folder is copied from, where it is copied at all."""
        if source.kind != "ExternalArtifact":
            return source, path
        generators = [each for each in self.of(flux.GENERATOR) if source.name in flux.artifacts_of(each)]
        if not generators:
            return source, path
        generator = _nearest(generators, applier, source.namespace)
        return flux.copied_from(generator, flux.artifacts_of(generator)[source.name], path) or (source, path)

    def _repository_of(self, applier: Resource, source: flux.Source) -> str:
        """The repository of a source: its URL, where that is to be seen."""
        found = self._source_object(applier, source)
        url = _url_of(found) if found is not None else ""
        return address_of(url) if url else f"{source.kind} {source.name}"

    def _source_object(self, applier: Resource, source: flux.Source) -> Resource | None:
        """The object of the tree that a source is; None where none is that."""
        named = self._flux_sources.get((source.kind, source.name), ())
        return _nearest(named, applier, source.namespace) if named else None

    def revisions_of(self, applier: Resource) -> Sequence[Place]:
        """Where it says which branches, tags or commits an object follows; nothing where that is left to the default.

        Args:
            applier: a Flux Kustomization, a FluxInstance or an Argo CD Application.

        Raises:
            Unjudged: that is not decided.
        """
        if applier.kind in argo.KINDS:
            return argo.revisions_of(applier)
        followed: Resource | None = applier
        if applier.kind == flux.KUSTOMIZATION:
            source, _ = self._origin_of_artifact(applier, flux.source_of(applier), "")
            followed = self._source_object(applier, source)
        revision = flux.revision_of(followed) if followed is not None else None
        return [revision] if revision is not None else []

    @cached_property
    def _flux_sources(self) -> Mapping[tuple[str, str], Sequence[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for source in self.of(*flux.SOURCES):
            found[source.kind, source.name].append(source)
        for instance in self.of(flux.INSTANCE):
            # The Flux Operator makes the source, called after its namespace unless `spec.sync.name` says how.
            sync = mapping_at(instance, "spec.sync")
            name = str(sync.get("name") or instance.scope or "flux-system")
            found[str(sync.get("kind", "GitRepository")), name].append(instance)
        return found

    @cached_property
    def _own_sources(self) -> frozenset[str]:
        """The sources that are this repository: those whose paths are found here.

        Where an object stands in what it is applied from itself, as Flux's bootstrap writes it, that source is surely
        the repository, and no other one is.
        """
        by_source: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.claims:
            by_source[claim.source].append(claim)
        sure = {source for source, claims in by_source.items() if any(map(self._applies_itself, claims))}
        if sure:
            return frozenset(sure)
        return frozenset(source for source, claims in by_source.items() if self._found_here(claims))

    def _applies_itself(self, claim: Claim) -> bool:
        folder = self._folder_of(claim) if claim.path else None
        return folder is not None and claim.resource.origin.file.startswith(f"{folder}/")

    def _found_here(self, claims: Sequence[Claim]) -> bool:
        """Whether most of the paths that are claimed of one source stand in the tree."""
        paths = {claim.path: claim for claim in claims if claim.path}
        found = sum(self._folder_of(claim) is not None for claim in paths.values())
        return found > 0 and 2 * found >= len(paths)

    def _folder_of(self, claim: Claim) -> str | None:
        """The uri of the folder that an object applies; None where it is not in the tree."""
        base = self._bases.get(claim.source, "") if claim.pushed else ""
        return self._real_folder(posixpath.join(base, claim.path) if claim.path else base)

    @cached_property
    def _bases(self) -> Mapping[str, str]:
        """The folder that each pushed source seems to be: the one below which most of its paths stand."""
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        for source, path in {(claim.source, claim.path) for claim in self.claims if claim.pushed and claim.path}:
            votes[source].update(
                folder.removesuffix(path).rstrip("/")
                for folder in self.listing.folders
                if f"/{folder}".endswith(f"/{path}")
            )
        return {source: max(sorted(bases, key=len), key=bases.__getitem__) for source, bases in votes.items() if bases}

    def chart_missing(self, release: Resource) -> Place | None:
        """Where a HelmRelease names a chart's folder of this repository that does not exist; None where it does not.

        Args:
            release: the HelmRelease.

        Raises:
            Unjudged: where its chart comes from is not decided.
        """
        source = flux.chart_source_of(release)
        place = release.at("spec.chart.spec.chart")
        if source is None or self._repository_of(release, source) not in self._own_sources:
            return None
        folder = flux.folder(release.string(place.path))
        return place if self._real_folder(folder) is None and self.listing.lacks(folder) else None

    # What is applied by whom -------------------------------------------------------------------------------------

    @cached_property
    def _appliers_by_file(self) -> Mapping[str, Sequence[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for applier in self.appliers:
            for uri in self.applied_files(applier).files:
                found[uri].append(applier)
        return found

    def appliers_of(self, uri: str) -> Sequence[Resource]:
        """The Flux and Argo CD objects that apply a file of the tree.

        Args:
            uri: the file's uri.
        """
        return self._appliers_by_file.get(uri, ())

    @cached_property
    def unknown_appliers(self) -> Sequence[Resource]:
        """The Flux and Argo CD objects that may apply something of the tree that cannot be told."""
        return [applier for applier in self.appliers if self._may_apply_more(applier)]

    def _may_apply_more(self, applier: Resource) -> bool:
        if not self.applied_files(applier).unknown:
            return False
        try:
            sources = {claim.source for claim in self._claims_of(applier)}
        except Unjudged:
            return True
        # Where it is known which source is this repository, all others are not.
        return not self._own_sources or not sources.isdisjoint(self._own_sources)


def _nearest(named: Sequence[Resource], applier: Resource, namespace: str) -> Resource:
    """The one of some things of one name that an object means.

    Two clusters in one tree have sources of the same name: what stands nearest in the tree belongs to the object.
    """

    def closeness(each: Resource) -> tuple[bool, int]:
        shared = posixpath.commonpath([f"/{each.origin.file}", f"/{applier.origin.file}"])
        return each.scope == namespace, shared.count("/")

    return max(named, key=closeness)


def _url_of(source: Resource) -> str:
    way = "spec.sync.url" if source.kind == flux.INSTANCE else "spec.url"
    try:
        return source.string(way)
    except Unjudged:
        return ""
