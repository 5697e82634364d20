"""Which policies of a mesh are for which pods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.network.certification import Certification
from readycheck.inventory.workloads.pods import Pods
from readycheck.kubernetes.mesh import (
    MODE,
    PERMISSIVE,
    STRICT,
    UNSET,
    Mesh,
    clients_without_tls,
    is_for_namespace,
    mesh_in,
    mesh_of,
    mode_of,
    open_port,
    selects,
)
from readycheck.kubernetes.platform import is_of_the_cluster
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged, thing_in

NAMESPACE = "namespace"
"""The kind for rules that judge namespaces, those among them that the tree uses and does not declare."""


class PeerPolicy(Struct, frozen=True, eq=False):
    """What Istio demands of what comes to a workload's pods.

    Args:
        mode: the mode that counts.
        place: what says so; None where that is Istio's default.
        opened: a port that is left out of it, with its place.
        doubled: whether several policies of the same width say something.
        rival: the mode of one of those that says another thing, where nothing tells which of them is the older one.
    """

    mode: str
    place: Place | None = None
    opened: tuple[str, Place] | None = None
    doubled: bool = False
    rival: Place | None = None


class Meshes(Certification, Pods):
    """The relations from pods to the policies of the mesh that they are part of."""

    @cached_property
    def _peer_policies(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for policy in self.of("PeerAuthentication"):
            found[policy.scope].append(policy)
        return found

    def peer_policy_of(self, workload: Workload, root: str) -> PeerPolicy:
        """What counts for a workload: the narrowest policy that names a mode.

        A policy with a selector in the root namespace is for no other namespace's pods.

        Args:
            workload: the workload.
            root: the namespace of the policy for the whole mesh.

        Raises:
            Unjudged: a mode or a selector is not decided yet.
        """
        here = [each for each in self._peer_policies.get(workload.scope, ()) if self.together(workload, each)]
        labels = workload.pod_labels
        own = [each for each in here if selects(each) and selects(each).items() <= labels.items()]
        wide = [each for each in here if not selects(each)]
        mesh = [
            each for each in self._peer_policies.get(root, ()) if not selects(each) and self.together(workload, each)
        ]
        opened = next(filter(None, map(open_port, own)), None)
        for policies in (own, wide, mesh):
            oldest = _oldest(policies)
            told = [each for each in oldest if mode_of(each) != UNSET]
            if told:
                mode = mode_of(told[0])
                others = (each.at(MODE) for each in oldest if _differ(mode, mode_of(each)))
                return PeerPolicy(mode, told[0].at(MODE), opened, len(policies) > 1, next(others, None))
        return PeerPolicy(PERMISSIVE, None, opened)

    def may_hold_policies(self, workload: Workload, root: str) -> str:
        """What is not at hand and may bring a policy for a workload, in words; "" where nothing is."""
        unbuilt = self.unbuilt(workload)
        if unbuilt is not None:
            return unbuilt.named
        return self.may_hold(root, workload) if not self._peer_policies.get(root) else ""

    @cached_property
    def _workloads_by_namespace(self) -> Mapping[str, list[Workload]]:
        found: dict[str, list[Workload]] = defaultdict(list)
        for workload in self.workloads:
            found[workload.scope].append(workload)
        return found

    def workloads_in(self, namespace: Resource) -> Sequence[Workload]:
        """The workloads of a namespace."""
        found = self._workloads_by_namespace.get(namespace.name, ())
        return [each for each in found if self.together(namespace, each)]

    def meshes_in_pods(self, workload: Workload) -> Sequence[tuple[Workload, Mesh | None]]:
        """The running pods of a live workload, each with the mesh that carries its requests.

        Raises:
            Unjudged: pods could not be read.
        """
        return [(pod, mesh_in(pod)) for pod in self.running_pods(workload)] if self.live else ()

    # Clients -------------------------------------------------------------------------------------------------------

    @cached_property
    def _plain_clients(self) -> Mapping[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for rule in self.of("DestinationRule"):
            with suppress(Unjudged):
                found[rule.scope] += clients_without_tls(rule)
        return found

    def plain_client_in(self, namespace: Resource, root: str) -> Place | None:
        """Where a DestinationRule of a namespace, or one for the whole mesh, has clients speak without TLS.

        None where none does.

        Args:
            namespace: the namespace.
            root: the namespace of what is for the whole mesh.
        """
        wide = (each for each in self._plain_clients.get(root, ()) if is_for_namespace(each.resource, namespace.name))
        found = (*self._plain_clients.get(namespace.name, ()), *wide)
        return next((each for each in found if self.together(namespace, each.resource)), None)

    # Namespaces ----------------------------------------------------------------------------------------------------

    @cached_property
    def namespaces_in_use(self) -> Sequence[Resource]:
        """The Namespaces that were read, and those that workloads alone name."""
        named: dict[str, list[Resource]] = defaultdict(list)
        for workload in self.workloads:
            scope = workload.scope
            known = self.find("Namespace", scope, workload, namespace="") is not None
            if not known and not any(self.together(workload, each) for each in named[scope]):
                named[scope].append(thing_in(workload, ("metadata", "namespace"), "Namespace", scope))
        return [*self.of("Namespace"), *(each for found in named.values() for each in found)]

    @cached_property
    def _outside_of_meshes(self) -> Sequence[Workload]:
        """The workloads that speak plainly, or may: no mesh that is known carries their requests."""
        return [each for each in self.workloads if not is_of_the_cluster(each.scope, "") and not self._is_meshed(each)]

    def _is_meshed(self, workload: Workload) -> bool:
        try:
            return mesh_of(workload, self.find("Namespace", workload.scope, workload, namespace="")) is not None
        except Unjudged:
            return False

    def all_meshed(self, near: Resource, root: str) -> bool:
        """Whether all that the tree runs is part of a mesh, so that nothing of it speaks plainly to the others.

        Args:
            near: something in the cluster.
            root: the namespace of the mesh itself.
        """
        return not any(each.scope != root and self.together(near, each) for each in self._outside_of_meshes)

    def is_read(self, namespace: Resource) -> bool:
        """Whether a Namespace itself was read, with its labels."""
        return self.find("Namespace", namespace.name, namespace, namespace="") is not None


def _differ(one: str, other: str) -> bool:
    """Whether it matters which of two modes counts: what is not STRICT takes plain requests, and UNSET may be it."""
    return one != other and not {STRICT, UNSET}.isdisjoint((one, other))


def _oldest(policies: Sequence[Resource]) -> Sequence[Resource]:
    """The oldest of some policies, which counts; all of them where their ages cannot be told."""
    ages = [str(each.get("metadata.creationTimestamp") or "") for each in policies]
    return [policies[ages.index(min(ages))]] if policies and all(ages) else policies
