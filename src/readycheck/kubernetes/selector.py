"""Label selectors, and indexes that answer who selects whom without trying every pair.

The semantics are those of the Kubernetes API (labels and selectors, LabelSelector): all terms are ANDed, an empty
selector matches everything, a missing one nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

from readycheck.model import Resource, Unjudged, Unresolved, a_type

if TYPE_CHECKING:
    from readycheck.kubernetes.workload import Workload

HASHES = frozenset({"pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash"})
"""The labels that tell the revisions of a workload apart."""
# Labels that controllers put on pods as they run: a manifest never carries them.
_RUN_TIME_LABELS = HASHES | frozenset(
    {
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "vault-active",
        "vault-initialized",
        "vault-perf-standby",
        "vault-sealed",
        "vault-version",
    }
)


class Requirement(Struct, frozen=True):
    """One term of a selector."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether a set of labels meets the term."""
        present = self.key in labels
        match self.operator:
            case "In":
                return present and labels[self.key] in self.values
            case "NotIn":
                return not present or labels[self.key] not in self.values
            case "Exists":
                return present
            case "DoesNotExist":
                return not present
            case _:
                raise Unjudged(f"`{self.operator}` is no operator of a label selector")


_TERM = re.compile(r"\s*(!?)\s*([\w./-]+)\s*(?:(==?|!=)\s*([\w./-]*)|\s(in|notin)\s*\(([^)]*)\))?\s*(?:,|$)")


class Selector(Struct, frozen=True):
    """A selector: its terms, or None where it selects nothing."""

    requirements: tuple[Requirement, ...] | None

    @classmethod
    def of_labels(cls, labels: Mapping[str, str] | None) -> Selector:
        """A Service's selector: a plain mapping; empty or missing selects nothing."""
        if not labels:
            return cls(None)
        return cls(tuple(Requirement(key, "In", (value,)) for key, value in labels.items()))

    @classmethod
    def of(cls, selector: object) -> Selector:
        """A LabelSelector: `matchLabels` and `matchExpressions`; {} selects everything, null nothing.

        Raises:
            Unjudged: it is of another shape.
        """
        if selector is None:
            return cls(None)
        if not isinstance(selector, Mapping):
            raise Unjudged(f"the selector is {a_type(selector)} where a mapping is wanted")
        labels = selector.get("matchLabels") or {}
        expressions = selector.get("matchExpressions") or []
        if not isinstance(labels, Mapping) or not isinstance(expressions, list):
            raise Unjudged("the selector's matchLabels or matchExpressions have the wrong shape")
        return cls(
            (
                *(Requirement(key, "In", (value,)) for key, value in labels.items()),
                *(_expression(expression) for expression in expressions),
            )
        )

    @classmethod
    def of_text(cls, text: str) -> Selector | None:
        """A selector as kubectl takes it, `a=b,c in (d, e),!f`; None where the text is none."""
        terms: list[Requirement] = []
        position = 0
        while position < len(text):
            match = _TERM.match(text, position)
            if match is None:
                return None
            position = match.end()
            negated, key, sign, value, word, values = match.groups()
            if sign:
                terms.append(Requirement(key, "NotIn" if sign == "!=" else "In", (value,)))
            elif word:
                listed = tuple(each.strip() for each in values.split(","))
                terms.append(Requirement(key, "In" if word == "in" else "NotIn", listed))
            else:
                terms.append(Requirement(key, "DoesNotExist" if negated else "Exists"))
        return cls(tuple(terms))

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it selects something with these labels.

        Raises:
            Unjudged: a label or a term is not decided yet, or it matches but for labels set at run time.
        """
        if self.requirements is None:
            return False
        if not all(term.holds(labels) for term in self.requirements if term.key not in _RUN_TIME_LABELS):
            return False
        for term in self.requirements:
            if term.key in _RUN_TIME_LABELS and not term.holds(labels):
                raise Unjudged(f"the selector asks for the label {term.key}, which is set at run time")
        return True

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether it selects a pod that runs with these labels: those that are set at run time stand there too."""
        return self.requirements is not None and all(term.holds(labels) for term in self.requirements)

    def missed_by(self, labels: Mapping[str, str]) -> str:
        """The first of its terms that these labels do not meet, in words; "" where they meet all."""
        return next((_in_words(term) for term in self.requirements or () if not term.holds(labels)), "")

    @property
    def declared(self) -> Selector:
        """The selector without its terms on labels that are set at run time."""
        if self.requirements is None:
            return self
        return Selector(tuple(term for term in self.requirements if term.key not in _RUN_TIME_LABELS))

    @property
    def anchors(self) -> list[tuple[str, str]]:
        """The labels that everything it selects carries, as far as they are decided."""
        return [
            (term.key, value)
            for term in self.requirements or ()
            if term.operator == "In" and len(term.values) == 1 and term.key not in _RUN_TIME_LABELS
            if isinstance(value := term.values[0], str) and not isinstance(value, Unresolved)
        ]

    def __str__(self) -> str:
        if self.requirements is None:
            return "nothing"
        return ", ".join(_in_words(term) for term in self.requirements) or "everything"


