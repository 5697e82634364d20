"""The aws source: what accounts hold, in Terraform's names and shapes. Nothing is ever changed there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from readycheck.model import Collected, Problem
from readycheck.sources.aws.request import AwsRequest

__all__ = ["AwsRequest", "collect"]


def collect(
    requests: Sequence[AwsRequest],
    beside: Iterable[Collected] = (),
    progress: Callable[[str], None] = lambda _: None,
    *,
    types: frozenset[str] | None = None,
) -> Collected:
    """Read accounts: each service of each region that is asked for, side by side.

    Args:
        requests: which accounts.
        beside: what other sources read: the regions, keys, buckets and images that they name are asked for.
        progress: told what is being done.
        types: the types that rules ask for; None for all.
    """
    try:
        import botocore  # noqa: F401, PLC0415 - slow to import, and an extra
    except ImportError:
        reason = "reading an account of AWS takes botocore: pip install 'readycheck-audit[aws]'"
        return Collected("aws", (), problems=(Problem("aws", reason),), failed=True)
    # Configuration knows this package, and most scans are of files alone.
    from readycheck.sources.aws.naming import named_by  # noqa: PLC0415
    from readycheck.sources.aws.reading import read  # noqa: PLC0415

    return read(requests, replace(named_by(beside), types=types), progress)
