"""Where the alerts of the tree are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from readycheck.inventory.core import mapping_at
from readycheck.inventory.observability.alerting import Alerting
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged
from readycheck.observability import routing
from readycheck.observability.released_routing import CHARTS, routing_of_release
from readycheck.observability.releases import files_of_release
from readycheck.observability.routing import Receiver, Routing
from readycheck.observability.texts import body_of, texts_of
from readycheck.secrets.placeholder import example_of
from readycheck.terraform.blocks import TERRAFORM_FILE, blocks_of

_OBJECTS = ("AlertmanagerConfig.monitoring.coreos.com", "VMAlertmanagerConfig.operator.victoriametrics.com")
_ALERTING = ("alerting", "grafana.alerting")
"""What the values of Grafana's chart call the files of its provisioning, alone and within a stack's."""
_OF_GRAFANA = re.compile(r"\b(?:contactPoints|policies)[\"']?\s*:")


class AlertRouting(Alerting):
    """The relations of alerts to whom they are sent."""

    @cached_property
    def routings(self) -> Sequence[Routing]:
        """Every tree of routes that the tree holds, but for those of examples."""
        found = [*self._of_objects(), *self._of_texts(), *self._of_files(), *self._of_charts(), *self._of_grafana()]
        return [each for each in found if example_of(each.place.resource.origin.file) is None]

    @cached_property
    def alertmanager(self) -> Resource | None:
        """What runs Alertmanager: the operator's object, else a workload; None where nothing does."""
        objects = self.custom("Alertmanager.monitoring.coreos.com")
        return objects[0] if objects else next(filter(_runs_alertmanager, self.workloads), None)

    def _of_objects(self) -> Iterator[Routing]:
        for kind in _OBJECTS:
            for resource in self.custom(kind):
                yield routing.alertmanager_routing(resource.at("spec"), mapping_at(resource, "spec"))

    def _of_texts(self) -> Iterator[Routing]:
        for resource in self.of("Secret", "ConfigMap", "ExternalSecret"):
            for place, name, text in texts_of(resource):
                named = routing.is_alertmanager_file(name)
                if not named and not ("receivers:" in text and "route:" in text and "receiver:" in text):
                    continue
                body = body_of(text)
                if body is not None and "route" in body and "receivers" in body:
                    yield routing.alertmanager_routing(place, body, text=True)
                elif named:
                    yield Routing(place, {}, hidden=f"{name} of {resource.kind} {resource.name} cannot be read")

    def _of_files(self) -> Iterator[Routing]:
        for file in self.of("ConfigFile"):
            if _routes(file.body):
                yield routing.alertmanager_routing(file.at(()), file.body)

    def _of_charts(self) -> Iterator[Routing]:
        read = {each.place.resource.name for each in (*self._of_objects(), *self._of_texts())}
        for release in self.installations(*CHARTS):
            try:
                found = routing_of_release(release, read)
            except Unjudged as unjudged:
                found = Routing(release.resource.at(()), {}, hidden=unjudged.reason)
            if found is not None:
                yield found

    # Grafana ---------------------------------------------------------------------------------------------------

    def _of_grafana(self) -> Iterator[Routing]:
        """All of Grafana's at once: its contact points and its policies stand in files of their own."""
        receivers: dict[str, Receiver] = {}
        reached: list[str] = []
        policies: list[Place] = []
        for place, body, text in self._grafana_files:
            receivers.update((each.name, each) for each in routing.grafana_points(place, body, text=text))
            policies += [place] if "policies" in body else []
            reached += routing.grafana_reached(body)
        for resource in self.custom("GrafanaContactPoint.grafana.integreatly.org"):
            point = routing.operator_point(resource)
            receivers[point.name] = point
        for resource in self.custom("GrafanaNotificationPolicy.grafana.integreatly.org"):
            policies.append(resource.at("spec"))
            reached += routing.operator_reached(resource)
        blocks = [block for file in self.of(TERRAFORM_FILE) for block in blocks_of(file, "resource")]
        names: dict[str, str] = {}
        for block in blocks:
            if block.labels[:1] == ("grafana_contact_point",):
                point = routing.terraform_point(block)
                names[block.labels[-1]] = point.name
                receivers[point.name] = point
        for block in blocks:
            if block.labels[:1] == ("grafana_notification_policy",):
                policies.append(block.at())
                reached += routing.terraform_reached(block, names)
        if routing.GRAFANA_S_OWN in reached and routing.GRAFANA_S_OWN not in receivers:
            receivers[routing.GRAFANA_S_OWN] = routing.own_point(policies[0])
        if receivers:
            place = next(iter(receivers.values())).place
            yield Routing(place, receivers, tuple(reached) if policies else None)

    @property
    def _grafana_files(self) -> Iterator[tuple[Place, Mapping[str, Any], bool]]:
        for file in self.of("ConfigFile"):
            if isinstance(file.body, Mapping) and ("contactPoints" in file.body or "policies" in file.body):
                yield file.at(()), file.body, False
        for config_map in self.of("ConfigMap", "Secret"):
            for place, _, text in texts_of(config_map):
                if ("contactPoints" in text or "policies" in text) and _OF_GRAFANA.search(text):
                    body = body_of(text)
                    if body is not None:
                        yield place, body, True
        for release in self.installations("grafana", "kube-prometheus-stack"):
            for place, given, is_text in files_of_release(release, *_ALERTING):
                if isinstance(given, Mapping):
                    yield place, given, is_text


def _runs_alertmanager(workload: Workload) -> bool:
    try:
        return any(container.image.called(("alertmanager",)) for container in workload.long_running)
    except Unjudged:
        return False


def _routes(body: object) -> bool:
    return (
        isinstance(body, Mapping) and isinstance(body.get("route"), Mapping) and isinstance(body.get("receivers"), list)
    )
