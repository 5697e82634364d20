"""What is not at hand and may hold what seems to be missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import Core, mapping_at
from readycheck.inventory.nowhere import NOWHERE
from readycheck.kubernetes.kinds import WORKLOADS
from readycheck.model import Opaque, Resource, Unjudged

UNREAD_FILE = "unread file"
"""The kind of a file in which objects may stand that could not be read."""
UNREAD_KIND = "unread kind"
"""The kind of a whole kind of workloads that could not be read."""


class Absence(Core):
    """The relations to charts and folders that were not rendered, and to files that could not be read."""

    @cached_property
    def not_at_hand(self) -> Sequence[Opaque]:
        """Everything that may hold what seems to be missing."""
        unread = {
            problem.uri: Opaque(Resource(UNREAD_FILE, problem.uri, "", {}, NOWHERE), problem.reason)
            for source in self.collected
            for problem in source.problems
            if problem.hides_objects
        }
        kinds = (
            Opaque(Resource(UNREAD_KIND, kind, "", {}, NOWHERE), reason)
            for kind, reason in self.unread_workloads.items()
        )
        return [*self.opaque, *unread.values(), *kinds]

    @cached_property
    def unread_workloads(self) -> Mapping[str, str]:
        """Why workloads could not be read, by those of their kinds that could not."""
        return {kind: self.unread[kind] for kind in WORKLOADS if kind in self.unread}

    def all_workloads_read(self) -> None:
        """Make sure that what does not run is not only what could not be read.

        Raises:
            Unjudged: workloads of some kind could not be read.
        """
        if refused := next(iter(self.unread_workloads.values()), ""):
            raise Unjudged(refused)

    @cached_property
    def _opaque_by_namespace(self) -> Mapping[str | None, list[Opaque]]:
        by_namespace: dict[str | None, list[Opaque]] = defaultdict(list)
        for opaque in self.not_at_hand:
            by_namespace[opaque.namespace].append(opaque)
        return by_namespace

    def may_come_from(self, namespace: str, near: Resource) -> Opaque | None:
        """Something in the tree whose content is not at hand and which may hold what is missing in a namespace."""
        for place in (namespace, None):
            for opaque in self._opaque_by_namespace.get(place, ()):
                if self.together(near, opaque.resource):
                    return opaque
        return None

    @cached_property
    def _unbuilt(self) -> Mapping[tuple[str, str], Opaque]:
        """The first folder or file that is not at hand, by the namespace or the world that it may say more of."""
        first: dict[tuple[str, str], Opaque] = {}
        for opaque in self.not_at_hand:
            if not _is_folder(opaque.resource):
                continue
            if opaque.namespace is not None:
                first.setdefault(("namespace", opaque.namespace), opaque)
            else:
                first.setdefault(("world", opaque.resource.origin.world), opaque)
                # What stands for itself may be meant by any of them.
                first.setdefault(("world", ""), opaque)
        return first

    def unbuilt(self, near: Resource) -> Opaque | None:
        """A kustomization, path or file that is not at hand and may hold more about `near`.

        A chart of something else brings no budget or autoscaler for a workload that it doesn't know.
        """
        return self._unbuilt.get(("namespace", near.scope)) or self._unbuilt.get(("world", near.origin.world))


def _is_folder(resource: Resource) -> bool:
    """Whether something that is not at hand is made of manifests that may be about anything: it is no chart."""
    if resource.kind == "Application":
        return not mapping_at(resource, "spec.source").get("chart")
    return resource.kind in ("Kustomization", UNREAD_FILE)
