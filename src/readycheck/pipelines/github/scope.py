"""What expressions see where they stand: inputs, the matrix, the environment, what earlier steps and jobs gave."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.pipelines.github.answers import OPEN, Result, Status
from readycheck.pipelines.github.expression import Lookup, condition_of, evaluate, filled, holds
from readycheck.pipelines.github.situation import Situation
from readycheck.pipelines.model import Run
from readycheck.pipelines.node import Node

_OUTPUT = re.compile(r"(?:needs|steps)\.[\w-]+\.outputs\.[\w-]+")
_DEEPEST = 8
"""Inputs that are given inputs."""


class Scope(Struct, frozen=True, eq=False):
    """What is known at a place of a workflow, whatever made it run.

    Args:
        values: by path in lower case: `inputs.image`, `matrix.service`. A text with an expression in it is what the
            caller gave.
        changes: the outputs that tell whether files have changed, each with the globs that are asked for.
    """

    values: Mapping[str, Result] = field(default_factory=dict)
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_values(self, context: str, values: Mapping[str, str], switches: Collection[str] = ()) -> Scope:
        """The same with more values in one context.

        Args:
            context: the context.
            values: the values by name.
            switches: the names whose values are booleans; texts are true whatever they say.
        """
        known: dict[str, Result] = {f"{context}.{name}".lower(): value for name, value in values.items()}
        for name in switches:
            if values[name] in ("true", "false"):
                known[f"{context}.{name}".lower()] = values[name] == "true"
        return replace(self, values={**self.values, **known})

    def with_changes(self, changes: Mapping[str, tuple[str, ...]]) -> Scope:
        """The same with more outputs that tell what has changed."""
        return replace(self, changes={**self.changes, **changes})

    def text(self, node: Node) -> str:
        """A text with what is known put in."""
        text = node.text
        return filled(text, self._lookup) if "${{" in text else text

    def texts(self, node: Node) -> dict[str, str]:
        """The texts of a mapping with what is known put in."""
        return {name: self.text(value) for name, value in node.entries.items()}

    def settled(self, text: str, situations: Iterable[Situation]) -> str:
        """A text with what is the same in all situations put in; as it is where they differ.

        Args:
            text: the text.
            situations: what may have made the workflow run.
        """
        if "${{" not in text:
            return text
        found = {filled(text, self._in(situation, {})) for situation in situations}
        return found.pop() if len(found) == 1 else text

    def _lookup(self, path: str) -> Result:
        return self.values.get(path, OPEN)

    # Conditions ------------------------------------------------------------------------------------------------

    def is_true(self, node: Node) -> bool:
        """Whether a switch is on, as far as that is known."""
        text = self.text(node)
        return text.lower() == "true"

    def holds(
        self,
        condition: str,
        situation: Situation | None,
        *,
        failed: bool = False,
        results: Mapping[str, str] | None = None,
        changed: bool = True,
    ) -> bool | None:
        """Whether a condition holds.

        Args:
            condition: the expression.
            situation: what made the workflow run; None where that is not known.
            failed: whether something before has failed.
            results: how the jobs ended that it waits for, by id; all others succeeded.
            changed: what outputs say that tell whether files have changed.
        """
        return holds(condition, self._in(situation, results or {}, changed=changed), Status(failed))

    def _in(
        self, situation: Situation | None, results: Mapping[str, str], *, changed: bool = True, depth: int = 0
    ) -> Lookup:
        def lookup(path: str) -> Result:
            if path in self.changes:
                return "true" if changed else "false"
            if path.startswith(("needs.", "steps.")) and path.endswith((".result", ".outcome", ".conclusion")):
                return results.get(path.split(".")[1], "success")
            if path not in self.values:
                return situation.lookup(path) if situation is not None else OPEN
            value = self.values[path]
            if not isinstance(value, str) or "${{" not in value:
                return value
            inner = condition_of(value)
            if "${{" in inner or depth > _DEEPEST:
                return OPEN
            return evaluate(inner, self._in(situation, results, changed=changed, depth=depth + 1), Status())

        return lookup

    def run_under(self, condition: str, base: Run | None, situation: Situation) -> Run | None:
        """How something runs that stands under a condition of its own; None where it does not.

        Args:
            condition: the condition; "" where there is none.
            base: how what it belongs to runs.
            situation: what made the workflow run.
        """
        if base is None or not condition:
            return base
        answer = self.holds(condition, situation)
        if answer is False:
            if self.holds(condition, situation, failed=True) is False:
                return None
            answer = None  # it is for failures only
        paths = self._paths_in(condition)
        if answer and paths and self.holds(condition, situation, changed=False) is False:
            return replace(base, paths=base.paths or paths)
        if answer:
            return base
        if condition in base.unsure:
            return base
        return replace(base, unsure=f"{base.unsure} and {condition}" if base.unsure else condition)

    def _paths_in(self, condition: str) -> tuple[str, ...]:
        """The globs behind the outputs that a condition asks."""
        asked = (self.changes.get(match[0].lower(), ()) for match in _OUTPUT.finditer(condition))
        return tuple(dict.fromkeys(glob for globs in asked for glob in globs))


def surest(runs: Sequence[Run | None]) -> tuple[Run, ...]:
    """Runs, those alike made one."""
    return tuple(dict.fromkeys(run for run in runs if run is not None))
