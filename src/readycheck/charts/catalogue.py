"""Which charts are well known, and how one is recognised: by its name and by the repository that it comes from.

The homes are those that the charts' own projects name, as of November 2026; a chart that has moved has several.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from readycheck.charts.facts import facts_of


class KnownChart(Struct, frozen=True):
    """A chart that rules know something of.

    Args:
        chart: what it is called here: its name; of a second publisher of that name, `publisher/name`.
        program: what it installs.
        homes: the repositories that it is published in, now or before.
        common: whether its name is one that others give to charts of their own.
        deprecated: what is used in its place, where its project has given it up.
        left: of its homes, the beginnings of those that it has moved away from.
        service: whether it runs what serves the company's programs, and neither a controller nor observability.
    """

    chart: str
    program: str
    homes: Sequence[str]
    common: bool = False
    deprecated: str = ""
    left: Sequence[str] = ()
    service: bool = False

    @property
    def name(self) -> str:
        """The name that releases know it by."""
        return posixpath.basename(self.chart)

    def stale(self, repository: str) -> str:
        """What is to be said of a release that takes the chart from where nothing new of it comes; "" where it may.

        Args:
            repository: where the release takes it from; "" where that is not to be seen.
        """
        if self.deprecated:
            return f"the chart {self.chart} is given up for {self.deprecated}"
        address = _address(repository)
        if any(address == left or address.startswith(f"{left}/") for left in self.left):
            return f"the chart {self.chart} has moved to {self.homes[0]}, and is stale at {repository}"
        return ""


class Recognised(NamedTuple):
    """A chart that was recognised.

    Args:
        known: the chart.
        doubt: why, where only its name tells; "" where its repository does.
    """

    known: KnownChart
    doubt: str = ""


class Catalogue(NamedTuple):
    """The well-known charts, by name, and what shows a publisher that has charts of its own with these names."""

    charts: Mapping[str, Sequence[KnownChart]]
    others: re.Pattern[str]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Every chart that is well known."""
    read = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
    charts: dict[str, list[KnownChart]] = {}
    for chart, row in read["charts"].items():
        known = KnownChart(chart, **row)
        charts.setdefault(known.name, []).append(known)
    publishers = "|".join(map(re.escape, read["publishers"]))
    return Catalogue(charts, re.compile(rf"(?:\b|_)(?:{publishers})(?:\b|_)", re.IGNORECASE))


def known_chart(chart: str) -> KnownChart | None:
    """What is known of a chart; None where it is not well known.

    Args:
        chart: the chart, as the catalogue calls it.
    """
    named = catalogue().charts.get(posixpath.basename(chart), ())
    return next((known for known in named if known.chart == chart), None)


def is_known(name: str) -> bool:
    """Whether some well-known chart is called so."""
    return name in catalogue().charts


def names_another(repository: str) -> bool:
    """Whether the address or the name of a repository shows a publisher that has charts of its own.

    Args:
        repository: the address, or what an object calls it.
    """
    return catalogue().others.search(repository) is not None


def recognised(name: str, repository: str, version: str) -> Recognised | None:
    """The well-known chart that a release installs; None where it is none, or another publisher's of the same name.

    Where the repository is none of the chart's homes it may be a mirror: it is where its address names the chart's
    project, or where the version is one that the chart has been published in.

    Args:
        name: the chart's name.
        repository: where it comes from: the address of a registry, with or without the name, or of a git repository;
            "" where that is not to be seen.
        version: the version or range that is asked for; "" where none is.
    """
    named = catalogue().charts.get(name, ())
    address = _address(repository)
    for known in named:
        if any(address in (home, f"{home}/{name}") or address.startswith(f"{home}/") for home in known.homes):
            return Recognised(known)
    if names_another(repository):
        return None
    for known in named:
        if "/" in known.chart:
            continue
        if not address:
            return Recognised(known, "where its chart comes from is not in the tree") if not known.common else None
        facts = facts_of(known.chart)
        named_after_it = any(home in address for home in known.homes)
        if named_after_it or (facts.published(version) if facts else not known.common):
            return Recognised(known, f"{repository} is none of the chart's own repositories: it may be a mirror")
    return None


_SCHEME = re.compile(r"^[a-z+]+://(?:[^@/]*@)?")


def _address(repository: str) -> str:
    """The address of a repository without what may differ between two names of it."""
    return _SCHEME.sub("", repository.strip().lower()).rstrip("/").removesuffix(".git")
