"""Where charts that run Alertmanager keep its configuration, and whom it sends alerts to.

Facts: `values.yaml` and the templates of the charts, and what the README of the chart prometheus says of upgrades: up
to 17 its Alertmanager was its own, configured under `alertmanagerFiles`; since 18.0.0 it is the chart alertmanager's
(all in prometheus-community/helm-charts, November 2026).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from readycheck.charts.facts import facts_of
from readycheck.charts.release import ChartRelease
from readycheck.charts.values import ChartValue
from readycheck.charts.versions import parse_version
from readycheck.model import Unjudged, text_of
from readycheck.observability.routing import Receiver, Routing, alertmanager_routing
from readycheck.observability.texts import body_of

_STACK = "kube-prometheus-stack"
_BY_DEFAULT = {_STACK: "null", "prometheus": "default-receiver", "alertmanager": "default-receiver"}
"""What the charts call their only receiver, which sends nothing."""
CHARTS = tuple(_BY_DEFAULT)
"""The charts that run Alertmanager."""

_SPEC = "alertmanager.alertmanagerSpec"
_NAMING = {
    _STACK: (f"{_SPEC}.configSecret", f"{_SPEC}.alertmanagerConfiguration.name"),
    "prometheus": ("alertmanager.configFromSecret", "alertmanager.configMapOverrideName"),
}
"""The keys that name an object with the configuration."""
_FILE = 'alertmanagerFiles["alertmanager.yml"]'
_SUBCHART_SINCE = 18


def routing_of_release(release: ChartRelease, read: Container[str]) -> Routing | None:
    """The routing that a release brings; None where it runs no Alertmanager, or takes one that was read.

    Args:
        release: a release of one of the charts that run it.
        read: the names of the objects that were read and hold a routing.

    Raises:
        Unjudged: its values do not tell.
    """
    if release.chart == "alertmanager":
        return _of_alertmanager(release, "")
    if _is(release, "alertmanager.enabled", value=False):
        return None
    named = _named(release)
    if named is not None:
        return None if text_of(named.seen) in read else _elsewhere(named, text_of(named.seen))
    return _of_stack(release) if release.chart == _STACK else _of_prometheus(release)


def _named(release: ChartRelease) -> ChartValue | None:
    """The name of the object that a release is told to take the configuration from."""
    found = (release.given(key) for key in _NAMING[release.chart])
    return next((each for each in found if each is not None and each.seen), None)


def _of_stack(release: ChartRelease) -> Routing:
    existing = release.given(f"{_SPEC}.useExistingSecret")
    if existing is not None and existing.seen:
        return _elsewhere(existing, "an existing Secret")
    if _is(release, "alertmanager.tplConfig", value=True):
        for key in ("alertmanager.stringConfig", "alertmanager.config"):
            given = release.given(key)
            if given is not None and isinstance(given.seen, str) and given.seen:
                return _of_text(given, given.seen)
    return _of_mapping(release, "alertmanager.config")


def _of_alertmanager(release: ChartRelease, below: str) -> Routing:
    """What the chart alertmanager is configured with, under a key of the chart around it."""
    switch = release.given(f"{below}config.enabled")
    if switch is not None and switch.seen is False:
        return _elsewhere(switch, "a ConfigMap of one's own")
    return _of_mapping(release, f"{below}config")


def _of_prometheus(release: ChartRelease) -> Routing:
    former = _is_former(release)
    if former is not True and (former is False or release.given(_FILE) is None):
        return _of_alertmanager(release, "alertmanager.")
    return _of_mapping(release, _FILE)


def _is_former(release: ChartRelease) -> bool | None:
    """Whether a release of the chart prometheus is of a version with an Alertmanager of its own; None: of any."""
    exact = parse_version(text_of(release.version))
    if exact is not None:
        return exact.major < _SUBCHART_SINCE
    facts = facts_of(release.chart)
    try:
        indexes = facts.select(release.version).indexes if facts is not None else ()
    except Unjudged:
        return None
    majors = {version.major for index in indexes if (version := parse_version(facts.versions[index]))}  # type: ignore[union-attr]
    told = {major < _SUBCHART_SINCE for major in majors}
    return told.pop() if len(told) == 1 else None


def _of_mapping(release: ChartRelease, key: str) -> Routing:
    """The routing that stands under a key; the chart's own where nothing does."""
    whole = release.given(key)
    if whole is not None and isinstance(whole.seen, str) and whole.seen:
        return _of_text(whole, whole.seen)
    name = _BY_DEFAULT[release.chart]
    route, receivers = release.given(f"{key}.route"), release.given(f"{key}.receivers")
    given = receivers or route
    if given is None:
        nobody = Receiver(name, release.chart_place, "is the chart's default and sends nothing to anybody")
        return Routing(release.chart_place, {name: nobody}, (name,))
    body: dict[str, Any] = {
        "receivers": receivers.seen if receivers is not None else [{"name": name}],
        "route": {"receiver": name, **_mapping(route)},
    }
    return alertmanager_routing(given.place, body, text=True)


def _of_text(given: ChartValue, text: str) -> Routing:
    body = body_of(text_of(text))
    if body is None:
        return Routing(given.place, {}, hidden="Alertmanager's configuration is a template, which cannot be read")
    return alertmanager_routing(given.place, body, text=True)


def _elsewhere(given: ChartValue, where: str) -> Routing:
    return Routing(given.place, {}, hidden=f"Alertmanager's configuration comes from {where}")


def _mapping(given: ChartValue | None) -> Mapping[str, Any]:
    return given.seen if given is not None and isinstance(given.seen, Mapping) else {}


def _is(release: ChartRelease, key: str, *, value: bool) -> bool:
    given = release.given(key)
    return given is not None and given.seen is value
