"""One thing as HCL declares it and as Terraform recorded it: known by its address in the root module of the state.

Which folder a state belongs to, the backend says, or the folder that the state lies in.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from readycheck.inventory import Inventory
from readycheck.joining.fields import field_of
from readycheck.model import Counterpart, Finding, Outcome, Relation, Resource, Status
from readycheck.terraform.addresses import without_keys
from readycheck.terraform.identities import is_looked_up
from readycheck.terraform.kept_states import kept_states
from readycheck.terraform.states import STATE


class _Address(NamedTuple):
    """Where something is declared.

    Args:
        folder: the folder of the root module.
        text: the address there, without keys of instances.
    """

    folder: str
    text: str


class DeclaredThings:
    """What HCL declares of things that Terraform recorded.

    Args:
        declared: the side of files.
        recorded: Terraform's side.
        outcomes: the outcomes of all sides.
    """

    def __init__(self, declared: Inventory, recorded: Inventory, outcomes: Iterable[Outcome]) -> None:
        self._folders = _folders_of(declared, recorded)
        self._blind = bool(recorded.failed or recorded.hidden)
        self._recorded: dict[_Address, list[Resource]] = defaultdict(list)
        for source in recorded.collected:
            for each in source.resources:
                address = self._address(each)
                if address is not None and not is_looked_up(each):
                    self._recorded[address].append(each)
        self._said: dict[tuple[str, str, _Address], list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            address = self._address(outcome.resource.root)
            if address is not None:
                self._said[outcome.rule, outcome.resource.root.origin.source, address].append(outcome)

    def _address(self, thing: Resource) -> _Address | None:
        """The address of a thing of a provider; None for anything else, and where its root module is not known."""
        text = without_keys(thing.name)
        if not text.endswith(f"{thing.kind}.{text.rpartition('.')[2]}") or thing.api_version:
            return None
        if thing.origin.source == "files":
            folder: str | None = posixpath.dirname(thing.origin.file) or "."
        else:
            folder = self._folders.get(thing.origin.world) if thing.origin.source == "terraform" else None
        return None if folder is None else _Address(folder, text)

    def recorded(self, outcome: Outcome, finding: Finding) -> Counterpart | None:
        """What Terraform recorded of something that HCL declares."""
        address = self._address(finding.resource.root)
        if address is None or address.folder not in self._folders.values():
            return None
        found = self._recorded.get(address, ())
        if not found:
            return None if self._blind else Counterpart(Relation.NOT_LIVE, "terraform")
        statuses = self._statuses(outcome.rule, "terraform", address)
        relation = {Status.FAIL: Relation.SAME, Status.PASS: Relation.DRIFTED}.get(_only(statuses) or Status.UNKNOWN)
        return Counterpart(relation or Relation.UNTOLD, "terraform", field_of(finding, found[0]))

    def mended(self, outcome: Outcome, finding: Finding, recorded: Resource) -> Counterpart | None:
        """What HCL declares of a thing, where it is right there; None where it is not.

        Args:
            outcome: what was said of the thing.
            finding: what fails of it.
            recorded: the thing as Terraform tells of it.
        """
        address = self._address(recorded)
        if address is None or _only(self._statuses(outcome.rule, "files", address)) is not Status.PASS:
            return None
        declared = self._said[outcome.rule, "files", address][0].resource
        return Counterpart(Relation.MENDED, "files", field_of(finding, declared))

    def _statuses(self, rule: str, source: str, address: _Address) -> Sequence[Status]:
        return [each.status for each in self._said.get((rule, source, address), ())]


def _only(statuses: Sequence[Status]) -> Status | None:
    return statuses[0] if statuses and len(set(statuses)) == 1 else None


def _folders_of(declared: Inventory, recorded: Inventory) -> Mapping[str, str]:
    """The folder of the root module of each state, as far as one is known."""
    sides = (declared, recorded)
    resources = [each for side in sides for source in side.collected for each in source.resources]
    folders = {each.name: str(each.body["folder"]) for each in kept_states(resources) if each.body["folder"]}
    holding = set(declared.configurations)
    for state in recorded.of(STATE):
        folder = posixpath.dirname(state.name)
        if folder in holding and "://" not in state.name:
            folders.setdefault(state.name, folder or ".")
    return folders
