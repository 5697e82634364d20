"""What is kept of each scan, and what changed between them.

`History` keeps scans in one file of SQLite or on a PostgreSQL server; `compare` tells two of them apart, kept or read
from files of `-o json`.
"""

from readycheck.history.delta import Change, Delta, RuleChanges, compare
from readycheck.history.snapshot import (
    ExemptionRecord,
    FindingRecord,
    GateRecord,
    HistoryError,
    OtherSide,
    OutcomeRecord,
    Piece,
    ProblemRecord,
    Remedy,
    RuleRecord,
    Snapshot,
    SourceRecord,
    Spot,
    Tally,
    Thing,
    read_report,
)
from readycheck.history.store import History
from readycheck.history.trend import ScanRow, TrendPoint

__all__ = [
    "Change",
    "Delta",
    "ExemptionRecord",
    "FindingRecord",
    "GateRecord",
    "History",
    "HistoryError",
    "OtherSide",
    "OutcomeRecord",
    "Piece",
    "ProblemRecord",
    "Remedy",
    "RuleChanges",
    "RuleRecord",
    "ScanRow",
    "Snapshot",
    "SourceRecord",
    "Spot",
    "Tally",
    "Thing",
    "TrendPoint",
    "compare",
    "read_report",
]
