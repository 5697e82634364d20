"""Fixes before the API server: what it would say to each object that they change."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from readycheck.fixes.proof import object_of, touched
from readycheck.fixes.proposals import Proposal
from readycheck.kubernetes.chart import CHART
from readycheck.kubernetes.kustomization import KUSTOMIZATION_FILE
from readycheck.model import Collected, Resource, from_files, meet
from readycheck.sources.cluster import ClusterRequest
from readycheck.sources.cluster.dry_run import DryRun, Refusal
from readycheck.sources.cluster.faults import ConnectionFault

Object: TypeAlias = tuple[str, str, str]
"""The kind, the namespace and the name of an object."""

_FIELD = re.compile(r"\bspec(?:\.\w+|\[\d+\])+")
"""A field as the API server names it where it refuses a value."""
_NAMESPACE = "default"
"""Where objects go that name no namespace."""


class NotVerified(Exception):  # noqa: N818 - an answer, no fault of the program
    """No server can be asked, for a reason that is told to people."""


@contextmanager
def verification(cluster: ClusterRequest | None) -> Iterator[Verification]:
    """What asks the API server of a cluster, for as long as the context lasts.

    Args:
        cluster: which; None where the environment names none.

    Raises:
        NotVerified: there is none, or it cannot be asked; also while the context lasts.
    """
    if cluster is None:
        raise NotVerified("the environment names no cluster to ask: `cluster: {context: ...}` in readycheck.yaml does")
    try:
        server = DryRun(cluster)
        try:
            server.begin()
            yield Verification(server)
        finally:
            server.close()
    except ConnectionFault as fault:
        raise NotVerified(f"cluster {cluster.named}: {fault}") from fault


class Verification:
    """Asks an API server about the objects that fixes change.

    Args:
        server: the server.
    """

    def __init__(self, server: DryRun) -> None:
        self._server = server
        self._noted: dict[Object, str] = {}
        self._tried: set[Object] = set()

    @property
    def notes(self) -> Iterator[str]:
        """What came of it: the objects that could not be judged by the server, and how many it takes."""
        for (kind, _, name), reason in sorted(self._noted.items()):
            yield f"{kind} {name}: {reason}"
        count = len(self._tried - self._noted.keys())
        taken = f"{count} changed {'object' if count == 1 else 'objects'}"
        yield f"the API server of {self._server.name} would take {taken}"

    def refused(self, before: Iterable[Collected], after: Iterable[Collected]) -> Mapping[Object, str]:
        """What the server says to the objects that it took before some fixes and does not take after them.

        Args:
            before: what was read before the fixes.
            after: what was read after them.

        Raises:
            ConnectionFault: the server cannot be asked.
        """
        former = _objects(before)
        found: dict[Object, str] = {}
        for key, resources in _objects(after).items():
            for index, resource in enumerate(resources):
                old = former[key][index] if index < len(former.get(key, ())) else None
                if old is None or old.body != resource.body:
                    self._weigh(resource, old, found)
        return found

    def _weigh(self, resource: Resource, old: Resource | None, found: dict[Object, str]) -> None:
        name = object_of(resource)
        refusal = self._ask(resource)
        if refusal is None:
            self._tried.add(name)
        elif refusal.missing:
            self._noted[name] = f"could not be tried: the API server {refusal.reason}"
        elif old is not None and self._ask(old) is not None:
            self._noted[name] = f"is refused with its fixes as without them: the API server {refusal.reason}"
        else:
            found[name] = refusal.reason

    def _ask(self, resource: Resource) -> Refusal | None:
        return self._server.refusal(resource.body, resource.scope or _NAMESPACE)


def answerable(refused: Mapping[Object, str], proposals: Sequence[Proposal]) -> Mapping[int, Object]:
    """The object that each proposal is dropped for, by the proposal's identity; no refused object stays without one.

    Args:
        refused: the objects, each with the server's words.
        proposals: what was proposed.
    """
    found: dict[int, Object] = {}
    for name, words in refused.items():
        own = [each for each in proposals if name in set(touched(each))]
        # What another overlay makes of the same base goes by another namespace.
        alike = [each for each in proposals if any((kind, which) == name[::2] for kind, _, which in touched(each))]
        for each in [each for each in own if _is_named(each, words)] or own or alike or proposals:
            found.setdefault(id(each), name)
    return found


def _is_named(proposal: Proposal, words: str) -> bool:
    """Whether the server's words name a field that a proposal sets, or one above or below it."""
    fields = [tuple(re.findall(r"\w+", field)) for field in _FIELD.findall(words)]
    places = (edit.place for edit in proposal.fix.edits)
    paths = [tuple(map(str, place.way)) for place in places]
    return any(meet(field, path) for field in fields for path in paths)


def _objects(collected: Iterable[Collected]) -> Mapping[tuple[str, ...], Sequence[Resource]]:
    """The Kubernetes objects that files declare or make."""
    found: dict[tuple[str, ...], list[Resource]] = defaultdict(list)
    for each in from_files(collected):
        if each.whole is None and each.kind not in (CHART, KUSTOMIZATION_FILE) and _named(each):
            found[each.api_version, *object_of(each), each.origin.world].append(each)
    return found


def _named(resource: Resource) -> bool:
    metadata = resource.body.get("metadata")
    named = isinstance(metadata, dict) and metadata.keys() & {"name", "generateName"}
    return bool(resource.api_version and named)
