"""What a Service of type LoadBalancer becomes on AWS, and what listens there.

Who reconciles the Service decides what its annotations mean (AWS Load Balancer Controller, service annotations and the
code that reads them, v3; cloud-provider-aws, `pkg/providers/v1`; EKS user guide, Auto Mode; as of November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readycheck.kubernetes.cloud import AWS, Sign, sign_on
from readycheck.model import Path, Place, Resource, Unjudged, Unresolved

PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
TYPE = f"{PREFIX}type"
TARGET_TYPE = f"{PREFIX}nlb-target-type"
SCHEME = f"{PREFIX}scheme"
INTERNAL = f"{PREFIX}internal"
CERTIFICATES = f"{PREFIX}ssl-cert"
TLS_PORTS = f"{PREFIX}ssl-ports"
POLICY = f"{PREFIX}ssl-negotiation-policy"
BACKEND_PROTOCOL = f"{PREFIX}backend-protocol"
ATTRIBUTES = f"{PREFIX}attributes"
CROSS_ZONE = f"{PREFIX}cross-zone-load-balancing-enabled"
SUBNETS = f"{PREFIX}subnets"

CONTROLLER_CLASS = "service.k8s.aws/nlb"
AUTO_MODE_CLASS = "eks.amazonaws.com/nlb"
LOAD_BALANCER_CLASS: Path = ("spec", "loadBalancerClass")
_ADDRESSES: Path = ("status", "loadBalancer", "ingress")
_CROSS_ZONE_ATTRIBUTE = "load_balancing.cross_zone.enabled"
_NEITHER = "it names neither a class nor a type"
_EXTERNAL_ALONE = "its type external needs an nlb-target-type where no webhook gives it a class"
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


class Maker(Enum):
    """Who makes a load balancer for a Service."""

    CONTROLLER = "the AWS Load Balancer Controller"
    AUTO_MODE = "EKS Auto Mode"
    IN_TREE = "the cloud provider for AWS"
    OTHER = "another cloud's controller"


class Design(Enum):
    """What a load balancer is."""

    NLB = "NLB"
    CLASSIC = "Classic ELB"
    OTHER = "load balancer"
    """One of another cloud, or of a network of one's own."""
    UNTOLD = "load balancer of AWS"
    """An NLB or a Classic ELB, or one whose cloud is not told."""


_NAMES = (
    (re.compile(r"[^.]+\.elb\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?"), Design.NLB),
    (re.compile(r"[^.]+\.[a-z0-9-]+\.elb\.amazonaws\.com(?:\.cn)?"), Design.CLASSIC),
)
"""The names that AWS gives to what it makes for a Service: an Application Load Balancer is none of those."""


class Listener(Struct, frozen=True, eq=False):
    """A port that a load balancer listens on.

    Args:
        port: its number.
        place: the port of the Service that asks for it.
        protocol: TCP or UDP, as the Service says.
        certificates: what it presents; nothing where it does not terminate TLS.
        policy: the security policy that is named for TLS; "" where none is.
        reencrypts: whether it speaks TLS to what is behind it.
    """

    port: int
    place: Place
    protocol: str
    certificates: tuple[str, ...] = ()
    policy: str = ""
    reencrypts: bool = False

    @property
    def name(self) -> str:
        """The name of the Service's port; "" where it has none."""
        name = self.place.seen.get("name")
        return "" if name is None else str(name)

    @property
    def terminates(self) -> bool:
        """Whether it terminates TLS."""
        return bool(self.certificates)


