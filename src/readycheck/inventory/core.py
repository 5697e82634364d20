"""What was read, by kind and by name; who owns whom, and what stands in one cluster at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from types import MethodType
from typing import Any, ClassVar, TypeVar

from readycheck.images.dockerfile import Dockerfile
from readycheck.inventory.nowhere import NOWHERE, Nowhere
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.kubernetes.ownership import controller_of, is_past_revision, lineage_of
from readycheck.kubernetes.workload import Workload
from readycheck.model import Collected, Listing, Opaque, Path, Resource, ServiceNaming, Unjudged
from readycheck.pipelines.pipeline import Pipeline
from readycheck.terraform.blocks import TerraformFile
from readycheck.terraform.identities import is_looked_up
from readycheck.terraform.places import account_and_region

_EXTENTS = {"cluster": "cluster", "aws": "account", "terraform": "state"}
"""What a source reads as a whole, for people; that of the others is a tree."""
_BROUGHT_BY_SEVERAL = ("Namespace", "CustomResourceDefinition")


Subject = TypeVar("Subject")
Answer = TypeVar("Answer")


def remembered(ask: Callable[[Any, Subject], Answer]) -> Callable[[Any, Subject], Answer]:
    """Let an inventory answer a question about one thing once: several rules ask it."""
    return _Remembered(ask)  # type: ignore[return-value] # asked of an inventory it is such a function


class _Remembered:
    """Puts a question with its answers in its own place, in each inventory that is asked it."""

    def __init__(self, ask: Callable[[Any, Any], object]) -> None:
        self.__doc__ = ask.__doc__
        self._ask = ask

    def __get__(self, inventory: Core | None, _owner: type[Core]) -> Callable[[Any], object] | _Remembered:
        if inventory is None:
            return self
        asked = vars(inventory)[self._ask.__name__] = cache(MethodType(self._ask, inventory))
        return asked


class Core:
    """The resources of one environment as one side shows it, by kind and by name, and which of them stand together.

    What is declared and what runs are sides of their own: nothing of one selects, owns or names anything of the other.

    Args:
        collected: what the sources of the side read.
        environment: the environment's name; "" where none was named.
        now: the moment that ages and dates are judged at, in seconds since the epoch.
        services: what the user says of services.
        beside: what another side holds and tells of this one too: a report on an image is about it wherever it runs.
    """

    derived: ClassVar[Mapping[str, str]] = {}
    """The kinds that are not read but made from what was, each with the property that gives its resources."""
    bases: ClassVar[Mapping[str, str]] = {}
    """The types that a derived kind is made of: while some of those could not be read, there may be more of it."""

    def __init__(
        self,
        collected: Sequence[Collected],
        *,
        environment: str = "",
        now: float = 0.0,
        services: Iterable[ServiceNaming] = (),
        beside: Iterable[Resource] = (),
    ) -> None:
        self.collected = collected
        self.naming: Mapping[str, ServiceNaming] = {naming.name: naming for naming in services}
        self._reasons: dict[object, Callable[[Any], str | None]] = {}
        self._judged: dict[str, Sequence[Resource]] = {}
        self.now = now
        self.others: Sequence[Core] = ()
        """The other sides of the environment: what is compared with this one."""
        self.sources = frozenset(source.source for source in collected)
        self.live = any(source.live for source in collected)
        self.in_cluster = "cluster" in self.sources
        """Whether it shows what runs in a cluster: its nodes and pods."""
        self.is_tree = self.sources.isdisjoint(_EXTENTS)
        """Whether it shows files, which may declare less than there is."""
        self.extent = next((name for source, name in _EXTENTS.items() if source in self.sources), "tree")
        """What was read as a whole, for people."""
        self.unread: Mapping[str, str] = {
            kind: reason for source in collected for kind, reason in source.unread.items()
        }
        self.failed = next((problem.reason for source in collected if source.failed for problem in source.problems), "")
        origin = Nowhere(collected[0].source) if len(collected) == 1 else NOWHERE
        self.environment = Resource("Environment", environment, "", {}, origin)
        self.opaque: list[Opaque] = [opaque for source in collected for opaque in source.opaque]
        self._by_kind: dict[str, list[Resource]] = defaultdict(list)
        self._workloads: list[Workload] = []
        for source in collected:
            for resource in source.resources:
                self._add(resource)
        for resource in beside:
            self._add(resource)
        self._give_templates()

    def _add(self, resource: Resource) -> None:
        kind = qualified_kind(resource)
        workload = Workload.of(resource)
        if workload is not None:
            self._workloads.append(workload)
        pipeline = Pipeline.of(resource, self)
        seen = workload or pipeline or Dockerfile.of(resource) or TerraformFile.of(resource) or resource
        self._by_kind[pipeline.kind if pipeline else kind].append(seen)

    def of(self, *kinds: str) -> list[Resource]:
        """All resources of the given kinds; those of a derived kind are made from the others at the first question.

        Raises:
            Unjudged: those of one of the kinds could not be read.
        """
        return [resource for kind in kinds for resource in self._of(kind)]

    def _of(self, kind: str) -> Sequence[Resource]:
        if kind == "Environment":
            return (self.environment,)
        if kind in self.derived:
            made: Sequence[Resource] = getattr(self, self.derived[kind])
            return made
        if kind in self.unread:
            raise Unjudged(self.unread[kind])
        return self._by_kind.get(kind, ())

    def read_of(self, kind: str) -> Sequence[Resource]:
        """All resources of a kind that were read, though there may be more."""
        return self._by_kind.get(kind, ())

    def managed(self, kind: str) -> list[Resource]:
        """Those of a type of Terraform's that were read and are somebody's to change: not what was only looked up."""
        return [each for each in self.read_of(kind) if not is_looked_up(each)]

    def unread_around(self, kind: str, thing: Resource) -> str:
        """Why the things of a type could not be read where another one is: in its account and region.

        What one region refuses, another may tell. "" where they were read.
        """
        reason, place = self.unread.get(kind, ""), account_and_region(thing)
        uris = [problem.uri for source in self.collected for problem in source.problems if reason]
        here = f"{'/'.join(('aws:/', *place))}/"
        return reason if not place or not uris or any(f"{uri}/".startswith(here) for uri in uris) else ""

    @cached_property
    def made_by_terraform(self) -> Sequence[Resource]:
        """Everything that states record and plans plan, without what was only looked up."""
        recorded = [each for source in self.collected if source.source == "terraform" for each in source.resources]
        return [each for each in recorded if not is_looked_up(each)]

    @cached_property
    def objects(self) -> Sequence[Resource]:
        """Every object of Kubernetes that was read."""
        return [resource for source in self.collected for resource in source.resources if resource.api_version]

    # Files -----------------------------------------------------------------------------------------------------

    @cached_property
    def listing(self) -> Listing:
        """The names of the scanned tree; an empty one where no tree was read."""
        return next((source.listing for source in self.collected if source.listing is not None), Listing())

    @cached_property
    def problems(self) -> Mapping[str, str]:
        """Why files, or parts of them, could not be read, by their uris."""
        return {problem.uri: problem.reason for source in self.collected for problem in source.problems}

    @cached_property
    def hidden(self) -> str:
        """Why nothing is known of what a state or plan holds; "" where each was read."""
        if self.is_tree:
            return ""
        hiding = (problem for source in self.collected for problem in source.problems if problem.hides_objects)
        return next((f"{problem.uri} {problem.reason}" for problem in hiding), "")

    @cached_property
    def _files(self) -> Mapping[str, Resource]:
        return {
            resource.name: resource
            for resources in self._by_kind.values()
            for resource in reversed(resources)
            if resource.name and resource.name == resource.origin.file
        }

    def file(self, uri: str) -> Resource | None:
        """What was read from a file that is no manifest; its first document. None where nothing was."""
        return self._files.get(uri)

    @cached_property
    def workloads(self) -> list[Workload]:
        """Everything that runs pods, each top controller once: what another one of them owns is left out.

        Of the pods of one owner that was not read (a custom resource), or of one static pod on several nodes, the
        first that has not ended stands for all. What a controller keeps of the revisions that it ran before is left out
        of a live cluster.
        """
        tops: dict[object, Workload] = {}
        for workload in self._workloads:
            if not self._is_owned(workload) and not (self.live and is_past_revision(workload)):
                alike = workload.twins or id(workload)
                if alike not in tops or tops[alike].ended:
                    tops[alike] = workload
        return list(tops.values())

    @cached_property
    def _tops(self) -> frozenset[int]:
        return frozenset(map(id, self.workloads))

    def judged_of(self, kind: str) -> Sequence[Resource]:
        """The resources of a kind that were read and stand for themselves: of workloads, those of `workloads`.

        Raises:
            Unjudged: the kind is made of others, some of which could not be read.
        """
        found = self._judged.get(kind)
        if found is None:
            resources = self.all_of(kind)
            found = [each for each in resources if not isinstance(each, Workload) or self.is_top(each)]
            self._judged[kind] = found
        return found

    def all_of(self, kind: str) -> Sequence[Resource]:
        """The resources of a kind that were read, though there may be more: one region may refuse what another tells.

        Raises:
            Unjudged: the kind is made of others, some of which could not be read.
        """
        return self.read_of(kind) if kind in self.unread else self.of(kind)

    def is_top(self, workload: Workload) -> bool:
        """Whether a workload is one of `workloads`."""
        return id(workload) in self._tops

    def _is_owned(self, workload: Workload) -> bool:
        """Whether another workload makes this one and answers for it, even where that could not be read."""
        try:
            return isinstance(self.owner(workload), Workload)
        except Unjudged:
            return True

    def scoped(self, unless: Callable[[Any, Any], str | None]) -> Callable[[Resource], str | None]:
        """What tells why something is out of a scope: asked once for all rules that have the scope in common."""
        asked = self._reasons.get(unless)
        if asked is None:
            asked = self._reasons[unless] = cache(lambda subject: unless(subject, self))
        return asked

    # Which things are applied together -------------------------------------------------------------------------

    @cached_property
    def _alternatives(self) -> Mapping[str, set[str]]:
        """Worlds that cannot stand in one cluster at once: two overlays of a base, two values files of a chart.

        They show by what they share: the same source file, or the same object. A Namespace or the definition of a kind
        tells nothing: several that stand side by side may each bring the one that they need.
        """
        if not any(resource.origin.world for resources in self._by_kind.values() for resource in resources):
            return {}
        sharing: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for kind, resources in self._by_kind.items():
            for resource in resources if kind not in _BROUGHT_BY_SEVERAL else ():
                if resource.origin.world:
                    sharing[kind, resource.scope, resource.name].add(resource.origin.world)
                    sharing[(resource.origin.file,)].add(resource.origin.world)
        alternatives: dict[str, set[str]] = defaultdict(set)
        for worlds in sharing.values():
            if len(worlds) > 1:
                for world in worlds:
                    alternatives[world] |= worlds - {world}
        return alternatives

    def together(self, one: Resource, other: Resource) -> bool:
        """Whether two things can stand in one cluster at the same time, and see each other there."""
        if one.origin is other.origin:
            return True
        here, there = one.origin.world, other.origin.world
        return here == there or not here or not there or there not in self._alternatives.get(here, ())

    # Names -----------------------------------------------------------------------------------------------------

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str, str], list[Resource]]:
        names: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        for kind, resources in self._by_kind.items():
            for resource in resources:
                names[kind, resource.scope, resource.name].append(resource)
        return names

    def find(self, kind: str, name: str, near: Resource, *, namespace: str | None = None) -> Resource | None:
        """The thing of that kind and name which `near` sees; in the namespace of `near` unless one is given.

        Raises:
            Unjudged: things of that kind could not be read.
        """
        if kind in self.unread:
            raise Unjudged(self.unread[kind])
        scope = near.scope if namespace is None else namespace
        try:
            named = self._by_name.get((kind, scope, name), ())
        except TypeError:
            raise Unjudged(f"the name or namespace of a {kind} is no string") from None
        for resource in named:
            if self.together(near, resource):
                return resource
        return None

    @remembered
    def owner(self, resource: Resource) -> Resource | None:
        """The controller that owns a thing, where it was read too.

        Raises:
            Unjudged: controllers of that kind could not be read.
        """
        reference = resource.controller if isinstance(resource, Workload) else controller_of(resource)
        if reference is None:
            return self._maker(resource)
        if reference.kind == "ReplicaSet" and "ReplicaSet" in self.unread:
            return self._maker(resource)
        found = self.find(reference.qualified_kind, reference.name, resource)
        return found if found is not None or reference.kind != "ReplicaSet" else self._maker(resource)

    def _maker(self, resource: Resource) -> Resource | None:
        """The Deployment, Rollout or ReplicaSet that a thing is named after, where its owner does not tell."""
        lineage = lineage_of(resource)
        if lineage is None:
            return None
        replica_set = None
        if resource.kind == "Pod" and "ReplicaSet" not in self.unread:
            replica_set = self.find("ReplicaSet", lineage.replica_set, resource)
        return replica_set or self.find(lineage.kind, lineage.name, resource)

    def _give_templates(self) -> None:
        """Let each Argo Rollout that refers to a Deployment run its template (Argo Rollouts, `spec.workloadRef`)."""
        references = {
            id(rollout): rollout.body["spec"]["workloadRef"]
            for rollout in self._by_kind.get("Rollout", ())
            if _refers(rollout)
        }
        if not references:
            return
        templates: dict[tuple[str, str, str], list[Workload]] = defaultdict(list)
        for workload in self._workloads:
            templates[workload.kind, workload.scope, workload.name].append(workload)

        def templated(workload: Workload) -> Workload:
            reference = references.get(id(workload))
            if reference is None:
                return workload
            named = templates.get((str(reference.get("kind")), workload.scope, str(reference.get("name"))), ())
            source = next((each for each in named if self.together(workload, each)), None)
            return workload.running(source) if source is not None else workload

        self._workloads = [templated(workload) for workload in self._workloads]
        self._by_kind["Rollout"] = [each for each in self._workloads if qualified_kind(each) == "Rollout"]

    @cached_property
    def _rollouts_by_template(self) -> Mapping[int, Workload]:
        return {id(rollout.source.body): rollout for rollout in self._workloads if rollout.source is not None}

    def run_by(self, workload: Workload) -> Workload | None:
        """The Rollout that runs a workload's template in its place."""
        return self._rollouts_by_template.get(id(workload.body))


def _refers(rollout: Resource) -> bool:
    """Whether a Rollout names the workload whose template it runs."""
    return bool(mapping_at(rollout, "spec.workloadRef"))


def mapping_at(resource: Resource, path: str | Path) -> Mapping[str, Any]:
    """The mapping at a path; empty where it cannot be read, which the thing's own rules will say."""
    try:
        return resource.mapping(path)
    except Unjudged:
        return {}
