"""How long versions of Kubernetes are supported, upstream and on EKS: a dated table that is shipped as data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from readycheck.model import Resource

EKS, UPSTREAM = "eks", "kubernetes"
SERVER_VERSION = "ServerVersion"
"""The kind of what an API server says of its version (Kubernetes API, `/version`); its name is the version."""

_OF_DATE = len("2026-12-02")
_MINOR = re.compile(r"v?1\.(\d+)(?:[.+-].*)?\Z")


class Support(NamedTuple):
    """Until when a version is supported.

    Args:
        standard: the day that standard support ends, as the table writes it.
        extended: the day that paid support ends; "" where there is none.
        table_date: the day that the table is of; "" where EKS itself was asked.
    """

    standard: str
    extended: str
    table_date: str

    def ended(self, now: float) -> bool:
        """Whether standard support is over at a moment, in seconds since the epoch."""
        return self.days_left(now) < 0

    def days_left(self, now: float) -> int:
        """The days that standard support lasts from a moment on; negative once it is over."""
        end = datetime.combine(datetime.fromisoformat(self.standard), time.max, UTC)
        return int((end.timestamp() - now) // 86400)


def minor_of(version: str) -> int | None:
    """The minor version: 31 of `1.31`, `v1.31.4`; None where it is no version of Kubernetes."""
    match = _MINOR.match(version)
    return int(match[1]) if match else None


def is_of_eks(version: str) -> bool:
    """Whether an API server's version is one of EKS: `v1.33.4-eks-ea43b6e`."""
    return "-eks-" in version


def support_of(minor: int, table: str) -> Support | None:
    """Until when a minor version is supported; None where the table does not know it.

    What is older than the table went out of support before its oldest entry did.

    Args:
        minor: the minor version.
        table: `eks` or `kubernetes`.
    """
    known, date = _tables()
    ends = known[table]
    oldest = min(ends)
    end = ends.get(minor, ends[oldest] if minor < oldest else None)
    return Support(end[0], end[1], date) if end else None


def support_told(version: Resource) -> Support | None:
    """Until when EKS itself says that it supports a version; None where it does not say.

    Args:
        version: an `aws_eks_cluster_version`.
    """
    standard, extended = (
        str(version.body.get(f"end_of_{name}_support_date") or "") for name in ("standard", "extended")
    )
    return Support(standard[:_OF_DATE], extended[:_OF_DATE], "") if standard else None


@lru_cache(maxsize=1)
def _tables() -> tuple[Mapping[str, Mapping[int, tuple[str, str]]], str]:
    data = json.loads(Path(__file__).with_name("support.json").read_text("utf-8"))
    tables = {
        table: {int(version.partition(".")[2]): (end[0], end[1]) for version, end in data[table]["ends"].items()}
        for table in (EKS, UPSTREAM)
    }
    return tables, data["date"]
