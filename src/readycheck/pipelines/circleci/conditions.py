"""When CircleCI runs something: filters, `when` and `unless`.

The facts are from CircleCI docs: Configuration reference, Pipeline values and parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from readycheck.pipelines.filters import NAMES, passes
from readycheck.pipelines.model import Occasion
from readycheck.pipelines.node import Node
from readycheck.pipelines.values import MAIN_BRANCH, Unset, Value, all_of, any_of, equal, matches, negated

PARAMETER = re.compile(r"<<\s*([\w.-]+)\s*>>")
_DEEPEST = 10
"""Conditions of conditions."""


class Conditions:
    """Judges the conditions of one configuration.

    Args:
        parameters: the pipeline's parameters, by the names that expressions give them.
    """

    def __init__(self, parameters: Mapping[str, Node]) -> None:
        self._parameters = parameters

    def let_run(self, node: Node, occasion: Occasion) -> bool | None:
        """Whether `when` and `unless` let something run."""
        wanted = self.holds(node["when"], occasion) if "when" in node.entries else True
        return all_of(wanted, negated(self.holds(node["unless"], occasion)) if "unless" in node.entries else True)

    def holds(self, node: Node, occasion: Occasion, depth: int = 0) -> bool | None:
        """Whether a condition holds; None where it cannot be told."""
        if not node.is_mapping:
            value = self._value(node, occasion)
            return None if isinstance(value, Unset) else value not in {None, "", "false", "0"}
        operator, operand = next(iter(node.entries.items()), ("", node))
        if operator == "equal":
            first, *others = [self._value(item, occasion) for item in operand.items] or [None]
            return all_of(*(equal(first, other) for other in others))
        if operator == "matches":
            return matches(self._value(operand["value"], occasion), operand["pattern"].text.strip("/"))
        if operator not in _JOINING or depth > _DEEPEST:
            return None
        return _JOINING[operator](*(self.holds(item, occasion, depth + 1) for item in operand.items))

    def _value(self, node: Node, occasion: Occasion) -> Value:
        name = PARAMETER.fullmatch(node.text.strip())
        if name is None:
            return node.text
        if name[1] in self._parameters:
            # Whoever starts a pipeline by hand may give its parameters other values.
            return Unset() if occasion is Occasion.MANUAL else self._parameters[name[1]].text
        if name[1] == "pipeline.trigger_source":
            return _SOURCES.get(occasion, "webhook")
        if name[1] == "pipeline.git.branch":
            return None if occasion is Occasion.TAG else NAMES.get(occasion, MAIN_BRANCH)
        if name[1] == "pipeline.git.tag":
            return NAMES[occasion] if occasion is Occasion.TAG else None
        return MAIN_BRANCH if name[1] == "pipeline.git.repo_default_branch" else Unset()


def let_through(filters: Node, occasion: Occasion) -> bool | None:
    """Whether filters let a job run; a start by hand may be on any branch or tag."""
    if occasion is Occasion.PULL_REQUEST:
        return False  # CircleCI knows pushes, not pull requests
    answers: list[bool | None] = []
    for pushed in (Occasion.MAIN, Occasion.BRANCH, Occasion.TAG):
        names = filters["tags"] if pushed is Occasion.TAG else filters["branches"]
        as_usual = Occasion.MAIN if occasion is Occasion.SCHEDULE else occasion
        if pushed is as_usual or occasion is Occasion.MANUAL:
            passed = passes(NAMES[pushed], names["only"].texts, names["ignore"].texts, pattern=_pattern)
            # Without a filter, a job is run for branches and for no tag.
            answers.append(passed if names or pushed is not Occasion.TAG else False)
    return any_of(*answers)


def _none_of(*answers: bool | None) -> bool | None:
    return negated(any_of(*answers))


_JOINING = {"and": all_of, "or": any_of, "not": _none_of}
_SOURCES = {Occasion.MANUAL: "api", Occasion.SCHEDULE: "scheduled_pipeline"}


def _pattern(written: str) -> str:
    """A filter's regular expression: between slashes, for the whole name; anything else is the name itself."""
    if len(written) > 1 and written.startswith("/") and written.endswith("/"):
        return rf"\A(?:{written[1:-1]})\Z"
    return rf"\A{re.escape(written)}\Z"
