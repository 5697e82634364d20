"""The programs of an observability stack, and how they are recognised: by labels, images, custom resources and charts.

The names are those of the projects' own charts, images and operators, as they stood in November 2026 (Grafana's,
Prometheus', Thanos', VictoriaMetrics', OpenTelemetry's and Jaeger's charts and operators).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import Enum
from typing import Self

from msgspec import Struct

from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Resource, Unjudged, Unresolved


class Signal(Enum):
    """What a stack shows of what runs, each with the program that the checklist asks for."""

    METRICS = "metrics", "Mimir or Prometheus"
    LOGS = "logs", "Loki"
    TRACES = "traces", "Tempo"
    DASHBOARDS = "dashboards", "Grafana"

    wanted: str
    """The programs that are asked for, for people."""

    __hash__ = object.__hash__

    def __new__(cls, value: str, wanted: str = "") -> Self:  # noqa: D102 - makes the members
        signal = object.__new__(cls)
        signal._value_ = value
        signal.wanted = wanted
        return signal


class Component(Struct, frozen=True, eq=False):
    """A program of the stack.

    Args:
        name: what people call it.
        signals: what it keeps or shows; nothing for what only collects.
        labels: the values of `app.kubernetes.io/name` on its workloads.
        images: its images, by the last part of the repository or the last two.
        kinds: the custom resources that an operator runs it for, as `Kind.group`.
        instead: whether it does what another program is asked for.
        ships: whether it collects and sends elsewhere.
    """

    name: str
    signals: tuple[Signal, ...] = ()
    labels: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    instead: bool = False
    ships: bool = False


GRAFANA = Component(
    "Grafana",
    (Signal.DASHBOARDS,),
    ("grafana",),
    ("grafana/grafana", "grafana-enterprise", "grafana-oss", "grafana"),
    ("Grafana.grafana.integreatly.org", "Grafana.integreatly.org"),
)
LOKI = Component(
    "Loki",
    (Signal.LOGS,),
    ("loki", "loki-distributed", "enterprise-logs"),
    ("grafana/loki", "grafana-loki", "grafana/enterprise-logs"),
    ("LokiStack.loki.grafana.com",),
)
TEMPO = Component(
    "Tempo",
    (Signal.TRACES,),
    ("tempo", "enterprise-traces"),
    ("grafana/tempo", "grafana-tempo", "grafana/enterprise-traces"),
    ("TempoStack.tempo.grafana.com", "TempoMonolithic.tempo.grafana.com"),
)
MIMIR = Component(
    "Mimir",
    (Signal.METRICS,),
    ("mimir", "enterprise-metrics"),
    ("grafana/mimir", "grafana-mimir", "grafana/enterprise-metrics"),
)
PROMETHEUS = Component(
    "Prometheus",
    (Signal.METRICS,),
    ("prometheus",),
    ("prometheus",),
    ("Prometheus.monitoring.coreos.com", "MonitoringStack.monitoring.rhobs"),
)
THANOS = Component(
    "Thanos",
    (Signal.METRICS,),
    ("thanos", "thanos-query", "thanos-receive", "thanos-store"),
    ("thanosio/thanos", "thanos/thanos", "bitnami/thanos", "bitnamilegacy/thanos"),
    (
        "Thanos.monitoring.banzaicloud.io",
        "Receiver.monitoring.banzaicloud.io",
        "ThanosQuery.monitoring.thanos.io",
        "ThanosReceive.monitoring.thanos.io",
        "ThanosStore.monitoring.thanos.io",
    ),
)
VICTORIA_METRICS = Component(
    "VictoriaMetrics",
    (Signal.METRICS,),
    ("victoria-metrics-single", "victoria-metrics-cluster", "vmsingle", "vmstorage"),
    ("victoria-metrics", "victoriametrics/vmstorage"),
    ("VMSingle.operator.victoriametrics.com", "VMCluster.operator.victoriametrics.com"),
)
CORTEX = Component("Cortex", (Signal.METRICS,), ("cortex",), ("cortexproject/cortex",), instead=True)
VICTORIA_LOGS = Component(
    "VictoriaLogs",
    (Signal.LOGS,),
    ("victoria-logs-single", "victoria-logs-cluster", "vlogs", "vlsingle", "vlstorage"),
    ("victoria-logs",),
    (
        "VLSingle.operator.victoriametrics.com",
        "VLCluster.operator.victoriametrics.com",
        "VLogs.operator.victoriametrics.com",
    ),
    instead=True,
)
GRAYLOG = Component("Graylog", (Signal.LOGS,), ("graylog",), ("graylog/graylog",), instead=True)
JAEGER = Component(
    "Jaeger",
    (Signal.TRACES,),
    ("jaeger",),
    ("jaegertracing/all-in-one", "jaegertracing/jaeger", "jaeger-collector", "jaeger-query"),
    ("Jaeger.jaegertracing.io",),
    instead=True,
)
ZIPKIN = Component(
    "Zipkin", (Signal.TRACES,), ("zipkin",), ("openzipkin/zipkin", "openzipkin/zipkin-slim"), instead=True
)
VICTORIA_TRACES = Component(
    "VictoriaTraces",
    (Signal.TRACES,),
    ("victoria-traces-single", "victoria-traces-cluster", "vtsingle"),
    ("victoria-traces",),
    ("VTSingle.operator.victoriametrics.com", "VTCluster.operator.victoriametrics.com"),
    instead=True,
)
OTEL_LGTM = Component("Grafana's all-in-one otel-lgtm", tuple(Signal), (), ("grafana/otel-lgtm",), instead=True)
OPENOBSERVE = Component(
    "OpenObserve", tuple(Signal), ("openobserve",), ("zinclabs/openobserve", "openobserve/openobserve"), instead=True
)
SIGNOZ = Component("SigNoz", tuple(Signal), ("signoz",), ("signoz/signoz", "signoz/query-service"), instead=True)

ALLOY = Component(
    "Alloy", (), ("alloy", "k8s-monitoring"), ("grafana/alloy",), ("Alloy.collectors.grafana.com",), ships=True
)
GRAFANA_AGENT = Component(
    "Grafana Agent",
    (),
    ("grafana-agent",),
    ("grafana/agent", "grafana/agent-operator"),
    (
        "GrafanaAgent.monitoring.grafana.com",
        "MetricsInstance.monitoring.grafana.com",
        "LogsInstance.monitoring.grafana.com",
    ),
    ships=True,
)
PROMTAIL = Component("Promtail", (), ("promtail",), ("promtail",), ships=True)
COLLECTOR = Component(
    "OpenTelemetry collector",
    (),
    ("opentelemetry-collector", "opentelemetry-collector-agent", "otel-collector"),
    (
        "otel/opentelemetry-collector",
        "opentelemetry-collector-contrib",
        "opentelemetry-collector-k8s",
        "opentelemetry-collector-otlp",
        "opentelemetry-collector-releases/opentelemetry-collector",
        "aws-otel-collector",
        "splunk-otel-collector",
    ),
    ("OpenTelemetryCollector.opentelemetry.io",),
    ships=True,
)
FLUENT_BIT = Component(
    "Fluent Bit",
    (),
    ("fluent-bit", "aws-for-fluent-bit"),
    ("fluent-bit", "aws-for-fluent-bit", "fluent-bit-plugin-loki"),
    ("FluentBit.fluentbit.fluent.io", "FluentbitAgent.logging.banzaicloud.io"),
    ships=True,
)
FLUENTD = Component(
    "Fluentd",
    (),
    ("fluentd",),
    ("fluentd", "fluentd-kubernetes-daemonset"),
    ("Fluentd.fluentd.fluent.io", "Logging.logging.banzaicloud.io"),
    ships=True,
)
VECTOR = Component("Vector", (), ("vector",), ("timberio/vector",), ships=True)
VMAGENT = Component(
    "vmagent",
    (),
    ("victoria-metrics-agent", "vmagent"),
    ("victoriametrics/vmagent",),
    ("VMAgent.operator.victoriametrics.com",),
    ships=True,
)
PROMETHEUS_AGENT = Component("Prometheus agent", kinds=("PrometheusAgent.monitoring.coreos.com",), ships=True)
TELEGRAF = Component("Telegraf", (), ("telegraf",), ("telegraf",), ships=True)
BEATS = Component(
    "Beats",
    (),
    ("filebeat", "metricbeat"),
    ("beats/filebeat", "beats/metricbeat"),
    ("Beat.beat.k8s.elastic.co",),
    ships=True,
)

_ALL_BUT_LOGS = (Signal.METRICS, Signal.TRACES, Signal.DASHBOARDS)
DATADOG = Component(
    "Datadog",
    _ALL_BUT_LOGS,
    ("datadog", "datadog-agent-deployment", "datadog-agent"),
    ("datadog/agent", "datadoghq/agent", "datadog/cluster-agent", "datadoghq/cluster-agent"),
    ("DatadogAgent.datadoghq.com",),
    ships=True,
)
NEW_RELIC = Component(
    "New Relic",
    (Signal.METRICS, Signal.DASHBOARDS),
    ("newrelic-infrastructure", "nri-prometheus"),
    ("newrelic/nri-kubernetes", "newrelic/infrastructure", "newrelic/infrastructure-k8s"),
    ships=True,
)
NEW_RELIC_LOGS = Component(
    "New Relic's logging", (Signal.LOGS,), ("newrelic-logging",), ("newrelic/newrelic-fluentbit-output",), ships=True
)
DYNATRACE = Component(
    "Dynatrace",
    tuple(Signal),
    ("dynatrace-oneagent",),
    ("dynatrace/oneagent", "dynatrace/dynatrace-oneagent"),
    ("DynaKube.dynatrace.com",),
    ships=True,
)
CLOUDWATCH = Component(
    "the CloudWatch agent",
    (Signal.METRICS,),
    ("cloudwatch-agent", "amazon-cloudwatch-agent", "aws-cloudwatch-metrics"),
    ("cloudwatch-agent", "amazon/cloudwatch-agent"),
    ("AmazonCloudWatchAgent.cloudwatch.aws.amazon.com",),
    ships=True,
)

STORES = (
    *(
        GRAFANA,
        LOKI,
        TEMPO,
        MIMIR,
        PROMETHEUS,
        THANOS,
        VICTORIA_METRICS,
        CORTEX,
        VICTORIA_LOGS,
        GRAYLOG,
        JAEGER,
        ZIPKIN,
    ),
    *(VICTORIA_TRACES, OTEL_LGTM, OPENOBSERVE, SIGNOZ),
)
"""What keeps or shows what others collect."""
COLLECTORS = (
    *(
        ALLOY,
        GRAFANA_AGENT,
        PROMTAIL,
        COLLECTOR,
        FLUENT_BIT,
        FLUENTD,
        VECTOR,
        VMAGENT,
        PROMETHEUS_AGENT,
        TELEGRAF,
        BEATS,
    ),
)
"""What collects, and sends where its configuration says."""
PLATFORM_AGENTS = (DATADOG, NEW_RELIC, NEW_RELIC_LOGS, DYNATRACE, CLOUDWATCH)
"""What collects for the platform of its own vendor."""
COMPONENTS = (*STORES, *COLLECTORS, *PLATFORM_AGENTS)

BY_KIND: Mapping[str, Component] = {kind: each for each in COMPONENTS for kind in each.kinds}
"""The components by the custom resources that they run for, as `Kind.group`."""
_BY_LABEL: Mapping[str, Component] = {label: each for each in COMPONENTS for label in each.labels}
_BY_IMAGE: Mapping[str, Component] = {image: each for each in COMPONENTS for image in each.images}

# What belongs to the stack and is none of its parts that keep, show or send something.
_HELPERS = frozenset(
    {
        "alertmanager",
        "alertmanager-discord",
        "alloy-operator",
        "grafana-image-renderer",
        "grafana-operator",
        "grafana/oncall",
        "grafana/pyroscope",
        "grafana/rollout-operator",
        "karma",
        "kube-prometheus-stack-operator",
        "kube-state-metrics",
        "loki-canary",
        "loki-helm-test",
        "loki-operator",
        "node-exporter",
        "opentelemetry-operator",
        "prometheus-adapter",
        "prometheus-blackbox-exporter",
        "prometheus-node-exporter",
        "prometheus-operator",
        "prometheus-pushgateway",
        "pushgateway",
        "jaeger-agent",
        "jaeger-operator",
        "tempo-operator",
        "tempo-query",
        "tempo-vulture",
        "thanos-operator",
        "victoriametrics/operator",
        "victoria-metrics-operator",
        "victoria-metrics-alert",
        "vmalert",
        "vmauth",
        "vminsert",
        "vmselect",
        "vlogscli",
    }
)
_STACKS = frozenset({"kube-prometheus", "kube-prometheus-stack", "victoria-metrics-k8s-stack"})
"""What `app.kubernetes.io/part-of` says of all that these bring."""
# What stands beside a program in its pod, whatever the program is.
_COMPANIONS = frozenset(
    {
        "config-reloader",
        "configmap-reload",
        "k8s-sidecar",
        "kiwigrid/k8s-sidecar",
        "kube-rbac-proxy",
        "memcached",
        "memcached-exporter",
        "nginx",
        "nginx-unprivileged",
        "oauth2-proxy",
        "prometheus-config-reloader",
        "vault",
    }
)
# `app.kubernetes.io/component` of what a chart runs beside the program that gives it its name.
_BESIDE = frozenset(
    {
        "canary",
        "chunks-cache",
        "gateway",
        "image-renderer",
        "nginx",
        "overrides-exporter",
        "results-cache",
        "rollout-operator",
        "test",
        "vulture",
    }
)

_BY_CHART: Mapping[str, Component] = {
    "grafana": GRAFANA,
    "loki": LOKI,
    "loki-distributed": LOKI,
    "loki-simple-scalable": LOKI,
    "tempo": TEMPO,
    "tempo-distributed": TEMPO,
    "mimir-distributed": MIMIR,
    "enterprise-metrics": MIMIR,
    "enterprise-logs": LOKI,
    "thanos": THANOS,
}
"""Charts that run one component and little else: their name stays where the program's is overridden."""

