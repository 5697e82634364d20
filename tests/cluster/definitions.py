"""The custom kinds that rules read, defined for an API server with no more schema than that they hold something.

Versions and plural names are those of the projects' own definitions, written down apart from what readycheck knows of
them: a scan that asks for another name finds nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.cluster.client import Client

_OF_CLUSTER = frozenset(
    {
        "AWSNodeTemplate",
        "ClusterIssuer",
        "ClusterPolicy",
        "EC2NodeClass",
        "GatewayClass",
        "NodeClass",
        "NodePool",
        "Provisioner",
    }
)

KINDS: Mapping[str, Mapping[str, str]] = {
    "aquasecurity.github.io/v1alpha1": {"VulnerabilityReport": "vulnerabilityreports"},
    "argoproj.io/v1alpha1": {
        "Application": "applications",
        "ApplicationSet": "applicationsets",
        "Rollout": "rollouts",
    },
    "autoscaling.k8s.io/v1": {"VerticalPodAutoscaler": "verticalpodautoscalers"},
    "cert-manager.io/v1": {
        "Certificate": "certificates",
        "ClusterIssuer": "clusterissuers",
        "Issuer": "issuers",
    },
    "eks.amazonaws.com/v1": {"NodeClass": "nodeclasses"},
    "elbv2.k8s.aws/v1beta1": {"TargetGroupBinding": "targetgroupbindings"},
    "external-secrets.io/v1": {"ExternalSecret": "externalsecrets"},
    "externaldns.k8s.io/v1alpha1": {"DNSEndpoint": "dnsendpoints"},
    "fluxcd.controlplane.io/v1": {"FluxInstance": "fluxinstances"},
    "gateway.networking.k8s.io/v1": {
        "GRPCRoute": "grpcroutes",
        "Gateway": "gateways",
        "GatewayClass": "gatewayclasses",
        "HTTPRoute": "httproutes",
    },
    "gateway.networking.k8s.io/v1alpha2": {
        "TCPRoute": "tcproutes",
        "TLSRoute": "tlsroutes",
        "UDPRoute": "udproutes",
    },
    "gateway.networking.k8s.io/v1beta1": {"ReferenceGrant": "referencegrants"},
    "helm.toolkit.fluxcd.io/v2": {"HelmRelease": "helmreleases"},
    "karpenter.k8s.aws/v1": {"EC2NodeClass": "ec2nodeclasses"},
    "karpenter.sh/v1": {"NodePool": "nodepools"},
    "keda.sh/v1alpha1": {"ScaledObject": "scaledobjects"},
    "kustomize.toolkit.fluxcd.io/v1": {"Kustomization": "kustomizations"},
    "kyverno.io/v1": {"ClusterPolicy": "clusterpolicies"},
    "monitoring.coreos.com/v1alpha1": {"AlertmanagerConfig": "alertmanagerconfigs"},
    "monitoring.coreos.com/v1": {
        "PodMonitor": "podmonitors",
        "Prometheus": "prometheuses",
        "PrometheusRule": "prometheusrules",
        "ServiceMonitor": "servicemonitors",
    },
    "networking.istio.io/v1": {"DestinationRule": "destinationrules", "VirtualService": "virtualservices"},
    "projectcontour.io/v1": {"HTTPProxy": "httpproxies"},
    "security.istio.io/v1": {"PeerAuthentication": "peerauthentications"},
    "source.extensions.fluxcd.io/v1beta1": {"ArtifactGenerator": "artifactgenerators"},
    "source.toolkit.fluxcd.io/v1": {
        "Bucket": "buckets",
        "ExternalArtifact": "externalartifacts",
        "GitRepository": "gitrepositories",
        "HelmChart": "helmcharts",
        "HelmRepository": "helmrepositories",
        "OCIRepository": "ocirepositories",
    },
    "traefik.io/v1alpha1": {
        "IngressRoute": "ingressroutes",
        "IngressRouteTCP": "ingressroutetcps",
        "IngressRouteUDP": "ingressrouteudps",
        "TLSStore": "tlsstores",
    },
}
"""Plural names of custom kinds, by the apiVersion that a cluster of today serves."""


def define(client: Client, versions: Iterable[str] = tuple(KINDS)) -> None:
    """Let an API server serve custom kinds.

    Args:
        client: who asks.
        versions: which of the apiVersions; all of them where not given.
    """
    client.apply(*(definition for version in versions for definition in _definitions(version)))


def _definitions(api_version: str) -> Iterator[dict[str, Any]]:
    group, _, version = api_version.partition("/")
    for kind, plural in KINDS[api_version].items():
        served = {
            "name": version,
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            "subresources": {"status": {}},
        }
        yield {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}", "annotations": _approval(group)},
            "spec": {
                "group": group,
                "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
                "scope": "Cluster" if kind in _OF_CLUSTER else "Namespaced",
                "versions": [served],
            },
        }


def _approval(group: str) -> dict[str, str]:
    """What the API server wants to see on definitions of groups that belong to Kubernetes."""
    protected = group.endswith((".k8s.io", ".kubernetes.io"))
    return {"api-approved.kubernetes.io": "unapproved, for tests"} if protected else {}
