"""How many replicas a workload runs at least, and what it was measured to need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from readycheck.inventory.core import remembered
from readycheck.inventory.workloads.supply import Supply
from readycheck.kubernetes.autoscaling import ReplicaFloor, ScaleTarget, declared_count, floor_of, made_by_keda, paused
from readycheck.kubernetes.recommendation import Recommendation, recommendation_for, why_not
from readycheck.kubernetes.storage import unshared_claim
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Resource, Unjudged

AUTOSCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


class Scaling(Supply):
    """The relations that autoscalers and recommenders make."""

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

    @remembered
    def autoscalers_of(self, workload: Workload) -> list[Resource]:
        """The HorizontalPodAutoscalers and ScaledObjects that scale a workload; not what KEDA made of the latter.

        Raises:
            Unjudged: what one of its namespace scales is not decided yet.
        """
        found = self._targeting(self._autoscalers_by_target, workload)
        if any(each.kind == "ScaledObject" for each in found):
            found = [each for each in found if not made_by_keda(each)]
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

    @remembered
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

    @remembered
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
        """The thing that an autoscaler calls its target, where it was read.

        Raises:
            Unjudged: things of its kind could not be read.
        """
        # The few kinds that rules know are indexed by their names alone, the same names of other groups with the group.
        for kind in (target.kind, f"{target.kind}.{target.group or 'core'}"):
            if kind in self.unread:
                raise Unjudged(self.unread[kind])
            for resource in self._by_name.get((kind, autoscaler.scope, target.name), ()):
                if target.is_group_of(resource) and self.together(autoscaler, resource):
                    return resource
        return None

    @remembered
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