_NAME = "app.kubernetes.io/name"
_CHART = re.compile(r"(.+)-v?\d+\.\d+")
_PART = "app.kubernetes.io/component"
_WHOLE = "app.kubernetes.io/part-of"
_LEGACY_MIMIR = "enterprise-metrics-"


def components_of(workload: Workload) -> list[Component]:
    """The components that a workload runs, as far as its labels and images tell.

    A label says it where no image says otherwise: what a chart runs beside its program bears the program's name too.

    Args:
        workload: the workload.
    """
    found: dict[Component, None] = {}
    other = False
    for container in _long_running(workload):
        image = _image_of(container)
        component = _of_image(image) if image is not None else None
        if component is not None:
            found[component] = None
        elif image is not None and (image.called(_HELPERS) or image.called(_COMPANIONS)):
            other = True
    if not found and not other:
        found.update(dict.fromkeys(_of_labels(workload)))
    return list(found)


def belongs_to_stack(workload: Workload) -> bool:
    """Whether a workload is the stack's own: a component, or what helps one.

    A program with a collector beside it in its pod is not.

    Args:
        workload: the workload.
    """
    for labels in _label_sets(workload):
        name = _told(labels, _NAME)
        if name in _BY_LABEL or name in _HELPERS or name.endswith("-exporter") or _told(labels, _WHOLE) in _STACKS:
            return True
    images = [_image_of(container) for container in _long_running(workload) if not container.injected]
    theirs = [image is not None and _of_stack(image) for image in images]
    return any(theirs) and all(
        is_theirs or (image is not None and image.called(_COMPANIONS))
        for image, is_theirs in zip(images, theirs, strict=True)
    )