class LoadBalancer(Struct, frozen=True, eq=False, dict=True):
    """What a Service of type LoadBalancer becomes.

    Args:
        service: the Service.
        design: what it becomes.
        place: what decides that, or would.
        maker: who makes it; None where that cannot be told.
        doubt: what it lacks for that to be told; "" where it is.
        cloud: the cloud that it stands in, or what makes it there; None where nothing tells.
        observed: whether that shows by the name that it was given, not by what asks for it.
    """

    service: Resource
    design: Design
    place: Place
    maker: Maker | None = None
    doubt: str = ""
    cloud: Sign | None = None
    observed: bool = False

    @classmethod
    def of(cls, service: Resource, default: Maker | None = None, cloud: Sign | None = None) -> LoadBalancer | None:
        """What a Service becomes, or has become in a live cluster; None where it is no load balancer.

        Args:
            service: a Service.
            default: who takes Services that name no class, where that is known.
            cloud: the cloud that everything stands in, where that is known.

        Raises:
            Unjudged: what it becomes is not decided yet.
        """
        if service.string("spec.type") != "LoadBalancer":
            return None
        return _as_made(cls._declared(service, default, cloud))

    @property
    def pending(self) -> bool:
        """Whether nothing has given the Service of a live cluster an address.

        Raises:
            Unjudged: its status has another shape.
        """
        return not self.service.mappings(_ADDRESSES)

    @classmethod
    def _declared(cls, service: Resource, default: Maker | None, cloud: Sign | None) -> LoadBalancer:
        """What a Service becomes by what it asks for."""
        sign = _sign(service, cloud)
        named = service.string(LOAD_BALANCER_CLASS)
        at_class = service.at(LOAD_BALANCER_CLASS)
        if named == CONTROLLER_CLASS:
            return cls(service, Design.NLB, at_class, Maker.CONTROLLER, cloud=sign)
        if named == AUTO_MODE_CLASS:
            return cls(service, Design.NLB, at_class, Maker.AUTO_MODE, cloud=sign)
        if named:
            return cls(service, Design.OTHER, at_class, Maker.OTHER, cloud=_by_class(named, at_class))
        return cls._by_type(service, default, sign)

    @classmethod
    def _by_type(cls, service: Resource, default: Maker | None, sign: Sign | None) -> LoadBalancer:
        """What a Service without a class becomes, going by its annotations and by who takes such Services."""
        said = annotation(service, TYPE)
        place = service.at(("metadata", "annotations", TYPE))
        design, maker, doubt = Design.NLB, default, ""
        if sign is not None and not sign.aws:
            design, maker, place = Design.OTHER, Maker.OTHER, sign.place
        elif said == "nlb-ip" or (said == "external" and annotation(service, TARGET_TYPE) in ("ip", "instance")):
            maker = Maker.CONTROLLER
        elif default in (Maker.CONTROLLER, Maker.AUTO_MODE):
            # Their webhooks give a class to every Service that names none.
            place = service.at(LOAD_BALANCER_CLASS)
        elif said == "nlb":
            maker = Maker.IN_TREE
        elif said == "external":
            design, maker, doubt = Design.UNTOLD, None, _EXTERNAL_ALONE
        elif default is Maker.IN_TREE:
            design = Design.CLASSIC
        else:
            design = Design.UNTOLD
            doubt = f"its type {said} is none that a controller knows" if said else _NEITHER
        return cls(service, design, place, maker, doubt, sign)

    @property
    def aws(self) -> bool | None:
        """Whether it stands in AWS; None where nothing tells."""
        if self.design is Design.OTHER:
            return False
        if self.maker is not None:
            return True
        return None if self.cloud is None else self.cloud.aws

    @property
    def untold(self) -> str:
        """Why it cannot be told what it becomes, for people."""
        extent = "cluster" if self.service.origin.source == "cluster" else "tree"
        lacking = "which controller takes it" if self.aws else "its cloud"
        return f"{self.doubt}, and nothing in the {extent} shows {lacking}"

    # Listeners ---------------------------------------------------------------------------------------------------

    @cached_property
    def listeners(self) -> tuple[Listener, ...]:
        """What listens, a port each.

        Raises:
            Unjudged: an annotation that tells is not decided yet, or means different things to different controllers.
        """
        return tuple(self._listeners())

    def _listeners(self) -> Iterator[Listener]:
        certificates = self._certificates if self.design is not Design.OTHER else ()
        policy, backend = (annotation(self.service, key) for key in (POLICY, BACKEND_PROTOCOL))
        reencrypts = backend == "ssl" or (self.design is Design.CLASSIC and backend == "https")
        for index, port in enumerate(self.service.mappings("spec.ports")):
            number = port.get("port")
            place = self.service.at(("spec", "ports", index))
            if not isinstance(number, int):
                raise Unjudged(f"spec.ports[{index}] has no number", place)
            protocol = port.get("protocol") or "TCP"
            if certificates and protocol != "UDP" and self._asks_for_tls(port, number):
                yield Listener(number, place, protocol, certificates, policy, reencrypts)
            else:
                yield Listener(number, place, protocol)

    @property
    def _certificates(self) -> tuple[str, ...]:
        said = annotation(self.service, CERTIFICATES)
        if self.maker is Maker.IN_TREE:
            return (said,) if said else ()
        return tuple(items(said))

    def _asks_for_tls(self, port: Mapping[str, Any], number: int) -> bool:
        said = annotation(self.service, TLS_PORTS)
        name = port.get("name")
        answers = set()
        if self.maker in (Maker.IN_TREE, None):
            # A list is not trimmed there: ` 8443` is a name that no port has.
            wanted = said.split(",")
            answers.add(said in ("", "*") or name in wanted or str(number) in wanted)
        if self.maker is not Maker.IN_TREE:
            wanted = list(items(said))
            answers.add(not wanted or name in wanted or str(number) in wanted)
        if len(answers) > 1:
            place = self.service.at(("metadata", "annotations", TLS_PORTS))
            raise Unjudged(f"ssl-ports `{said}` means another thing to each controller: {self.untold}", place)
        return answers.pop()

    # Where it stands ---------------------------------------------------------------------------------------------

    @cached_property
    def internal(self) -> bool | None:
        """Whether it is reached from the own network only; None where that cannot be told.

        Raises:
            Unjudged: an annotation that tells is not decided yet.
        """
        legacy = annotation(self.service, INTERNAL)
        if self.maker is Maker.IN_TREE:
            return legacy not in ("", "false")
        scheme = annotation(self.service, SCHEME)
        if self.design is Design.OTHER:
            return None
        if scheme in ("internal", "internet-facing"):
            by_scheme: bool | None = scheme == "internal"
        else:
            by_scheme = legacy not in _FALSE
        if self.maker is None and by_scheme is not (legacy not in ("", "false")):
            return None
        return by_scheme

    @cached_property
    def cross_zone(self) -> tuple[bool, Place] | None:
        """Whether it sends requests to targets in all zones, and what says so; None where nothing does.

        Raises:
            Unjudged: what says so is not decided yet.
        """
        legacy = annotation(self.service, CROSS_ZONE)
        if legacy in _TRUE or legacy in _FALSE:
            # The deprecated annotation still wins where both stand.
            return legacy in _TRUE, self.service.at(("metadata", "annotations", CROSS_ZONE))
        if self.maker is Maker.IN_TREE:
            return None
        for pair in items(annotation(self.service, ATTRIBUTES)):
            key, _, value = (part.strip() for part in pair.partition("="))
            if key == _CROSS_ZONE_ATTRIBUTE:
                return value == "true", self.service.at(("metadata", "annotations", ATTRIBUTES))
        return None

    @cached_property
    def leads_to_nodes(self) -> bool:
        """Whether its targets are nodes, each of which passes requests on to wherever a pod is.

        Raises:
            Unjudged: what tells is not decided yet.
        """
        by_node = self.maker is Maker.IN_TREE or annotation(self.service, TARGET_TYPE) == "instance"
        return by_node and self.service.string("spec.externalTrafficPolicy") != "Local"

    @cached_property
    def subnets(self) -> tuple[str, ...]:
        """The subnets that it is told to stand in, by ID or name; nothing where its maker looks for them.

        Raises:
            Unjudged: they are not decided yet.
        """
        return tuple(items(annotation(self.service, SUBNETS)))


