"""What Terraform runs on a cluster: workloads, releases of charts, and what brings Flux or Argo CD.

The types are those of the providers kubernetes, kubectl, helm, flux and argocd.
"""

from __future__ import annotations

import re

from readycheck.terraform.blocks import Block

_WORKLOADS = re.compile(
    r"kubernetes_(?:deployment|stateful_set|daemon_?set|cron_job|job|pod|manifest)(?:_v1)?|kubectl_manifest|helm_release"
)
_FOLLOWERS = re.compile(r"flux_bootstrap_git|argocd_application(?:_set)?")
_CHARTS = frozenset(
    {"argo-cd", "argocd", "argocd-apps", "flux", "flux2", "flux2-sync", "flux-instance", "flux-operator"}
)


def brings_gitops(block: Block) -> bool:
    """Whether a resource makes Flux or Argo CD run, or follow a repository.

    Args:
        block: a `resource`.
    """
    kind = block.labels[0] if block.labels else ""
    release = kind == "helm_release" and not _CHARTS.isdisjoint({block.decided("chart"), block.decided("name")})
    return release or _FOLLOWERS.fullmatch(kind) is not None


def runs_on_cluster(block: Block) -> bool:
    """Whether a resource is something that runs on a cluster.

    Args:
        block: a `resource`.
    """
    return bool(block.labels) and _WORKLOADS.fullmatch(block.labels[0]) is not None and not brings_gitops(block)


def reaches_clusters(block: Block) -> bool:
    """Whether a block sets up a provider that makes objects in clusters.

    Args:
        block: any block.
    """
    return block.type == "provider" and bool(block.labels) and block.labels[0] in _PROVIDERS


_PROVIDERS = frozenset({"helm", "kubectl", "kubernetes"})
