"""Which alert rules the tree declares, and which workloads they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.charts.release import ChartRelease
from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.observability.monitoring import Monitoring
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged, Unresolved
from readycheck.observability import alerts
from readycheck.observability.alerts import PROMETHEUS_RULE, AlertRule
from readycheck.observability.coverage import (
    Cover,
    Identity,
    anchors_of,
    cover,
    is_about_all,
    is_stock,
    looked_up,
    may_cover,
)
from readycheck.observability.monitors import short_host
from readycheck.observability.programs import GRAFANA
from readycheck.observability.releases import files_of_release, may_read_alerts, parts_of
from readycheck.secrets.placeholder import example_of
from readycheck.terraform.blocks import TERRAFORM_FILE, blocks_of

_APP_LABELS = (
    *("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component", "app", "k8s-app"),
    *("name", "service", "component", "run", "io.kompose.service"),
)
_CHART_RULES = ("additionalPrometheusRulesMap", "alerting", "grafana.alerting", "serverFiles", "groups")
"""What values call the files of rules that charts make, each by its name."""


class Covering(Struct, frozen=True, eq=False):
    """A rule, and how it is about a workload."""

    rule: AlertRule
    cover: Cover


class Alerting(Monitoring):
    """The relations of alert rules."""

    @cached_property
    def alert_rules(self) -> Sequence[AlertRule]:
        """Every alert rule of the tree."""
        return [*self._rules_of_objects(), *self._rules_of_files()]

    def _rules_of_objects(self) -> Iterator[AlertRule]:
        for kind, language in alerts.OBJECTS.items():
            for resource in self.custom(kind):
                yield from alerts.rules_of_object(resource, language)

    def _rules_of_files(self) -> Iterator[AlertRule]:
        for holder in self.of("ConfigMap", "Secret"):
            if holder.kind == "ConfigMap" or alerts.SIDECAR_LABEL in mapping_at(holder, "metadata.labels"):
                yield from alerts.rules_of_files(holder)
        for file in self.of("ConfigFile"):
            yield from alerts.rules_in(file.at(()), file.body, "MetricsQL")
        for file in self.of(TERRAFORM_FILE):
            for block in blocks_of(file, "resource"):
                if block.labels[:1] == ("grafana_rule_group",):
                    yield from alerts.rules_of_block(block)
        for release in self.installations("kube-prometheus-stack", "grafana", "prometheus", "loki"):
            yield from _given_to(release)

    @cached_property
    def _anchored_rules(self) -> Mapping[str, Sequence[AlertRule]]:
        anchored: dict[str, list[AlertRule]] = defaultdict(list)
        for rule in self.alert_rules:
            if is_about_all(rule):
                continue
            anchors = _anchors(rule)
            for anchor in anchors:
                anchored[anchor].append(rule)
            if any(anchor.endswith("/") for anchor in anchors):
                # Of what names no namespace, any may be meant.
                anchored["/"].append(rule)
        return anchored

    @cached_property
    def _rules_about_all(self) -> Mapping[str, Sequence[AlertRule]]:
        """The team's own rules that ask for nothing in particular, by the kind of what they may be about."""
        general = [rule for rule in self.alert_rules if _is_general(rule)]
        anybody = {kind: Identity("", kind, "", (), frozenset(), frozenset()) for kind in SERVICES}
        return {kind: [rule for rule in general if cover(rule, each)] for kind, each in anybody.items()}

    @cached_property
    def stock_rule(self) -> AlertRule | None:
        """One of the alert rules that a stack brings along, where the tree holds no others."""
        raised = [rule for rule in self.alert_rules if not rule.records]
        return raised[0] if raised and all(is_stock(rule.name) for rule in raised) else None

    @cached_property
    def _unread_alerts(self) -> Sequence[AlertRule]:
        return [rule for rule in self.alert_rules if rule.unread and not rule.paused and not rule.records]

    def unread_alert(self, workload: Workload) -> tuple[AlertRule, str] | None:
        """An alert rule that may be about a workload and cannot be read, with the reason."""
        for rule in self._unread_alerts:
            if self.together(workload, rule.place.resource):
                reason = may_cover(rule, self.identity(workload))
                if reason:
                    return rule, reason
        return None

    @cached_property
    def _alerting(self) -> Mapping[str, Place]:
        """An alert rule that is no example, by the world that it is of."""
        first: dict[str, Place] = {}
        for rule in self.alert_rules:
            origin = rule.place.resource.origin
            if not rule.records and not rule.paused and example_of(origin.file) is None:
                first.setdefault(origin.world, rule.place)
        return first

    def some_alerting(self, workload: Workload) -> Place | None:
        """An alert rule of the tree that stands beside a workload, whatever it is about."""
        return self._alerting.get(workload.origin.world) or self._alerting.get("")

    @remembered
    def alerts_about(self, workload: Workload) -> Sequence[Covering]:
        """The alert rules that are about a workload, paused ones too; those that say most come first."""
        if not self.alert_rules:
            return ()
        identity = self.identity(workload)
        found: dict[int, Covering] = {}
        keys = dict.fromkeys((*looked_up(identity), ""))
        for key in keys:
            for rule in self._anchored_rules.get(key, ()):
                if id(rule) not in found:
                    found[id(rule)] = Covering(rule, cover(rule, identity))
        covering = self._seen_by(workload, found.values())
        if not any(
            each.cover >= Cover.NAMESPACE and not each.rule.paused and not each.rule.records for each in covering
        ):
            general = [Covering(rule, cover(rule, identity)) for rule in self._rules_about_all.get(workload.kind, ())]
            covering += self._seen_by(workload, general)
        return sorted(covering, key=lambda each: -each.cover)

    def _seen_by(self, workload: Workload, found: Iterable[Covering]) -> list[Covering]:
        return [each for each in found if each.cover and self.together(workload, each.rule.place.resource)]

    def unselected(self, rule: AlertRule) -> Resource | None:
        """What does not take up the object that a rule stands in, where none does: a Prometheus, Grafana's chart."""
        resource = rule.place.resource
        if resource.kind == PROMETHEUS_RULE:
            return self.left_out(resource, "ruleSelector", "ruleNamespaceSelector")
        if alerts.SIDECAR_LABEL in mapping_at(resource, "metadata.labels"):
            return self._unread_by_grafana(resource)
        return None

    def _unread_by_grafana(self, holder: Resource) -> Resource | None:
        """The release of Grafana without the sidecar that reads labelled files of alerting, where none has it."""
        seen: Resource | None = None
        for release in self._grafanas:
            if self.together(holder, release.resource):
                if may_read_alerts(release, holder.name):
                    return None
                seen = seen or release.resource
        return seen

    @cached_property
    def _grafanas(self) -> Sequence[ChartRelease]:
        found = self.installations("grafana", "kube-prometheus-stack")
        return [each for each in found if any(part is GRAFANA and on is not False for part, on in parts_of(each))]

    @cached_property
    def _probes(self) -> Mapping[str, Sequence[str]]:
        """What Probes of the Prometheus operator call what they probe, by its host."""
        found: dict[str, list[str]] = defaultdict(list)
        for probe in self.custom("Probe.monitoring.coreos.com"):
            spec = mapping_at(probe, "spec")
            static = mapping_at(probe, "spec.targets.staticConfig").get("static")
            for target in static if isinstance(static, list) else ():
                name = spec.get("jobName")
                host = short_host(target)
                if host:
                    found[host] += [probe.name, *([name] if isinstance(name, str) else [])]
        return found

    @remembered
    def identity(self, workload: Workload) -> Identity:
        """What series and alerts call a workload."""
        services = [service.name for service in self.services_of(workload)]
        names = {workload.name, *services, *_values(mapping_at(workload, "metadata.labels"))}
        try:
            containers = [each.name for each in workload.long_running if not each.injected]
            names.update(_values(workload.pod_labels))
            names.update(_service_names(workload))
        except Unjudged:
            containers = []
        for exposure in self.exposures_of(workload):
            names.add(exposure.entry.name)
        space = workload.scope
        for name in (workload.name, *services):
            names.update((f"{space}/{name}", f"{name}.{space}", f"{name}.{space}.svc"))
            names.add(f"{name}.{space}.svc.cluster.local")
        names.update(f"{space}/{monitor.name}" for monitor in self.monitors_of(workload))
        names.update(monitor.name for monitor in self.monitors_of(workload))
        for service in services:
            for host in (service, f"{service}.{space}"):
                names.update(self._probes.get(host, ()))
        base = workload.name
        replica_set = f"{base}-7d4b9c6f58"
        pods = (f"{base}-0",) if workload.kind == "StatefulSet" else (f"{replica_set}-x2x7z", replica_set)
        return Identity(space, workload.kind, base, pods, frozenset(containers), frozenset(names))


def _given_to(release: ChartRelease) -> Iterator[AlertRule]:
    """The rules that stand in the values of a release."""
    for place, body, text in files_of_release(release, *_CHART_RULES):
        if isinstance(body, str):
            yield from alerts.rules_of_text(place, str.__str__(body))
        else:
            yield from alerts.rules_in(place, body, "MetricsQL", text=text)


def _is_general(rule: AlertRule) -> bool:
    """Whether a rule is one of the team's own, about everything that runs."""
    return is_about_all(rule) and not rule.paused and not rule.records and not is_stock(rule.name)


def _anchors(rule: AlertRule) -> frozenset[str]:
    anchors = anchors_of(rule)
    return frozenset(("",)) if anchors is None else anchors


def _values(labels: Mapping[str, object]) -> Iterator[str]:
    for key in _APP_LABELS:
        value = labels.get(key)
        if isinstance(value, str) and not isinstance(value, Unresolved):
            yield value


def _service_names(workload: Workload) -> Iterator[str]:
    """What a workload calls itself to OpenTelemetry."""
    for container in workload.long_running:
        for variable in container.mappings("env"):
            if variable.get("name") == "OTEL_SERVICE_NAME" and isinstance(variable.get("value"), str):
                yield str.__str__(variable["value"])
