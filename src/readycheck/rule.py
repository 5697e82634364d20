"""What a rule is: a function that looks at one thing and yields what it found.

A rule file holds one function under `@rule`. The module's docstring is its title and help, its keyword-only
parameters are its options, its path is its ID. See docs/writing-rules.md.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias, get_origin, get_type_hints

from msgspec import Struct

from readycheck.errors import MendableError
from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import is_of_kubernetes
from readycheck.model import Resource, Severity, Unjudged, Verdict
from readycheck.terraform.types import TYPES

CONTAINER = "Container"
FILES_AND_CLUSTER = ("files", "cluster")
EVERY_SOURCE = ("files", "cluster", "terraform", "aws")
DECLARED_AND_IN_CLUSTER = ("files", "cluster", "terraform")
"""What tells of objects of Kubernetes: manifests, what runs, and what Terraform made or means to make."""
DECLARED_AND_IN_AWS = ("files", "terraform", "aws")
"""What tells of things of AWS: HCL, what Terraform recorded and planned, and the account."""

Judge: TypeAlias = Callable[..., Iterable[Verdict]]
Reason: TypeAlias = Callable[[Any, Inventory], str | None]
"""Tells why a thing is out of a rule's scope; None where it is in scope."""

Lack: TypeAlias = Callable[[Inventory], str | None]
"""Tells what a rule lacks to judge anything; None where it lacks nothing."""


class RuleError(MendableError):
    """A rule is written in a way that cannot be run: names the file and what is wrong."""


class Option(Struct, frozen=True):
    """One option of a rule: a keyword-only parameter of its function."""

    name: str
    type: Any
    default: Any
    help: str

    @property
    def type_name(self) -> str:
        """The type in the words of configuration: `integer`, `list of strings`."""
        return _TYPE_NAMES[self.type]

    @property
    def shown_default(self) -> str:
        """The default as configuration would write it."""
        if isinstance(self.default, tuple):
            return f"[{', '.join(self.default)}]"
        return str(self.default).lower() if isinstance(self.default, bool) else str(self.default)

    def accepts(self, value: object) -> bool:
        """Whether a configured value is of the option's type."""
        if self.type is float:
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        if self.type is int:
            return isinstance(value, int) and not isinstance(value, bool)
        if get_origin(self.type) is tuple:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        return isinstance(value, self.type)

    def convert(self, value: Any) -> Any:
        """The configured value as the function takes it."""
        return tuple(value) if isinstance(value, list) else value


_TYPE_NAMES: dict[Any, str] = {
    int: "integer",
    float: "number",
    bool: "boolean",
    str: "string",
    tuple[str, ...]: "list of strings",
}


class Declaration(Struct, frozen=True):
    """What `@rule` says of the function that it decorates."""

    kinds: tuple[str, ...]
    severity: Severity
    unless: tuple[Reason, ...]
    needs: Lack | None
    sources: tuple[str, ...]
    judge: Judge
    unrendered: tuple[Reason, ...] = ()
    asks: tuple[str, ...] = ()


def rule(
    *kinds: str,
    severity: Severity,
    unless: Reason | Iterable[Reason] = (),
    needs: Lack | None = None,
    sources: tuple[str, ...] = (),
    unrendered: Reason | Iterable[Reason] = (),
    asks: tuple[str, ...] = (),
) -> Callable[[Judge], Judge]:
    """Make a function a rule.

    Args:
        kinds: the kinds that it judges. "Container" judges each container of each workload, "Environment" the
            whole at once.
        severity: how bad a failure is, where neither configuration nor the finding says otherwise.
        unless: tells for a thing (for Container: for its workload) why the rule is not applicable to it.
        needs: tells why nothing at all can be judged, so that the rule is unknown, once; None where it can.
        sources: the sources whose evidence can answer: `files`, `cluster`, `terraform`, `aws`. Where none is given,
            files, the cluster where a kind is one of Kubernetes, Terraform and AWS where one is a type of AWS.
        unrendered: tells for a release or a folder that is not at hand why the rule is not applicable to what it
            installs, so that this is not unknown.
        asks: the types of an AWS account that it looks at, so that no more is asked for where few rules are on. Where
            none is given, all of them, if AWS can answer it.
    """

    def declare(judge: Judge) -> Judge:
        able = sources or _sources_of(kinds)
        judge.__rule__ = Declaration(kinds, severity, _each(unless), needs, able, judge, _each(unrendered), asks)  # type: ignore[attr-defined]
        return judge

    return declare


