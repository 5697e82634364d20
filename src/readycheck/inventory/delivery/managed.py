"""What a live cluster shows of Flux and Argo CD: their controllers, and what they have applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import Core, mapping_at
from readycheck.kubernetes.delivery import KUSTOMIZATION_NAME, KUSTOMIZATION_NAMESPACE, applies_for, managed_by
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource


class Managed(Core):
    """The relations from live things to what has applied them."""

    @cached_property
    def gitops_controllers(self) -> Sequence[Workload]:
        """What runs the controllers of Flux and Argo CD that apply."""
        return [workload for workload in self.workloads if applies_for(workload)]

    @cached_property
    def applied_by_gitops(self) -> Resource | None:
        """A workload that bears the mark of Flux or Argo CD, where there is one."""
        return next((workload for workload in self.workloads if managed_by(workload)), None)

    def secrets_applied_by(self, kustomization: Resource) -> Sequence[Resource]:
        """The Secrets that a Flux Kustomization has applied, by the labels that it leaves.

        Raises:
            Unjudged: Secrets could not be read.
        """
        return self._secrets_by_applier.get((kustomization.scope, kustomization.name), ())

    @cached_property
    def _secrets_by_applier(self) -> Mapping[tuple[str, str], Sequence[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for secret in self.of("Secret"):
            labels = mapping_at(secret, "metadata.labels")
            found[str(labels.get(KUSTOMIZATION_NAMESPACE)), str(labels.get(KUSTOMIZATION_NAME))].append(secret)
        return found
