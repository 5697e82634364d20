"""Let each service have a Helm chart that renders and lints.

A chart makes a service's manifests one thing with a version, which every environment installs with its own values.
What counts is a chart of the tree that renders the service or is called like it, or a HelmRelease or an Application
that installs one. A chart of the tree is rendered and linted with the values that the tree gives it, without network: a
template that does not render or lint fails, and so does a service of plain manifests. Flux's own components are none.

Options:
    kustomize: whether a kustomization that brings the service is as good as a chart
"""

from collections.abc import Iterator

from readycheck.inventory import DELIVERED_SERVICE, Inventory
from readycheck.inventory.delivery.services import Service
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.chart import Chart
from readycheck.model import Resource, Severity, Unjudged, Verdict
from readycheck.rule import rule
from readycheck.scope import only_an_example

_FLUX = {"app.kubernetes.io/part-of": "flux"}


def flux_s_own(subject: Resource, _inventory: Inventory) -> str | None:
    """Flux's controllers are installed by Flux."""
    try:
        labels = subject.labels
    except Unjudged:
        return None
    return "a component of Flux" if _FLUX.items() <= dict(labels).items() else None


@rule(DELIVERED_SERVICE, severity=Severity.MEDIUM, unless=(flux_s_own, only_an_example))
def chart_per_service(subject: Resource, inventory: Inventory, *, kustomize: bool = False) -> Iterator[Verdict]:
    service = inventory.service_of(subject)
    chart = inventory.chart_at(service.chart) if service.chart is not None else None
    if chart is not None:
        yield from _works(subject, chart, service)
    elif service.chart is not None:
        yield subject.note(f"{service.chart or 'the scan root'} installs it: {service.why(service.chart)}")
    elif subject.kind == flux.HELM_RELEASE:
        missing = inventory.chart_missing(subject)
        if missing is not None:
            yield subject.finding(f"installs {missing.seen}, which does not exist in this repository", at=missing)
        else:
            yield subject.note("installs a chart that is not in the tree", at="spec.chart")
    elif subject.kind == "Application":
        yield from _installed(subject)
    elif subject.kind == "Dockerfile":
        yield subject.unknown("no chart of the tree is called like it: what installs its image is not to be seen")
    elif kustomize and subject.origin.world:
        yield subject.note(f"the kustomization of {subject.origin.world} brings it")
    else:
        wanted = "no Helm chart and no kustomization" if kustomize else "no Helm chart"
        yield subject.finding(f"{wanted} installs it")


def _works(subject: Resource, chart: Chart, service: Service) -> Iterator[Verdict]:
    for trial in chart.trials:
        values = f" with the values of {trial.release}" if trial.release else ""
        if trial.fault:
            yield subject.finding(f"{chart.name} does not render{values}: {trial.fault}", at=chart.at("name"))
        for complaint in trial.complaints:
            yield subject.finding(f"{chart.name} does not lint{values}: {complaint}", at=chart.at("name"))
        if trial.untried:
            yield subject.unknown(f"{chart.name} was not tried{values}: {trial.untried}", at=chart.at("name"))
    yield subject.note(f"{chart.name} installs it: {service.why(service.chart)}", at=chart.at("name"))


def _installed(application: Resource) -> Iterator[Verdict]:
    sources = argo.sources_of(application)
    if any(source.chart for source in sources):
        yield application.note("installs a chart that is not in the tree", at="spec")
    else:
        yield application.unknown("whether what it applies is a chart is not to be seen", at="spec")