def _expression(expression: Any) -> Requirement:
    values = expression.get("values") or [] if isinstance(expression, Mapping) else None
    if not isinstance(values, list) or not isinstance(expression.get("key"), str):
        raise Unjudged("a term of the selector's matchExpressions has the wrong shape")
    return Requirement(expression["key"], str(expression.get("operator")), tuple(values))


def _in_words(term: Requirement) -> str:
    values = ", ".join(str(value) for value in term.values)
    match term.operator, len(term.values):
        case "In", 1:
            return f"{term.key}={values}"
        case (("Exists" | "DoesNotExist"), _):
            return term.key if term.operator == "Exists" else f"!{term.key}"
        case _:
            return f"{term.key} {'notin' if term.operator == 'NotIn' else 'in'} ({values})"


Thing = TypeVar("Thing", bound=Resource)


class SelectorIndex(Generic[Thing]):
    """Things that select, found by what they may select.

    Each stands under the rarest of the labels that it asks for: all the apps of a namespace may have one in common.

    Args:
        things: what selects, and its selector.
        everywhere: whether to find things by labels alone, as if all stood in the namespace "".
    """

    def __init__(self, things: Iterable[tuple[Thing, Selector]], *, everywhere: bool = False) -> None:
        self._anchored: dict[str, dict[str, dict[str, list[tuple[Thing, Selector]]]]] = defaultdict(dict)
        self._loose: dict[str, list[tuple[Thing, Selector]]] = defaultdict(list)
        entries = [
            ("" if everywhere else thing.scope, selector.anchors, (thing, selector))
            for thing, selector in things
            if selector.requirements is not None
        ]
        asked: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for scope, anchors, _ in entries:
            asked[scope].update(anchors)
        for scope, anchors, entry in entries:
            if anchors:
                key, value = min(anchors, key=asked[scope].__getitem__)
                self._anchored[scope].setdefault(key, {}).setdefault(value, []).append(entry)
            else:
                self._loose[scope].append(entry)

    def candidates(self, namespace: str, labels: Mapping[str, str]) -> Iterator[tuple[Thing, Selector]]:
        """The things of a namespace whose selector may match these labels."""
        asked = self._anchored.get(namespace, {})
        for key, value in labels.items() if asked else ():
            anchored = asked.get(key)
            if anchored is None:
                continue
            if isinstance(value, Unresolved):
                yield from chain.from_iterable(anchored.values())
            elif isinstance(value, str):
                yield from anchored.get(value, ())
        yield from self._loose.get(namespace, ())


class LabelIndex(Generic[Thing]):
    """Things that carry labels, found by a selector."""

    def __init__(self, things: Iterable[tuple[Thing, Mapping[str, str]]]) -> None:
        self._by_label: dict[str, dict[tuple[str, str], list[tuple[Thing, Mapping[str, str]]]]] = {}
        self._undecided: dict[tuple[str, str], list[tuple[Thing, Mapping[str, str]]]] = defaultdict(list)
        self._all: dict[str, list[tuple[Thing, Mapping[str, str]]]] = defaultdict(list)
        for entry in things:
            scope = entry[0].scope
            self._all[scope].append(entry)
            carrying = self._by_label.setdefault(scope, defaultdict(list))
            for label in entry[1].items():
                if isinstance(label[1], Unresolved):
                    self._undecided[scope, label[0]].append(entry)
                elif isinstance(label[1], str):
                    carrying[label].append(entry)

    def candidates(self, namespace: str, selector: Selector) -> Iterator[tuple[Thing, Mapping[str, str]]]:
        """The things of a namespace that the selector may select: by the rarest of the labels that it asks for."""
        if selector.requirements is None:
            return
        rarest: tuple[Sequence[tuple[Thing, Mapping[str, str]]], ...] | None = None
        by_label = self._by_label.get(namespace, {})
        for label in selector.anchors:
            carrying = (by_label.get(label, ()), self._undecided.get((namespace, label[0]), ()))
            if rarest is None or sum(map(len, carrying)) < sum(map(len, rarest)):
                rarest = carrying
        yield from chain.from_iterable(rarest or (self._all.get(namespace, ()),))


def own_selector(workload: Workload) -> dict[str, Any] | None:
    """A selector of a workload's own pods: the one that it has, else all their labels; None where they have none."""
    selector = workload.mapping("spec.selector")
    if selector and Selector.of(selector).matches(workload.pod_labels):
        return dict(selector)
    return {"matchLabels": dict(workload.pod_labels)} if workload.pod_labels else None
