"""What the well-known charts of the observability stack install, and where their values have collectors send.

The keys and what they are by default are those of the charts' own `values.yaml`, as of November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from readycheck.charts.release import ChartRelease
from readycheck.charts.values import ValuePlace
from readycheck.model import Place, Unjudged
from readycheck.observability.collectors import destinations_of, destinations_of_text
from readycheck.observability.collectors.prometheus import written_to
from readycheck.observability.destinations import Destination, destination
from readycheck.observability.programs import (
    GRAFANA,
    LOKI,
    MIMIR,
    PROMETHEUS,
    TEMPO,
    THANOS,
    VICTORIA_LOGS,
    VICTORIA_METRICS,
    Component,
    Signal,
)


class Part(Struct, frozen=True):
    """A program that a chart installs.

    Args:
        component: the program.
        key: the value that switches it on; "" where it is always installed.
        default: whether it is installed where that value is not given.
    """

    component: Component
    key: str = ""
    default: bool = True


_PARTS: Mapping[str, tuple[Part, ...]] = {
    **dict.fromkeys(("loki", "loki-distributed", "loki-simple-scalable", "bitnami/grafana-loki"), (Part(LOKI),)),
    **dict.fromkeys(("grafana", "bitnami/grafana"), (Part(GRAFANA),)),
    **dict.fromkeys(("tempo", "tempo-distributed", "bitnami/grafana-tempo"), (Part(TEMPO),)),
    **dict.fromkeys(("mimir-distributed", "bitnami/grafana-mimir"), (Part(MIMIR),)),
    **dict.fromkeys(("thanos", "bitnami/thanos"), (Part(THANOS),)),
    **dict.fromkeys(("prometheus", "bitnami/prometheus"), (Part(PROMETHEUS, "server.enabled"),)),
    **dict.fromkeys(
        ("kube-prometheus-stack", "stable/prometheus-operator"),
        (Part(PROMETHEUS, "prometheus.enabled"), Part(GRAFANA, "grafana.enabled")),
    ),
    "bitnami/kube-prometheus": (Part(PROMETHEUS, "prometheus.enabled"),),
    "loki-stack": (
        Part(LOKI, "loki.enabled"),
        Part(GRAFANA, "grafana.enabled", default=False),
        Part(PROMETHEUS, "prometheus.enabled", default=False),
    ),
    "lgtm-distributed": (
        Part(LOKI, "loki.enabled"),
        Part(GRAFANA, "grafana.enabled"),
        Part(TEMPO, "tempo.enabled"),
        Part(MIMIR, "mimir.enabled"),
    ),
    "victoria-metrics-k8s-stack": (
        Part(VICTORIA_METRICS, "vmsingle.enabled"),
        Part(GRAFANA, "grafana.enabled"),
    ),
    **dict.fromkeys(("victoria-metrics-single", "victoria-metrics-cluster"), (Part(VICTORIA_METRICS),)),
    **dict.fromkeys(("victoria-logs-single", "victoria-logs-cluster"), (Part(VICTORIA_LOGS),)),
}
# The texts and mappings that configure a collector, and the lists of what is written to.
_CONFIGURATIONS: Mapping[str, tuple[str, ...]] = {
    "alloy": ("alloy.configMap.content",),
    "grafana-agent": ("agent.configMap.content",),
    "opentelemetry-collector": ("config",),
    "promtail": ("config",),
}
_WRITES: Mapping[str, tuple[tuple[Signal, str], ...]] = {
    "kube-prometheus-stack": ((Signal.METRICS, "prometheus.prometheusSpec.remoteWrite"),),
    "prometheus": ((Signal.METRICS, "server.remoteWrite"),),
    "victoria-metrics-agent": ((Signal.METRICS, "remoteWrite"),),
    "promtail": ((Signal.LOGS, "config.clients"),),
}
_DESTINATION_TYPES: Mapping[str, tuple[Signal, ...]] = {
    "prometheus": (Signal.METRICS,),
    "loki": (Signal.LOGS,),
    "otlp": (Signal.METRICS, Signal.LOGS, Signal.TRACES),
}
"""What the destinations of the chart k8s-monitoring take, by their type."""


def parts_of(release: ChartRelease) -> Iterator[tuple[Component, bool | None]]:
    """What a release installs of the stack, each with whether it is switched on; None where that is not decided.

    Args:
        release: the release.
    """
    for part in _PARTS.get(release.chart, ()):
        yield part.component, _is_on(release, part)


def _is_on(release: ChartRelease, part: Part) -> bool | None:
    if not part.key:
        return True
    try:
        given = release.given(part.key)
    except Unjudged:
        return None
    return part.default if given is None else given.seen not in (False, "false")


def destinations_of_release(release: ChartRelease) -> Iterator[Destination]:
    """Where the values of a release have a collector send what it collects; the place is the release's own.

    Args:
        release: the release.
    """
    for key in _CONFIGURATIONS.get(release.chart, ()):
        seen = _given(release, key)
        if isinstance(seen, str):
            yield from destinations_of_text(seen)
        elif isinstance(seen, Mapping):
            yield from (each.at(()) for each in destinations_of(seen))
    for signal, key in _WRITES.get(release.chart, ()):
        yield from (each.at(()) for each in written_to(signal, _given(release, key), ()))
    if release.chart == "k8s-monitoring":
        yield from _of_monitoring(release)


def _of_monitoring(release: ChartRelease) -> Iterator[Destination]:
    listed = _given(release, "destinations")
    # A list up to version 3, a mapping by name from version 4 on.
    entries = listed.values() if isinstance(listed, Mapping) else listed if isinstance(listed, list) else ()
    for entry in entries:
        if isinstance(entry, Mapping):
            for signal in _DESTINATION_TYPES.get(str(entry.get("type")), ()):
                found = destination(signal, entry.get("url"))
                if found is not None:
                    yield found


def _given(release: ChartRelease, key: str) -> object:
    try:
        given = release.given(key)
    except Unjudged:
        return None
    return given.seen if given is not None else None


def files_of_release(release: ChartRelease, *keys: str) -> Iterator[tuple[Place, object, bool]]:
    """The files of configuration that stand in the values of a release, each by its name below a key.

    Args:
        release: the release.
        keys: the keys: `alerting`.

    Yields:
        The place of each, what it holds, and whether that stands there as a text.
    """
    for key in keys:
        try:
            given = release.given(key)
        except Unjudged:
            continue
        if given is None or not isinstance(given.seen, Mapping):
            continue
        place, text = given.place, isinstance(given.place, ValuePlace)
        for name, body in given.seen.items():
            yield (place if text else Place(place.resource, (*place.path, name))), body, text


_SIDECAR = ("sidecar.alerts.enabled", "grafana.sidecar.alerts.enabled")
_MOUNTS = tuple(f"{of}{key}" for of in ("", "grafana.") for key in ("extraConfigmapMounts", "extraSecretMounts"))


def may_read_alerts(release: ChartRelease, name: str) -> bool:
    """Whether the Grafana of a release may read a file of alerting that its sidecar is to find: it is off by default.

    Args:
        release: a release of Grafana's chart, or of a stack's that installs it.
        name: the ConfigMap or the Secret that holds the file.
    """
    try:
        switches = [given.seen for key in _SIDECAR if (given := release.given(key)) is not None]
        mounts = [str(given.seen) for key in _MOUNTS if (given := release.given(key)) is not None]
    except Unjudged:
        return True
    return any(seen not in (False, "false") for seen in switches) or any(name in mount for mount in mounts)
