"""Have alert rules that cover each service.

A service that fails at night must wake somebody. An alert rule covers a service where a matcher of its expression, or a
label that it sets, names the service, its pods, its containers, its Service or its namespace (a namespace alone passes
with a note). A rule of the team's own about all pods, such as restarts in any namespace, covers with a note too, and so
does `up == 0` for what is scraped. Those that a stack brings along (Watchdog, KubePodCrashLooping and the like) watch
the cluster: they don't count. Rules that are paused, that only record, or that the Prometheus of the tree does not
select don't count either. Names are compared as labels: `job="web"` is not about `web-admin`.

Read are PrometheusRules, VMRules, rule files (Prometheus, Mimir, Loki) as files or in ConfigMaps, the Grafana
operator's groups, Grafana's provisioning and its provider for Terraform. Where the tree holds no alert rule at all,
that is unknown: rules kept in Grafana's database or in another repository are not to be seen. A live cluster fails
where nothing in it could raise an alert. Controllers and the observability stack's own workloads are not asked.
"""

from collections.abc import Iterator, Sequence

from readycheck.inventory import Inventory
from readycheck.inventory.observability.alerting import Covering
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.observability.coverage import Cover
from readycheck.observability.programs import Signal
from readycheck.rule import rule
from readycheck.scope import helm_hook, installs_machinery, machinery, only_an_example, parked


@rule(
    *SERVICES,
    severity=Severity.HIGH,
    unless=(helm_hook, machinery, parked, only_an_example),
    unrendered=installs_machinery,
)
def alert_rules(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    about = [each for each in inventory.alerts_about(workload) if each.cover is not Cover.STOCK]
    covering = next((each for each in about if _counts(each, workload, inventory)), None)
    if covering is None:
        yield from _uncovered(workload, about, inventory)
    elif covering.cover is Cover.NAMESPACE:
        alert = covering.rule
        yield workload.note(f"covered by its namespace alone, by the alert {alert.name}", also=(alert.place,))
    elif covering.cover is not Cover.NAMED:
        alert = covering.rule
        yield workload.note(f"covered only by alerts on all that runs, such as {alert.name}", also=(alert.place,))


def _counts(covering: Covering, workload: Workload, inventory: Inventory) -> bool:
    """Whether an alert that is about a workload is one that will be raised."""
    if covering.rule.paused or covering.rule.records or covering.cover in (Cover.PERHAPS, Cover.UNDECIDED):
        return False
    if covering.cover is Cover.SCRAPED and inventory.scraped_by(workload) is None:
        return False
    return inventory.unselected(covering.rule) is None


def _uncovered(workload: Workload, about: Sequence[Covering], inventory: Inventory) -> Iterator[Verdict]:
    left_out = next(
        (each.rule for each in about if not each.rule.records and inventory.unselected(each.rule) is not None), None
    )
    prometheus = inventory.unselected(left_out) if left_out is not None else None
    paused = next((each.rule for each in about if each.rule.paused), None)
    recording = next((each.rule for each in about if each.rule.records and each.cover is Cover.NAMED), None)
    if doubt := next(_doubts(workload, about, inventory), ""):
        yield workload.unknown(doubt)
    elif left_out is not None and prometheus is not None:
        holder = left_out.place.resource
        yield workload.finding(
            f"the alert {left_out.name} is about it, and {prometheus.kind} {prometheus.name} does not select "
            f"{holder.kind} {holder.name}",
            at=holder.at("metadata.labels"),
            also=(prometheus.at("spec"),),
        )
    elif paused is not None:
        yield workload.finding(f"the only alert about it, {paused.name}, is paused", at=paused.place)
    elif recording is not None:
        yield workload.finding(
            f"the only rule about it, {recording.name}, records and raises no alert", at=recording.place
        )
    elif (some := inventory.some_alerting(workload)) is not None:
        stock = inventory.stock_rule
        only = f"; {stock.name} and the like watch the cluster" if stock is not None else ""
        yield workload.finding(f"no alert rule is about it{only}", at="metadata.name", also=(some,))
    elif inventory.live:
        yield _unruled(workload, inventory)
    else:
        yield workload.unknown(
            "the tree holds no alert rules: they may stand in Grafana's database or in another repository"
        )


def _unruled(workload: Workload, inventory: Inventory) -> Verdict:
    """What is said in a live cluster that holds no alert rule."""
    keeper = inventory.seen_keeping(Signal.METRICS, Signal.DASHBOARDS)
    if keeper is None:
        return workload.finding("nothing in the cluster raises alerts: no rules, and nothing that keeps metrics")
    return workload.unknown(
        f"the cluster holds no alert rules: {keeper.what} may keep them where they are not to be seen", at=keeper.place
    )


def _doubts(workload: Workload, about: Sequence[Covering], inventory: Inventory) -> Iterator[str]:
    """What may cover it after all, and cannot be told."""
    for each in about:
        if each.rule.records:
            continue
        if each.cover is Cover.UNDECIDED:
            yield f"the alert {each.rule.name} is about a namespace, and which one it runs in is not known"
        elif each.cover is Cover.PERHAPS:
            yield f"the alert {each.rule.name} is about all that has its metric: whether it has cannot be told"
    unread = inventory.unread_alert(workload)
    if unread is not None:
        yield f"whether the alert {unread[0].name} is about it cannot be told: its expression {unread[1]}"
    hidden = inventory.unbuilt(workload)
    if hidden is not None:
        yield f"no alert rule of the {inventory.extent} is about it; {hidden.named} may hold more"
