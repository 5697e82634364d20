"""What a report is made from: what each environment's scan and history show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from readycheck.history import Delta, Snapshot, TrendPoint


class Patch(Struct, frozen=True, kw_only=True):
    """How one finding is mended, worked out to the letter.

    Args:
        diff: what changes in the tree, as a unified diff; "" where the fix is no edit of a file.
        safe: whether there is nothing to decide.
        note: what comes with it (a restart, more capacity); "" where nothing does.
        command: what applies it; "" where that is work by hand.
        kustomize: the same as a patch of kustomize; "" where there is none.
        kubectl: the same as a command for the live object; "" where there is none.
    """

    diff: str
    safe: bool
    note: str = ""
    command: str = ""
    kustomize: str = ""
    kubectl: str = ""


class Edition(Struct, frozen=True, kw_only=True):
    """One environment's part of a report.

    Args:
        snapshot: its latest scan.
        since: when the scan was taken that it is compared with, as an RFC 3339 UTC time; "" where there is none.
        delta: what changed from that one; None where there is none.
        trend: its last weeks.
        first_seen: when the history first saw each finding, by fingerprint.
        patches: how findings are mended, by fingerprint, as far as that was worked out.
    """

    snapshot: Snapshot
    since: str = ""
    delta: Delta | None = None
    trend: Sequence[TrendPoint] = ()
    first_seen: Mapping[str, str] = field(default_factory=dict)
    patches: Mapping[str, Patch] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The environment's name; "" where none was named."""
        return self.snapshot.environment
