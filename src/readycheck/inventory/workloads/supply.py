"""What a namespace and its claims give to a workload, and what its containers have in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from readycheck.inventory.core import Core, mapping_at, remembered
from readycheck.kubernetes.probe import Probe, probes_of
from readycheck.kubernetes.resources import NO_DEFAULTS, ContainerDefaults, EffectiveResources
from readycheck.kubernetes.storage import ClaimUse, claims_of
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Place, Resource, Unjudged

_FILLED_BY = (
    ("default", "limits"),
    ("max", "limits"),
    ("defaultRequest", "requests"),
    ("default", "requests"),
    ("max", "requests"),
    ("min", "requests"),
)


class Supply(Core):
    """What containers and pods are given: defaults, claims, and their own probes and amounts put together."""

    @cached_property
    def _limit_ranges(self) -> Mapping[str, list[Resource]]:
        by_namespace: dict[str, list[Resource]] = defaultdict(list)
        for limit_range in self.of("LimitRange"):
            by_namespace[limit_range.scope].append(limit_range)
        return by_namespace

    @remembered
    def container_defaults(self, workload: Workload) -> ContainerDefaults:
        """The requests and limits that LimitRanges of the namespace give to containers without their own.

        The order is the API server's (LimitRange defaulting): a maximum is the default limit, a default limit the
        default request, a minimum the default request where nothing else is.
        """
        # What was admitted carries its defaults: a pod of a live cluster has no others.
        limit_ranges = self._limit_ranges.get(workload.scope) if workload.kind != "Pod" or not self.live else None
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

    def claims_made(self, workload: Workload, use: ClaimUse) -> Iterator[Resource]:
        """The claims that stand for one of a workload's: for one that a StatefulSet makes, that of each of its pods.

        What it made for more replicas than it has now is left out.

        Raises:
            Unjudged: claims could not be read.
        """
        if use.template is None:
            names = [use.name]
        else:
            first = workload.integer("spec.ordinals.start", 0)
            ordinals = range(first, first + workload.integer("spec.replicas", 1))
            names = [f"{use.name}-{workload.name}-{ordinal}" for ordinal in ordinals]
        for name in names:
            claim = self.claim(workload, name)
            if claim is not None:
                yield claim

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
            if mapping_at(each, "metadata.annotations").get("storageclass.kubernetes.io/is-default-class") == "true"
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

    @remembered
    def resources_of(self, container: Container) -> EffectiveResources:
        """Where a container's requests and limits come from.

        Raises:
            Unjudged: something on the way is of another shape.
        """
        return EffectiveResources.of(container, self.container_defaults(container.workload))

    @remembered
    def probes_of(self, container: Container) -> Mapping[str, Probe]:
        """A container's probes that ask something, by field.

        Raises:
            Unjudged: one of them is of another shape.
        """
        return {probe.field: probe for probe in probes_of(container)}


def _claim_templates(workload: Workload) -> list[str]:
    try:
        return [use.name for use in claims_of(workload) if use.template is not None]
    except Unjudged:
        return []
