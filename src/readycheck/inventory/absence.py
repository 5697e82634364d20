"""What is not at hand and may hold what seems to be missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from readycheck.inventory.core import Core, mapping_at
from readycheck.model import Opaque, Resource


class Absence(Core):
    """The relations to charts and folders that were not rendered."""

    @cached_property
    def _opaque_by_namespace(self) -> Mapping[str | None, list[Opaque]]:
        by_namespace: dict[str | None, list[Opaque]] = defaultdict(list)
        for opaque in self.opaque:
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
        """The first folder that was not rendered, by the namespace or the world that it may hold something for."""
        first: dict[tuple[str, str], Opaque] = {}
        for opaque in self.opaque:
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
        """A kustomization or path that was not rendered and may hold more about `near`.

        A chart of something else brings no budget or autoscaler for a workload that it doesn't know.
        """
        return self._unbuilt.get(("namespace", near.scope)) or self._unbuilt.get(("world", near.origin.world))


def _is_folder(resource: Resource) -> bool:
    """Whether something that is not at hand is made of manifests that may be about anything: it is no chart."""
    if resource.kind == "Application":
        return not mapping_at(resource, "spec.source").get("chart")
    return resource.kind == "Kustomization"
