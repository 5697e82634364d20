"""Scrape the metrics of each service.

What nobody measures breaks unseen. A ServiceMonitor or PodMonitor (of the Prometheus operator, VictoriaMetrics or
Google), a `prometheus.io/scrape` annotation on the pods or the Service, OpenTelemetry (an injected instrumentation, an
OTLP endpoint, a collector beside it), or a static target names a service. A monitor must look in the service's
namespace, ask for a port that is there, and be selected by the Prometheus of the tree, where one is declared there.

Where a tree has other services scraped, one that is left out fails. Where it says nothing of scraping at all, or a
configuration finds its targets by itself, that is unknown: what scrapes may be installed apart. A live cluster in which
nothing gathers metrics fails. Controllers and the observability stack's own workloads are not asked.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import Workload
from readycheck.model import Fix, Severity, Verdict
from readycheck.observability.programs import Signal
from readycheck.rule import rule
from readycheck.scope import helm_hook, installs_machinery, machinery, only_an_example, parked


@rule(
    *SERVICES,
    severity=Severity.MEDIUM,
    unless=(helm_hook, machinery, parked, only_an_example),
    unrendered=installs_machinery,
)
def service_monitored(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.scraped_by(workload) is not None:
        return
    broken = list(_broken(workload, inventory))
    if broken:
        yield from broken
    elif refusing := next((each.place for each in inventory.askings_of(workload) if not each.wanted), None):
        yield workload.finding("is not to be scraped, its annotation says, and nothing else scrapes it", at=refusing)
    else:
        yield from _missing(workload, inventory)


def _broken(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    """What is meant to scrape it and cannot."""
    for scrape in inventory.scrapes_of(workload):
        monitor = scrape.monitor
        if scrape.missing is not None:
            yield workload.finding(
                f"{monitor.kind} {monitor.name} scrapes port {scrape.place.seen}, which {scrape.missing.kind} "
                f"{scrape.missing.name} does not have",
                at=scrape.place,
                also=(scrape.missing.at("spec.ports"),) if scrape.missing.kind == "Service" else (),
            )
        elif (prometheus := inventory.monitor_left_out(monitor)) is not None:
            yield workload.finding(
                f"{monitor.kind} {monitor.name} is not selected by {prometheus.kind} {prometheus.name}",
                at=monitor.at("metadata.labels"),
                also=(prometheus.at("spec"),),
            )


def _missing(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    astray = inventory.monitor_elsewhere(workload)
    unread = inventory.unread_monitor(workload)
    hidden = inventory.unbuilt(workload)
    if astray is not None and not (workload.scope and astray.scope):
        yield workload.unknown(
            f"whether {astray.kind} {astray.name}, which would select it, looks in its namespace cannot be told: "
            "not both of them name one"
        )
    elif astray is not None:
        yield workload.finding(
            f"{astray.kind} {astray.name} would select it and does not look in namespace {workload.scope}",
            at=astray.at("spec.namespaceSelector"),
        )
    elif unread is not None:
        monitor, reason = unread
        yield workload.unknown(f"whether {monitor.kind} {monitor.name} selects it cannot be told: {reason}")
    elif hidden is not None:
        yield workload.unknown(f"nothing in the {inventory.extent} scrapes it; {hidden.named} may hold more")
    elif (place := inventory.discovering) is not None:
        yield workload.unknown(
            f"{place.resource.kind} {place.resource.name} finds what it scrapes by itself: whether that is among it "
            "cannot be told"
        )
    elif (other := inventory.scraped_beside(workload)) is not None:
        seen = inventory.scraped_by(other)
        yield workload.finding(
            f"nothing scrapes it, as {other.kind} {other.name} is: no monitor, annotation or OpenTelemetry",
            at=(*workload.template, "metadata"),
            also=(seen,) if seen is not None else (),
            # Which port has metrics, and under which path, only those know who wrote it.
            fix=Fix(f"have it scraped as {other.kind} {other.name} is", (), safe=False),
        )
    elif inventory.live and inventory.seen_keeping(Signal.METRICS) is None:
        yield workload.finding("nothing in the cluster gathers metrics of it", at=(*workload.template, "metadata"))
    else:
        yield workload.unknown(
            f"nothing in the {inventory.extent} says what is scraped: no monitor, annotation or OpenTelemetry"
        )
