"""Cluster API and its AWS provider (kubernetes-sigs/cluster-api, cluster-api-provider-aws; their API references)."""

from __future__ import annotations

from collections.abc import Callable

from readycheck.clusters.nodes import Capacity, Nodes, Zones, texts_at
from readycheck.model import Place, Resource, Unjudged, Unresolved

CONTROL_PLANE = "AWSManagedControlPlane"
MACHINE_POOL = "AWSManagedMachinePool"
DEPLOYMENT = "MachineDeployment"
FARGATE_PROFILE = "AWSFargateProfile"
VERSIONED = {"Cluster": "spec.topology.version", "KubeadmControlPlane": "spec.version"}
"""What names the version of a cluster that need not be EKS, and where."""

_LOGS = {"apiServer": "api", "audit": "audit", "authenticator": "authenticator"}


class MachinePoolNodes(Nodes):
    """The nodes of a managed node group of EKS."""

    def __init__(self, pool: Resource) -> None:
        super().__init__(pool, f"{MACHINE_POOL} {pool.name}")

    def zones(self) -> Zones:
        """Its own zones or subnet."""
        named = texts_at(self.resource, "spec.availabilityZones")
        if named:
            return Zones(named, self.resource.at("spec.availabilityZones"))
        subnets = texts_at(self.resource, "spec.subnetIDs")
        if len(subnets) == 1:
            return Zones(subnets, self.resource.at("spec.subnetIDs"))
        raise Unjudged(f"{self.name} names no zones: its subnets decide, which are not told", self.resource.at("spec"))

    def capacity(self) -> Capacity:
        """Spot where it says so."""
        spot = self.resource.string("spec.capacityType", "onDemand").lower() == "spot"
        return Capacity(spot, not spot, self.resource.at("spec.capacityType"))


class DeploymentNodes(Nodes):
    """The nodes of a MachineDeployment.

    Args:
        deployment: the MachineDeployment.
        find: finds an object by kind and name, near another one.
    """

    def __init__(self, deployment: Resource, find: Callable[[str, str, Resource], Resource | None]) -> None:
        super().__init__(deployment, f"{DEPLOYMENT} {deployment.name}")
        self._find = find

    @property
    def foreign(self) -> str:
        """The kind of its template, where that is none of AWS's."""
        kind = self.resource.glimpse("spec.template.spec.infrastructureRef.kind")
        known = not isinstance(kind, str) or isinstance(kind, Unresolved) or kind.startswith("AWS")
        return "" if known else str(kind)

    def zones(self) -> Zones:
        """Its failure domain."""
        path = "spec.template.spec.failureDomain"
        domain = self.resource.string(path)
        if not domain:
            raise Unjudged(f"{self.name} names no failure domain", self.resource.at("spec.template.spec"))
        return Zones(frozenset({domain}), self.resource.at(path))

    def capacity(self) -> Capacity:
        """Spot where its template has options for it."""
        reference = self.resource.mapping("spec.template.spec.infrastructureRef")
        kind, name = reference.get("kind"), reference.get("name")
        template = self._find(str(kind), str(name), self.resource) if kind == "AWSMachineTemplate" else None
        if template is None:
            raise Unjudged(
                f"the template of {self.name} is not at hand", self.resource.at("spec.template.spec.infrastructureRef")
            )
        path = "spec.template.spec.spotMarketOptions"
        spot = template.get(path) is not None
        return Capacity(spot, not spot, template.at(path))


def names_version(resource: Resource, path: str) -> bool:
    """Whether something names the version of its cluster, decided or not."""
    try:
        return resource.get(path) is not None
    except Unjudged:
        return True


def logs_of(control_plane: Resource) -> tuple[frozenset[str], Place]:
    """The logs of the control plane that are kept, as EKS calls them, and what says so."""
    logging = control_plane.mapping("spec.logging")
    kept = frozenset(name for field, name in _LOGS.items() if logging.get(field) is True)
    return kept, control_plane.at("spec.logging")


def subnet_zones(control_plane: Resource) -> Zones:
    """The zones of a cluster's subnets.

    Raises:
        Unjudged: a subnet's zone is not told.
    """
    place = control_plane.at("spec.network.subnets")
    subnets = control_plane.mappings("spec.network.subnets")
    if not subnets:
        limit = control_plane.integer("spec.network.vpc.availabilityZoneUsageLimit", 3)
        at = control_plane.at("spec.network.vpc.availabilityZoneUsageLimit")
        return Zones(frozenset({"the only one that it may use"}) if limit == 1 else frozenset(), at, several=limit > 1)
    zones = frozenset(each["availabilityZone"] for each in subnets if isinstance(each.get("availabilityZone"), str))
    if len(zones) > 1 or all(each.get("availabilityZone") for each in subnets):
        return Zones(zones, place)
    raise Unjudged("the zones of its subnets are not told", place)
