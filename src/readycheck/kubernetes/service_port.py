"""Where the ports of Services lead (Kubernetes API, ServicePort; how its endpoint controllers find a pod's port)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from enum import Enum, auto
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged, a_type

_TCP = "TCP"


class Leading(Enum):
    """What a port of a Service finds in a pod."""

    DECLARED = auto()
    """A port that a container declares."""
    UNDECLARED = auto()
    """A number that no container declares: it is tried all the same."""
    NAMELESS = auto()
    """Nothing: no container declares a port of that name."""
    OTHER_PROTOCOL = auto()
    """Nothing: the port of that name is one of another protocol."""


class DeclaredPorts(Struct, frozen=True):
    """The ports that the containers of a pod declare, the protocols of each."""

    by_name: Mapping[str, Collection[str]]
    numbers: Collection[object]

    @classmethod
    def of(cls, workload: Workload) -> DeclaredPorts:
        """The ports of a workload's containers; those of init containers that end are none.

        Raises:
            Unjudged: one of them is not decided yet.
        """
        names: dict[str, set[str]] = defaultdict(set)
        numbers: set[object] = set()
        for container in workload.long_running:
            for port in container.ports:
                name, protocol, number = (_plain(port, field) for field in ("name", "protocol", "containerPort"))
                numbers.add(number)
                if name is not None:
                    names[name].add(protocol or _TCP)
        return cls(names, numbers)

    def led_to(self, port: Mapping[str, Any]) -> Leading:
        """What a port of a Service finds in the pod.

        Args:
            port: the port of the Service.

        Raises:
            Unjudged: where it leads is not decided yet, or not said.
        """
        target = target_of(port)
        if isinstance(target, int):
            return Leading.DECLARED if target in self.numbers else Leading.UNDECLARED
        if not isinstance(target, str):
            raise Unjudged("a port of the Service has no number")
        protocols = self.by_name.get(target)
        if protocols is None:
            return Leading.NAMELESS
        return Leading.DECLARED if (_plain(port, "protocol") or _TCP) in protocols else Leading.OTHER_PROTOCOL


def target_of(port: Mapping[str, Any]) -> Any:
    """The number or name of the pods' port that a Service's port leads to: its own number where none is given."""
    target = port.get("targetPort")
    return target if target is not None and target != 0 else port.get("port")


def _plain(port: Mapping[str, Any], field: str) -> Any:
    value = port.get(field)
    if isinstance(value, (Mapping, list)):
        raise Unjudged(f"`{field}` of a port is {a_type(value)}")
    return value


def is_headless(service: Resource) -> bool:
    """Whether a Service has no address of its own: its name stands for the pods'."""
    return bool(service.get("spec.clusterIP") == "None")
