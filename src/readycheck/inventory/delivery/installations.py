"""The well-known charts that the tree installs, by whatever installs them."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple, TypeVar

from readycheck.charts import argo as argo_charts
from readycheck.charts import flux as flux_charts
from readycheck.charts import kustomize, terraform
from readycheck.charts.catalogue import is_known, names_another, recognised
from readycheck.charts.release import ChartRelease
from readycheck.charts.texts import text_layer
from readycheck.charts.values import Layer
from readycheck.charts.wrapper import dependencies_of
from readycheck.inventory.delivery.charts import Charts
from readycheck.inventory.delivery.gitops import GitOps
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.chart import Chart
from readycheck.kubernetes.kustomization import KustomizationFile
from readycheck.model import Path, Place, Resource, Unjudged, look, parse_path
from readycheck.terraform.blocks import RECORDED_BLOCKS, TERRAFORM_FILE, Block, blocks_of

CHART_INSTALLER = "ChartInstaller"
"""Whatever installs well-known charts: the kind for rules that judge all of it, each by its own kind and name."""


class Installer(NamedTuple):
    """What installs a chart of the tree.

    Args:
        resource: the HelmRelease or the Application; the chart itself where nothing in the tree does.
        name: the name of the Helm release.
        namespace: where it is installed; "" where that is not said.
        layers: the values that it gives, what counts most first.
        replaces: whether they stand in place of the chart's own values.
    """

    resource: Resource
    name: str
    namespace: str
    layers: Sequence[Layer] = ()
    replaces: bool = False


class Named(NamedTuple):
    """A chart as something names it.

    Args:
        chart: its name.
        repository: where it comes from; "" where that is not to be seen.
        version: its version or range; "" where none is given.
        place: where the version is named, else the chart.
        below: the key of the values that it is given, where it is a dependency of the chart that is installed.
    """

    chart: str
    repository: str
    version: str
    place: Place
    below: Path = ()


class Installations(GitOps, Charts):
    """The relations from charts to what installs them."""

    def installations(self, *charts: str) -> Sequence[ChartRelease]:
        """The releases of some well-known charts.

        A chart of the tree that renders is none of them: what it runs is judged as it is rendered; so is what releases
        have brought into a live cluster.

        Args:
            charts: the charts, as the catalogue calls them; all where none is named.
        """
        if not charts:
            return [release for releases in self._releases_by_chart.values() for release in releases]
        return [release for chart in charts for release in self._releases_by_chart.get(chart, ())]

    def installed_by(self, resource: Resource) -> Sequence[ChartRelease]:
        """The well-known charts that a HelmRelease, an Application or another thing installs.

        Args:
            resource: the thing.
        """
        return self._releases_by_resource.get(id(resource), ())

    @cached_property
    def chart_installers(self) -> Sequence[Resource]:
        """Everything that installs well-known charts, each once."""
        return [releases[0].resource for releases in self._releases_by_resource.values()]

    @cached_property
    def _releases_by_chart(self) -> Mapping[str, Sequence[ChartRelease]]:
        found: dict[str, list[ChartRelease]] = defaultdict(list)
        for release in self._releases():
            found[release.chart].append(release)
        return found

    @cached_property
    def _releases_by_resource(self) -> Mapping[int, Sequence[ChartRelease]]:
        found: dict[int, list[ChartRelease]] = defaultdict(list)
        for release in self.installations():
            found[id(release.resource)].append(release)
        return found

    def _releases(self) -> Iterator[ChartRelease]:
        if self.live:
            # What a release brought stands in the cluster itself, and is judged there.
            return
        yield from _of_each(self.of(flux.HELM_RELEASE), self._by_helm_release)
        yield from _of_each(self.of(*argo.KINDS), self._by_application)
        yield from _of_each(self.kustomization_files, self._by_kustomization)
        yield from _of_each(self.of(TERRAFORM_FILE, RECORDED_BLOCKS), self._by_terraform)
        yield from _of_each(self.charts.values(), self._by_wrapper)

    # Flux --------------------------------------------------------------------------------------------------------

    def _by_helm_release(self, release: Resource) -> Iterator[ChartRelease]:
        reference = flux_charts.chart_of(release)
        if reference is not None and reference.source.kind == "HelmChart":
            helm_chart = self._source_object(release, reference.source)
            reference = flux_charts.chart_of_object(helm_chart) if helm_chart is not None else None
        if reference is None or reference.source.kind in flux_charts.FOLDERS:
            return
        source = self._source_object(release, reference.source)
        chart, version, repository = reference.chart, reference.version, ""
        if source is not None:
            repository = source.string("spec.url")
        if source is not None and reference.source.kind == "OCIRepository":
            chart = flux_charts.last_part(repository)
            version = flux_charts.version_of_artifact(source)
        if source is not None or not names_another(reference.source.name):
            named = Named(chart, repository, version, reference.place)
            yield from _recognised(named, lambda: self._helm_release(release))

    def _helm_release(self, release: Resource) -> Installer:
        files = [self._flux_file(place, name) for place, name in flux_charts.values_files(release)]
        layers = [*flux_charts.inline_values(release), *self._referenced_values(release), *files]
        namespace = release.string("spec.targetNamespace") or release.scope
        return Installer(release, flux_charts.release_name(release), namespace, layers, bool(files))

    def _flux_file(self, place: Place, name: str) -> Layer:
        """A values file by its path from the root of the source; of a chart that is not at hand it is not either."""
        release = place.resource
        found = self.file(flux.folder(name)) if flux.chart_source_of(release) is not None else None
        if found is not None:
            return Layer(Place(found, ()), found.body)
        return Layer(place, hidden=f"its values file {name} is not at hand")

    def _referenced_values(self, release: Resource) -> Iterator[Layer]:
        """The values that a HelmRelease takes from objects, what counts most first."""
        for each in reversed(flux_charts.values_references(release)):
            found = self.find(each.kind, each.name, release) if each.kind == "ConfigMap" else None
            text = look(found.body, ("data", each.key)) if found is not None else None
            prefix = parse_path(each.target)
            if found is not None and text is not None:
                place = found.at(("data", each.key))
                yield Layer(place, text, prefix) if prefix else text_layer(place, text)
            elif (generated := self._generated(each, release)) is not None:
                yield Layer(Place(generated, ()), generated.body)
            elif found is None or not each.optional:
                yield Layer(each.place, prefix=prefix, hidden=f"its values come from the {each.kind} {each.name}")

    def _generated(self, reference: flux_charts.ValuesReference, release: Resource) -> Resource | None:
        """The file that a kustomization over a HelmRelease makes a ConfigMap of, where nothing has built it."""
        folder = release.origin.file
        while folder and reference.kind == "ConfigMap" and not reference.target:
            folder = posixpath.dirname(folder)
            kustomization = self.kustomization_in(folder)
            file = kustomize.generated_from(kustomization, reference.name, reference.key) if kustomization else None
            if file is not None:
                return self.file(posixpath.normpath(posixpath.join(folder, file)))
        return None

    # Argo CD -----------------------------------------------------------------------------------------------------

    def _by_application(self, application: Resource) -> Iterator[ChartRelease]:
        for source in argo.sources_of(application):
            chart = source.chart or argo_charts.chart_in(source.url)
            named = Named(chart, source.url, argo_charts.version_of(source), argo_charts.chart_place(source))
            yield from _recognised(named, partial(self._application, application, source))

    def _application(self, application: Resource, source: argo.ApplicationSource, folder: str = "") -> Installer:
        layers = [*argo_charts.own_values(source), *self._value_files(application, source, folder)]
        namespace = argo_charts.namespace_of(application)
        return Installer(application, argo_charts.release_name(source), namespace, layers)

    def _value_files(self, application: Resource, source: argo.ApplicationSource, folder: str) -> Iterator[Layer]:
        """The values files of a chart, what counts most first: those of another source or of a folder of the tree."""
        refs = {f"${source.part.body.get('ref')}" for source in argo.sources_of(application)}
        for place, name in argo_charts.value_files(source):
            ref, _, path = name.partition("/")
            if ref in refs:
                uri = flux.folder(path)
            elif source.path is not None:
                uri = flux.folder(name) if name.startswith("/") else posixpath.normpath(posixpath.join(folder, name))
            else:
                uri = ""
            found = self.file(uri) if uri else None
            if found is not None:
                yield Layer(Place(found, ()), found.body)
            elif not source.part.get("helm.ignoreMissingValueFiles"):
                yield Layer(place, hidden=f"its values file {name} is not at hand")

    # Kustomizations and Terraform ----------------------------------------------------------------------------------

    def _by_kustomization(self, kustomization: KustomizationFile) -> Iterator[ChartRelease]:
        for chart in kustomize.charts_of(kustomization):
            named = Named(chart.name, chart.repository, chart.version, chart.place)
            yield from _recognised(named, partial(self._inflated, kustomization, chart))

    def _inflated(self, kustomization: KustomizationFile, chart: kustomize.InflatedChart) -> Installer:
        layers = kustomize.layers_of(kustomization, chart.path, self.file)
        return Installer(kustomization, chart.release, chart.namespace, list(layers))

    def _by_terraform(self, file: Resource) -> Iterator[ChartRelease]:
        for block in blocks_of(file, "resource"):
            if block.labels[:1] == (terraform.RELEASE,):
                version = terraform.version_of(block)
                place = block.at("version" if version is not None else "chart")
                named = Named(*terraform.chart_of(block), "" if version is None else version, place)
                yield from _recognised(named, partial(self._applied, block))

    def _applied(self, block: Block) -> Installer:
        folder = posixpath.dirname(block.file.name)
        layers = terraform.layers_of(block, lambda path: self.file(posixpath.normpath(posixpath.join(folder, path))))
        resource = terraform.release_of(block)
        return Installer(resource, block.decided("name"), block.decided("namespace"), list(layers))

    # Charts of the tree ------------------------------------------------------------------------------------------

    def _by_wrapper(self, chart: Chart) -> Iterator[ChartRelease]:
        """The well-known charts that one of the tree depends on, where they are not at hand so that it renders."""
        if any(not trial.fault and not trial.untried for trial in chart.trials):
            return
        dependencies = [each for each in dependencies_of(chart) if is_known(each.name)]
        for installer in self._installers_of(chart) if dependencies else ():
            layers = [*installer.layers, *(() if installer.replaces else self._own_values(chart))]
            for each in dependencies:
                if not each.left_out(layers):
                    named = Named(each.name, each.repository, each.version, each.place, (each.key,))
                    yield from _recognised(named, partial(installer._replace, layers=layers))

    def _own_values(self, chart: Chart) -> Iterator[Layer]:
        uri = posixpath.join(chart.folder, "values.yaml")
        found = self.file(uri)
        if found is not None:
            yield Layer(Place(found, ()), found.body)
        elif uri in self.problems:
            yield Layer(chart.at("name"), hidden=f"its {uri} {self.problems[uri]}")

    def _installers_of(self, chart: Chart) -> Sequence[Installer]:
        found = self._installers_by_folder.get(chart.folder, ())
        if any(installer is None for installer in found):
            return [
                Installer(chart, chart.title, "", [Layer(chart.at("name"), hidden="an ApplicationSet gives it values")])
            ]
        return [installer for installer in found if installer] or [Installer(chart, chart.title, "")]

    @cached_property
    def _installers_by_folder(self) -> Mapping[str, Sequence[Installer | None]]:
        """What installs the charts of the tree; None for what cannot be told for each installation."""
        found: dict[str, list[Installer | None]] = defaultdict(list)
        for claim in self.claims:
            folder = self._folder_of(claim) if claim.resource.kind in argo.KINDS else None
            if folder is None or folder not in self.charts or claim.source not in self._own_sources:
                continue
            if claim.resource.kind == argo.APPLICATION_SET:
                if any(place.seen.get("helm") for place in argo.templates_of(claim.resource)):
                    found[folder].append(None)
                continue
            for source in argo.sources_of(claim.resource):
                if source.part.path == claim.place.resource.path:
                    found[folder].append(self._application(claim.resource, source, folder))
        for release in self.of(flux.HELM_RELEASE):
            folder = self._chart_folder_of(release)
            if folder is not None and folder in self.charts:
                found[folder].append(self._helm_release(release))
        return found

    def _chart_folder_of(self, release: Resource) -> str | None:
        """The folder of the tree that a HelmRelease takes its chart from; None where it takes it from elsewhere."""
        try:
            source = flux.chart_source_of(release)
            if source is None or self._repository_of(release, source) not in self._own_sources:
                return None
            return self._real_folder(flux.folder(release.string("spec.chart.spec.chart")))
        except Unjudged:
            return None


Asking = TypeVar("Asking", bound=Resource)


def _of_each(
    resources: Iterable[Asking], releases: Callable[[Asking], Iterator[ChartRelease]]
) -> Iterator[ChartRelease]:
    for resource in resources:
        try:
            yield from releases(resource)
        except Unjudged:
            # What it installs is not decided: its own verdict says so.
            continue


def _recognised(named: Named, installer: Callable[[], Installer]) -> Iterator[ChartRelease]:
    """The release of a chart that is well known; nothing for any other chart, whose installer is not even looked at."""
    known = recognised(named.chart, named.repository, named.version) if is_known(named.chart) else None
    if known is not None:
        made = installer()
        yield ChartRelease(
            made.resource,
            known.known.chart,
            made.name,
            made.namespace,
            named.version,
            named.place,
            made.layers,
            named.repository,
            known.doubt,
            named.below,
        )