def _sources_of(kinds: Collection[str]) -> tuple[str, ...]:
    able = list(FILES_AND_CLUSTER if any(kind == CONTAINER or is_of_kubernetes(kind) for kind in kinds) else ("files",))
    if any(kind.startswith(_OF_AWS) for kind in kinds):
        able += (source for source in DECLARED_AND_IN_AWS if source not in able)
    return tuple(able)


_OF_AWS = "aws_"
"""What the types of Terraform's AWS provider begin with, whose names and shapes the account's things have too."""


def _each(reasons: Reason | Iterable[Reason]) -> tuple[Reason, ...]:
    return (reasons,) if callable(reasons) else tuple(reasons)


def apart(subject: Resource, *questions: Iterable[Verdict]) -> Iterator[Verdict]:
    """Answer several questions about one thing, each for itself: what cannot be told of one hides no other.

    Args:
        subject: the thing.
        questions: what yields the verdicts on it, one generator for each question.
    """
    for question in questions:
        try:
            yield from question
        except Unjudged as unjudged:
            yield subject.unknown(unjudged.reason, at=unjudged.place or ())


class Rule(Struct, frozen=True, eq=False):
    """A rule as the engine runs it."""

    id: str
    title: str
    help: str
    file: str
    declaration: Declaration
    options: tuple[Option, ...]

    @classmethod
    def of(cls, declaration: Declaration, *, rule_id: str, docstring: str, file: str) -> Rule:
        """Read a rule from its function and the docstring of its module.

        Raises:
            RuleError: the docstring or the signature does not say what it should.
        """
        title, help_text, options_help = _read_docstring(docstring, file)
        return cls(rule_id, title, help_text, file, declaration, tuple(_options(declaration.judge, options_help, file)))

    @property
    def area(self) -> str:
        """The first part of the ID: workload, network, ..."""
        return self.id.partition("/")[0]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources whose evidence can answer it."""
        return self.declaration.sources

    @property
    def asks(self) -> frozenset[str]:
        """The types of an AWS account that it looks at."""
        return frozenset(self.declaration.asks or (TYPES if "aws" in self.sources else ()))

    @property
    def of_containers(self) -> bool:
        """Whether it judges each container of each workload."""
        return CONTAINER in self.declaration.kinds

    @property
    def resource_kinds(self) -> tuple[str, ...]:
        """The kinds that it judges beside containers."""
        return tuple(kind for kind in self.declaration.kinds if kind != CONTAINER)

    def bind(self, options: Mapping[str, Any], inventory: Inventory) -> Callable[[Resource], Iterable[Verdict]]:
        """The function that judges one thing, with its options and what it may look around in in place."""
        judge = self.declaration.judge
        given = {**options, "inventory": inventory} if "inventory" in inspect.signature(judge).parameters else options
        return partial(judge, **given) if given else judge


def _options(judge: Judge, options_help: Mapping[str, str], file: str) -> Iterator[Option]:
    hints = get_type_hints(judge)
    positional = 0
    names = set()
    for name, parameter in inspect.signature(judge).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            positional += 1
            if positional > 1 and name != "inventory":
                raise RuleError(
                    f"{file}: `{name}` is nothing that a rule is given: the thing it judges, then `inventory`"
                )
            continue
        names.add(name)
        if hints.get(name) not in _TYPE_NAMES:
            raise RuleError(f"{file}: option `{name}` has no type of an option: {', '.join(_TYPE_NAMES.values())}")
        if parameter.default is inspect.Parameter.empty:
            raise RuleError(f"{file}: option `{name}` has no default")
        if name not in options_help:
            raise RuleError(f"{file}: option `{name}` is not described under `Options:` in the docstring")
        yield Option(name, hints[name], parameter.default, options_help[name])
    for name in options_help:
        if name not in names:
            raise RuleError(f"{file}: the docstring describes an option `{name}` that the function does not take")


_OPTION_LINE = re.compile(r"    (\w+): (.+)\Z")


def _read_docstring(docstring: str, file: str) -> tuple[str, str, dict[str, str]]:
    text = inspect.cleandoc(docstring)
    title, _, rest = text.partition("\n")
    if not title.strip():
        raise RuleError(f"{file}: the docstring has no title in its first line")
    help_text, _, options = rest.partition("\nOptions:\n")
    described: dict[str, str] = {}
    name = ""
    for line in options.splitlines():
        match = _OPTION_LINE.match(line)
        if match:
            name = match[1]
            described[name] = match[2].strip()
        elif name and line.strip():
            described[name] += " " + line.strip()
    return title.strip().rstrip("."), help_text.strip(), described
