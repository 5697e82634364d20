"""What a state or a plan comes to for rules, and what is judged where a plan changes what a state records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.model import Location, Path, Problem, Resource, Uncommented, format_path, parse_path
from readycheck.sources.terraform import planned, shown, state
from readycheck.sources.terraform.contents import ENCRYPTED, Content, content_of
from readycheck.sources.terraform.document import Document
from readycheck.sources.terraform.masking import Masking
from readycheck.sources.terraform.record import Record, RecordOrigin, identity_of, resource_of
from readycheck.sources.terraform.shapes import mapping, mapping_at
from readycheck.terraform import states


class Reading(Struct, frozen=True, eq=False):
    """What one document holds.

    Args:
        document: the document.
        whole: the document as a thing that is judged.
        records: its instances, each with its values without secrets.
        gone: the addresses of what a plan destroys or forgets.
        identities: the ids of what was there before a plan, by address.
        drifted: what a plan found changed by somebody else.
        problems: what keeps it from being judged as a whole.
    """

    document: Document
    whole: Resource
    records: Sequence[tuple[Record, Mapping[str, Any]]] = ()
    gone: frozenset[str] = frozenset()
    identities: Mapping[str, str] = {}
    drifted: Sequence[tuple[planned.Change, Mapping[str, Any]]] = ()
    problems: Sequence[Problem] = ()

    @property
    def is_plan(self) -> bool:
        """Whether it is a plan."""
        return self.whole.kind == states.PLAN


class _DocumentOrigin(Uncommented, frozen=True, eq=False):
    """The origin of a state or a plan as a whole: paths below `secrets` lead to what stands at an address."""

    document: Document
    holders: Mapping[str, RecordOrigin]

    @property
    def source(self) -> str:
        return "terraform"

    @property
    def world(self) -> str:
        return self.document.uri

    @property
    def file(self) -> str:
        return self.document.uri

    def locate(self, body: object, path: Path) -> Location:
        match path:
            case ("secrets", str(address), *inner) if address in self.holders:
                found = self.holders[address].locate(body, parse_path(str(inner[0])) if inner else ())
                return Location(found.uri, found.line, found.column, format_path(path))
        line, column = self.document.position(path) or (None, None)
        return Location(self.document.uri, line, column, format_path(path))


def read_document(document: Document, store: Mapping[str, Any]) -> Reading:
    """Read one state or plan.

    Args:
        document: the document.
        store: what is known of the bucket that keeps it; empty for a file.

    Raises:
        Unreadable: it is nothing that can be read.
    """
    match content_of(document.body):
        case Content.ENCRYPTED:
            body = {"encrypted": True, "secrets": {}, "store": store}
            whole = Resource(states.STATE, document.uri, "", body, _DocumentOrigin(document, {}))
            return Reading(document, whole, problems=(Problem(document.uri, ENCRYPTED, hides_objects=True),))
        case Content.PLAN:
            return _plan(document, store)
        case Content.SHOWN_STATE:
            return _state(document, store, list(shown.records_in(document.body)), "values", "outputs")
        case Content.STATE:
            return _state(document, store, list(state.records_in(document.body)), "outputs")


def _state(document: Document, store: Mapping[str, Any], records: Sequence[Record], *outputs: str) -> Reading:
    given = list(_outputs(document.body, outputs))
    masking = Masking([*records, *given])
    values = [(record.emptied, masking.values(record)) for record in records]
    for output in given:
        masking.values(output)
    return Reading(document, _whole(states.STATE, document, masking, [*records, *given], store=store), values)


def _plan(document: Document, store: Mapping[str, Any]) -> Reading:
    body = document.body
    changes = list(planned.changes_in(body))
    drifted = list(planned.changes_in(body, "resource_drift"))
    told = {change.address for change in changes}
    # A plan of targets says nothing of what it leaves alone, and no plan says what was looked up before it was made.
    others = [record for record in planned.standing_in(body) if record.address not in told]
    after = [change.after for change in changes if change.after is not None]
    before = [change.before for change in changes if change.before is not None]
    sides = [side for change in drifted for side in (change.before, change.after) if side is not None]
    given = [*_variables(body), *_provider_settings(body), *_outputs(body, ("planned_values", "outputs"))]
    masking = Masking([*after, *before, *others, *sides, *given])
    records = [(record.emptied, masking.values(record)) for record in (*after, *others)]
    for record in (*before, *given):
        masking.values(record)
    return Reading(
        document,
        _whole(
            states.PLAN,
            document,
            masking,
            [*before, *given, *after, *others],
            store=store,
            configuration=planned.configuration_of(body),
            prior=sorted(record.address for record in (*before, *others)),
        ),
        records,
        gone=frozenset(change.address for change in changes if change.after is None),
        identities={record.address: identity for record in before if (identity := identity_of(record.values))},
        drifted=[
            (
                change,
                {
                    side: None if record is None else masking.values(record, counted=False)
                    for side, record in (("before", change.before), ("after", change.after))
                },
            )
            for change in drifted
        ],
        problems=list(_shortcomings(document)),
    )


def _shortcomings(document: Document) -> Iterator[Problem]:
    if document.body.get("errored"):
        reason = "is the plan of a run that failed: what it holds is judged, and more may be missing"
    elif document.body.get("complete") is False:
        reason = "is not complete, as it says itself: applying it leaves changes for another plan"
    else:
        return
    yield Problem(document.uri, reason, hides_objects=True)


def _whole(kind: str, document: Document, masking: Masking, records: Sequence[Record], **facts: Any) -> Resource:
    body = document.body
    written = {key: body[key] for key in ("format_version", "version", "terraform_version", "serial") if key in body}
    holders = {record.address: RecordOrigin(document, record.emptied, document.uri) for record in records}
    origin = _DocumentOrigin(document, {address: holders[address] for address in masking.found})
    whole = {**written, "encrypted": False, "secrets": masking.found, **facts}
    return Resource(kind, document.uri, "", whole, origin)


def _outputs(body: Mapping[str, Any], path: Path) -> Iterator[Record]:
    """The outputs of a state or a plan, as records with one value."""
    for name, output in mapping_at(body, *map(str, path)).items():
        if isinstance(output, dict) and "value" in output:
            marks: list[Path] = [("value",)] if output.get("sensitive") else []
            place = (*path, name)
            yield Record(f"output.{name}", "output", "output", {"value": output["value"]}, place, place, marks)


def _variables(body: Mapping[str, Any]) -> Iterator[Record]:
    """The variables that a plan was made with, as records with one value."""
    declared = mapping_at(body, "configuration", "root_module", "variables")
    for name, variable in mapping_at(body, "variables").items():
        if isinstance(variable, dict) and "value" in variable:
            marks: list[Path] = [(name,)] if mapping(declared.get(name)).get("sensitive") else []
            place = ("variables", name)
            # Its own name says what it is for: `db_password`.
            yield Record(f"var.{name}", "variable", "variable", {name: variable["value"]}, place, None, marks)


def _provider_settings(body: Mapping[str, Any]) -> Iterator[Record]:
    """What a plan's configuration says of providers in constants, as records: a token may be among them."""
    for key, provider in mapping_at(body, "configuration", "provider_config").items():
        values = {
            name: each["constant_value"]
            for name, each in mapping_at(provider, "expressions").items()
            if isinstance(each, dict) and not _opens_nothing(each.get("constant_value"))
        }
        if values:
            place = ("configuration", "provider_config", key)
            yield Record(f"provider.{key}", "provider", "provider", values, place, (*place, "expressions"))


