"""Clusters of EKS that HCL declares (the AWS provider: `aws_eks_cluster` and what names one)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from readycheck.clusters.nodes import SUBNET, Capacity, Nodes, UntoldNodes, Zones, texts_at
from readycheck.model import Place, Unjudged, Unresolved
from readycheck.terraform.blocks import Block, mentions
from readycheck.terraform.things import DeclaredResource

CLUSTER = "aws_eks_cluster"
NODE_GROUP = "aws_eks_node_group"
FARGATE_PROFILE = "aws_eks_fargate_profile"
SUBNETS = "aws_subnet"
_OF_SUBNET = re.compile(r"aws_subnet\.([\w-]+)\.id")
_OF_CLUSTER = re.compile(rf"({CLUSTER}\.[\w-]+)\b")
# Self-managed nodes are tied to their cluster by tags and by what they run at start.
_OF_THEIR_OWN = ("aws_autoscaling_group",)
_MANIFESTS = frozenset({("kubectl_manifest",), ("kubernetes_manifest",), ("helm_release",)})
# The sources of modules by what they may bring: what makes whole clusters may bring both.
_WHOLE = r"(?:^|/)(?:terraform-aws-)?eks(?:/aws)?/?(?:\.git.*|\?.*)?$"
_OF_NODES = re.compile(rf"node[-_]?group|karpenter|{_WHOLE}", re.IGNORECASE)
_OF_PROFILES = re.compile(rf"fargate|{_WHOLE}", re.IGNORECASE)


class DeclaredCluster(NamedTuple):
    """A cluster, with what its folder declares of it.

    Args:
        resource: the `aws_eks_cluster`.
        groups: its node groups.
        profiles: its Fargate profiles.
        subnets: the subnets of the folder, by the names of their blocks.
        others: what may make further nodes of it.
        other_profiles: what may be further profiles of it.
    """

    resource: DeclaredResource
    groups: Sequence[DeclaredResource]
    profiles: Sequence[DeclaredResource]
    subnets: Mapping[str, Block]
    others: Sequence[Block]
    other_profiles: Sequence[Block]

    @property
    def auto_mode(self) -> bool:
        """Whether EKS Auto Mode makes nodes for it."""
        return any(each.attributes.get("enabled") is True for each in self.resource.block.blocks("compute_config"))

    @property
    def logs(self) -> tuple[frozenset[str], Place]:
        """The logs of the control plane that are kept, and what says so.

        Raises:
            Unjudged: an expression decides.
        """
        return texts_at(self.resource, "enabled_cluster_log_types"), self.resource.at("enabled_cluster_log_types")

    @property
    def keys(self) -> Iterator[Place]:
        """What names the key that its Secrets are encrypted with."""
        for config in self.resource.block.blocks("encryption_config"):
            for provider in config.blocks("provider"):
                if provider.attributes.get("key_arn") is not None:
                    yield provider.at("key_arn")

    @property
    def may_have_key(self) -> bool:
        """Whether an expression decides if it has a key."""
        return any(each.labels == ("encryption_config",) for each in self.resource.block.blocks("dynamic"))

    def zones(self) -> Zones:
        """The zones of its own subnets.

        Raises:
            Unjudged: that is not told.
        """
        for config in self.resource.block.blocks("vpc_config"):
            if "subnet_ids" in config.attributes:
                return _zones_of(config.attributes["subnet_ids"], config.at("subnet_ids"), self.subnets)
        raise Unjudged(f"the subnets of {self.resource.name} are not told", self.resource.at(()))


class DeclaredNodes(Nodes):
    """The nodes of an `aws_eks_node_group`.

    Args:
        group: the node group.
        subnets: the subnets of its folder, by the names of their blocks.
    """

    def __init__(self, group: DeclaredResource, subnets: Mapping[str, Block]) -> None:
        super().__init__(group, group.name)
        self._group = group
        self._subnets = subnets

    def zones(self) -> Zones:
        """Those of its subnets."""
        return _zones_of(self._group.block.attributes.get("subnet_ids"), self._group.at("subnet_ids"), self._subnets)

    def capacity(self) -> Capacity:
        """Spot where it says so."""
        spot = self.resource.string("capacity_type", "ON_DEMAND") == "SPOT"
        return Capacity(spot, not spot, self.resource.at("capacity_type"))

    def most(self) -> int | None:
        """What it may be scaled to; open where there may be several of it."""
        attributes = self._group.block.attributes
        if "count" in attributes or "for_each" in attributes:
            return None
        sizes = [each.attributes.get("max_size") for each in self._group.block.blocks("scaling_config")]
        return sizes[0] if len(sizes) == 1 and isinstance(sizes[0], int) else None


class AutoModeNodes(Nodes):
    """The nodes of EKS Auto Mode's built-in pools: on-demand, in every zone of the cluster.

    Args:
        cluster: the cluster.
    """

    def __init__(self, cluster: DeclaredCluster) -> None:
        super().__init__(cluster.resource, "EKS Auto Mode")
        self._cluster = cluster

    def zones(self) -> Zones:
        """Those of the cluster."""
        return self._cluster.zones()

    def capacity(self) -> Capacity:
        """On demand; pools of one's own may stand anywhere.

        Raises:
            Unjudged: always.
        """
        raise Unjudged(
            "the pools that EKS Auto Mode brings are on-demand; further ones may stand elsewhere",
            self.resource.at("compute_config"),
        )


def groups_in(cluster: DeclaredCluster) -> Iterator[Nodes]:
    """The nodes of the node groups of a cluster.

    Args:
        cluster: the cluster.
    """
    return (DeclaredNodes(group, cluster.subnets) for group in cluster.groups)


def nodes_in(cluster: DeclaredCluster) -> Iterator[Nodes]:
    """The nodes of a cluster.

    Args:
        cluster: the cluster.
    """
    yield from groups_in(cluster)
    if cluster.auto_mode:
        yield AutoModeNodes(cluster)
    for block in cluster.others:
        reason = f"{block.name} may make nodes of {cluster.resource.name}, which are not told"
        yield UntoldNodes(cluster.resource, block.name, Unjudged(reason, block.at()))
    if not (cluster.groups or cluster.auto_mode or cluster.others):
        reason = f"no nodes of {cluster.resource.name} are declared beside it"
        yield UntoldNodes(cluster.resource, cluster.resource.name, Unjudged(reason, cluster.resource.at(())))


def brings_karpenter(block: Block) -> bool:
    """Whether a block installs Karpenter or pools of it: a module that is told to, a manifest, a release of its chart.

    Args:
        block: a `resource` or a `module`.
    """
    if block.type == "module":
        asked = (key for key, value in block.attributes.items() if value is not False)
        return any("karpenter" in word for word in (block.decided("source"), *asked))
    return block.labels[:1] in _MANIFESTS and mentions(block.attributes, "karpenter")


def _may_bring(block: Block, sources: re.Pattern[str], kinds: Collection[str] = ()) -> bool:
    """Whether a block may make nodes or profiles of a cluster that it does not name."""
    if block.type == "module":
        return sources.search(block.decided("source")) is not None
    return bool(block.labels) and block.labels[0] in kinds


def is_of(part: DeclaredResource, cluster: DeclaredResource) -> bool | None:
    """Whether a node group or a profile is a cluster's; None where that is not told.

    Args:
        part: what names a cluster.
        cluster: a cluster that the same folder declares.
    """
    named = part.block.attributes.get("cluster_name")
    if not isinstance(named, str):
        return None
    text = str.__str__(named)
    referred = _OF_CLUSTER.match(text)
    if referred is not None:
        return referred[1] == cluster.name
    if text.startswith("module."):
        return False
    name = cluster.block.attributes.get("name")
    if isinstance(name, str) and str.__str__(name) == text:
        return True
    return None if isinstance(named, Unresolved) or isinstance(name, Unresolved) else False


def profile_of(profile: DeclaredResource) -> Iterator[tuple[str, frozenset[str], Place]]:
    """A Fargate profile: its name, the namespaces that it selects, and where it stands.

    Args:
        profile: the `aws_eks_fargate_profile`.

    Raises:
        Unjudged: an expression decides what it selects.
    """
    if any(each.labels == ("selector",) for each in profile.block.blocks("dynamic")):
        raise Unjudged(f"the selectors of {profile.name} are made by an expression", profile.block.at())
    namespaces = frozenset(filter(None, (each.text("namespace") for each in profile.block.blocks("selector"))))
    yield profile.name, namespaces, profile.block.at()


def _zones_of(listed: Any, place: Place, subnets: Mapping[str, Block]) -> Zones:
    """The zones of subnets that are named one by one; one that stands alone is one zone, whichever that is."""
    if not isinstance(listed, list) or not listed:
        raise Unjudged("the zones of the subnets are not told", place)
    texts = [str.__str__(each) for each in listed if isinstance(each, str)]
    zones = [_zone_of(text, subnets) for text in texts]
    known = frozenset(filter(None, zones))
    if len(known) > 1 or (known and all(zones)):
        return Zones(known, place)
    if len(listed) == len(texts) == 1 and (_OF_SUBNET.fullmatch(texts[0]) or texts[0].startswith(SUBNET)):
        return Zones(frozenset(texts), place)
    raise Unjudged("the zones of the subnets are not told", place)


def _zone_of(text: str, subnets: Mapping[str, Block]) -> str:
    referred = _OF_SUBNET.fullmatch(text)
    block = subnets.get(referred[1]) if referred is not None else None
    return block.decided("availability_zone") or block.decided("availability_zone_id") if block is not None else ""


def found_in(blocks: Sequence[Block]) -> Iterator[DeclaredCluster]:
    """The clusters that a folder declares.

    A node group that does not tell whose it is belongs to the only cluster of its folder.

    Args:
        blocks: its blocks.
    """
    clusters = _resources_of(blocks, CLUSTER)
    subnets = {each.labels[1]: each for each in blocks if each.labels[:1] == (SUBNETS,) and each.labels[1:]}
    others = [each for each in blocks if _may_bring(each, _OF_NODES, _OF_THEIR_OWN)]
    other_profiles = [each for each in blocks if _may_bring(each, _OF_PROFILES)]
    groups, profiles = _resources_of(blocks, NODE_GROUP), _resources_of(blocks, FARGATE_PROFILE)
    for cluster in clusters:
        alone = len(clusters) == 1
        unsaid = [each.block for each in groups if not alone and is_of(each, cluster) is None]
        unsaid_profiles = [each.block for each in profiles if not alone and is_of(each, cluster) is None]
        yield DeclaredCluster(
            cluster,
            [each for each in groups if _belongs(each, cluster, alone=alone)],
            [each for each in profiles if _belongs(each, cluster, alone=alone)],
            subnets,
            [*others, *unsaid],
            [*other_profiles, *unsaid_profiles],
        )


def _belongs(part: DeclaredResource, cluster: DeclaredResource, *, alone: bool) -> bool:
    told = is_of(part, cluster)
    return (alone if told is None else told) and part.block.attributes.get("count") != 0


def _resources_of(blocks: Sequence[Block], kind: str) -> list[DeclaredResource]:
    return [DeclaredResource.of(each) for each in blocks if each.labels[:1] == (kind,) and each.labels[1:]]
