"""What states record beside what is there: the account's things by ARN or id, the cluster's objects by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.terraform.differences import (
    COMPARED,
    OBJECTS,
    REPLICAS,
    Difference,
    compared,
    differences,
    is_listed,
    untold,
)
from readycheck.inventory.terraform.states import States
from readycheck.inventory.workloads.scaling import Scaling
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.kubernetes.workload import Workload
from readycheck.model import NO_SOURCE, Resource, Unjudged, Unresolved
from readycheck.terraform import states
from readycheck.terraform.identities import arn_and_id, is_looked_up
from readycheck.terraform.places import may_be_one, place_of

DRIFTING = "thing that a state or plan records"
"""The kind that rules on drift judge: things by their addresses."""

_DEFAULT_NAMESPACE = "default"


class Standing(Enum):
    """How something that was recorded stands to what is there."""

    FOUND = auto()
    """It is there."""
    GONE = auto()
    """It is not there, where it was looked for."""
    UNTOLD = auto()
    """It was not looked for."""


class Live(Struct, frozen=True, eq=False):
    """What was found of something that was recorded.

    Args:
        standing: whether it is there.
        resource: what is there; None where nothing was found.
        reason: why that is not known, where it was not looked for; of what is there, why something of it is not.
        differences: what is otherwise than was recorded.
    """

    standing: Standing
    resource: Resource | None = None
    reason: str = ""
    differences: Sequence[Difference] = ()


class Drifting(States, Scaling):
    """The relations between what was recorded and what is there."""

    @cached_property
    def _whole_of(self) -> Mapping[str, Resource]:
        """The states and plans, by their uris."""
        return {each.name: each for each in self.of(states.STATE, states.PLAN)}

    @cached_property
    def drifting_subjects(self) -> Sequence[Resource]:
        """What states record and what plans found there before, of the types that can be compared."""
        found = [*self._recorded, *self._planned]
        return sorted(found, key=lambda each: (each.origin.world, each.kind, each.name))

    @property
    def _recorded(self) -> Iterator[Resource]:
        """What states record: in the words of the state, also where a plan means to change it."""
        for source in self.collected:
            for each in source.resources:
                whole = self._whole_of.get(each.origin.file)
                if whole is not None and whole.kind == states.STATE and _is_compared(each):
                    yield each
        for record in self.of(states.RECORD):
            kind, values = str(record.body["type"]), record.body["values"]
            recorded = Resource(kind, record.name, "", values, record.origin)
            if record.body["mode"] == "managed" and kind in COMPARED:
                yield recorded

    @property
    def _planned(self) -> Iterator[Resource]:
        """What plans found there before that no state which was read records."""
        recorded = {(each.origin.world, each.name) for each in self._recorded}
        for source in self.collected:
            for each in source.resources:
                whole = self._whole_of.get(each.origin.file)
                if whole is None or whole.kind != states.PLAN or (each.origin.world, each.name) in recorded:
                    continue
                known = each.name in whole.body["prior"] or (each.origin.world, each.name) in self._drifts
                if known and _is_compared(each):
                    yield each
        shown = {
            (each.origin.world, each.name)
            for source in self.collected
            for each in source.resources
            if _is_compared(each)
        }
        for drift in self.of(states.DRIFT):
            if (drift.origin.world, drift.name) not in shown:
                yield Resource(str(drift.body["type"]), drift.name, "", drift.body["before"] or {}, drift.origin)

    def has_plan_of(self, subject: Resource) -> bool:
        """Whether a plan tells what became of something since the last apply."""
        return (subject.origin.world, subject.name) in self._known_to_plans

    @cached_property
    def _known_to_plans(self) -> frozenset[tuple[str, str]]:
        """What was there before the plans, by its state and address."""
        return frozenset(
            (plan.body["world"], address) for plan in self.of(states.PLAN) for address in plan.body["prior"]
        )

    @cached_property
    def _drifts(self) -> Mapping[tuple[str, str], Resource]:
        return {(each.origin.world, each.name): each for each in self.of(states.DRIFT)}

    def planned_drift(self, subject: Resource) -> Live | None:
        """What a plan found changed by somebody else; None where it found nothing.

        Args:
            subject: something that was recorded.
        """
        drift = self._drifts.get((subject.origin.world, subject.name))
        if drift is None:
            return None
        before, after = drift.body["before"], drift.body["after"]
        if after is None:
            return Live(Standing.GONE, drift)
        paths = compared(subject.kind, before or {})
        return Live(Standing.FOUND, drift, differences=tuple(differences(paths, before or {}, after)))

    def live_of(self, subject: Resource) -> Live:
        """What is there of something that a state records.

        Args:
            subject: something that was recorded.
        """
        source = "cluster" if subject.api_version else "aws"
        other = next((each for each in self.others if source in each.sources), None)
        if not isinstance(other, Drifting):
            return Live(Standing.UNTOLD, reason=f"{NO_SOURCE}{source}")
        if other.failed:
            return Live(Standing.UNTOLD, reason=other.failed)
        return _object_of(subject, other) if subject.api_version else other.thing_of(subject)

    # The account's side ------------------------------------------------------------------------------------------

    @cached_property
    def _by_arn_or_id(self) -> Mapping[tuple[str, str], Sequence[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for source in self.collected:
            for each in source.resources:
                for name in () if is_looked_up(each) else arn_and_id(each):
                    found[each.kind, name].append(each)
        return found

    def same_as(self, thing: Resource) -> Resource | None:
        """What this side holds of something that another side tells of, by its ARN, else by its id.

        An id may be a name, which things of several regions and accounts bear: it tells only within one.

        Args:
            thing: what the other side tells.
        """
        for name in arn_and_id(thing):
            found = [each for each in self._by_arn_or_id.get((thing.kind, name), ()) if may_be_one(each, thing)]
            if found and all(may_be_one(found[0], each) for each in found):
                return found[-1]
        return None

    def is_planned(self, resource: Resource) -> bool:
        """Whether a plan tells of something, and not the record of a state."""
        whole = self._whole_of.get(resource.origin.file)
        return whole is not None and whole.kind == states.PLAN

    @cached_property
    def _areas(self) -> frozenset[str]:
        return frozenset(area for source in self.collected for area in source.areas)

    def thing_of(self, recorded: Resource) -> Live:
        """What an account holds of something that a state records, by its ARN or id.

        Args:
            recorded: something that a state records.
        """
        live = self.same_as(recorded)
        if live is not None and live.glimpse(("key_state",)) != "NotFound":
            paths = compared(recorded.kind, recorded.body)
            found = differences(paths, recorded.body, live.body)
            return Live(Standing.FOUND, live, untold(paths, live.body), tuple(found))
        reason = "" if live is not None else self._untold_of(recorded)
        return Live(Standing.UNTOLD, reason=reason) if reason else Live(Standing.GONE, live)

    def _untold_of(self, recorded: Resource) -> str:
        """Why an account that shows nothing of something does not tell whether it is there; "" where it does."""
        if recorded.kind in self.unread:
            return self.unread[recorded.kind]
        if reason := self._untold_among(recorded):
            return reason
        if not is_listed(recorded):
            return "the account is asked for such things only where something names them"
        area = _area_of(recorded)
        return "" if area in self._areas else f"{area or 'its region'} was not asked"

    def _untold_among(self, recorded: Resource) -> str:
        """Why those were not told that something would be among: the parts of one cluster or load balancer.

        One of which nothing is known stands for them, whose ARN is theirs up to a `*`.
        """
        steps = next(arn_and_id(recorded), "").split("/")
        for length in range(1, len(steps)):
            for each in self._by_arn_or_id.get((recorded.kind, "/".join((*steps[:length], "*"))), ()):
                return next((value.reason for value in each.body.values() if isinstance(value, Unresolved)), "")
        return ""


def _is_compared(resource: Resource) -> bool:
    kind = qualified_kind(resource)
    return (kind in OBJECTS if resource.api_version else kind in COMPARED) and not is_looked_up(resource)


def _area_of(thing: Resource) -> str:
    """The account and region that an ARN tells; "" where none does."""
    for place in map(place_of, arn_and_id(thing)):
        if place:
            account, region = place
            return f"{account}/{region or 'global'}"
    return ""


def _object_of(recorded: Resource, cluster: Drifting) -> Live:
    kind = qualified_kind(recorded)
    try:
        live = cluster.find(kind, recorded.name, recorded, namespace=recorded.scope or _DEFAULT_NAMESPACE)
    except Unjudged as unjudged:
        return Live(Standing.UNTOLD, reason=unjudged.reason)
    if live is None:
        return Live(Standing.GONE)
    paths = OBJECTS[kind]
    if isinstance(live, Workload) and cluster.autoscalers_of(live):
        # Whoever scales it decides how many there are.
        paths = tuple(path for path in paths if path != REPLICAS)
    return Live(Standing.FOUND, live, differences=tuple(differences(paths, recorded.body, live.body)))
