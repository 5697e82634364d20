"""One object of Kubernetes as it is declared and as it runs.

It is known by its kind, namespace and name; what a chart or a kustomization brought is known by the marks that Helm,
Flux and Argo CD leave on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TypeAlias

from readycheck.inventory import Inventory
from readycheck.joining.fields import field_of
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.delivery import HELM_RELEASE_NAME, KUSTOMIZATION_NAME, TRACKING_ID
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.model import Counterpart, Finding, Outcome, Relation, Resource, Status, Unjudged
from readycheck.report import container_name

Key: TypeAlias = tuple[str, str, str]
Said: TypeAlias = Mapping[tuple[str, Key, str, str], set[Status]]
"""What was said by each rule, of each object, of each container of it ("" for the whole), in each source."""


class ObjectSide:
    """The objects of one side, and what was said of those of all.

    Args:
        inventory: the side.
        said: what was said of the objects of each side.
        source: the side's source.
    """

    def __init__(self, inventory: Inventory, said: Said, source: str) -> None:
        self._inventory = inventory
        self._said = said
        self._source = source

    @cached_property
    def _objects(self) -> Mapping[Key, Sequence[Resource]]:
        found: dict[Key, list[Resource]] = defaultdict(list)
        for resource in self._inventory.objects:
            found[_key(resource)].append(resource)
        return found

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Sequence[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for (kind, _, name), resources in self._objects.items():
            found[kind, name] += resources
        return found

    def _said_of(self, outcome: Outcome, other: Resource) -> Status | None:
        """What the same rule says of the same thing on this side; None where that is nothing, or not one thing."""
        container = container_name(outcome.resource) or ""
        statuses = self._said.get((outcome.rule, _key(other), container, other.origin.source), set())
        return next(iter(statuses)) if len(statuses) == 1 else None

    def _same(self, resource: Resource) -> Resource | None:
        """The object of this side that a thing of the other is.

        What a manifest without a namespace declares is the one object of its kind and name, where there is one.
        """
        kind, scope, name = _key(resource)
        exact = self._objects.get((kind, scope, name))
        if exact:
            return exact[0]
        named = self._by_name.get((kind, name), ())
        if len(named) == 1 and (not scope or not named[0].scope):
            return named[0]
        return None

    def declares(self, outcome: Outcome, finding: Finding) -> Counterpart | None:
        """What git says of a live finding's object."""
        root = finding.resource.root
        same = self._same(root)
        if same is None:
            bringing = self._bringing(root)
            return Counterpart(Relation.BROUGHT, self._source, bringing.at(())) if bringing is not None else None
        status = self._said_of(outcome, same)
        relation = {Status.FAIL: Relation.SAME, Status.PASS: Relation.MENDED}.get(status or Status.UNKNOWN)
        return Counterpart(relation or Relation.UNTOLD, self._source, field_of(finding, same))

    def shows(self, outcome: Outcome, finding: Finding) -> Counterpart | None:
        """What the cluster shows of a declared finding's object."""
        root = finding.resource.root
        kind = qualified_kind(root)
        if self._inventory.failed or kind in self._inventory.unread:
            return None
        same = self._same(root)
        if same is None:
            guesses = not root.scope and (kind, root.name) in self._by_name
            return Counterpart(Relation.NOT_LIVE, self._source) if not guesses and self._by_kind_known(kind) else None
        status = self._said_of(outcome, same)
        relation = {Status.FAIL: Relation.SAME, Status.PASS: Relation.DRIFTED}.get(status or Status.UNKNOWN)
        return Counterpart(relation or Relation.UNTOLD, self._source, field_of(finding, same))

    def _by_kind_known(self, kind: str) -> bool:
        """Whether things of a kind were read: of others nothing can be said to be missing."""
        return bool(self._inventory.of(kind))

    def _bringing(self, root: Resource) -> Resource | None:
        """The declared release, Kustomization or Application that brought a live object, by the marks on it."""
        with suppress(Unjudged):
            labels, annotations = root.labels, root.annotations
            marks = (
                (flux.HELM_RELEASE, labels.get(HELM_RELEASE_NAME)),
                (flux.KUSTOMIZATION, labels.get(KUSTOMIZATION_NAME)),
                (argo.APPLICATION, str(annotations.get(TRACKING_ID, "")).partition(":")[0]),
            )
            for kind, name in marks:
                named = self._by_name.get((kind, str(name)), ()) if name else ()
                if named:
                    return named[0]
        return None


def said_of_objects(outcomes: Iterable[Outcome]) -> Said:
    """What was said of the objects of Kubernetes.

    Args:
        outcomes: the outcomes of all sides.
    """
    found: dict[tuple[str, Key, str, str], set[Status]] = defaultdict(set)
    for outcome in outcomes:
        root = outcome.resource.root
        if root.api_version:
            about = (outcome.rule, _key(root), container_name(outcome.resource) or "", root.origin.source)
            found[about].add(outcome.status)
    return found


def _key(resource: Resource) -> Key:
    return qualified_kind(resource), resource.scope, resource.name
