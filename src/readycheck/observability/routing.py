"""Where alerts are sent: Alertmanager's configuration and Grafana's contact points, in every format of theirs.

Formats: the documentation of Alertmanager, of the Prometheus and VictoriaMetrics operators, of Grafana's provisioning,
its operator and its provider for Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.model import Place, Resource, Unresolved
from readycheck.secrets.placeholder import Stand, stand_of
from readycheck.terraform.blocks import Block


class Receiver(Struct, frozen=True, eq=False):
    """What alerts are sent to.

    Args:
        name: what routes call it.
        place: where it stands.
        lacking: why nobody gets what is sent to it; "" where somebody does.
    """

    name: str
    place: Place
    lacking: str = ""


class Routing(Struct, frozen=True, eq=False):
    """A tree of routes and the receivers that it leads to.

    Args:
        place: where it stands.
        receivers: the receivers, by name.
        reached: the names of those that routes lead to; None where the routes are not at hand.
        hidden: why it cannot be read; "" where it can.
    """

    place: Place
    receivers: Mapping[str, Receiver]
    reached: tuple[str, ...] | None = ()
    hidden: str = ""

    @property
    def real(self) -> bool:
        """Whether somebody is told of alerts."""
        return any(self._told(name) for name in self.reached or ())

    def _told(self, name: str) -> bool:
        receiver = self.receivers.get(name)
        return receiver is not None and not receiver.lacking

    @property
    def unreached(self) -> str:
        """A receiver that somebody reads and no route leads to; "" where there is none."""
        return next((name for name, each in self.receivers.items() if not each.lacking), "")

    @property
    def first(self) -> Receiver | None:
        """The receiver that alerts get to first."""
        return next((self.receivers[name] for name in self.reached or self.receivers if name in self.receivers), None)


# Alertmanager -----------------------------------------------------------------------------------------------------

_CONFIGS = re.compile(r"(\w+?)(?:_configs|Configs)")
_HEARTBEATS = frozenset({"Watchdog", "InfoInhibitor", "DeadMansSwitch", "DeadMansSnitch"})


def alertmanager_routing(place: Place, body: Mapping[str, Any], *, text: bool = False) -> Routing:
    """The routing of a configuration of Alertmanager, or of an object's `spec` that holds one.

    Args:
        place: where it stands.
        body: its `route` and `receivers`.
        text: whether it stands there as a text.
    """
    receivers: dict[str, Receiver] = {}
    listed = body.get("receivers")
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(each, Mapping) and isinstance(each.get("name"), str):
            at = place if text else Place(place.resource, (*place.path, "receivers", index))
            name = str.__str__(each["name"])
            receivers[name] = Receiver(name, at, _lacking(each))
    return Routing(place, receivers, tuple(_reached(body.get("route"), "receiver", "routes")))


def _lacking(receiver: Mapping[str, Any]) -> str:
    reasons: list[str] = []
    for key, configs in receiver.items():
        match = _CONFIGS.fullmatch(key)
        for config in configs if match is not None and isinstance(configs, list) else ():
            reason = _why_nobody(match[1].lower(), config) if match is not None else ""
            if not reason:
                return ""
            reasons.append(reason)
    return reasons[0] if reasons else "sends nothing to anybody"


def _reached(route: object, receiver: str, children: str) -> Iterator[str]:
    waiting = [route]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, Mapping) or _is_heartbeat(each):
            continue
        if isinstance(each.get(receiver), str):
            yield str.__str__(each[receiver])
        below = each.get(children)
        waiting += reversed(below) if isinstance(below, list) else []


def _is_heartbeat(route: Mapping[str, Any]) -> bool:
    """Whether a route takes alerts that say that alerting works: what gets them gets no others."""
    match = route.get("match")
    if isinstance(match, Mapping) and match.get("alertname") in _HEARTBEATS:
        return True
    matchers = route.get("matchers")
    for each in matchers if isinstance(matchers, list) else ():
        if isinstance(each, Mapping) and each.get("name") == "alertname" and each.get("value") in _HEARTBEATS:
            return True
        if isinstance(each, str) and any(re.search(rf"alertname\s*=~?\s*\W?{name}\b", each) for name in _HEARTBEATS):
            return True
    return False


# Receivers ----------------------------------------------------------------------------------------------------------

_DESTINATION = re.compile(
    r"(?:url|to|(?:web_?hook|api|service|endpoint)_?url|addresses|(?:integration|routing|service|api|user)_?key|"
    r"(?:bot_?)?token|webhook)(?:_?file)?$|.*_file$|.*file$|.*secret$",
    re.IGNORECASE,
)
_NEEDS = {
    "webhook": "url",
    "email": "address",
    "discord": "webhook url",
    "msteams": "webhook url",
    "teams": "webhook url",
}
_EXAMPLE = re.compile(
    r"example@email\.com|[@/.]example\.(?:com|org|net|edu)\b|[@/.](?:example|your-?(?:domain|company|org)\w*)\.\w+|"
    r"\.(?:example|invalid|test)(?:[:/]|\Z)|"
    r"services/T0+\w*/B0+|X{6,}|127\.0\.0\.1:5001|changeme|<[^>]*>",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[,;\s]+")


def _why_nobody(kind: str, config: object) -> str:
    """Why nobody gets what an integration sends; "" where somebody does."""
    if not isinstance(config, Mapping):
        return ""
    found = [(key, value) for key, value in config.items() if _DESTINATION.match(key)]
    for key, value in found:
        reason = _placeholder(value)
        if reason:
            return f"{kind}: {key} {reason}"
    if not found and kind in _NEEDS:
        return f"{kind}: no {_NEEDS[kind]}"
    return ""


def _placeholder(value: object) -> str:
    if isinstance(value, list) and value:
        reasons = [_placeholder(each) for each in value]
        return reasons[0] if all(reasons) else ""
    if isinstance(value, Unresolved | Mapping | bool):
        return ""
    text = str(value if value is not None else "").strip()
    if not text:
        return "is empty"
    if text == "<example@email.com>":
        return "is the placeholder <example@email.com>"
    if stand_of(text) in (Stand.NOTHING, Stand.DUMMY):
        return "is a placeholder"
    parts = [each for each in _BETWEEN.split(text) if each]
    return "is an example" if parts and all(_EXAMPLE.search(each) for each in parts) else ""


# Grafana --------------------------------------------------------------------------------------------------------------


def grafana_points(place: Place, body: Mapping[str, Any], *, text: bool = False) -> Iterator[Receiver]:
    """The contact points of a file of Grafana's provisioning.

    Args:
        place: where the body stands.
        body: the body.
        text: whether it stands there as a text.
    """
    listed = body.get("contactPoints")
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(each, Mapping) and isinstance(each.get("name"), str):
            at = place if text else Place(place.resource, (*place.path, "contactPoints", index))
            yield Receiver(str.__str__(each["name"]), at, _grafana_lacking(each.get("receivers")))


def grafana_reached(body: Mapping[str, Any]) -> Iterator[str]:
    """The contact points that the policies of a file of Grafana's provisioning lead to."""
    policies = body.get("policies")
    for policy in policies if isinstance(policies, list) else ():
        yield from _reached(policy, "receiver", "routes")


