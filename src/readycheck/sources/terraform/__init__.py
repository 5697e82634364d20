"""The terraform source: what states record and what plans mean to change. Neither Terraform nor a provider is run."""

from __future__ import annotations

from collections.abc import Callable

from readycheck.model import Collected
from readycheck.sources.terraform.request import TerraformRequest

__all__ = ["TerraformRequest", "collect"]


def collect(request: TerraformRequest, progress: Callable[[str], None] = lambda _: None) -> Collected:
    """Read states and plans.

    Args:
        request: which.
        progress: told what is being done.
    """
    # Configuration knows this package, and most scans are of files alone.
    from readycheck.sources.terraform.reading import read  # noqa: PLC0415

    return read(request, progress)
