"""The kinds that rules ask for, with the API groups that they mean by them and the names of their resources.

This is the one table of them: kinds are told apart by it, and it is what a cluster is asked to list. The groups and the
plurals are those of Kubernetes' API reference and of the definitions that each project ships, as of November 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

_VICTORIA_METRICS = ("operator.victoriametrics.com",)
_PROMETHEUS = ("monitoring.coreos.com",)
_MONITORS = ("monitoring.coreos.com", "monitoring.rhobs", "azmonitoring.coreos.com")
_GRAFANA = ("grafana.integreatly.org",)
_FLUX_SOURCES = ("source.toolkit.fluxcd.io",)
_GATEWAY_API = ("gateway.networking.k8s.io",)
_TRAEFIK = ("traefik.io", "traefik.containo.us")
_OUTPUTS = ("fluentbit.fluent.io", "fluentd.fluent.io", "logging.banzaicloud.io")

GROUPS: Mapping[str, tuple[str, ...]] = {
    # Workloads and what they use
    "Deployment": ("apps", "extensions"),
    "StatefulSet": ("apps",),
    "DaemonSet": ("apps", "extensions"),
    "ReplicaSet": ("apps", "extensions"),
    "ReplicationController": ("",),
    "Rollout": ("argoproj.io",),
    "Pod": ("",),
    "Job": ("batch",),
    "CronJob": ("batch",),
    "Service": ("",),
    "Namespace": ("",),
    "Node": ("",),
    "Secret": ("",),
    "ConfigMap": ("",),
    "LimitRange": ("",),
    "EndpointSlice": ("discovery.k8s.io",),
    "PersistentVolumeClaim": ("",),
    "PersistentVolume": ("",),
    "StorageClass": ("storage.k8s.io",),
    "PodDisruptionBudget": ("policy",),
    "HorizontalPodAutoscaler": ("autoscaling",),
    "VerticalPodAutoscaler": ("autoscaling.k8s.io",),
    "ScaledObject": ("keda.sh",),
    "ClusterPolicy": ("kyverno.io",),
    "Policy": ("kyverno.io",),
    "VulnerabilityReport": ("aquasecurity.github.io",),
    # The way of requests
    "Ingress": ("networking.k8s.io", "extensions"),
    "IngressClass": ("networking.k8s.io",),
    "GatewayClass": _GATEWAY_API,
    "Gateway": _GATEWAY_API,
    "HTTPRoute": _GATEWAY_API,
    "GRPCRoute": _GATEWAY_API,
    "TLSRoute": _GATEWAY_API,
    "TCPRoute": _GATEWAY_API,
    "UDPRoute": _GATEWAY_API,
    "ReferenceGrant": _GATEWAY_API,
    "TLSStore": _TRAEFIK,
    "IngressRoute": _TRAEFIK,
    "IngressRouteTCP": _TRAEFIK,
    "IngressRouteUDP": _TRAEFIK,
    "HTTPProxy": ("projectcontour.io",),
    "Route": ("route.openshift.io",),
    "PeerAuthentication": ("security.istio.io",),
    "DestinationRule": ("networking.istio.io",),
    "VirtualService": ("networking.istio.io",),
    "Gateway.networking.istio.io": ("networking.istio.io",),
    "TargetGroupBinding": ("elbv2.k8s.aws",),
    "BackendConfig": ("cloud.google.com",),
    "DNSEndpoint": ("externaldns.k8s.io",),
    # Certificates and secrets
    "Certificate": ("cert-manager.io",),
    "Issuer": ("cert-manager.io",),
    "ClusterIssuer": ("cert-manager.io",),
    "AWSPCAIssuer": ("awspca.cert-manager.io",),
    "AWSPCAClusterIssuer": ("awspca.cert-manager.io",),
    "SealedSecret": ("bitnami.com",),
    "ExternalSecret": ("external-secrets.io",),
    "ClusterExternalSecret": ("external-secrets.io",),
    "SecretProviderClass": ("secrets-store.csi.x-k8s.io",),
    "VaultStaticSecret": ("secrets.hashicorp.com",),
    "VaultDynamicSecret": ("secrets.hashicorp.com",),
    "VaultPKISecret": ("secrets.hashicorp.com",),
    "HCPVaultSecretsApp": ("secrets.hashicorp.com",),
    "VaultSecret": ("ricoberger.de",),
    "OnePasswordItem": ("onepassword.com",),
    "BitwardenSecret": ("k8s.bitwarden.com",),
    "DopplerSecret": ("secrets.doppler.com",),
    "InfisicalSecret": ("secrets.infisical.com",),
    "AzureKeyVaultSecret": ("spv.no",),
    "SopsSecret": ("isindir.github.com",),
    # Delivery
    "GitRepository": _FLUX_SOURCES,
    "OCIRepository": _FLUX_SOURCES,
    "Bucket": _FLUX_SOURCES,
    "HelmRepository": _FLUX_SOURCES,
    "HelmChart": _FLUX_SOURCES,
    "ExternalArtifact": _FLUX_SOURCES,
    "ArtifactGenerator": ("source.extensions.fluxcd.io",),
    "FluxInstance": ("fluxcd.controlplane.io",),
    "HelmRelease": ("helm.toolkit.fluxcd.io",),
    "Kustomization": ("kustomize.toolkit.fluxcd.io",),
    "Application": ("argoproj.io",),
    "ApplicationSet": ("argoproj.io",),
    # Clusters and their nodes
    "NodePool": ("karpenter.sh",),
    "NodeClass": ("eks.amazonaws.com",),
    "EC2NodeClass": ("karpenter.k8s.aws",),
    "Provisioner": ("karpenter.sh",),
    "AWSNodeTemplate": ("karpenter.k8s.aws",),
    "ClusterConfig": ("eksctl.io",),
    "Cluster": ("cluster.x-k8s.io",),
    "MachineDeployment": ("cluster.x-k8s.io",),
    "KubeadmControlPlane": ("controlplane.cluster.x-k8s.io",),
    "AWSManagedControlPlane": ("controlplane.cluster.x-k8s.io",),
    "AWSManagedMachinePool": ("infrastructure.cluster.x-k8s.io",),
    "AWSMachineTemplate": ("infrastructure.cluster.x-k8s.io",),
    "AWSFargateProfile": ("infrastructure.cluster.x-k8s.io",),
    # Monitoring
    "ServiceMonitor": _MONITORS,
    "PodMonitor": _MONITORS,
    "PrometheusRule": _MONITORS,
    "ScrapeConfig": _PROMETHEUS,
    "Probe": _PROMETHEUS,
    "Prometheus": _PROMETHEUS,
    "PrometheusAgent": _PROMETHEUS,
    "ThanosRuler": _PROMETHEUS,
    "Alertmanager": _PROMETHEUS,
    "AlertmanagerConfig": _PROMETHEUS,
    "MonitoringStack": ("monitoring.rhobs",),
    "PodMonitoring": ("monitoring.googleapis.com",),
    "ClusterPodMonitoring": ("monitoring.googleapis.com",),
    "Rules": ("monitoring.googleapis.com",),
    "ClusterRules": ("monitoring.googleapis.com",),
    "VMServiceScrape": _VICTORIA_METRICS,
    "VMPodScrape": _VICTORIA_METRICS,
    "VMRule": _VICTORIA_METRICS,
    "VMAlertmanagerConfig": _VICTORIA_METRICS,
    "VMAgent": _VICTORIA_METRICS,
    "VMSingle": _VICTORIA_METRICS,
    "VMCluster": _VICTORIA_METRICS,
    "VLSingle": _VICTORIA_METRICS,
    "VLCluster": _VICTORIA_METRICS,
    "VLogs": _VICTORIA_METRICS,
    "VTSingle": _VICTORIA_METRICS,
    "VTCluster": _VICTORIA_METRICS,
    "Grafana": ("grafana.integreatly.org", "integreatly.org"),
    "GrafanaAlertRuleGroup": _GRAFANA,
    "GrafanaContactPoint": _GRAFANA,
    "GrafanaNotificationPolicy": _GRAFANA,
    "GrafanaAgent": ("monitoring.grafana.com",),
    "MetricsInstance": ("monitoring.grafana.com",),
    "LogsInstance": ("monitoring.grafana.com",),
    "Alloy": ("collectors.grafana.com",),
    "AlertingRule": ("loki.grafana.com",),
    "LokiStack": ("loki.grafana.com",),
    "TempoStack": ("tempo.grafana.com",),
    "TempoMonolithic": ("tempo.grafana.com",),
    "Thanos": ("monitoring.banzaicloud.io",),
    "Receiver": ("monitoring.banzaicloud.io",),
    "ThanosQuery": ("monitoring.thanos.io",),
    "ThanosReceive": ("monitoring.thanos.io",),
    "ThanosStore": ("monitoring.thanos.io",),
    "Jaeger": ("jaegertracing.io",),
    "OpenTelemetryCollector": ("opentelemetry.io",),
    "FluentBit": ("fluentbit.fluent.io",),
    "Fluentd": ("fluentd.fluent.io",),
    "FluentbitAgent": ("logging.banzaicloud.io",),
    "Logging": ("logging.banzaicloud.io",),
    "Output": _OUTPUTS,
    "ClusterOutput": _OUTPUTS,
    "ClusterLogForwarder": ("observability.openshift.io", "logging.openshift.io"),
    "Beat": ("beat.k8s.elastic.co",),
    "DatadogAgent": ("datadoghq.com",),
    "DynaKube": ("dynatrace.com",),
    "AmazonCloudWatchAgent": ("cloudwatch.aws.amazon.com",),
}
"""The API groups that rules mean by a kind; a kind of another group of the same name is written `Kind.group`."""

_FORMER = frozenset({"extensions"})
"""Groups that showed the objects of others a second time, until Kubernetes 1.22 dropped them."""
_OF_FILES = frozenset({"ClusterConfig"})
"""Kinds that are written like objects and that no cluster holds."""
_IRREGULAR: Mapping[str, str] = {
    "Rules": "rules",
    "ClusterRules": "clusterrules",
    "VLogs": "vlogs",
    "Thanos": "thanos",
}
"""Plurals that are not made of the kind as others are."""


class Api(Struct, frozen=True):
    """A kind of things that an API server may hold.

    Args:
        group: its API group; "" for the core group.
        kind: the kind as its objects say it.
        qualified_kind: what the inventory calls it.
    """

    group: str
    kind: str
    qualified_kind: str

    @property
    def plural(self) -> str:
        """What it is called in paths and permissions: `poddisruptionbudgets`."""
        if self.kind in _IRREGULAR:
            return _IRREGULAR[self.kind]
        name = self.kind.lower()
        if name.endswith(("s", "x", "ch", "sh")):
            return f"{name}es"
        return f"{name[:-1]}ies" if name.endswith("y") and name[-2] not in "aeiou" else f"{name}s"

    @property
    def resource(self) -> str:
        """What it is called with its group, as kubectl writes it: `poddisruptionbudgets.policy`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


APIS: tuple[Api, ...] = tuple(
    Api(group, kind.partition(".")[0], kind)
    for kind, groups in GROUPS.items()
    if kind not in _OF_FILES
    for group in groups
    if group not in _FORMER
)
"""Everything that is read of a live cluster, where it has it."""


def cluster_role(apis: Iterable[Api], *, name: str = "readycheck") -> str:
    """The ClusterRole that lets somebody list some kinds and do nothing else, as a manifest.

    Args:
        apis: the kinds.
        name: what the role is called.
    """
    plurals: dict[str, set[str]] = {}
    for api in apis:
        plurals.setdefault(api.group, set()).add(api.plural)
    lines = [
        "apiVersion: rbac.authorization.k8s.io/v1",
        "kind: ClusterRole",
        "metadata:",
        f"  name: {name}",
        "rules:",
    ]
    for group, resources in sorted(plurals.items()):
        lines += [
            f'  - apiGroups: ["{group}"]',
            f"    resources: [{', '.join(sorted(resources))}]",
            "    verbs: [list]",
        ]
    return "\n".join(lines) + "\n"