def named_by_aws(service: Resource) -> tuple[Design, Place] | None:
    """What AWS has made for a live Service by the name that it was given, with that name's place; None for nothing.

    Args:
        service: the Service.

    Raises:
        Unjudged: its status has another shape.
    """
    for index, address in enumerate(service.mappings(_ADDRESSES)):
        name = str(address.get("hostname"))
        for pattern, design in _NAMES:
            if pattern.fullmatch(name):
                return design, service.at((*_ADDRESSES, index, "hostname"))
    return None


def _as_made(declared: LoadBalancer) -> LoadBalancer:
    """A load balancer as the status of its Service shows it; as it is declared where that shows nothing of AWS."""
    named = named_by_aws(declared.service)
    if named is None:
        return declared
    design, place = named
    by_declaration = None if declared.maker is Maker.OTHER else declared.maker
    maker = Maker.IN_TREE if design is Design.CLASSIC else by_declaration
    return replace(declared, design=design, place=place, maker=maker, doubt="", cloud=Sign(AWS, place), observed=True)


def _sign(service: Resource, cloud: Sign | None) -> Sign | None:
    try:
        return sign_on(service) or cloud
    except Unjudged:
        # With the address that is asked for or without one: outside of AWS it stands where everything does.
        if cloud is None or cloud.aws:
            raise
        return cloud


def _by_class(named: str, place: Place) -> Sign:
    return Sign("another cloud", place, f"loadBalancerClass {named} is none of AWS's")


def annotation(service: Resource, key: str) -> str:
    """What an annotation says; "" where it is not there.

    What stands unquoted is read as it would be in quotes.

    Raises:
        Unjudged: it is not decided yet.
    """
    value: object = service.annotations.get(key)
    if isinstance(value, Unresolved):
        raise Unjudged(f"`{value!s}` {value.reason}", service.at(("metadata", "annotations", key)))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def items(text: str) -> Iterator[str]:
    """The items of a list with commas between them, trimmed."""
    return filter(None, (item.strip() for item in text.split(",")))


def unquoted(service: Resource) -> Iterator[tuple[str, object]]:
    """The annotations for load balancers whose value is no string, which the API rejects, each with its value."""
    annotations: Mapping[str, object] = service.annotations
    for key, value in annotations.items():
        if key.startswith(PREFIX) and value is not None and not isinstance(value, str):
            yield key, value
