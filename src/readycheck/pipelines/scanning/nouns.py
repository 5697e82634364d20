"""The noun of a scan."""

from __future__ import annotations

from enum import Enum

from readycheck.pipelines.acts import Act


class Subject(Enum):
    """What a scan looks into."""

    IMAGE = "the image"
    """By its name, or in an archive."""
    SBOM = "a list of packages"
    FILES = "files"


class Scan(Act, frozen=True, kw_only=True):
    """It looks for vulnerabilities.

    Args:
        of: what it looks into.
        target: the image or the file, as it is written; "" where it cannot be told.
        harmless: why a critical vulnerability does not make it fail, to follow its name; "" where it does.
        unsure: what decides whether it does and could not be read; "" where nothing does.
        report: the file that what it finds is written to, as it is written; "" where it goes to the log.
        remark: what is worth saying of it where it does; "" where nothing is.
    """

    of: Subject
    target: str = ""
    harmless: str = ""
    unsure: str = ""
    report: str = ""
    remark: str = ""
