"""eksctl's ClusterConfig (eksctl.io/v1alpha5; its schema and documentation, August 2026)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.clusters.fargate import namespaces_selected
from readycheck.clusters.nodes import Capacity, Nodes, UntoldNodes, Zones, texts_at
from readycheck.model import Path, Place, Resource, Unjudged, look

CONFIG = "ClusterConfig"
KARPENTER = "Karpenter"
"""What the nodes of the Karpenter that eksctl installs are called: its pools stand elsewhere."""

_GROUPS = ("nodeGroups", "managedNodeGroups")
_BESIDE_GROUPS = frozenset({"apiVersion", "kind", "metadata", "iamIdentityMappings", *_GROUPS})
_NODES_BY_DEFAULT = 2
_ALL_LOGS = frozenset({"*", "all"})
_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d[a-z]\Z")


class GroupNodes(Nodes):
    """The nodes of a node group.

    Args:
        config: the ClusterConfig.
        path: where the group stands there.
    """

    def __init__(self, config: Resource, path: Path) -> None:
        self._path = path
        name = look(config.body, (*path, "name"))
        super().__init__(config, f"node group {str.__str__(name) if isinstance(name, str) else path[-1]}")

    def _at(self, *path: str) -> Path:
        return (*self._path, *path)

    def zones(self) -> Zones:
        """Its own zones or subnets, else those of the cluster."""
        for field in ("availabilityZones", "localZones"):
            named = texts_at(self.resource, self._at(field))
            if named:
                return Zones(named, self.resource.at(self._at(field)))
        subnets = texts_at(self.resource, self._at("subnets"))
        if subnets:
            return self._of_subnets(subnets, self.resource.at(self._at("subnets")))
        return cluster_zones(self.resource)

    def _of_subnets(self, subnets: frozenset[str], place: Place) -> Zones:
        known = {key: zone for name, subnet, zone in _subnets(self.resource) for key in (name, subnet) if key and zone}
        if all(each in known for each in subnets):
            return Zones(frozenset(known[each] for each in subnets), place)
        if len(subnets) == 1:
            return Zones(subnets, place)
        raise Unjudged(f"the zones of the subnets of {self.name} are not told", place)

    def capacity(self) -> Capacity:
        """Spot where it says so, or where a part of its distribution is."""
        if self._path[0] == "managedNodeGroups":
            spot = self.resource.get(self._at("spot")) is True
            return Capacity(spot, not spot, self.resource.at(self._at("spot")))
        share = self.resource.integer(self._at("instancesDistribution", "onDemandPercentageAboveBaseCapacity"), 100)
        base = self.resource.integer(self._at("instancesDistribution", "onDemandBaseCapacity"), 0)
        place = self.resource.at(self._at("instancesDistribution"))
        return Capacity(share < 100, base > 0 or share > 0, place)  # noqa: PLR2004 - per cent

    def most(self) -> int | None:
        """What it may be scaled to; two where nothing is said."""
        try:
            sizes = [self.resource.get(self._at(field)) for field in ("maxSize", "desiredCapacity", "minSize")]
        except Unjudged:
            return None
        return max((size for size in sizes if isinstance(size, int)), default=_NODES_BY_DEFAULT)


class AutoModeNodes(Nodes):
    """The nodes of EKS Auto Mode's built-in pools: on-demand, in every zone of the cluster."""

    def __init__(self, config: Resource) -> None:
        super().__init__(config, "EKS Auto Mode")

    def zones(self) -> Zones:
        """Those of the cluster."""
        return cluster_zones(self.resource)

    def capacity(self) -> Capacity:
        """On demand; pools of one's own may stand anywhere.

        Raises:
            Unjudged: always.
        """
        raise Unjudged(
            "the pools that EKS Auto Mode brings are on-demand; further ones may stand elsewhere",
            self.resource.at("autoModeConfig"),
        )


