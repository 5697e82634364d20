"""Which fixes are wanted, and the values that only a person knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct, field

from readycheck.documents.scalars import resolve
from readycheck.model import Finding, Needed


class Choice(Struct, frozen=True):
    """What is asked for.

    Args:
        rules: IDs of rules, `*` allowed; all where none are given.
        paths: paths of files from the scan root, `*` allowed; all where none are given.
        unsafe: whether fixes count that need a person's look.
        values: what `--set` gave: `requests.memory`, or `web/app:requests.memory` for one object or container alone.
        environment_only: whether nothing may change that serves other environments too.
        ask: asks a person whether a fix is to be made; None where all are.
    """

    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    unsafe: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    environment_only: bool = False
    ask: Callable[[str], bool] | None = None

    def wants_rule(self, rule: str) -> bool:
        """Whether a rule's fixes are asked for."""
        return not self.rules or any(fnmatchcase(rule, pattern) for pattern in self.rules)

    def wants_file(self, uri: str) -> bool:
        """Whether changes of a file are asked for."""
        return not self.paths or any(
            fnmatchcase(uri, pattern) or uri.startswith(f"{pattern.rstrip('/')}/") for pattern in self.paths
        )

    def value_of(self, needed: Needed, finding: Finding) -> Any:
        """What was given for a value; None where nothing was.

        The most exact of what was given counts: for the container, for the object, for all.
        """
        root, part = finding.resource.root, finding.resource
        names = [f"{root.name}/{part.name}:", f"{root.name}:", f"{root.kind}/{root.name}:", ""]
        given = next((self.values[name + needed.name] for name in names if name + needed.name in self.values), None)
        if given is None:
            return None
        return needed.form.format(given) if needed.text or needed.form != "{}" else resolve(given)
