"""The cluster source: what runs, as the API server of a live cluster tells it. Nothing is ever changed there."""

from __future__ import annotations

from collections.abc import Callable

from readycheck.model import Collected
from readycheck.sources.cluster.request import ClusterRequest

__all__ = ["ClusterRequest", "collect"]


def collect(request: ClusterRequest, progress: Callable[[str], None] = lambda _: None) -> Collected:
    """Read a cluster: each kind that rules ask about, listed side by side.

    Args:
        request: which cluster.
        progress: told what is being done.
    """
    # Configuration knows this package, and most scans are of files alone.
    from readycheck.sources.cluster.reading import read  # noqa: PLC0415

    return read(request, progress)
