"""What belongs to a load balancer of AWS: its listeners, what they lead to, and the zones that it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from readycheck.inventory.core import remembered
from readycheck.inventory.terraform.provisioned import Provisioned
from readycheck.kubernetes.tls_policy import accepts_old_versions
from readycheck.model import Place, Resource, Unresolved
from readycheck.terraform.load_balancers import (
    LISTENERS,
    LOAD_BALANCERS,
    SSL_POLICY,
    TARGET_GROUPS,
    subnets_of,
    takes_old_versions,
)

_SUBNETS = ("aws_subnet", "aws_default_subnet")
_INSTANCE = "aws_instance"
_ZONES = ("availability_zone", "availability_zone_id")


class TargetGroups(Provisioned):
    """The relations of a load balancer of AWS to its parts."""

    @remembered
    def listeners_of(self, made: Resource) -> Sequence[Resource]:
        """The listeners of a load balancer.

        Raises:
            Unjudged: listeners could not be read.
        """
        return self.parts_of(made, "load_balancer_arn", *LISTENERS)

    def listeners_beside(self, listener: Resource) -> Sequence[Resource]:
        """The listeners of the same load balancer, as far as that is told; itself among them."""
        return self.alike(listener, "load_balancer_arn", *LISTENERS)

    def balanced_by(self, listener: Resource) -> Resource | None:
        """The load balancer of a listener; None where it was not read."""
        if any(kind in self.unread for kind in LOAD_BALANCERS):
            return None
        return self.referred(listener.at(("load_balancer_arn",)), *LOAD_BALANCERS)

    @remembered
    def target_groups_of(self, made: Resource) -> Sequence[Resource]:
        """The target groups that the listeners of a load balancer lead to, each once, as far as they were read.

        Raises:
            Unjudged: listeners or target groups could not be read.
        """
        found: dict[int, Resource] = {}
        for place in (place for listener in self.listeners_of(made) for place in _leading(listener)):
            group = self.referred(place, *TARGET_GROUPS)
            if group is not None:
                found[id(group)] = group
        return list(found.values())

    def zones_stood_in(self, made: Resource) -> frozenset[str] | None:
        """The zones that a load balancer stands in; None where one of them is not told.

        Raises:
            Unjudged: its subnets, or subnets as such, could not be read.
        """
        if made.glimpse("availability_zones") is not None:
            return frozenset(made.strings("availability_zones"))
        zones = {self._zone_of_subnet(place) for place in subnets_of(made)}
        return None if "" in zones else frozenset(zones)

    def _zone_of_subnet(self, place: Place) -> str:
        """The zone of a subnet that is named; "" where it is not told."""
        if place.path[0] == "subnet_mapping":
            place = place.resource.at((*place.path, "subnet_id"))
        subnet = self.referred(place, *_SUBNETS)
        return _zone(subnet) if subnet is not None else ""

    def zones_ready(self, group: Resource) -> frozenset[str] | None:
        """The zones in which targets of a group are healthy; None where its targets are not shown.

        Raises:
            Unjudged: the zone of one is not told.
        """
        if group.glimpse("targets") is None:
            return None
        healthy = [target for target in group.mappings("targets") if target.get("state") == "healthy"]
        zones = set(map(self._zone_of_target, healthy))
        return None if "" in zones else frozenset(zones)

    def _zone_of_target(self, target: Mapping[str, Any]) -> str:
        """The zone of a target; "" where it is not told, or it stands outside of the network ("all")."""
        zone, identity = target.get("availability_zone"), target.get("id")
        if type(zone) is str and zone:
            return "" if zone == "all" else zone
        return self._zones_of_machines.get(identity, "") if type(identity) is str else ""

    @cached_property
    def _zones_of_machines(self) -> Mapping[str, str]:
        if _INSTANCE in self.unread:
            return {}
        machines = self.provisioned(_INSTANCE)
        return {identity: _zone(each) for each in machines if type(identity := each.body.get("id")) is str}

    def accepts_old(self, listener: Resource) -> bool | None:
        """Whether the security policy of a listener accepts TLS 1.0 or 1.1; None where that is not known.

        Raises:
            Unjudged: which policy it names is not decided, or what that accepts could not be read.
        """
        name, region = listener.string("ssl_policy"), listener.glimpse("region")
        named = self._policies.get(name, ())
        described = next((each for each in named if each.glimpse("region") == region), next(iter(named), None))
        return takes_old_versions(described) if described is not None else accepts_old_versions(name)

    @cached_property
    def _policies(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for policy in self.in_account(SSL_POLICY):
            found.setdefault(policy.string("name"), []).append(policy)
        return found


def _leading(listener: Resource) -> Iterator[Place]:
    """Where a listener names target groups."""
    actions = listener.glimpse("default_action")
    for index, action in enumerate(actions if isinstance(actions, list) else ()):
        path = ("default_action", index)
        if isinstance(action, dict) and action.get("target_group_arn") is not None:
            yield listener.at((*path, "target_group_arn"))
        forwards = action.get("forward") if isinstance(action, dict) else None
        for number, forward in enumerate(forwards if isinstance(forwards, list) else ()):
            groups = forward.get("target_group") if isinstance(forward, dict) else None
            for position in range(len(groups) if isinstance(groups, list) else 0):
                yield listener.at((*path, "forward", number, "target_group", position, "arn"))


def _zone(resource: Resource) -> str:
    values = (resource.glimpse(attribute) for attribute in _ZONES)
    return next((each for each in values if isinstance(each, str) and not isinstance(each, Unresolved) and each), "")
