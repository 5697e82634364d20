"""Which cluster is asked for."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class ClusterRequest(Struct, frozen=True):
    """Which cluster to read and how.

    Args:
        context: the context of the kubeconfig; "" for its current one.
        kubeconfig: the kubeconfig; None for what KUBECONFIG names, else ~/.kube/config.
        in_cluster: use the service account of the pod that this runs in.
        timeout_seconds: how long one kind may take.
        deadline_seconds: how long all of them together may take.
        concurrency: how many requests are on their way at once.
    """

    context: str = ""
    kubeconfig: Path | None = None
    in_cluster: bool = False
    timeout_seconds: int = 60
    deadline_seconds: int = 600
    concurrency: int = 8

    @property
    def named(self) -> str:
        """What the cluster is called as long as the kubeconfig has not told."""
        return "in-cluster" if self.in_cluster else self.context or "current context"
