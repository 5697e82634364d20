"""The clusters that the tree declares: their nodes, and what declares their control planes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from readycheck.charts.karpenter import CHART, deaf_release
from readycheck.clusters import cluster_api, eksctl
from readycheck.clusters.cluster_api import DeploymentNodes, MachinePoolNodes
from readycheck.clusters.karpenter import DEAD, POOL, PoolNodes, holds_nodes
from readycheck.clusters.nodes import Cluster, Nodes
from readycheck.inventory.installations import Installations
from readycheck.kubernetes.karpenter import deaf_controller
from readycheck.model import Place, Resource, Unjudged
from readycheck.secrets.placeholder import example_of


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
    def clusters(self) -> Sequence[Cluster]:
        """The clusters whose nodes the tree declares.

        Pools of Karpenter name no cluster: they are the only one's where there is one, else those that are applied
        together are one's.
        """
        found = [
            Cluster(f"{config.kind} {config.name}", tuple(eksctl.nodes_in(config))) for config in self.cluster_configs
        ]
        machines: dict[str, list[Nodes]] = defaultdict(list)
        for pool in self.declared(cluster_api.MACHINE_POOL):
            machines[pool.origin.world].append(MachinePoolNodes(pool))
        for deployment in self.declared(cluster_api.DEPLOYMENT):
            machines[deployment.origin.world].append(DeploymentNodes(deployment, self.find))
        found += [Cluster("the machines of Cluster API", tuple(nodes)) for nodes in machines.values()]
        pools: dict[str, list[Nodes]] = defaultdict(list)
        for pool in self.declared(POOL):
            if holds_nodes(pool):
                pools[pool.origin.world].append(PoolNodes(pool, self.find))
        if len(found) == 1 and len(pools) == 1:
            (more,) = pools.values()
            told = (nodes for nodes in found[0].nodes if nodes.name != eksctl.KARPENTER)
            return [Cluster(found[0].name, (*told, *more))]
        found += [Cluster("the pools of Karpenter", tuple(nodes)) for nodes in pools.values()]
        return [cluster for cluster in found if cluster.nodes]

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
