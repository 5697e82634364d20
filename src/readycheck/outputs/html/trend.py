"""The last weeks as the geometry of a chart: what to draw where, in the units of its view box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from readycheck.history import TrendPoint
from readycheck.model import Severity, Status
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.text import visible

WEEKS = 12
WIDTH, HEIGHT = 640, 280
_LEFT, _TOP, _BOTTOM = 44, 14, 30
_SPARK_WIDTH, _SPARK_HEIGHT = 84, 20


class Segment(Struct, frozen=True):
    """One severity's part of a week's bar."""

    severity: str
    y: float
    height: float


class Week(Struct, frozen=True):
    """One week: where its bar stands, what it is made of, and what the table beside the chart says.

    Args:
        monday: the day that it begins with, `2026-11-23`.
        label: the same for the axis, `23 Nov`.
        x: the left edge of its bar.
        width: of its bar.
        segments: the bar's parts, from the bottom up.
        counts: how many findings there are of each severity; empty where no scan was kept of it.
        score: in percent; None where it is not known.
        bar_moved: whether the rules are others than in the week before.
    """

    monday: str
    label: str
    x: float
    width: float
    segments: Sequence[Segment]
    counts: Mapping[str, int]
    score: float | None
    bar_moved: bool


class Chart(Struct, frozen=True):
    """One environment's weeks.

    Args:
        name: the environment's; "" where none was named.
        weeks: from the first week on.
        ticks: the values of the vertical axis, with their heights.
        base: where the bars stand.
        left: where they begin.
        width: of the view box.
        height: of the view box.
    """

    name: str
    weeks: Sequence[Week]
    ticks: Sequence[tuple[int, float]]
    base: float
    left: float
    width: int
    height: int


def chart(edition: Edition) -> Chart | None:
    """An environment's weeks; None where fewer than two scans are kept, which are no trend."""
    points = {point.week: point for point in edition.trend}
    if len(points) < 2:  # noqa: PLR2004
        return None
    mondays = list(_mondays(edition.trend))
    highest = max(sum(point.scan.severities.values()) for point in edition.trend)
    step = _step(highest)
    top = step * max(1, -(-highest // step))
    base = HEIGHT - _BOTTOM
    scale = (base - _TOP) / top
    pitch = (WIDTH - _LEFT) / len(mondays)
    width = round(min(pitch * 0.62, 36), 1)
    weeks = [
        _week(monday, points.get(monday), round(_LEFT + pitch * index + (pitch - width) / 2, 1), width, scale)
        for index, monday in enumerate(mondays)
    ]
    ticks = [(value, round(base - value * scale, 1)) for value in range(0, top + 1, step)]
    return Chart(visible(edition.name), weeks, ticks, base, _LEFT, WIDTH, HEIGHT)


def _week(monday: str, point: TrendPoint | None, x: float, width: float, scale: float) -> Week:
    counts = dict(point.scan.severities) if point else {}
    segments = []
    y = float(HEIGHT - _BOTTOM)
    for severity in reversed(Severity):
        height = round(counts.get(severity.value, 0) * scale, 1)
        y = round(y - height, 1)
        if height:
            segments.append(Segment(severity.value, y, height))
    day = date.fromisoformat(monday)
    return Week(
        monday,
        f"{day.day} {day:%b}",
        x,
        width,
        segments,
        counts,
        point.scan.score if point else None,
        bool(point and point.bar_moved),
    )


def _mondays(points: Sequence[TrendPoint]) -> Iterator[str]:
    """Every week from the first to the last point, of the latest twelve."""
    last = date.fromisoformat(points[-1].week)
    first = max(date.fromisoformat(points[0].week), last - timedelta(weeks=WEEKS - 1))
    while first <= last:
        yield first.isoformat()
        first += timedelta(weeks=1)


def _step(highest: int) -> int:
    """The distance of an axis' values: a round number that makes about four of them."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * 4 >= highest:
                return step * factor
        step *= 10


def sparkline(editions: Sequence[Edition], area: str) -> str:
    """The points of an area's failures by week, over all environments, as SVG takes them; "" for less than two.

    A week that one of the environments has no scan of would look like a better one, and is left out.
    """
    trends = [
        {point.week: point.areas.get(area, {}).get(Status.FAIL.value, 0) for point in edition.trend}
        for edition in editions
    ]
    weeks = set.intersection(*map(set, trends))
    if len(weeks) < 2:  # noqa: PLR2004
        return ""
    values = [sum(trend[week] for trend in trends) for week in sorted(weeks)]
    highest = max(*values, 1)
    pitch = (_SPARK_WIDTH - 4) / (len(values) - 1)
    return " ".join(
        f"{2 + index * pitch:.1f},{_SPARK_HEIGHT - 2 - value / highest * (_SPARK_HEIGHT - 4):.1f}"
        for index, value in enumerate(values)
    )