def nodes_in(config: Resource) -> Iterator[Nodes]:
    """The nodes that a ClusterConfig declares.

    Args:
        config: the ClusterConfig.
    """
    try:
        for field in _GROUPS:
            for index, _ in enumerate(config.mappings(field)):
                group = GroupNodes(config, (field, index))
                if group.most() != 0:
                    yield group
        if config.get("autoModeConfig.enabled") is True and config.get("autoModeConfig.nodePools") != []:
            yield AutoModeNodes(config)
        if config.get("karpenter") is not None:
            reason = "Karpenter is installed, whose pools are not in the tree"
            yield UntoldNodes(config, KARPENTER, Unjudged(reason, config.at("karpenter")))
    except Unjudged as unjudged:
        yield UntoldNodes(config, config.kind, unjudged)


def cluster_zones(config: Resource) -> Zones:
    """The zones of the cluster's own subnets.

    Raises:
        Unjudged: its subnets are listed and their zones are not told, or it stands on an Outpost.
    """
    named = texts_at(config, "availabilityZones")
    if named:
        return Zones(named, config.at("availabilityZones"))
    if config.get("outpost") is not None:
        raise Unjudged("the zones of a cluster on an Outpost are not told", config.at("outpost"))
    subnets = list(_subnets(config))
    place = config.at("vpc.subnets")
    if not subnets:
        # EKS takes no cluster whose subnets lie in one zone, and eksctl makes them in three.
        return Zones(frozenset(), config.at("metadata"), several=True)
    zones = frozenset(zone for _, _, zone in subnets if zone)
    if len(zones) > 1 or all(zone for _, _, zone in subnets):
        return Zones(zones, place)
    raise Unjudged("the zones of the cluster's subnets are not told", place)


def adds_nodes_only(config: Resource) -> bool:
    """Whether a ClusterConfig does no more than add node groups to a cluster (`eksctl create nodegroup -f`).

    It says nothing of the control plane then, which another ClusterConfig, or something else, has made.

    Args:
        config: the ClusterConfig.
    """
    groups = any(config.body.get(each) for each in _GROUPS)
    return groups and config.body.keys() <= _BESIDE_GROUPS and config.get("metadata.version") is None


def deaf_config(config: Resource) -> Place | None:
    """What shows that the Karpenter which eksctl installs names no queue of interruptions; None where it may.

    Args:
        config: the ClusterConfig.
    """
    karpenter = config.glimpse("karpenter")
    asked = karpenter.get("withSpotInterruptionQueue") if isinstance(karpenter, Mapping) else True
    return config.at("karpenter") if asked is None or asked is False else None


def logs_of(config: Resource) -> tuple[frozenset[str] | None, Place]:
    """The logs of the control plane that are kept, None where all of them are; and what says so."""
    place = config.at("cloudWatch.clusterLogging.enableTypes")
    types = texts_at(config, "cloudWatch.clusterLogging.enableTypes")
    return (None if types & _ALL_LOGS else types), place


def fargate_profiles(config: Resource) -> Iterator[tuple[str, frozenset[str], Place]]:
    """The Fargate profiles of a cluster: name, namespaces, and where each stands."""
    for index, profile in enumerate(config.mappings("fargateProfiles")):
        namespaces = namespaces_selected(config, ("fargateProfiles", index, "selectors"))
        yield str(profile.get("name", index)), namespaces, config.at(("fargateProfiles", index))


def _subnets(config: Resource) -> Iterator[tuple[str, str, str]]:
    """The subnets of the cluster: the name each is listed by, its ID, its zone; "" for what is not told."""
    for side in config.mapping("vpc.subnets").values():
        for name, subnet in side.items() if isinstance(side, Mapping) else ():
            body: Mapping[str, Any] = subnet if isinstance(subnet, Mapping) else {}
            zone = body.get("az") or (name if _ZONE.match(str.__str__(name)) else "")
            yield str.__str__(name), str(body.get("id") or ""), str(zone)
