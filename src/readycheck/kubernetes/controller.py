"""Which workloads run a controller or another part of the cluster's own machinery, not a service of somebody's.

Images and names are those of the projects' own manifests and charts, as they stood in November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.workload import Workload
from readycheck.model import Unjudged, Unresolved

# By the last part of the image's repository, or the last two where that says too little.
_IMAGES = frozenset(
    {
        "amazon-k8s-cni",
        "argo-rollouts",
        "argocd",
        "argocd-image-updater",
        "argoproj/workflow-controller",
        "aws-alb-ingress-controller",
        "aws-ebs-csi-driver",
        "aws-efs-csi-driver",
        "aws-load-balancer-controller",
        "aws-node-termination-handler",
        "aws-privateca-issuer",
        "calico/node",
        "calico/typha",
        "cert-manager-acmesolver",
        "cert-manager-approver-policy",
        "cert-manager-cainjector",
        "cert-manager-controller",
        "cert-manager-startupapicheck",
        "cert-manager-webhook",
        "cilium/cilium",
        "cilium/operator",
        "cilium/operator-generic",
        "cloudflare/cloudflared",
        "cloudnative-pg",
        "cluster-api-aws-controller",
        "cluster-api-controller",
        "cluster-autoscaler",
        "cluster-proportional-autoscaler",
        "coredns",
        "csi-attacher",
        "csi-node-driver-registrar",
        "csi-provisioner",
        "csi-resizer",
        "csi-snapshotter",
        "descheduler",
        "eks-pod-identity-agent",
        "eks-pod-identity-webhook",
        "emissary-ingress/emissary",
        "envoyproxy/gateway",
        "external-dns",
        "external-secrets",
        "flannel",
        "flux-cli",
        "flux-operator",
        "gatekeeper",
        "goldilocks",
        "haproxy-ingress",
        "haproxytech/kubernetes-ingress",
        "helm-controller",
        "hubble-relay",
        "image-automation-controller",
        "image-reflector-controller",
        "ingress-nginx/controller",
        "install-cni",
        "istio/operator",
        "istio/pilot",
        "istio/proxyv2",
        "k8s-device-plugin",
        "karpenter",
        "karpenter/controller",
        "keda",
        "keda-admission-webhooks",
        "keda-metrics-apiserver",
        "kong/kubernetes-ingress-controller",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-proxy",
        "kube-scheduler",
        "kube-vip",
        "kubernetes-event-exporter",
        "kubernetes-reflector",
        "kubernetes-replicator",
        "kured",
        "kustomize-controller",
        "kyverno",
        "kyverno/background-controller",
        "kyverno/cleanup-controller",
        "kyverno/reports-controller",
        "linkerd/controller",
        "linkerd/policy-controller",
        "linkerd/proxy-init",
        "local-path-provisioner",
        "longhorn-manager",
        "metacontroller",
        "metallb/controller",
        "metallb/speaker",
        "metrics-server",
        "multus",
        "multus-cni",
        "nfs-subdir-external-provisioner",
        "nginx-ingress",
        "nginx-ingress-controller",
        "nginxinc/nginx-ingress",
        "node-feature-discovery",
        "node-local-dns",
        "node-problem-detector",
        "notification-controller",
        "nvidia/k8s-device-plugin",
        "openebs/provisioner-localpv",
        "policy-controller",
        "projectcontour/contour",
        "rancher/local-path-provisioner",
        "reloader",
        "replicator",
        "rook/ceph",
        "sealed-secrets-controller",
        "secrets-store-csi",
        "secrets-store-csi-driver/driver",
        "snapshot-controller",
        "source-controller",
        "source-watcher",
        "spegel",
        "system-upgrade-controller",
        "tofu-controller",
        "traefik",
        "trivy-operator",
        "trust-manager",
        "vault-csi-provider",
        "vault-k8s",
        "velero",
        "volsync",
        "vpa-admission-controller",
        "vpa-recommender",
        "vpa-updater",
        "ztunnel",
    }
)
_NAMED_BY = ("app.kubernetes.io/name", "k8s-app", "app")
_NAMES = frozenset(
    {
        "argo-rollouts",
        "argocd-application-controller",
        "argocd-applicationset-controller",
        "argocd-dex-server",
        "argocd-notifications-controller",
        "argocd-redis",
        "argocd-repo-server",
        "argocd-server",
        "aws-ebs-csi-driver",
        "aws-load-balancer-controller",
        "aws-node",
        "cainjector",
        "cert-manager",
        "cilium-agent",
        "cilium-operator",
        "cluster-autoscaler",
        "aws-cluster-autoscaler",
        "coredns",
        "external-dns",
        "external-secrets",
        "external-secrets-webhook",
        "external-secrets-cert-controller",
        "flux-operator",
        "goldilocks",
        "ingress-nginx",
        "istiod",
        "istio-ingressgateway",
        "karpenter",
        "keda-operator",
        "kube-dns",
        "kube-proxy",
        "kyverno",
        "metallb",
        "metrics-server",
        "node-problem-detector",
        "reloader",
        "sealed-secrets",
        "traefik",
        "trivy-operator",
        "velero",
    }
)
_ENDINGS = ("-operator", "-controller-manager", "-csi-driver", "-csi-plugin", "-device-plugin", "-ingress-controller")


def runs_controller(workload: Workload) -> bool:
    """Whether a workload is a controller or an add-on of the cluster: what it serves are objects, not people.

    Args:
        workload: the workload.
    """
    return _named(workload) or any(map(_known, _main_images(workload)))


def _named(workload: Workload) -> bool:
    try:
        labels = workload.pod_labels
    except Unjudged:
        return False
    said = {key: str(value) for key, value in labels.items() if not isinstance(value, Unresolved)}
    # What kubebuilder gives every manager that it makes.
    return said.get("control-plane") == "controller-manager" or any(said.get(key) in _NAMES for key in _NAMED_BY)


def _main_images(workload: Workload) -> Iterator[ImageReference]:
    """The images of a workload's long-running containers, up to one that is not decided."""
    with suppress(Unjudged):
        for container in workload.long_running:
            if not container.injected:
                yield container.image


def _known(image: ImageReference) -> bool:
    return image.called(_IMAGES) or image.endings[0].endswith(_ENDINGS)
