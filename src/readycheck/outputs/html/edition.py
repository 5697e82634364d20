"""What a report is made from: what each environment's scan and history show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from readycheck.history import Delta, Snapshot, TrendPoint


class Edition(Struct, frozen=True, kw_only=True):
    """One environment's part of a report.

    Args:
        snapshot: its latest scan.
        since: when the scan was taken that it is compared with, as an RFC 3339 UTC time; "" where there is none.
        delta: what changed from that one; None where there is none.
        trend: its last weeks.
        first_seen: when the history first saw each finding, by fingerprint.
    """

    snapshot: Snapshot
    since: str = ""
    delta: Delta | None = None
    trend: Sequence[TrendPoint] = ()
    first_seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The environment's name; "" where none was named."""
        return self.snapshot.environment
