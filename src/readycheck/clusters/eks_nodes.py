"""The nodes of clusters of EKS: of managed node groups, autoscaling groups and Auto Mode, and the machines that run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from readycheck.clusters.eks import EksCluster, name_of
from readycheck.clusters.nodes import Capacity, Nodes, UntoldNodes, Zones, texts_at
from readycheck.clusters.subnets import Subnets
from readycheck.model import Place, Resource, Unjudged, text_of
from readycheck.terraform.identities import left_to_provider

_SUBNETS = "vpc_zone_identifier"
"""Where an autoscaling group names its subnets."""


class GroupNodes(Nodes):
    """The nodes of an `aws_eks_node_group`.

    Args:
        group: the node group.
        subnets: the subnets that it may name.
    """

    def __init__(self, group: Resource, subnets: Subnets) -> None:
        super().__init__(group, name_of(group))
        self._subnets = subnets

    def zones(self) -> Zones:
        """Those of its subnets."""
        return self._subnets.zones_at(self.resource.at("subnet_ids"))

    def capacity(self) -> Capacity:
        """Spot where it says so."""
        # What a plan leaves to AWS is on demand.
        unset = left_to_provider(self.resource, "capacity_type")
        spot = not unset and self.resource.string("capacity_type", "ON_DEMAND") == "SPOT"
        return Capacity(spot, not spot, self.resource.at("capacity_type"))

    def most(self) -> int | None:
        """What it may be scaled to; open where there may be several of it."""
        if "count" in self.resource.body or "for_each" in self.resource.body:
            return None
        configs, size = self.resource.glimpse("scaling_config"), self.resource.glimpse("scaling_config[0].max_size")
        return size if isinstance(configs, list) and len(configs) == 1 and isinstance(size, int) else None


class AutoscalingNodes(Nodes):
    """Self-managed nodes, of an `aws_autoscaling_group`.

    Args:
        group: the autoscaling group.
        subnets: the subnets that it may name.
        templates: the launch templates, by what refers to them.
    """

    def __init__(self, group: Resource, subnets: Subnets, templates: Mapping[str, Resource]) -> None:
        super().__init__(group, name_of(group))
        self._subnets = subnets
        self._templates = templates

    def zones(self) -> Zones:
        """Those that it names, or those of its subnets."""
        # A plan that names subnets tells of the zones only what it waits for.
        if isinstance(self.resource.glimpse("availability_zones"), list) or self.resource.glimpse(_SUBNETS) is None:
            named = texts_at(self.resource, "availability_zones")
            if named:
                return Zones(named, self.resource.at("availability_zones"))
        return self._subnets.zones_at(self.resource.at(_SUBNETS))

    def capacity(self) -> Capacity:
        """By its distribution, else by its launch template (Amazon EC2 Auto Scaling guide, mixed instances groups)."""
        mixed = self.resource.at("mixed_instances_policy[0].instances_distribution[0]")
        if self.resource.get("mixed_instances_policy"):
            base = self.resource.integer((*mixed.path, "on_demand_base_capacity"), 0)
            above = self.resource.integer((*mixed.path, "on_demand_percentage_above_base_capacity"), 100)
            return Capacity(spot=above < 100, on_demand=base > 0 or above > 0, place=mixed)  # noqa: PLR2004 - percent
        place = self.resource.at("launch_template[0].id")
        named = place.seen
        template = self._templates.get(text_of(named)) if named is not None else None
        if template is None:
            raise Unjudged(f"the launch template of {self.name} is not told", place)
        options = template.at("instance_market_options[0].market_type")
        spot = template.string(options.path) == "spot"
        return Capacity(spot, not spot, options)

    def most(self) -> int | None:
        """What it may be scaled to."""
        size = self.resource.glimpse("max_size")
        return size if isinstance(size, int) else None


class AutoModeNodes(Nodes):
    """The nodes of EKS Auto Mode's built-in pools: on-demand, in every zone of the cluster.

    Args:
        cluster: the cluster.
    """

    def __init__(self, cluster: EksCluster) -> None:
        super().__init__(cluster.resource, "EKS Auto Mode")
        self._cluster = cluster

    def zones(self) -> Zones:
        """Those of the cluster.

        Raises:
            Unjudged: it has none of these pools, or that is not told.
        """
        place = self.resource.at("compute_config[0].node_pools")
        if not self.resource.get(place.path):
            raise Unjudged(
                "EKS Auto Mode brings no pools of its own, and those that are made in the cluster are not told", place
            )
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


class RunningNodes(Nodes):
    """The machines that run as nodes of a cluster, whatever made them.

    Args:
        cluster: the cluster.
        instances: the machines; why they could not be read where they could not.
    """

    def __init__(self, cluster: EksCluster, instances: Sequence[Resource] | Unjudged) -> None:
        super().__init__(cluster.resource, cluster.name)
        self._instances = instances

    @property
    def instances(self) -> Sequence[Resource]:
        """The machines.

        Raises:
            Unjudged: they could not be read.
        """
        if isinstance(self._instances, Unjudged):
            raise self._instances
        return self._instances

    def zones(self) -> Zones:
        """Those that they stand in."""
        names = frozenset(each.string("availability_zone") for each in self.instances)
        return Zones(names, self._first("availability_zone"))

    def capacity(self) -> Capacity:
        """Whether any is spot, and any is not."""
        spot = [each.string("instance_lifecycle") == "spot" for each in self.instances]
        return Capacity(any(spot), not all(spot), self._first("instance_lifecycle"))

    def _first(self, attribute: str) -> Place:
        return self.instances[0].at(attribute)


def groups_in(cluster: EksCluster) -> Iterator[Nodes]:
    """The nodes of the node groups and autoscaling groups of a cluster.

    Args:
        cluster: the cluster.
    """
    yield from (GroupNodes(group, cluster.subnets) for group in cluster.groups)
    yield from (AutoscalingNodes(group, cluster.subnets, cluster.templates) for group in cluster.autoscaling)


def nodes_in(cluster: EksCluster) -> Iterator[Nodes]:
    """The nodes of a cluster.

    Args:
        cluster: the cluster.
    """
    # A group that may hold no machine is no place to go.
    yield from (group for group in groups_in(cluster) if group.most() != 0)
    if cluster.auto_mode:
        yield AutoModeNodes(cluster)
    if cluster.instances:
        yield RunningNodes(cluster, cluster.instances)
    for hidden in cluster.others:
        reason = hidden.reason or f"{hidden.name} may make nodes of {cluster.name}, which are not told"
        yield UntoldNodes(cluster.resource, hidden.name, Unjudged(reason, hidden.place))
    told = cluster.groups or cluster.autoscaling or cluster.auto_mode or cluster.others
    if not told and cluster.instances is None:
        reason = f"no nodes of {cluster.name} are declared beside it"
        yield UntoldNodes(cluster.resource, cluster.name, Unjudged(reason, cluster.resource.at(())))
