"""What is read of a live cluster: the kinds that rules ask about, by API group, and the permission that takes.

The names are those of the projects' own CustomResourceDefinitions, as they stood in November 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from readycheck.kubernetes.kinds import qualified

_KINDS: Mapping[str, str] = {
    "": "ConfigMap LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod ReplicationController Secret"
    " Service",
    "apps": "DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "discovery.k8s.io": "EndpointSlice",
    "gateway.networking.k8s.io": "GRPCRoute Gateway GatewayClass HTTPRoute ReferenceGrant TCPRoute TLSRoute UDPRoute",
    "networking.k8s.io": "Ingress IngressClass",
    "policy": "PodDisruptionBudget",
    "storage.k8s.io": "StorageClass",
    # What delivers.
    "argoproj.io": "Application Rollout",
    "fluxcd.controlplane.io": "FluxInstance",
    "helm.toolkit.fluxcd.io": "HelmRelease",
    "kustomize.toolkit.fluxcd.io": "Kustomization",
    "source.toolkit.fluxcd.io": "Bucket ExternalArtifact GitRepository HelmChart HelmRepository OCIRepository",
    # What scales, measures and scans.
    "aquasecurity.github.io": "VulnerabilityReport",
    "autoscaling.k8s.io": "VerticalPodAutoscaler",
    "keda.sh": "ScaledObject",
    # What leads requests.
    "awspca.cert-manager.io": "AWSPCAClusterIssuer AWSPCAIssuer",
    "cert-manager.io": "Certificate ClusterIssuer Issuer",
    "elbv2.k8s.aws": "TargetGroupBinding",
    "externaldns.k8s.io": "DNSEndpoint",
    "networking.istio.io": "DestinationRule Gateway VirtualService",
    "projectcontour.io": "HTTPProxy",
    "route.openshift.io": "Route",
    "security.istio.io": "PeerAuthentication",
    "traefik.io": "IngressRoute IngressRouteTCP IngressRouteUDP TLSStore",
    # What watches.
    "azmonitoring.coreos.com": "PodMonitor ServiceMonitor",
    "cloudwatch.aws.amazon.com": "AmazonCloudWatchAgent",
    "collectors.grafana.com": "Alloy",
    "datadoghq.com": "DatadogAgent",
    "dynatrace.com": "DynaKube",
    "fluentbit.fluent.io": "ClusterOutput FluentBit Output",
    "fluentd.fluent.io": "ClusterOutput Fluentd Output",
    "grafana.integreatly.org": "Grafana GrafanaAlertRuleGroup GrafanaContactPoint GrafanaNotificationPolicy",
    "jaegertracing.io": "Jaeger",
    "logging.banzaicloud.io": "ClusterOutput FluentbitAgent Logging Output",
    "loki.grafana.com": "AlertingRule LokiStack",
    "monitoring.banzaicloud.io": "Receiver Thanos",
    "monitoring.coreos.com": "Alertmanager AlertmanagerConfig PodMonitor Probe Prometheus PrometheusAgent"
    " PrometheusRule ScrapeConfig ServiceMonitor ThanosRuler",
    "monitoring.googleapis.com": "ClusterPodMonitoring ClusterRules PodMonitoring Rules",
    "monitoring.grafana.com": "GrafanaAgent LogsInstance MetricsInstance",
    "monitoring.rhobs": "MonitoringStack PodMonitor ServiceMonitor",
    "monitoring.thanos.io": "ThanosQuery ThanosReceive ThanosRuler ThanosStore",
    "observability.openshift.io": "ClusterLogForwarder",
    "opentelemetry.io": "OpenTelemetryCollector",
    "operator.victoriametrics.com": "VLCluster VLSingle VLogs VMAgent VMAlertmanagerConfig VMCluster VMPodScrape VMRule"
    " VMServiceScrape VMSingle VTCluster VTSingle",
    "tempo.grafana.com": "TempoMonolithic TempoStack",
}

_PLURALS = {"VLogs": "vlogs", "Endpoints": "endpoints", "ClusterRules": "clusterrules", "Rules": "rules"}
"""Those that are not made of the kind as others are."""


class Api(NamedTuple):
    """A kind of things that an API server may hold.

    Args:
        group: its API group; "" for the core group.
        kind: the kind as its objects say it.
    """

    group: str
    kind: str

    @property
    def plural(self) -> str:
        """What it is called in paths and permissions: `poddisruptionbudgets`."""
        if self.kind in _PLURALS:
            return _PLURALS[self.kind]
        name = self.kind.lower()
        if name.endswith(("s", "x", "ch")):
            return f"{name}es"
        return f"{name[:-1]}ies" if name.endswith("y") and name[-2] not in "aeiou" else f"{name}s"

    @property
    def resource(self) -> str:
        """What it is called with its group: `poddisruptionbudgets.policy`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """What the inventory calls it."""
        return qualified(self.kind, f"{self.group}/v1" if self.group else "v1")


APIS: tuple[Api, ...] = tuple(Api(group, kind) for group, kinds in _KINDS.items() for kind in kinds.split())
"""Everything that is read of a live cluster, where it has it."""


def cluster_role(apis: Iterable[Api], *, name: str = "readycheck") -> str:
    """The ClusterRole that lets somebody list some kinds, and nothing else, as a manifest.

    Args:
        apis: the kinds.
        name: what the role is called.
    """
    return "\n".join(_role_lines(apis, name)) + "\n"


def _role_lines(apis: Iterable[Api], name: str) -> Iterator[str]:
    yield from (
        "apiVersion: rbac.authorization.k8s.io/v1",
        "kind: ClusterRole",
        "metadata:",
        f"  name: {name}",
        "rules:",
    )
    plurals: dict[str, list[str]] = {}
    for api in apis:
        plurals.setdefault(api.group, []).append(api.plural)
    for group, resources in sorted(plurals.items()):
        yield f'  - apiGroups: ["{group}"]'
        yield f"    resources: [{', '.join(sorted(resources))}]"
        yield "    verbs: [list]"
