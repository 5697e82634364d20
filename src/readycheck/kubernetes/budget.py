"""PodDisruptionBudgets as arithmetic (Kubernetes, Specifying a Disruption Budget for your Application)."""

from __future__ import annotations

from decimal import ROUND_CEILING
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.quantity import percentage
from readycheck.model import Place, Resource, Unjudged


class Budget(Struct, frozen=True, eq=False):
    """What a budget demands: the field that it sets, and the number or share in it."""

    field: str
    value: Any
    place: Place

    @classmethod
    def of(cls, budget: Resource) -> Budget:
        """Read a PodDisruptionBudget.

        Raises:
            Unjudged: it sets both fields, fewer than none or more than all, which the API server refuses.
        """
        least, most = budget.get("spec.minAvailable"), budget.get("spec.maxUnavailable")
        if least is not None and most is not None:
            raise Unjudged("sets both minAvailable and maxUnavailable", budget.at("spec.minAvailable"))
        field = "maxUnavailable" if most is not None else "minAvailable"
        value, place = least if most is None else most, budget.at(f"spec.{field}")
        share = percentage(value)
        if (isinstance(value, int) and value < 0) or (share is not None and share > 1):
            raise Unjudged(f"{field}: {value} is no number of pods", place)
        return cls(field, value, place)

    @property
    def counts_pods(self) -> bool:
        """Whether it needs to know the pods only, and not the scale of their controllers."""
        return self.field == "minAvailable" and self.value is not None and percentage(self.value) is None

    @property
    def never_allows(self) -> bool:
        """Whether it allows no eviction of however many pods.

        One that sets neither field expects no pods, and then lets none go (Kubernetes disruption controller).
        """
        if self.value is None:
            return True
        share = percentage(self.value)
        if self.field == "maxUnavailable":
            return self.value == 0 if share is None else share == 0
        return share is not None and share >= 1

    def disruptions(self, pods: int) -> int:
        """How many of `pods` healthy pods may be evicted; shares are rounded up for either field.

        Raises:
            Unjudged: the value is no number or share.
        """
        number = self._number(pods)
        return min(number, pods) if self.field == "maxUnavailable" else max(0, pods - number)

    def _number(self, pods: int) -> int:
        share = percentage(self.value)
        if share is not None:
            return int((share * pods).to_integral_value(ROUND_CEILING))
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        raise Unjudged(f"{self.field}: {self.value} is neither a number nor a percentage", self.place)

    def __str__(self) -> str:
        return f"{self.field} {self.value}" if self.value is not None else "no minAvailable and no maxUnavailable"


class BudgetStatus(Struct, frozen=True, eq=False):
    """What the disruption controller reckoned of a live budget (Kubernetes API, PodDisruptionBudgetStatus)."""

    expected: int
    healthy: int
    desired: int
    """How many have to stay healthy."""
    allowed: int
    """How many evictions it allows now."""

    @classmethod
    def of(cls, budget: Resource) -> BudgetStatus | None:
        """Read it; None where it is not of the budget as it is now.

        Raises:
            Unjudged: it has another shape.
        """
        generation = budget.integer("metadata.generation", 0)
        if budget.get("status.expectedPods") is None or budget.integer("status.observedGeneration", 0) != generation:
            return None
        fields = ("expectedPods", "currentHealthy", "desiredHealthy", "disruptionsAllowed")
        return cls(*(budget.integer(("status", field), 0) for field in fields))
