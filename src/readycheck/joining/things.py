"""One thing of an account as Terraform records or plans it, and as it is: known by its ARN or id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from readycheck.inventory import Inventory
from readycheck.inventory.terraform.drifting import Standing
from readycheck.joining.fields import field_of
from readycheck.model import Counterpart, Finding, Outcome, Relation, Resource, Status
from readycheck.terraform.identities import arn_and_id

Said: TypeAlias = Mapping[tuple[str, str, str, str], set[Status]]
"""What was said by each rule, in each source, of each thing: its kind, and its ARN or id."""


def said_of_things(outcomes: Iterable[Outcome]) -> Said:
    """What was said of the things of accounts.

    Args:
        outcomes: the outcomes of all sides.
    """
    found: dict[tuple[str, str, str, str], set[Status]] = defaultdict(set)
    for outcome in outcomes:
        root = outcome.resource.root
        if root.origin.source in ("aws", "terraform") and not root.api_version:
            for name in arn_and_id(root):
                found[outcome.rule, root.origin.source, root.kind, name].add(outcome.status)
    return found


class AccountThings:
    """What an account shows of things that Terraform tells of.

    Args:
        recorded: Terraform's side.
        said: what was said of the things of each side.
    """

    def __init__(self, recorded: Inventory, said: Said) -> None:
        self._recorded = recorded
        self._said = said

    def shows(self, outcome: Outcome, finding: Finding) -> Counterpart | None:
        """What the account shows of something that Terraform records or plans."""
        root = finding.resource.root
        if not root.kind.startswith("aws_"):
            return None
        if not any(arn_and_id(root)):
            return Counterpart(Relation.NOT_LIVE, "aws")
        live = self._recorded.live_of(root)
        if live.standing is Standing.GONE:
            return Counterpart(Relation.GONE, "aws")
        if live.resource is None:
            return None
        status = _said_of(outcome, live.resource, self._said)
        relation = {Status.FAIL: Relation.SAME, Status.PASS: Relation.DRIFTED}.get(status or Status.UNKNOWN)
        return Counterpart(relation or Relation.UNTOLD, "aws", field_of(finding, live.resource))


class RecordedThings:
    """What Terraform tells of things that an account holds.

    Args:
        recorded: Terraform's side.
        said: what was said of the things of each side.
    """

    def __init__(self, recorded: Inventory, said: Said) -> None:
        self._recorded = recorded
        self._said = said

    def same(self, thing: Resource) -> Resource | None:
        """What Terraform tells of a thing of an account; None where it tells of none with its ARN or id."""
        return self._recorded.same_as(thing)

    def records(self, outcome: Outcome, finding: Finding) -> Counterpart | None:
        """What Terraform records or plans of something that an account holds."""
        root = finding.resource.root
        if not root.kind.startswith("aws_") or self._recorded.failed or self._recorded.hidden:
            return None
        recorded = self.same(root)
        if recorded is None:
            return Counterpart(Relation.UNRECORDED, "terraform")
        status = _said_of(outcome, recorded, self._said)
        relation = {Status.FAIL: Relation.SAME}.get(status or Status.UNKNOWN, Relation.UNTOLD)
        if status is Status.PASS:
            # What a plan has right is still to be applied; what a state has was there once.
            relation = Relation.MENDED if self._recorded.is_planned(recorded) else Relation.DRIFTED_LIVE
        return Counterpart(relation, "terraform", field_of(finding, recorded))


def _said_of(outcome: Outcome, other: Resource, said: Said) -> Status | None:
    """What the same rule says of the same thing on its own side; None where that is nothing, or not one thing."""
    source = other.origin.source
    found = (said.get((outcome.rule, source, other.kind, name)) for name in arn_and_id(other))
    statuses = next(found, None) or set()
    return next(iter(statuses)) if len(statuses) == 1 else None
