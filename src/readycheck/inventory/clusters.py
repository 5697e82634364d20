"""The clusters that a side shows: their nodes, and what declares their control planes."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from readycheck.charts.karpenter import CHART, deaf_release
from readycheck.clusters import cluster_api, eks_ground, eks_nodes, eksctl
from readycheck.clusters.cluster_api import DeploymentNodes, MachinePoolNodes
from readycheck.clusters.eks import VERSION, EksCluster, Hidden
from readycheck.clusters.eks_ground import Ground
from readycheck.clusters.fargate import runs_on_fargate
from readycheck.clusters.karpenter import DEAD, POOL, PoolNodes, holds_nodes
from readycheck.clusters.nodes import Cluster, Nodes, UntoldNodes
from readycheck.clusters.support import Support, minor_of, support_told
from readycheck.inventory.delivery.installations import Installations
from readycheck.kubernetes.karpenter import deaf_controller, runs_karpenter
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged
from readycheck.secrets.placeholder import example_of
from readycheck.terraform.blocks import TERRAFORM_FILE, Block, blocks_of

CLUSTER = "cluster"
"""The kind for rules that judge clusters: each `aws_eks_cluster` by itself, all others as the environment."""


class Clusters(Installations):
    """The relations of clusters to what declares them."""

    def declared(self, *kinds: str) -> Sequence[Resource]:
        """What declares clusters, but for examples and tests, which are none that run."""
        return [each for each in self.of(*kinds) if example_of(each.origin.file) not in ("an example", "a test")]

    @cached_property
    def cluster_configs(self) -> Sequence[Resource]:
        """What eksctl makes clusters of."""
        return self.declared(eksctl.CONFIG)

    @cached_property
    def control_planes(self) -> Sequence[Resource]:
        """The control planes of EKS that Cluster API makes."""
        return self.declared(cluster_api.CONTROL_PLANE)

    @cached_property
    def dead_pools(self) -> Sequence[Resource]:
        """Pools of a Karpenter that no longer reads them."""
        return self.declared(*DEAD)

    @cached_property
    def on_fargate(self) -> Sequence[tuple[Workload, Place]]:
        """The workloads that ask for Fargate, each with where it does."""
        return [(each, place) for each in self.workloads if (place := runs_on_fargate(each)) is not None]

    @cached_property
    def clusters(self) -> Sequence[Cluster]:
        """The clusters whose nodes the tree declares.

        Pools of Karpenter name no cluster: they are the only one's where there is one, else those that are applied
        together are one's.
        """
        found = [*self._eksctl, *self._machines, *map(self._of_eks, self.eks_clusters.values())]
        pools: dict[str, list[Nodes]] = defaultdict(list)
        for pool in self.declared(POOL):
            if holds_nodes(pool):
                pools[pool.origin.world].append(PoolNodes(pool, self.find))
        if len(found) == 1 and len(pools) == 1:
            (more,) = pools.values()
            told = (nodes for nodes in found[0].nodes if nodes.name != eksctl.KARPENTER)
            return [found[0]._replace(nodes=(*told, *more))]
        untold = tuple(self._unattached(next(iter(pools.values()), ())))
        found = [each._replace(nodes=(*each.nodes, *untold)) for each in found if each.nodes]
        # What another side tells of pools is judged there.
        own = (nodes for nodes in pools.values() if nodes[0].resource.origin.source in self.sources)
        return [*found, *(Cluster("the pools of Karpenter", tuple(nodes)) for nodes in own)]

    def _unattached(self, pools: Sequence[Nodes]) -> Iterator[Nodes]:
        """Nodes of Karpenter's that may be any cluster's: of pools of several, or of pools that are not at hand."""
        if pools:
            reason = f"{pools[0].name} may be of any cluster of the {self.extent}"
            yield UntoldNodes(pools[0].resource, pools[0].name, Unjudged(reason, pools[0].resource.at("metadata")))
            return
        for place in self._karpenters:
            reason = "Karpenter is installed, whose pools are not in the tree"
            yield UntoldNodes(place.resource, eksctl.KARPENTER, Unjudged(reason, place))

    @property
    def _karpenters(self) -> Iterator[Place]:
        yield from (release.chart_place for release in self.installations(CHART))
        yield from (workload.at("metadata") for workload in self.workloads if runs_karpenter(workload))
        yield from (
            block.at() for blocks in self._blocks.values() for block in blocks if eks_ground.brings_karpenter(block)
        )

    @property
    def _eksctl(self) -> Iterator[Cluster]:
        for config in self.cluster_configs:
            yield Cluster(f"{config.kind} {config.name}", tuple(eksctl.nodes_in(config)))

    @property
    def _machines(self) -> Iterator[Cluster]:
        machines: dict[str, list[Nodes]] = defaultdict(list)
        for pool in self.declared(cluster_api.MACHINE_POOL):
            machines[pool.origin.world].append(MachinePoolNodes(pool))
        for deployment in self.declared(cluster_api.DEPLOYMENT):
            machines[deployment.origin.world].append(DeploymentNodes(deployment, self.find))
        for nodes in machines.values():
            yield Cluster("the machines of Cluster API", tuple(nodes))

    # Clusters of EKS ---------------------------------------------------------------------------------------------

    @cached_property
    def eks_clusters(self) -> Mapping[int, EksCluster]:
        """The clusters of EKS that HCL declares, that states record or that the account holds, by their identity."""
        grounds = [*map(eks_ground.in_folder, self._blocks.values()), self._recorded_ground]
        found = [cluster for ground in grounds for cluster in eks_ground.found_on(ground)]
        return {id(cluster.resource): cluster for cluster in found}

    @property
    def _recorded_ground(self) -> Ground:
        """What stands in Terraform's values: of states, of plans, of an account."""
        made = (each for each in self.made_by_terraform if "karpenter" in each.name)
        others = [Hidden(each.name, each.at(())) for each in islice(made, 1)]
        return Ground(self.managed, self.read_of, self.unread_around, others, (), lives=self.live)

    @cached_property
    def _blocks(self) -> Mapping[str, Sequence[Block]]:
        """What HCL makes, by its folder."""
        folders: dict[str, list[Block]] = defaultdict(list)
        for file in self.declared(TERRAFORM_FILE):
            folders[posixpath.dirname(file.origin.file)] += blocks_of(file, "resource", "module")
        return folders

    def eks_cluster(self, subject: Resource) -> EksCluster | None:
        """The cluster of EKS that something is; None where it is none.

        Args:
            subject: one of `cluster_subjects`.
        """
        return self.eks_clusters.get(id(subject))

    @cached_property
    def eks_support(self) -> Mapping[int, Support]:
        """Until when EKS supports each minor version, where the account was asked and told."""
        told = ((minor_of(str(each.body.get("cluster_version"))), support_told(each)) for each in self.read_of(VERSION))
        return {minor: support for minor, support in told if minor is not None and support is not None}

    def _of_eks(self, cluster: EksCluster) -> Cluster:
        return Cluster(cluster.name, tuple(eks_nodes.nodes_in(cluster)), cluster.resource)

    @cached_property
    def cluster_subjects(self) -> Sequence[Resource]:
        """What clusters are judged as: each of Terraform's by itself, and the environment for all others."""
        own = [cluster.resource for cluster in self.eks_clusters.values()]
        if not own and (self.is_tree or self.in_cluster):
            return [self.environment]
        others = (
            *self.cluster_configs,
            *self.control_planes,
            *self.declared(cluster_api.FARGATE_PROFILE, *cluster_api.VERSIONED),
            *(cluster for cluster in self.clusters if cluster.resource is None),
            *self.on_fargate,
        )
        return [self.environment, *own] if others else own

    def clusters_of(self, subject: Resource) -> Sequence[Cluster]:
        """The clusters that are judged as something: as a resource of Terraform, or as the environment.

        Args:
            subject: one of `cluster_subjects`.
        """
        own = id(subject) in self.eks_clusters
        return [each for each in self.clusters if (each.resource is subject if own else each.resource is None)]

    # Karpenter ---------------------------------------------------------------------------------------------------

    @property
    def strangers(self) -> Sequence[Nodes]:
        """The nodes that the tree declares, where none of them are of AWS."""
        nodes = [nodes for cluster in self.clusters for nodes in cluster.nodes]
        return nodes if all(each.foreign for each in nodes) else ()

    @cached_property
    def _deaf(self) -> Sequence[Place]:
        """What runs a Karpenter that no queue tells of interruptions."""
        found = (
            *map(deaf_release, self.installations(CHART)),
            *map(deaf_controller, self.workloads),
            *map(eksctl.deaf_config, self.cluster_configs),
        )
        return [place for place in found if place is not None]

    def deaf_karpenter(self, cluster: Cluster) -> Place | None:
        """What shows that spot nodes of a cluster are lost unheard: the Karpenter that makes them has no queue.

        Args:
            cluster: the cluster.
        """
        pools = [each for each in cluster.nodes if isinstance(each, PoolNodes) and each.of_own_karpenter]
        if not any(map(_may_be_spot, pools)):
            return None
        return next((place for place in self._deaf if self.together(pools[0].resource, place.resource)), None)


def _may_be_spot(nodes: Nodes) -> bool:
    try:
        return nodes.capacity().spot
    except Unjudged:
        return False
