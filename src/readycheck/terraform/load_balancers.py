"""Load balancers of AWS in the names and shapes of Terraform's provider: `aws_lb`, its listeners and target groups."""

from __future__ import annotations

from enum import Enum, auto

from readycheck.model import Place, Resource, Unjudged
from readycheck.terraform.identities import is_one, left_to_provider
from readycheck.terraform.things import DeclaredResource

LOAD_BALANCERS = ("aws_lb", "aws_alb")
LISTENERS = ("aws_lb_listener", "aws_alb_listener")
TARGET_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
LISTENER_CERTIFICATE = "aws_lb_listener_certificate"
"""A certificate that a listener presents beside its own, to those that ask for its names."""
SSL_POLICY = "aws_ssl_policy"
"""A security policy as the API describes it."""

CROSS_ZONE = "enable_cross_zone_load_balancing"
TARGETS_CROSS_ZONE = "load_balancing_cross_zone_enabled"
"""What of a target group overrides its load balancer."""


def subnets_of(made: Resource) -> list[Place]:
    """The subnets that a load balancer stands in, each once: a state has each in both of its attributes.

    Raises:
        Unjudged: an expression names them all, or they are not decided.
    """
    unset = [name for name in ("subnets", "subnet_mapping") if left_to_provider(made, name)]
    found: dict[str, Place] = {}
    for index, mapping in enumerate(made.mappings("subnet_mapping") if unset != ["subnet_mapping"] else ()):
        found[_text(mapping.get("subnet_id"), f"subnet_mapping[{index}]")] = made.at(("subnet_mapping", index))
    if unset == ["subnets"]:
        return list(found.values())
    if is_one(made.glimpse("subnets")):
        return [made.at("subnets")]
    listed = made.get("subnets") or []
    for index, subnet in enumerate(listed if isinstance(listed, list) else ()):
        text = _text(subnet, f"subnets[{index}]")
        if "*" in text:
            raise Unjudged(f"`{text}` names them all", made.at("subnets"))
        found.setdefault(text, made.at(("subnets", index)))
    return list(found.values())


def _text(value: object, otherwise: str) -> str:
    return str.__str__(value) if isinstance(value, str) else otherwise


class Balancing(Enum):
    """Whether requests go to targets in other zones than the one that they came to."""

    ON = auto()
    OFF = auto()
    """Somebody says so."""
    DEFAULT = auto()
    """It is off, and whether somebody says so is not recorded."""


def balancing_of(made: Resource) -> Balancing:
    """How a load balancer spreads requests, unless its target groups say otherwise.

    States and accounts record `false` where nobody has said anything.

    Raises:
        Unjudged: that is not decided.
    """
    if made.string("load_balancer_type", "application") == "application":
        return Balancing.ON
    on = made.get(CROSS_ZONE)
    if on in (True, "true"):
        return Balancing.ON
    if on not in (None, False, "false"):
        raise Unjudged(f"{CROSS_ZONE} is neither true nor false", made.at(CROSS_ZONE))
    return Balancing.OFF if on is not None and isinstance(made, DeclaredResource) else Balancing.DEFAULT


def balancing_to(group: Resource, otherwise: Balancing) -> Balancing:
    """How requests are spread over the targets of a group.

    Args:
        group: the target group.
        otherwise: how its load balancer spreads them.

    Raises:
        Unjudged: that is not decided.
    """
    said = group.get(TARGETS_CROSS_ZONE)
    if said in (True, "true"):
        return Balancing.ON
    return Balancing.OFF if said in (False, "false") else otherwise


def port_of(listener: Resource) -> int | None:
    """The port of a listener; None where it has none.

    Raises:
        Unjudged: it is not decided.
    """
    port = listener.get("port")
    if isinstance(port, str) and port.isdigit():
        return int(port)
    return port if isinstance(port, int) else None


def names_no_policy(listener: Resource) -> bool:
    """Whether nobody has named a security policy for a listener: a plan leaves that to the provider.

    Raises:
        Unjudged: which is named is not decided.
    """
    return left_to_provider(listener, "ssl_policy") or not listener.string("ssl_policy")


def takes_old_versions(described: Resource) -> bool:
    """Whether a security policy accepts TLS 1.0 or 1.1, or what was before.

    Args:
        described: the policy as the API describes it.

    Raises:
        Unjudged: what it accepts could not be read.
    """
    return any(version in _OLD for version in described.strings("protocols"))


_OLD = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})
