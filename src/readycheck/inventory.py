"""Everything that a scan read, indexed, and how one thing relates to another.

Each relation is an index built once, at the first question: no rule walks a list for each of its subjects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar

from readycheck.kubernetes.autoscaling import ReplicaFloor, ScaleTarget, declared_count, floor_of, paused
from readycheck.kubernetes.exposure import ENTRIES, Backend, Exposure, backends_of
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.kubernetes.operated import clues_in, clues_of, is_custom
from readycheck.kubernetes.ownership import lineage_of
from readycheck.kubernetes.probe import Probe, probes_of
from readycheck.kubernetes.recommendation import Recommendation, recommendation_for, why_not
from readycheck.kubernetes.resources import NO_DEFAULTS, ContainerDefaults, EffectiveResources
from readycheck.kubernetes.selector import LabelIndex, Selector, SelectorIndex
from readycheck.kubernetes.storage import ClaimUse, claims_of, unshared_claim
from readycheck.kubernetes.topology import Spreading, spreadings
from readycheck.kubernetes.traffic import Target, service_ports, targeted
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Collected, Ignore, Location, Opaque, Path, Place, Resource, Unjudged

_FILLED_BY = (
    ("default", "limits"),
    ("max", "limits"),
    ("defaultRequest", "requests"),
    ("default", "requests"),
    ("max", "requests"),
    ("min", "requests"),
)

_BROUGHT_BY_SEVERAL = ("Namespace", "CustomResourceDefinition")

AUTOSCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """The origin of the environment itself, which stands in no file."""

    source: str = ""
    world: str = ""
    file: str = ""
    may_ignore: bool = False

    def all_ignores(self) -> Sequence[Ignore]:
        return ()

    def locate(self, body: object, path: Path) -> Location:
        del body, path
        return Location("")

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        del body, paths
        return ()

    def excerpt(self, body: object, path: Path, around: int) -> Sequence[tuple[int, str]]:
        del body, path, around
        return ()


Subject = TypeVar("Subject", bound=Resource)
Answer = TypeVar("Answer")


def _remembered(ask: Callable[[Inventory, Subject], Answer]) -> Callable[[Inventory, Subject], Answer]:
    """Let an inventory answer a question about one thing once: several rules ask it."""

    @wraps(ask)
    def answer(self: Inventory, subject: Subject) -> Answer:
        key = (ask, id(subject))
        found = self.remembered.get(key, _NOTHING)
        if found is _NOTHING:
            found = self.remembered[key] = ask(self, subject)
        return found  # type: ignore[return-value] # what `ask` gave; a cast would be a call in the hottest path

    return answer


_NOTHING = object()


class Inventory:
    """The resources of one environment.

    Args:
        collected: what each source read.
        environment: the environment's name; "" where none was named.
        now: the moment that ages and dates are judged at, in seconds since the epoch.
    """

    def __init__(self, collected: Sequence[Collected], *, environment: str = "", now: float = 0.0) -> None:
        self.collected = collected
        self.remembered: dict[tuple[object, int], object] = {}
        self.now = now
        self.environment = Resource("Environment", environment, "", {}, _Nowhere())
        self.opaque: list[Opaque] = [opaque for source in collected for opaque in source.opaque]
        self._by_kind: dict[str, list[Resource]] = defaultdict(list)
        self._workloads: list[Workload] = []
        for source in collected:
            for resource in source.resources:
                self._add(resource)
        self._give_templates()

    def _add(self, resource: Resource) -> None:
        kind = qualified_kind(resource)
        workload = Workload.of(resource)
        if workload is not None:
            self._workloads.append(workload)
        self._by_kind[kind].append(workload or resource)

    def of(self, *kinds: str) -> list[Resource]:
        """All resources of the given kinds."""
        if kinds == ("Environment",):
            return [self.environment]
        return [resource for kind in kinds for resource in self._by_kind.get(kind, ())]

    @cached_property
    def workloads(self) -> list[Workload]:
        """Everything that runs pods, each top controller once: what another one of them owns is left out."""
        return [workload for workload in self._workloads if self.owner(workload) is None]

    def reason(self, unless: Callable[[Any, Inventory], str | None], subject: Resource) -> str | None:
        """Why something is out of scope, asked once for all rules that have the scope in common."""
        key = (unless, id(subject))
        found = self.remembered.get(key, _NOTHING)
        if found is _NOTHING:
            found = self.remembered[key] = unless(subject, self)
        return found  # type: ignore[return-value] # as above

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
        """The thing of that kind and name which `near` sees; in the namespace of `near` unless one is given."""
        scope = near.scope if namespace is None else namespace
        for resource in self._by_name.get((kind, scope, name), ()):
            if self.together(near, resource):
                return resource
        return None

    @_remembered
    def owner(self, resource: Resource) -> Resource | None:
        """The controller that owns a thing, where it was read too."""
        try:
            references = resource.get("metadata.ownerReferences")
        except Unjudged:
            # What its metadata hides, its own verdicts will say.
            return None
        for reference in references if isinstance(references, list) else ():
            if isinstance(reference, Mapping) and reference.get("controller"):
                kind = str(reference.get("kind"))
                found = self.find(kind, str(reference.get("name")), resource)
                return found if found is not None or kind != "ReplicaSet" else self._maker(resource)
        return self._maker(resource)

    def _maker(self, resource: Resource) -> Resource | None:
        """The Deployment, Rollout or ReplicaSet that a thing is named after, where its owner does not tell."""
        lineage = lineage_of(resource)
        if lineage is None:
            return None
        replica_set = self.find("ReplicaSet", lineage.replica_set, resource) if resource.kind == "Pod" else None
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

    # Selectors -------------------------------------------------------------------------------------------------

    @cached_property
    def _workload_labels(self) -> LabelIndex[Workload]:
        return LabelIndex((workload, _pod_labels(workload)) for workload in self.workloads)

    @cached_property
    def _service_selectors(self) -> SelectorIndex[Resource]:
        return SelectorIndex(
            (service, Selector.of_labels(_mapping(service, "spec.selector")).declared)
            for service in self.of("Service")
            # An ExternalName is an alias in DNS: whatever its selector says, it sends nothing to pods. A type that is
            # not decided yet may be any other.
            if str(_mapping(service, "spec").get("type")) != "ExternalName"
        )

    @cached_property
    def _budget_selectors(self) -> SelectorIndex[Resource]:
        return SelectorIndex((budget, self.budget_selector(budget)) for budget in self._readable_budgets)

    @cached_property
    def _readable_budgets(self) -> list[Resource]:
        return [budget for budget in self.of("PodDisruptionBudget") if id(budget) not in self._unreadable_budgets]

    @cached_property
    def _unreadable_budgets(self) -> Mapping[int, tuple[Resource, Unjudged]]:
        unreadable = {}
        for budget in self.of("PodDisruptionBudget"):
            try:
                self.budget_selector(budget)
            except Unjudged as unjudged:
                unreadable[id(budget)] = (budget, unjudged)
        return unreadable

    def budget_selector(self, budget: Resource) -> Selector:
        """What a PodDisruptionBudget selects; the removed v1beta1 selected nothing with an empty selector.

        Raises:
            Unjudged: the selector has the wrong shape.
        """
        selector = budget.get("spec.selector")
        if selector == {} and budget.api_version == "policy/v1beta1":
            return Selector(None)
        return Selector.of(selector)

    def selected_by(self, selector: Selector, near: Resource) -> list[Workload]:
        """The workloads whose pods a selector of `near`'s namespace selects.

        Raises:
            Unjudged: whether it selects one of them is not decided yet.
        """
        return [
            workload
            for workload, labels in self._workload_labels.candidates(near.scope, selector)
            if self.together(near, workload) and selector.matches(labels)
        ]

    @cached_property
    def _unlabelled(self) -> Mapping[str, list[Workload]]:
        by_namespace: dict[str, list[Workload]] = defaultdict(list)
        for workload in self.workloads:
            try:
                _ = workload.pod_labels
            except Unjudged:
                by_namespace[workload.scope].append(workload)
        return by_namespace

    def unlabelled(self, near: Resource) -> Workload | None:
        """A workload in `near`'s namespace whose pods' labels are not at hand: any selector may be meant for them."""
        return next((each for each in self._unlabelled.get(near.scope, ()) if self.together(near, each)), None)

    @cached_property
    def _custom_resources(self) -> Mapping[tuple[str, str], list[Resource]]:
        by_clue: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resources in self._by_kind.values():
            for resource in filter(is_custom, resources):
                for clue in clues_of(resource):
                    by_clue[resource.scope, clue].append(resource)
        return by_clue

    def operated_for(self, selector: Selector, near: Resource) -> Resource | None:
        """A custom resource in `near`'s namespace whose operator may run the pods that a selector asks for."""
        for clue in clues_in(selector):
            for resource in self._custom_resources.get((near.scope, clue), ()):
                if self.together(near, resource):
                    return resource
        return None

    @_remembered
    def services_of(self, workload: Workload) -> list[Resource]:
        """The Services that select a workload's pods."""
        return self._selecting(self._service_selectors, workload)

    @_remembered
    def targets_of(self, workload: Workload) -> Mapping[str, Target]:
        """The containers of a workload that Services send requests to, by name."""
        services = self.services_of(workload)
        return targeted(workload, (port for service in services for port in service_ports(service)))

    @_remembered
    def budgets_of(self, workload: Workload) -> list[Resource]:
        """The PodDisruptionBudgets that select a workload's pods, each object once.

        Raises:
            Unjudged: whether one does is not decided yet, or cannot be told.
        """
        budgets = self._selecting(self._budget_selectors, workload)
        for budget, unjudged in () if budgets else self._unreadable_budgets.values():
            if budget.scope == workload.scope and self.together(workload, budget):
                raise Unjudged(f"PodDisruptionBudget {budget.name} may select its pods: {unjudged.reason}")
        return budgets

    @cached_property
    def _budgets_anywhere(self) -> SelectorIndex[Resource]:
        selectors = ((budget, self.budget_selector(budget)) for budget in self._readable_budgets)
        # One that asks for no label in particular is not meant for another namespace's pods.
        return SelectorIndex((each for each in selectors if each[1].anchors), everywhere=True)

    def budget_elsewhere(self, workload: Workload) -> Resource | None:
        """A PodDisruptionBudget that would select a workload's pods if it stood in their namespace."""
        for budget, selector in self._budgets_anywhere.candidates("", workload.pod_labels):
            if (
                budget.scope != workload.scope
                and self.together(workload, budget)
                and _surely(selector, workload.pod_labels)
            ):
                return budget
        return None

    def _selecting(self, index: SelectorIndex[Resource], workload: Workload) -> list[Resource]:
        found: dict[str, Resource] = {}
        labels = workload.pod_labels
        for resource, selector in index.candidates(workload.scope, labels):
            if resource.name not in found and self.together(workload, resource) and selector.matches(labels):
                found[resource.name] = resource
        return list(found.values())

    # What leads to a Service from outside -----------------------------------------------------------------------

    @cached_property
    def _backends(self) -> Mapping[tuple[str, str], list[tuple[Resource, Backend]]]:
        """Ingresses and routes, by the namespace and name of the Services behind them."""
        backends: dict[tuple[str, str], list[tuple[Resource, Backend]]] = defaultdict(list)
        for entry in self.of(*ENTRIES):
            for backend in backends_of(entry):
                backends[backend.scope, backend.name].append((entry, backend))
        return backends

    @_remembered
    def exposures_of(self, workload: Workload) -> list[Exposure]:
        """What sends requests from outside the cluster to a workload's pods, by way of which ports of a Service.

        Raises:
            Unjudged: whether a Service is a load balancer, or which of its ports is meant, is not decided yet.
        """
        found = []
        for service in self.services_of(workload):
            if service.string("spec.type") == "LoadBalancer":
                found.append(Exposure(service, tuple(service_ports(service))))
            for entry, backend in self._backends.get((service.scope, service.name), ()):
                exposure = Exposure.of(entry, backend, service) if self.together(workload, entry) else None
                if exposure is not None:
                    found.append(exposure)
        return found

    @_remembered
    def spreadings_of(self, workload: Workload) -> list[Spreading]:
        """What keeps a workload's pods apart, or means to.

        Raises:
            Unjudged: what one of them spreads is not decided yet.
        """
        return list(spreadings(workload, self._namespace_labels))

    def _namespace_labels(self, workload: Workload) -> Mapping[str, str] | None:
        namespace = self.find("Namespace", workload.scope, workload, namespace="")
        return namespace.labels if namespace is not None else None

    # Autoscalers -----------------------------------------------------------------------------------------------

    @cached_property
    def _autoscalers_by_target(self) -> Mapping[tuple[str, str, str], list[tuple[Resource, ScaleTarget]]]:
        return self._by_target(self.of(*AUTOSCALERS))

    @cached_property
    def _recommenders_by_target(self) -> Mapping[tuple[str, str, str], list[tuple[Resource, ScaleTarget]]]:
        return self._by_target(self.of("VerticalPodAutoscaler"))

    @staticmethod
    def _by_target(
        autoscalers: Iterable[Resource],
    ) -> Mapping[tuple[str, str, str], list[tuple[Resource, ScaleTarget]]]:
        by_target: dict[tuple[str, str, str], list[tuple[Resource, ScaleTarget]]] = defaultdict(list)
        for autoscaler in autoscalers:
            try:
                target = ScaleTarget.of(autoscaler)
            except Unjudged:
                continue
            by_target[autoscaler.scope, target.kind, target.name].append((autoscaler, target))
        return by_target

    @_remembered
    def autoscalers_of(self, workload: Workload) -> list[Resource]:
        """The HorizontalPodAutoscalers and ScaledObjects that scale a workload.

        Raises:
            Unjudged: what one of its namespace scales is not decided yet.
        """
        found = self._targeting(self._autoscalers_by_target, workload)
        for autoscaler, target in () if found else self._undecided_autoscalers.get((workload.scope, workload.kind), ()):
            if self.together(workload, autoscaler):
                raise Unjudged(f"{autoscaler.kind} {autoscaler.name} may scale it: {target.undecided}")
        return found

    @cached_property
    def _undecided_autoscalers(self) -> Mapping[tuple[str, str], list[tuple[Resource, ScaleTarget]]]:
        """Those whose target nobody can tell: a variable that names nothing that was read too."""
        undecided: dict[tuple[str, str], list[tuple[Resource, ScaleTarget]]] = defaultdict(list)
        for (scope, kind, _), entries in self._autoscalers_by_target.items():
            undecided[scope, kind] += (
                entry for entry in entries if entry[1].undecided and self.target_named(*entry) is None
            )
        return undecided

    @_remembered
    def recommenders_of(self, workload: Workload) -> list[Resource]:
        """The VerticalPodAutoscalers that watch a workload, or the Rollout that runs its template."""
        found = self._targeting(self._recommenders_by_target, workload)
        rollout = self.run_by(workload)
        return found + self._targeting(self._recommenders_by_target, rollout) if rollout else found

    def recommendation_of(self, container: Container) -> Recommendation | None:
        """What is recommended for a container, where one recommender watches it and can be trusted."""
        recommenders = self.recommenders_of(container.workload)
        try:
            if len(recommenders) != 1 or why_not(recommenders[0], self.now):
                return None
            return recommendation_for(recommenders[0], container.name)
        except Unjudged:
            return None

    def _targeting(
        self, index: Mapping[tuple[str, str, str], list[tuple[Resource, ScaleTarget]]], workload: Workload
    ) -> list[Resource]:
        return [
            autoscaler
            for autoscaler, target in index.get((workload.scope, workload.kind, workload.name), ())
            if target.is_group_of(workload) and self.together(workload, autoscaler)
        ]

    @_remembered
    def target_of(self, autoscaler: Resource) -> Resource | None:
        """What an autoscaler scales, where it was read.

        Raises:
            Unjudged: the autoscaler does not say, or not yet.
        """
        target = ScaleTarget.of(autoscaler)
        found = self.target_named(autoscaler, target)
        if found is None and target.undecided:
            raise Unjudged(target.undecided, autoscaler.at("spec.scaleTargetRef.name"))
        return found

    def workload_of(self, autoscaler: Resource) -> Workload | None:
        """The workload that an autoscaler scales, where that can be told and it was read."""
        try:
            target = self.target_of(autoscaler)
        except Unjudged:
            return None
        return target if isinstance(target, Workload) else None

    def target_named(self, autoscaler: Resource, target: ScaleTarget) -> Resource | None:
        """The thing that an autoscaler calls its target, where it was read."""
        # The few kinds that rules know are indexed by their names alone, the same names of other groups with the group.
        for kind in (target.kind, f"{target.kind}.{target.group or 'core'}"):
            for resource in self._by_name.get((kind, autoscaler.scope, target.name), ()):
                if target.is_group_of(resource) and self.together(autoscaler, resource):
                    return resource
        return None

    @_remembered
    def replica_floor(self, workload: Workload) -> ReplicaFloor:
        """The fewest replicas that a workload can run: by its autoscaler where one scales it, else as declared.

        A workload declared with 0 replicas is parked whatever its autoscaler says: a HorizontalPodAutoscaler rests
        at 0 (Kubernetes, Horizontal Pod Autoscaling, implicit maintenance-mode deactivation).

        Raises:
            Unjudged: the number is not decided yet.
        """
        place = workload.at("spec.replicas")
        autoscalers = self.autoscalers_of(workload)
        active = [autoscaler for autoscaler in autoscalers if not paused(autoscaler)]
        if not active:
            if autoscalers and workload.get("spec.replicas") is None:
                raise Unjudged(f"ScaledObject {autoscalers[0].name} is paused at as many replicas as there are", place)
            return ReplicaFloor(declared_count(workload, "spec.replicas", 1), place)
        if all(autoscaler.kind == "HorizontalPodAutoscaler" for autoscaler in active) and self.declared_zero(workload):
            return ReplicaFloor(0, place)
        return min((floor_of(autoscaler) for autoscaler in active), key=lambda floor: floor.count)

    def declared_zero(self, workload: Workload) -> bool:
        """Whether a workload is declared with 0 replicas; a number that is not decided yet is not taken for 0."""
        spec = workload.body.get("spec")
        replicas = spec.get("replicas") if isinstance(spec, Mapping) else None
        return isinstance(replicas, int) and not isinstance(replicas, bool) and replicas == 0

    def takes_replicas(self, workload: Workload) -> bool:
        """Whether one more replica can run beside the others without a person's look.

        The replicas of a StatefulSet are members of something, and a claim that one node mounts is there for one.
        """
        try:
            return workload.kind != "StatefulSet" and unshared_claim(workload, self.claim) is None
        except Unjudged:
            return False

    # Namespaces ------------------------------------------------------------------------------------------------

    @cached_property
    def _limit_ranges(self) -> Mapping[str, list[Resource]]:
        by_namespace: dict[str, list[Resource]] = defaultdict(list)
        for limit_range in self.of("LimitRange"):
            by_namespace[limit_range.scope].append(limit_range)
        return by_namespace

    @_remembered
    def container_defaults(self, workload: Workload) -> ContainerDefaults:
        """The requests and limits that LimitRanges of the namespace give to containers without their own.

        The order is the API server's (LimitRange defaulting): a maximum is the default limit, a default limit the
        default request, a minimum the default request where nothing else is.
        """
        limit_ranges = self._limit_ranges.get(workload.scope)
        if not limit_ranges:
            return NO_DEFAULTS
        requests: dict[str, Place] = {}
        limits: dict[str, Place] = {}
        for limit_range in limit_ranges:
            if not self.together(workload, limit_range):
                continue
            for index, item in enumerate(limit_range.mappings("spec.limits")):
                if item.get("type") != "Container":
                    continue
                for field, filled in _FILLED_BY:
                    for name in limit_range.mapping(("spec", "limits", index, field)):
                        defaults = limits if filled == "limits" else requests
                        defaults.setdefault(name, limit_range.at(("spec", "limits", index, field, name)))
        return ContainerDefaults(requests, limits)

    def claim(self, workload: Workload, name: str) -> Resource | None:
        """The PersistentVolumeClaim of a name that a workload's pods mount, where it was read."""
        return self.find("PersistentVolumeClaim", name, workload)

    def storage_class(self, workload: Workload, use: ClaimUse) -> Resource | None:
        """The StorageClass of a claim: the one that it names, else the default one; None where it was not read."""
        if use.template is not None:
            name = workload.get((*use.place.path, "spec", "storageClassName"))
        else:
            claim = self.claim(workload, use.name)
            name = claim.get("spec.storageClassName") if claim is not None else ""
        if name is None:
            return next((each for each in self._default_classes if self.together(workload, each)), None)
        return self.find("StorageClass", str(name), workload, namespace="")

    @cached_property
    def _default_classes(self) -> list[Resource]:
        return [
            each
            for each in self.of("StorageClass")
            if _mapping(each, "metadata.annotations").get("storageclass.kubernetes.io/is-default-class") == "true"
        ]

    @cached_property
    def _claim_makers(self) -> Mapping[tuple[str, str], list[Workload]]:
        """StatefulSets, by their namespace and what the names of the claims they make begin with."""
        makers: dict[tuple[str, str], list[Workload]] = defaultdict(list)
        for workload in self.workloads:
            for template in _claim_templates(workload):
                makers[workload.scope, f"{template}-{workload.name}"].append(workload)
        return makers

    def claim_maker(self, workload: Workload, name: str) -> Workload | None:
        """The StatefulSet that makes a claim for one of its pods: `data-web-0` (Kubernetes, StatefulSet)."""
        prefix, _, ordinal = name.rpartition("-")
        makers = self._claim_makers.get((workload.scope, prefix), ()) if ordinal.isdigit() else ()
        return next((maker for maker in makers if self.together(workload, maker)), None)

    @_remembered
    def resources_of(self, container: Container) -> EffectiveResources:
        """Where a container's requests and limits come from.

        Raises:
            Unjudged: something on the way is of another shape.
        """
        return EffectiveResources.of(container, self.container_defaults(container.workload))

    @_remembered
    def probes_of(self, container: Container) -> Mapping[str, Probe]:
        """A container's probes that ask something, by field.

        Raises:
            Unjudged: one of them is of another shape.
        """
        return {probe.field: probe for probe in probes_of(container)}

    # What is not at hand ---------------------------------------------------------------------------------------

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
        return not _mapping(resource, "spec.source").get("chart")
    return resource.kind == "Kustomization"


def _refers(rollout: Resource) -> bool:
    """Whether a Rollout names the workload whose template it runs."""
    return bool(_mapping(rollout, "spec.workloadRef"))


def _surely(selector: Selector, labels: Mapping[str, str]) -> bool:
    try:
        return selector.matches(labels)
    except Unjudged:
        return False


def _pod_labels(workload: Workload) -> Mapping[str, str]:
    """Its pods' labels; none where they cannot be read, which the workload's own rules will say."""
    try:
        return workload.pod_labels
    except Unjudged:
        return {}


def _claim_templates(workload: Workload) -> list[str]:
    try:
        return [use.name for use in claims_of(workload) if use.template is not None]
    except Unjudged:
        return []


def _mapping(resource: Resource, path: str) -> Mapping[str, Any]:
    try:
        return resource.mapping(path)
    except Unjudged:
        return {}
