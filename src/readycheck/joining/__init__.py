"""One thing as several sides show it: what each says of the findings of another.

Each side is judged for itself. Afterwards an object of Kubernetes is known by its kind, namespace and name, and a thing
of an account by its ARN or id: never by a name alone. HCL has neither: it is known by its address in the root module of
the state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from readycheck.inventory import Inventory
from readycheck.joining.declared import DeclaredThings
from readycheck.joining.objects import ObjectSide, said_of_objects
from readycheck.joining.things import AccountThings, RecordedThings, said_of_things
from readycheck.model import Counterpart, Finding, Outcome, Resource

__all__ = ["join"]


def join(sides: Sequence[Inventory], outcomes: Sequence[Outcome]) -> Mapping[int, Counterpart]:
    """What another side shows of each finding's thing, by the identity of the finding.

    Args:
        sides: all sides of the environment.
        outcomes: the outcomes of all of them.
    """
    if len(sides) < 2:  # noqa: PLR2004 - one side has none beside it
        return {}
    joint = _Joint(sides, outcomes)
    found = ((finding, joint.counterpart(outcome, finding)) for outcome in outcomes for finding in outcome.findings)
    return {id(finding): counterpart for finding, counterpart in found if counterpart is not None}


class _Joint:
    """All sides together."""

    def __init__(self, sides: Sequence[Inventory], outcomes: Sequence[Outcome]) -> None:
        by_source = {source: side for side in sides for source in side.sources}
        said = said_of_objects(outcomes)
        self._objects = {source: ObjectSide(side, said, source) for source, side in by_source.items()}
        account, recorded = by_source.get("aws"), by_source.get("terraform")
        declared = by_source.get("files")
        things = said_of_things(outcomes)
        self._declared = (
            DeclaredThings(declared, recorded, outcomes) if declared is not None and recorded is not None else None
        )
        self._account = AccountThings(recorded, things) if account is not None and recorded is not None else None
        self._recorded = RecordedThings(recorded, things) if account is not None and recorded is not None else None

    def counterpart(self, outcome: Outcome, finding: Finding) -> Counterpart | None:
        """What another side shows of a finding's thing; None where none tells."""
        root = finding.resource.root
        source = root.origin.source
        if not root.api_version:
            return self._of_thing(outcome, finding, source)
        if source != "cluster":
            return self._objects["cluster"].shows(outcome, finding) if "cluster" in self._objects else None
        declaring = (
            self._objects[each].declares(outcome, finding) for each in ("files", "terraform") if each in self._objects
        )
        return next((each for each in declaring if each is not None), None)

    def _of_thing(self, outcome: Outcome, finding: Finding, source: str) -> Counterpart | None:
        root = finding.resource.root
        if source == "files":
            return self._declared.recorded(outcome, finding) if self._declared else None
        recorded: Resource | None = root
        if source == "aws" and self._recorded is not None:
            recorded = self._recorded.same(root)
        # What is mended in code already needs nothing but to be applied, whatever else differs.
        mended = self._declared.mended(outcome, finding, recorded) if self._declared and recorded is not None else None
        if mended is not None:
            return mended
        if source == "terraform":
            return self._account.shows(outcome, finding) if self._account else None
        return self._recorded.records(outcome, finding) if self._recorded and source == "aws" else None
