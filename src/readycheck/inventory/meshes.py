"""Which policies of a mesh are for which pods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.certification import Certification
from readycheck.kubernetes.mesh import PERMISSIVE, UNSET, client_without_tls, mode_of, open_port, selects
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource


class PeerPolicy(Struct, frozen=True, eq=False):
    """What Istio demands of what comes to a workload's pods.

    Args:
        mode: the mode that counts.
        place: what says so; None where that is Istio's default.
        opened: a port that is left out of it, with its place.
        doubled: whether several policies of the same width say something.
    """

    mode: str
    place: Place | None = None
    opened: tuple[str, Place] | None = None
    doubled: bool = False


class Meshes(Certification):
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
            told = next((each for each in policies if mode_of(each) != UNSET), None)
            if told is not None:
                return PeerPolicy(mode_of(told), told.at("spec.mtls.mode"), opened, len(policies) > 1)
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

    @cached_property
    def _plain_clients(self) -> Mapping[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for rule in self.of("DestinationRule"):
            place = client_without_tls(rule)
            if place is not None:
                found[rule.scope].append(place)
        return found

    def plain_client_in(self, namespace: Resource) -> Place | None:
        """Where a DestinationRule of a namespace has clients speak without TLS; None where none does."""
        found = self._plain_clients.get(namespace.name, ())
        return next((each for each in found if self.together(namespace, each.resource)), None)
