"""The files source: manifests, charts and kustomizations of a tree, as what they would apply."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

from msgspec import Struct

from readycheck.documents.json import parse_json
from readycheck.documents.text import SourceText, Unreadable, read_start, read_text
from readycheck.documents.yaml import Document, Fault, parse
from readycheck.kubernetes.chart import CHART, Chart, Trial
from readycheck.model import Collected, Opaque, Problem, Resource
from readycheck.sources.files import helm, kustomize
from readycheck.sources.files.artefacts import CONFIG_FILE, TRIVY_REPORT_FILE, Artefact, artefacts_of
from readycheck.sources.files.generators import generated_secrets
from readycheck.sources.files.kustomizations import Kustomization, Kustomizations
from readycheck.sources.files.manifests import Manifests, Namespacing, read_objects
from readycheck.sources.files.origins import ChartOrigin, FileOrigin, KustomizeOrigin, ReportOrigin
from readycheck.sources.files.outline import kustomization_file
from readycheck.sources.files.parsed import ParsedFile, ParsedFiles, parse_once
from readycheck.sources.files.releases import deployment_of
from readycheck.sources.files.tree import SKIPPED_FOLDERS, Tree, walk

SOURCE = "files"
_YAML = (".yaml", ".yml")
_JSON = (".json",)
_MANIFESTS = (*_YAML, *_JSON)
_START = 128
"""How many bytes tell what a file begins like."""
_OF_AN_OBJECT = re.compile(r"^[\s-]*\"?apiVersion\"?\s*:", re.MULTILINE)


class ChartRelease(Struct, frozen=True):
    """A chart that the configuration names, and how it is installed."""

    chart: Path
    values: tuple[Path, ...] = ()
    release: str = ""
    namespace: str = ""


class FilesRequest(Struct, frozen=True):
    """Which files to read and how.

    Args:
        paths: files and folders.
        exclude: what to leave out, in the syntax of .gitignore.
        exclude_base: the folder that `exclude` starts at.
        charts: releases of charts; a chart that one of them names isn't rendered with its own values too.
        reports: globs of Trivy reports, absolute; those of the tree are found without.
        skip_folders: names of folders that hold what is not the user's own production.
        repository: the folder that counts as the repository; the git repository that holds the paths where not given.
    """

    paths: tuple[Path, ...]
    exclude: tuple[str, ...] = ()
    exclude_base: Path | None = None
    charts: tuple[ChartRelease, ...] = ()
    reports: tuple[str, ...] = ()
    skip_folders: frozenset[str] = SKIPPED_FOLDERS
    repository: Path | None = None


def collect(request: FilesRequest, progress: Callable[[str], None] = lambda _: None) -> Collected:
    """Read the files: what is rendered is judged as rendered, everything else as it stands.

    Args:
        request: which files.
        progress: told what is being done.
    """
    return _Collecting(request, progress).run()


@dataclass(slots=True)
class _Collecting:
    request: FilesRequest
    progress: Callable[[str], None]
    resources: list[Resource] = field(default_factory=list)
    opaque: list[Opaque] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    files: ParsedFiles = field(init=False)

    def run(self) -> Collected:
        tree = walk(
            self.request.paths,
            exclude=self.request.exclude,
            exclude_base=self.request.exclude_base,
            skip=self.request.skip_folders,
            repository=self.request.repository,
        )
        self.files = ParsedFiles(Path(tree.root))
        self.problems += tree.problems
        self.skipped += tree.skipped
        charts = self._charts(tree)
        folders = [f"{self.files.uri(chart)}/".removeprefix("./") for chart in charts]
        loose = [file.uri for file in tree.files if not (folders and _in_chart(file.uri, folders))]
        graph = Kustomizations(self.files, loose)
        self._tree(tree, {uri for uri in loose if uri not in graph.covered})
        self._reports({file.uri for file in tree.files})
        self.resources += (kustomization_file(each, self.files) for each in graph.read)
        self._kustomizations(graph)
        self._releases(charts, tree)
        return Collected(
            SOURCE,
            self.resources,
            self.opaque,
            sorted(set(self.problems), key=lambda problem: (problem.uri, problem.line or 0, problem.reason)),
            self.skipped,
            listing=tree.listing,
        )

    # Files that stand for themselves ---------------------------------------------------------------------------

    def _tree(self, tree: Tree, manifests: Collection[str]) -> None:
        """Read the artefacts of a tree, wherever they stand, and those of its manifests that nothing else applies."""
        for file in tree.files:
            text: SourceText | None = None
            start: bytes | None = None
            apart = False
            for artefact in artefacts_of(file.uri):
                if artefact.begins is not None:
                    start = read_start(file.path, _START) if start is None else start
                    if not artefact.begins.match(start):
                        continue
                text = text or self._text(file.uri, file.path)
                if text is None:
                    break
                if artefact.claims(text.text):
                    self._take_artefact(artefact, text)
                    apart = apart or artefact.apart
            else:
                if not apart and file.uri in manifests and file.uri.endswith(_MANIFESTS):
                    self._read(file.uri, file.path, Namespacing(), text=text)

    def _reports(self, known: Collection[str]) -> None:
        """Read the Trivy reports that were asked for by name; what the tree holds was read already."""
        for pattern in self.request.reports:
            files = sorted(file for file in glob(pattern, recursive=True) if not os.path.isdir(file))
            if not files:
                self.problems.append(Problem(self.files.uri(pattern), "no Trivy report stands there"))
            for file in files:
                text = self._text(self.files.uri(file), file)
                if text is None:
                    continue
                if not TRIVY_REPORT_FILE.claims(text.text):
                    self.problems.append(Problem(text.uri, "is no Trivy report (JSON of schema 2, or SARIF)"))
                elif text.uri not in known:
                    self._take_artefact(TRIVY_REPORT_FILE, text)

    def _text(self, uri: str, path: str) -> SourceText | None:
        try:
            return SourceText(uri, read_text(path))
        except Unreadable as unreadable:
            hides = uri.endswith(_MANIFESTS)
            self.problems.append(Problem(uri, unreadable.reason, unreadable.line, hides))
            return None

    def _take_artefact(self, artefact: Artefact, text: SourceText) -> None:
        documents, faults = artefact.parse(text.text)
        self.problems += (Problem(text.uri, fault.reason, fault.line) for fault in faults)
        for document in documents:
            if isinstance(document.body, Mapping):
                origin = FileOrigin(text, document.offset) if artefact.placed else ReportOrigin(text)
                self.resources.append(Resource(artefact.kind, text.uri, "", document.body, origin))

    def _read(
        self, uri: str, path: str, namespacing: Namespacing, world: str = "", text: SourceText | None = None
    ) -> None:
        text = text or self._text(uri, path)
        if text is None:
            return
        documents, faults = _documents(text)
        if faults:
            hides = _OF_AN_OBJECT.search(text.text) is not None
            self.problems += (Problem(uri, fault.reason, fault.line, hides) for fault in faults)
        for document in documents:
            origin = FileOrigin(text, document.offset, world)
            manifests = read_objects(document.body, origin, namespacing)
            self._take(manifests)
            if isinstance(document.body, Mapping) and "kind" not in document.body and not manifests.resources:
                self.resources.append(Resource(CONFIG_FILE, uri, "", document.body, origin))

    def _take(self, manifests: Manifests) -> None:
        self.resources += manifests.resources
        self.problems += manifests.problems

    # Kustomizations --------------------------------------------------------------------------------------------

    def _kustomizations(self, graph: Kustomizations) -> None:
        roots = []
        for root in graph.roots:
            if graph.is_list(root):
                self._gather(graph, root)
            else:
                roots.append(root)
        if not roots:
            return
        self.progress("building kustomizations")
        builds = kustomize.build_with_what_works(graph, roots)
        if isinstance(builds, Problem):
            for root in roots:
                obstacle = graph.obstacle(root)
                exact = obstacle is None and graph.gathered(root) is not None
                reason = Problem(graph.files.uri(root.file), builds.reason)
                self._unbuilt(graph, root, None if exact else obstacle or reason)
            return
        for build in builds:
            self.problems += build.problems
            if not build.built:
                self._unbuilt(graph, build.root, build.problems[0])
            for rendered in build.objects:
                self._take(read_objects(rendered.body, KustomizeOrigin(rendered, build.root.file, self.files)))

    def _gather(self, graph: Kustomizations, root: Kustomization) -> None:
        """Judge the manifests of a root as they stand, where it changes none of them."""
        world = self.files.uri(root.folder)
        for file, namespace in graph.gathered(root) or ():
            self._read(self.files.uri(file), file, Namespacing(namespace, overrides=True), world)

    def _unbuilt(self, graph: Kustomizations, root: Kustomization, problem: Problem | None) -> None:
        """What only gathers files is judged from the files all the same; anything else is not at hand."""
        self._gather(graph, root)
        self._generate(graph, root)
        if problem is not None:
            self.problems.append(problem)
            origin = FileOrigin(self._source(root.file), 0, self.files.uri(root.folder))
            resource = Resource("Kustomization", self.files.uri(root.folder), "", root.body, origin)
            installs_into = root.namespace or None
            self.opaque.append(Opaque(resource, f"not rendered: {problem.reason}", installs_into))

    def _generate(self, graph: Kustomizations, root: Kustomization) -> None:
        """Judge the Secrets that a root would generate by what they are made of."""
        boundary = self.files.absolute(".")
        for part in graph.closure(root):
            for secret in generated_secrets(part, boundary):
                origin = FileOrigin(self._source(part.file), secret.marks[0], self.files.uri(root.folder))
                namespacing = Namespacing(root.namespace, overrides=True)
                self._take(read_objects(secret, origin, namespacing))

    def _source(self, file: str) -> SourceText:
        try:
            return self.files.read(file).source
        except Unreadable:
            return SourceText(self.files.uri(file), "")

    # Charts ----------------------------------------------------------------------------------------------------

    def _charts(self, tree: Tree) -> list[str]:
        """The folders of all charts of the tree and of the configuration, by absolute path without links."""
        found = {
            os.path.realpath(self.files.absolute(folder))
            for folder in helm.find_charts(self.files, (file.uri for file in tree.files))
        }
        return sorted(found | {os.path.realpath(chart.chart) for chart in self.request.charts})

    def _releases(self, charts: Sequence[str], tree: Tree) -> None:
        releases = [_release(chart) for chart in self.request.charts]
        for resource in self.resources:
            deployed = deployment_of(resource, (tree.boundary, tree.root))
            if isinstance(deployed, helm.Release):
                releases.append(deployed)
            elif deployed is not None:
                self.opaque.append(deployed)
        named = {release.chart for release in releases}
        releases += [helm.Release(chart, self._chart_name(chart)) for chart in charts if chart not in named]
        if releases:
            self.progress("rendering charts")
        trials: dict[str, list[Trial]] = {chart: [] for chart in charts}
        read = len(self.resources)
        with helm.Renderer(boundary=tree.boundary) as renderer:
            for release in releases:
                trials.setdefault(release.chart, []).append(self._try(renderer, release))
        # A chart of Applications or HelmReleases: the charts of this tree that they name have been rendered already.
        installed = (deployment_of(resource, (tree.boundary, tree.root)) for resource in self.resources[read:])
        self.opaque += (each for each in installed if isinstance(each, Opaque))
        self.resources += (self._chart(chart, found) for chart, found in trials.items())

    def _chart(self, folder: str, trials: Sequence[Trial]) -> Chart:
        uri = self.files.uri(os.path.join(folder, helm.CHART_FILE))
        origin = FileOrigin(self._source(os.path.join(folder, helm.CHART_FILE)), 0)
        body = helm.chart_metadata(self.files, uri)
        return Chart(CHART, self.files.uri(folder), "", body, origin, trials=tuple(trials))

    def _try(self, renderer: helm.Renderer, release: helm.Release) -> Trial:
        """Render a chart and lint it, and tell what became of that."""
        label = _variant(release)
        try:
            self._render(renderer, release)
        except helm.RenderError as error:
            self._not_rendered(release, error)
            to_blame = error.blames_template(release)
            return Trial(label, fault=error.reason if to_blame else "", untried="" if to_blame else error.reason)
        try:
            return Trial(label, complaints=renderer.lint(release))
        except helm.RenderError as error:
            return Trial(label, untried=f"not linted: {error.reason}")

    def _chart_name(self, chart: str) -> str:
        metadata = helm.chart_metadata(self.files, self.files.uri(os.path.join(chart, helm.CHART_FILE)))
        return str(metadata.get("name") or os.path.basename(chart))

    def _render(self, renderer: helm.Renderer, release: helm.Release) -> None:
        chart = self.files.uri(release.chart)
        templates = renderer.render(release)
        namespacing = Namespacing(release.namespace, own=helm.OWN_NAMESPACE)
        values = tuple(self._values(release))
        for path, rendered in sorted(templates.items()):
            uri = os.path.join(chart, path)
            documents, faults = parse(rendered, templated=False)
            for fault in faults:
                self.problems.append(Problem(uri, f"renders to broken YAML (line {fault.line} of it): {fault.reason}"))
            template = self._template(uri, os.path.join(release.chart, path))
            for document in documents:
                kind = document.body.get("kind") if isinstance(document.body, dict) else None
                rendered_by = ChartOrigin(template, str(kind), chart, _variant(release), values)
                self._take(read_objects(document.body, rendered_by, namespacing))

    def _values(self, release: helm.Release) -> Iterator[ParsedFile]:
        """The values files of a release, as far as they can be read here too."""
        for file in release.values:
            with suppress(Unreadable):
                yield self.files.read(file)

    def _not_rendered(self, release: helm.Release, error: helm.RenderError) -> None:
        file = os.path.join(release.chart, helm.CHART_FILE)
        chart = self.files.uri(release.chart)
        resource = Resource(CHART, chart, release.namespace, {}, FileOrigin(self._source(file), 0, chart))
        self.opaque.append(Opaque(resource, f"not rendered: {error.reason}", release.namespace))
        self.problems.append(Problem(self.files.uri(file), f"the chart does not render: {error.reason}"))

    def _template(self, uri: str, path: str) -> SourceText:
        try:
            return SourceText(uri, read_text(path))
        except Unreadable:
            # The template of a packed dependency: the archive is all that can be named.
            return SourceText(uri, "")


def _variant(release: helm.Release) -> str:
    """Which values a release gives, for people; "" where the chart's own are all."""
    return release.label or ", ".join(os.path.basename(file) for file in release.values)


def _release(chart: ChartRelease) -> helm.Release:
    folder = os.path.realpath(chart.chart)
    return helm.Release(
        folder,
        chart.release or os.path.basename(folder),
        chart.namespace,
        tuple(os.path.realpath(file) for file in chart.values),
    )


def _documents(text: SourceText) -> tuple[Sequence[Document], Sequence[Fault]]:
    if not text.uri.endswith(_JSON):
        return parse_once(text.text)
    # Most JSON in a repository is none of ours, and some of it only looks like JSON.
    return parse_json(text.text) if '"apiVersion"' in text.text else ((), ())


def _in_chart(uri: str, charts: Sequence[str]) -> bool:
    """Whether a file is a chart's own: all below its folder, but for `crds/`, which are manifests as they stand."""
    return any(uri.startswith(chart) and not uri.startswith(f"{chart}crds/") for chart in charts)