GRAFANA_S_OWN = "grafana-default-email"
"""The contact point that Grafana makes itself, for whoever declares none."""


def own_point(place: Place) -> Receiver:
    """The contact point that Grafana makes itself.

    Args:
        place: what leads to it.
    """
    return Receiver(GRAFANA_S_OWN, place, "is Grafana's own and sends to <example@email.com>")


def operator_point(resource: Resource) -> Receiver:
    """The contact point of a GrafanaContactPoint."""
    spec = resource.body.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    flat = [{"type": spec["type"], **spec}] if isinstance(spec.get("type"), str) else []
    receivers = spec.get("receivers") if isinstance(spec.get("receivers"), list) else flat
    name = spec.get("name")
    return Receiver(str(name or resource.name), resource.at("spec"), _grafana_lacking(receivers))


def operator_reached(resource: Resource) -> Iterator[str]:
    """The contact points that a GrafanaNotificationPolicy leads to."""
    spec = resource.body.get("spec")
    yield from _reached(spec.get("route") if isinstance(spec, Mapping) else None, "receiver", "routes")


def _grafana_lacking(receivers: object) -> str:
    reasons: list[str] = []
    for each in receivers if isinstance(receivers, list) else ():
        if not isinstance(each, Mapping):
            return ""
        settings = each.get("settings")
        # Values that an object or a Secret gives stand beside the settings.
        reason = "" if each.get("valuesFrom") else _why_nobody(str(each.get("type")), settings or {})
        if not reason:
            return ""
        reasons.append(reason)
    return reasons[0] if reasons else "sends nothing to anybody"


def terraform_point(block: Block) -> Receiver:
    """The contact point of a `grafana_contact_point`."""
    reasons = [_why_nobody(each.type, each.attributes) for each in block.blocks()]
    lacking = "" if any(not reason for reason in reasons) else next(iter(reasons), "sends nothing to anybody")
    return Receiver(block.decided("name"), block.at(), lacking)


_REFERENCE = re.compile(r"grafana_contact_point\.([\w-]+)")


def terraform_reached(block: Block, names: Mapping[str, str]) -> Iterator[str]:
    """The contact points that a `grafana_notification_policy` leads to.

    Args:
        block: the policy.
        names: the contact points' names, by the names of their resources.
    """
    waiting = [block]
    while waiting:
        each = waiting.pop()
        point = each.attributes.get("contact_point")
        if isinstance(point, str):
            text = str.__str__(point)
            match = _REFERENCE.search(text) if isinstance(point, Unresolved) else None
            yield names.get(match[1], text) if match else text
        waiting += each.blocks("policy")


# Files ---------------------------------------------------------------------------------------------------------------


def is_alertmanager_file(name: str) -> bool:
    """Whether a file is Alertmanager's configuration by its name."""
    return _ALERTMANAGER.fullmatch(name) is not None


_ALERTMANAGER = re.compile(r"alertmanager(?:-config)?\.ya?ml")