def of_custom_resource(resource: Resource) -> Component | None:
    """The component that an operator runs for a custom resource; None for any other one.

    Args:
        resource: any object.
    """
    return BY_KIND.get(f"{resource.kind}.{resource.group}")


def of_image(text: str) -> Component | None:
    """The component that an image is of.

    Args:
        text: the reference as it is written.
    """
    image = ImageReference.of(text)
    return _of_image(image) if image is not None else None


def _of_stack(image: ImageReference) -> bool:
    name = image.name or ""
    return _of_image(image) is not None or image.called(_HELPERS) or name.endswith(("-exporter", "_exporter"))


def _of_image(image: ImageReference) -> Component | None:
    last, longer, _ = image.endings
    return _BY_IMAGE.get(longer) or _BY_IMAGE.get(last)


def _image_of(container: Container) -> ImageReference | None:
    try:
        return container.image
    except Unjudged:
        return None


def _long_running(workload: Workload) -> tuple[Container, ...]:
    try:
        return workload.long_running
    except Unjudged:
        return ()


def _of_labels(workload: Workload) -> Iterator[Component]:
    for labels in _label_sets(workload):
        part = _told(labels, _PART)
        if part in _BESIDE or part.startswith("memcached"):
            continue
        chart = _CHART.match(_told(labels, "helm.sh/chart"))
        component = _BY_LABEL.get(_told(labels, _NAME)) or (_BY_CHART.get(chart[1]) if chart else None)
        if component is None and _told(labels, "app").startswith(_LEGACY_MIMIR):
            component = MIMIR
        if component is not None:
            yield component


def _told(labels: Mapping[str, object], key: str) -> str:
    value = labels.get(key)
    return value if isinstance(value, str) and not isinstance(value, Unresolved) else ""


def _label_sets(workload: Workload) -> Iterator[Mapping[str, object]]:
    """The labels of the pods, which come first, and those of the workload, as far as they can be read."""
    with suppress(Unjudged):
        yield workload.pod_labels
    with suppress(Unjudged):
        yield workload.labels
