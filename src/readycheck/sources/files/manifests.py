"""Kubernetes objects in documents: which documents are objects, what they are called, where they live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from readycheck.kubernetes.kinds import CLUSTER_SCOPED
from readycheck.model import Map, Origin, Problem, Resource

# Kinds that nobody gives to anything else: without an apiVersion or a name they are mistakes, not other formats.
_UNMISTAKABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob", "PodDisruptionBudget"})


class Namespacing(Struct, frozen=True):
    """Which namespace objects get from what they are applied by.

    Args:
        name: the namespace; "" leaves objects that name none in one of their own, the release's.
        overrides: whether objects that name one get it too, as with kustomize.
        own: a stand-in for a namespace that nobody has named, which counts as none.
    """

    name: str = ""
    overrides: bool = False
    own: str = ""

    def of(self, kind: str, given: object) -> str:
        """The namespace of an object of some kind that gives one, or none."""
        if kind in CLUSTER_SCOPED:
            return ""
        if not isinstance(given, str) or (self.overrides and self.name):
            return self.name
        return "" if str(given) == self.own else str(given)


class Manifests(Struct):
    """The objects of a document, and what is wrong with those that are none."""

    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_objects(body: object, origin: Origin, namespacing: Namespacing | None = None) -> Manifests:
    """The Kubernetes objects in a document; lists of objects are taken apart.

    Args:
        body: what stands in the document.
        origin: where that is.
        namespacing: which namespace the objects get.
    """
    manifests = Manifests()
    for item, kind, api_version in _objects(body, "", ""):
        _add(manifests, _complete(item, kind, api_version), origin, namespacing or _AS_GIVEN)
    return manifests


_AS_GIVEN = Namespacing()


def _objects(body: object, kind: str, api_version: str) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    if not isinstance(body, Mapping):
        return
    own_kind, own_version = body.get("kind"), body.get("apiVersion")
    kind = str(own_kind) if isinstance(own_kind, str) else kind
    api_version = str(own_version) if isinstance(own_version, str) else api_version
    items = body.get("items")
    if kind.endswith("List") and isinstance(items, list):
        # The items of a typed list (a RoleList) may leave out what its kind says already.
        item_kind = kind.removesuffix("List")
        for item in items:
            yield from _objects(item, item_kind, api_version if item_kind else "")
    elif kind:
        yield body, kind, api_version


def _complete(body: Mapping[str, Any], kind: str, api_version: str) -> Mapping[str, Any]:
    """The object with the kind and version that a list states for all of its items."""
    added = {key: value for key, value in (("apiVersion", api_version), ("kind", kind)) if value and key not in body}
    if not added:
        return body
    filled = Map({**added, **body})
    marks = body.marks if isinstance(body, Map) else []
    filled.marks = [*(marks[:1] * len(added)), *marks]
    return filled


def _add(manifests: Manifests, body: Mapping[str, Any], origin: Origin, namespacing: Namespacing) -> None:
    kind = str(body["kind"])
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    given = metadata.get("name")
    name = metadata.get("generateName") if given is None else given
    problem = ""
    if "apiVersion" not in body:
        problem = f"kind {kind} without apiVersion: the API server refuses it"
    elif not isinstance(name, str):
        problem = f"{kind} without metadata.name: the API server refuses it"
    if problem and kind in _UNMISTAKABLE:
        location = origin.locate(body, ())
        manifests.problems.append(Problem(location.uri, problem, location.line, hides_objects=True))
    elif "apiVersion" in body:
        scope = namespacing.of(kind, metadata.get("namespace"))
        manifests.resources.append(Resource(kind, str(name) if isinstance(name, str) else "", scope, body, origin))