def _opens_nothing(value: object) -> bool:
    """Whether a constant is what providers are given that are not to ask anybody."""
    return not isinstance(value, str) or len(value) < _SHORTEST_CREDENTIAL or _MADE_UP.search(value) is not None


_SHORTEST_CREDENTIAL = 8
_MADE_UP = re.compile(r"mock|fake|dummy|test|example", re.IGNORECASE)


def together(readings: Sequence[Reading]) -> list[Resource]:
    """What is judged of several documents.

    Where a state and a plan hold the same address, what the plan makes of it is judged, and what the state records is
    kept to be compared.

    Args:
        readings: the documents.
    """
    plans = [reading for reading in readings if reading.is_plan]
    plan_states = {id(plan): _state_of(plan, readings) for plan in plans}
    resources = [_in_world(reading, plan_states.get(id(reading)) or reading) for reading in readings]
    for plan in plans:
        changed = plan_states[id(plan)]
        world = (changed or plan).document.uri
        resources += _judged(plan, world)
        resources += (
            Resource(
                states.DRIFT,
                change.address,
                "",
                {"type": (change.after or change.before or _NOBODY).type, "actions": list(change.actions), **values},
                RecordOrigin(plan.document, (change.after or change.before or _NOBODY).emptied, world),
            )
            for change, values in plan.drifted
        )
    for reading in readings:
        if not reading.is_plan:
            by = [plan for plan in plans if plan_states[id(plan)] is reading]
            changed_here = {record.address for plan in by for record, _ in plan.records}
            gone = {address for plan in by for address in plan.gone}
            resources += _judged(reading, reading.document.uri, without=changed_here | gone)
            resources += (
                Resource(
                    states.RECORD,
                    record.address,
                    "",
                    {"type": record.type, "mode": record.mode, "values": values, "gone": record.address in gone},
                    RecordOrigin(reading.document, record, reading.document.uri),
                )
                for record, values in reading.records
                if record.address in changed_here or record.address in gone
            )
    return resources


def _in_world(reading: Reading, changed: Reading) -> Resource:
    """A state or plan, with the name of the state that it is or changes."""
    whole = reading.whole
    return Resource(whole.kind, whole.name, "", {**whole.body, "world": changed.document.uri}, whole.origin)


_NOBODY = Record("", "managed", "", {}, (), None)


def _judged(reading: Reading, world: str, without: Iterable[str] = ()) -> Iterator[Resource]:
    left_out = frozenset(without)
    for record, values in reading.records:
        if record.address not in left_out:
            yield resource_of(record, values, reading.document, world)


def _state_of(plan: Reading, readings: Sequence[Reading]) -> Reading | None:
    """The state that a plan changes: the one with most of the things that were there before it; None where none is."""
    shared: Counter[int] = Counter()
    for index, reading in enumerate(readings):
        if not reading.is_plan:
            shared[index] = sum(
                bool(identity := identity_of(values)) and plan.identities.get(record.address) == identity
                for record, values in reading.records
            )
    best = shared.most_common(1)
    return readings[best[0][0]] if best and best[0][1] else None
