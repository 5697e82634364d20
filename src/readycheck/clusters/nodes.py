"""Nodes as one thing declares them: the zones that they may stand in, and how they are paid for."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import NamedTuple

from readycheck.model import Path, Place, Resource, Unjudged, parse_path

_SUBNET = re.compile(r"subnet-|(?:.+\.)?aws_(?:default_)?subnet\.")


def is_subnet(name: str) -> bool:
    """Whether a name is a subnet's ID or address, which stands for a zone whose name is not told.

    Args:
        name: the name.
    """
    return _SUBNET.match(name) is not None


class Zones(NamedTuple):
    """Zones.

    Args:
        names: their names, or the IDs of single subnets.
        place: what says so.
        several: whether there are two or more though they are not named.
    """

    names: frozenset[str]
    place: Place
    several: bool = False


class Capacity(NamedTuple):
    """How nodes are paid for.

    Args:
        spot: whether they may be spot.
        on_demand: whether they may be what is not interrupted.
        place: what says so.
    """

    spot: bool
    on_demand: bool
    place: Place


class Nodes(ABC):
    """Nodes that are made alike.

    Args:
        resource: what declares them.
        name: what they are called: `NodePool default`.
    """

    def __init__(self, resource: Resource, name: str) -> None:
        self.resource = resource
        self.name = name

    @abstractmethod
    def zones(self) -> Zones:
        """The zones that they may stand in.

        Raises:
            Unjudged: that cannot be told.
        """

    @abstractmethod
    def capacity(self) -> Capacity:
        """How they are paid for.

        Raises:
            Unjudged: that cannot be told.
        """

    @property
    def foreign(self) -> str:
        """What shows that they are none of AWS: the kind of what makes them; "" where nothing does."""
        return ""

    def most(self) -> int | None:
        """How many there can be; None where that is open."""
        return None


def texts_at(resource: Resource, path: str | Path) -> frozenset[str]:
    """The texts of a list; none where nothing stands there.

    Args:
        resource: what holds the list.
        path: where it stands.

    Raises:
        Unjudged: something else stands there, or one of them is not decided.
    """
    steps = parse_path(path) if isinstance(path, str) else path
    return frozenset(resource.string((*steps, index)) for index, _ in enumerate(resource.strings(steps)))


class UntoldNodes(Nodes):
    """Nodes of which nothing can be told: what declares them is not at hand, or cannot be read.

    Args:
        resource: what speaks of them.
        name: what they are called.
        unjudged: why nothing can be told.
    """

    def __init__(self, resource: Resource, name: str, unjudged: Unjudged) -> None:
        super().__init__(resource, name)
        self._unjudged = unjudged

    def zones(self) -> Zones:
        """Nothing.

        Raises:
            Unjudged: always.
        """
        raise self._unjudged

    def capacity(self) -> Capacity:
        """Nothing.

        Raises:
            Unjudged: always.
        """
        raise self._unjudged


class Cluster(NamedTuple):
    """Nodes of one cluster, as far as the tree tells.

    Args:
        name: what it is called.
        nodes: its nodes.
        resource: what declares it, where that is judged in its own name; None where the environment is.
    """

    name: str
    nodes: tuple[Nodes, ...]
    resource: Resource | None = None
