"""The well-known charts that the tree installs: by HelmReleases of Flux and Applications of Argo CD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.charts import argo as argo_charts
from readycheck.charts import flux as flux_charts
from readycheck.charts.catalogue import is_known, names_another, recognised
from readycheck.charts.release import ChartRelease
from readycheck.charts.texts import text_layer
from readycheck.charts.values import Layer
from readycheck.inventory.gitops import GitOps
from readycheck.kubernetes import argo, flux
from readycheck.model import Place, Resource, Unjudged, look, parse_path


class Installations(GitOps):
    """The relations from charts to what installs them."""

    def installations(self, *charts: str) -> Sequence[ChartRelease]:
        """The releases of some well-known charts.

        Args:
            charts: the charts, as the catalogue calls them; all where none is named.
        """
        if not charts:
            return [release for releases in self._releases_by_chart.values() for release in releases]
        return [release for chart in charts for release in self._releases_by_chart.get(chart, ())]

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

    def installed_by(self, resource: Resource) -> Sequence[ChartRelease]:
        """The well-known charts that a HelmRelease, an Application or another thing installs."""
        return self._releases_by_resource.get(id(resource), ())

    def _releases(self) -> Iterator[ChartRelease]:
        ways = ((flux.HELM_RELEASE, self._by_helm_release), (argo.APPLICATION, self._by_application))
        for kind, releases in ways:
            for resource in self.of(kind):
                try:
                    yield from releases(resource)
                except Unjudged:
                    # What it installs is not decided: its own verdict says so.
                    continue

    # Flux --------------------------------------------------------------------------------------------------------

    def _by_helm_release(self, release: Resource) -> Iterator[ChartRelease]:
        reference = flux_charts.chart_of(release)
        if reference is not None and reference.source.kind == "HelmChart":
            helm_chart = self._source_object(release, reference.source)
            reference = flux_charts.chart_of_object(helm_chart) if helm_chart is not None else None
        if reference is None:
            return
        source = self._source_object(release, reference.source)
        repository = source.string("spec.url") if source is not None else ""
        chart, version, place = reference.chart, reference.version, reference.place
        if source is not None and reference.source.kind == "OCIRepository":
            chart = repository.rstrip("/").rpartition("/")[2]
            version = source.string("spec.ref.semver") or source.string("spec.ref.tag")
        elif reference.source.kind in flux_charts.PATHS or not chart:
            return
        if not is_known(chart) or (source is None and names_another(reference.source.name)):
            return
        known = recognised(chart, repository, version)
        if known is None:
            return
        yield ChartRelease(
            release,
            known.known.chart,
            flux_charts.release_name(release),
            release.string("spec.targetNamespace") or release.scope,
            version,
            place,
            [*flux_charts.inline_values(release), *self._referenced_values(release)],
            repository,
            known.doubt,
        )

    def _referenced_values(self, release: Resource) -> Iterator[Layer]:
        """The values that a HelmRelease takes from objects, what counts most first."""
        for each in reversed(flux_charts.values_references(release)):
            found = self.find(each.kind, each.name, release)
            text = look(found.body, ("data", each.key)) if found is not None and each.kind == "ConfigMap" else None
            prefix = parse_path(each.target)
            if found is not None and text is not None:
                place = found.at(("data", each.key))
                yield Layer(place, text, prefix) if prefix else text_layer(place, text)
            elif found is None or each.kind != "ConfigMap" or not each.optional:
                yield Layer(each.place, prefix=prefix, hidden=f"its values come from the {each.kind} {each.name}")

    # Argo CD -----------------------------------------------------------------------------------------------------

    def _by_application(self, application: Resource) -> Iterator[ChartRelease]:
        sources = argo.sources_of(application)
        for source in sources:
            chart = source.chart or (
                source.url.rstrip("/").rpartition("/")[2] if source.url.startswith("oci://") else ""
            )
            if not is_known(chart):
                continue
            version = argo_charts.version_of(source)
            known = recognised(chart, source.url, version)
            if known is not None:
                yield ChartRelease(
                    application,
                    known.known.chart,
                    argo_charts.release_name(source),
                    source.part.root.string("spec.destination.namespace"),
                    version,
                    argo_charts.chart_place(source),
                    [*argo_charts.own_values(source), *self._value_files(source, sources)],
                    source.url,
                    known.doubt,
                )

    def _value_files(
        self, source: argo.ApplicationSource, sources: Sequence[argo.ApplicationSource]
    ) -> Iterator[Layer]:
        """The values files of a chart, what counts most first: those of other sources may stand in the tree."""
        refs = {f"${each.part.body.get('ref')}": each for each in sources if each.part.body.get("ref")}
        for place, name in argo_charts.value_files(source):
            ref, _, path = name.partition("/")
            found = self.file(flux.folder(path)) if ref in refs else None
            if found is not None:
                yield Layer(Place(found, ()), found.body)
            elif not source.part.get("helm.ignoreMissingValueFiles"):
                yield Layer(place, hidden=f"its values file {name} is not at hand")
