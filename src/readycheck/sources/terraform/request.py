"""Which states and plans are asked for."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

LARGEST_DOCUMENT = 256 * 1024 * 1024
"""Bytes that are read of one state or plan at most."""


class TerraformRequest(Struct, frozen=True):
    """Which states and plans to read.

    Args:
        states: states, as the paths of files, which may be patterns, or as `s3://BUCKET/KEY`.
        plans: plans that `show -json` has printed, as paths.
        roots: folders whose root modules have been initialised: their `.terraform` says which backend they use.
        bases: folders that paths in reports start from: the first that a file stands in.
        profile: the profile whose credentials read an object store; "" for those of the process.
        endpoint: another address of the object store than the provider's own; "" for that.
        timeout_seconds: how long one request to an object store may take.
    """

    states: tuple[Path | str, ...] = ()
    plans: tuple[Path, ...] = ()
    roots: tuple[Path, ...] = ()
    bases: tuple[Path, ...] = (Path(),)
    profile: str = ""
    endpoint: str = ""
    timeout_seconds: int = 30
