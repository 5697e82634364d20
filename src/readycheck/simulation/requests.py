"""What pods ask of a node, as the scheduler reckons it.

Semantics: Kubernetes, Resource Management for Pods and Containers; Init Containers; Sidecar Containers; Pod Overhead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_CEILING
from typing import Any

from readycheck.kubernetes.quantity import quantity
from readycheck.kubernetes.resources import CPU
from readycheck.kubernetes.workload import Role, Workload
from readycheck.model import Resource

PODS = "pods"
_MILLI = 1000
_KIBI = 1024
_OF_WHOLE_PODS = ("cpu", "memory", "hugepages-")
"""What a pod's own `resources` may say (Kubernetes, Pod-level resources)."""


def requests_of(pod: Workload) -> Mapping[str, int]:
    """What a pod asks of a node: CPU in thousandths, all else in its own unit, and one of the node's places for pods.

    Init containers run one after the other and before the others, native sidecars go on running: the pod asks for the
    most that runs at a time. What the pod's own `resources` say counts in place of that.

    Raises:
        Unjudged: an amount is no quantity.
    """
    total: Counter[str] = Counter()
    sidecars: Counter[str] = Counter()
    peak: dict[str, int] = {}
    for container in pod.containers:
        asked = _amounts(container, ("resources", "requests"))
        if container.role is Role.SIDECAR:
            sidecars.update(asked)
            asked = sidecars
        if container.role is Role.MAIN:
            total.update(asked)
        else:
            before = {} if container.role is Role.SIDECAR else sidecars
            for name, amount in _sum(asked, before).items():
                peak[name] = max(peak.get(name, 0), amount)
    needed = {name: max(total[name] + sidecars[name], peak.get(name, 0)) for name in {*total, *sidecars, *peak}}
    if pod.pod.body.get("resources") is not None:
        own = _amounts(pod.pod, ("resources", "requests"))
        needed.update((name, amount) for name, amount in own.items() if name.startswith(_OF_WHOLE_PODS))
    if pod.pod.body.get("overhead") is not None:
        needed = dict(_sum(needed, _amounts(pod.pod, ("overhead",))))
    return {**{name: amount for name, amount in needed.items() if amount}, PODS: 1}


def allocatable_of(node: Resource) -> Mapping[str, int]:
    """What a node has for its pods, in the same units.

    Raises:
        Unjudged: an amount is no quantity.
    """
    return _amounts(node, ("status", "allocatable"))


def _amounts(holder: Resource, path: tuple[str, ...]) -> Mapping[str, int]:
    return {name: _whole(name, value) for name, value in holder.mapping(path).items()}


def _whole(name: str, value: Any) -> int:
    amount = quantity(value)
    return int((amount * _MILLI if name == CPU else amount).to_integral_value(ROUND_CEILING))


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {*one, *other}}


def in_words(name: str, amount: int) -> str:
    """An amount as people write it: `1.5 cpu`, `3.2Gi memory`, `12 pods`."""
    if name == CPU:
        return f"{amount / _MILLI:g} cpu"
    if name == PODS or "/" in name:
        return f"{amount} {name}"
    size, unit = float(amount), ""
    for larger in ("Ki", "Mi", "Gi"):
        if size < _KIBI:
            break
        size, unit = size / _KIBI, larger
    return f"{size:.4g}{unit} {name}"
