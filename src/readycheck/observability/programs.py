"""The programs of an observability stack, with the labels, images and custom resources that they are known by.

The names are those of the projects' own charts, images and operators, as they stood in November 2026 (Grafana's,
Prometheus', Thanos', VictoriaMetrics', OpenTelemetry's and Jaeger's charts and operators).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Self

from msgspec import Struct


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

_STORES = (
    *(GRAFANA, LOKI, TEMPO, MIMIR, PROMETHEUS, THANOS, VICTORIA_METRICS, CORTEX, VICTORIA_LOGS, GRAYLOG, JAEGER),
    *(ZIPKIN, VICTORIA_TRACES, OTEL_LGTM, OPENOBSERVE, SIGNOZ),
)
_COLLECTORS = (
    *(ALLOY, GRAFANA_AGENT, PROMTAIL, COLLECTOR, FLUENT_BIT, FLUENTD, VECTOR, VMAGENT, PROMETHEUS_AGENT, TELEGRAF),
    BEATS,
)
# What collects for the platform of its own vendor.
_PLATFORM_AGENTS = (DATADOG, NEW_RELIC, NEW_RELIC_LOGS, DYNATRACE, CLOUDWATCH)
COMPONENTS = (*_STORES, *_COLLECTORS, *_PLATFORM_AGENTS)
"""Every program that is known."""

BY_KIND: Mapping[str, Component] = {kind: each for each in COMPONENTS for kind in each.kinds}
"""The components by the custom resources that they run for, as `Kind.group`."""
