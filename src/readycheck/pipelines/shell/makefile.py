"""What `make` runs: the recipes of a goal, those of its prerequisites first.

Each recipe line is a shell of its own, without `set -e`; `-` in front of it forgives its failure (GNU make manual:
Writing Recipes in Rules, How to Use Variables).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.documents.words import is_whole, parted, shown
from readycheck.model import Place, Resource
from readycheck.pipelines.acts.doing import from_root
from readycheck.pipelines.acts.words import Call
from readycheck.pipelines.model import Command
from readycheck.pipelines.shell.make_variables import Glob, expand
from readycheck.pipelines.shell.reading import Reading, Start
from readycheck.pipelines.shell.tree_names import matching

if TYPE_CHECKING:
    from readycheck.pipelines.shell.calls import Walk

MAKEFILE = "Makefile"
FILE_NAMES = ("GNUmakefile", "makefile", "Makefile")
"""What make looks for, in this order."""

_MOST_FILES = 40
_DEEPEST = 20
"""Prerequisites of prerequisites."""
_VALUED = frozenset(("-C", "--directory", "-f", "--file", "--makefile", "-j", "--jobs", "-o", "-W", "-l", "-I"))
_SETTING = re.compile(r"([A-Za-z_]\w*)\s*[:?+]?=(.*)", re.DOTALL)
_PREFIXES = re.compile(r"[\s@+-]*")


class _Rule(Struct, frozen=True, eq=False):
    """A rule, with the file that it stands in."""

    file: Resource
    index: int
    targets: Sequence[str]
    prerequisites: Sequence[str]
    recipe: Sequence[str]


class _Makefile(Struct, eq=False):
    """A Makefile with all that it includes."""

    rules: list[_Rule] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    of_targets: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def has(self, target: str) -> bool:
        """Whether a special target stands in it."""
        return any(target in rule.targets for rule in self.rules)


def run(call: Call, start: Start, walk: Walk) -> Reading:
    """What a call of make does.

    Args:
        call: the call.
        start: how it is started; the last of `via` is the call itself.
        walk: how far to follow.
    """
    folder = from_root(call.option("-C", "--directory") or "", start.folder)
    named = call.option("-f", "--file", "--makefile")
    words = [*_goals(call)]
    settings = {match[1]: match[2] for word in words if (match := _SETTING.fullmatch(word))}
    uris = [from_root(named, folder)] if named else [posixpath.join(folder, name) for name in FILE_NAMES]
    found = next((file for uri in uris for file in [_at(uri, walk)] if file is not None), None)
    if found is None:
        why = "a variable decides which Makefile that is" if "$" in uris[0] else f"there is no `{uris[-1]}` in the tree"
        why = "its folder is outside of the tree" if uris[0].startswith("/") else why
        return Reading(unread=(f"it runs `{start.via[-1]}`, and {why}",))
    loaded = _Makefile(variables=dict(start.variables))
    _load(found, folder, loaded, walk, [])
    goals = [word for word in words if not _SETTING.fullmatch(word)]
    loaded.variables |= {**settings, "MAKECMDGOALS": " ".join(goals)}
    ignores = call.has("-i", "--ignore-errors") or loaded.has(".IGNORE")
    maker = _Maker(loaded, replace(start, folder=folder), walk, settings, "`make -i`" if ignores else "")
    for goal in goals or [maker.default()]:
        maker.make(maker.expanded(goal, {}), 0)
    return Reading(tuple(maker.commands), tuple(dict.fromkeys(maker.unread)), tuple(maker.needed))


def _goals(call: Call) -> Iterator[str]:
    """The plain words of a call; `-j 4` takes a number, `-j` alone none."""
    words = iter(call.plain(_VALUED - {"-j", "--jobs"}))
    return (word for word in words if not word.isdigit())


def _globbing(walk: Walk, folder: str) -> Glob:
    """Gives the paths that a pattern names, from a folder."""
    if walk.files is None:
        return lambda _: ()
    listing = walk.files.listing

    def there(path: str) -> bool:
        uri = from_root(path.rstrip("/"), folder)
        return uri in listing.entries or uri in listing.folders

    return lambda pattern: [path for path in matching(listing, pattern, folder) if there(path)]


def _at(uri: str, walk: Walk) -> Resource | None:
    found = walk.files.file(uri) if walk.files is not None else None
    return found if found is not None and found.kind == MAKEFILE else None


def _load(file: Resource, folder: str, into: _Makefile, walk: Walk, seen: list[str]) -> None:
    """Read a Makefile and what it includes."""
    seen.append(file.name)
    for variable in file.mappings("variables"):
        _assign(variable, into)
    for index, rule in enumerate(file.mappings("rules")):
        into.rules.append(_Rule(file, index, rule["targets"], rule["prerequisites"], rule["recipe"]))
    for name in file.strings("includes"):
        written = expand(name, into.variables, {}, _globbing(walk, folder))
        uri = from_root(written, folder)
        found = _at(uri, walk)
        if found is not None:
            if uri not in seen and len(seen) < _MOST_FILES:
                _load(found, folder, into, walk, seen)
        else:
            into.missing.append(written)


def _assign(variable: Mapping[str, Any], into: _Makefile) -> None:
    name, operator, value = str(variable["name"]), str(variable["operator"]), str(variable["value"])
    if operator == "!=":
        value = f"$(shell {value})"
    targets = variable.get("targets")
    for target in targets or ():
        into.of_targets.setdefault(target, {})[name] = value
    if targets:
        return
    known = into.variables.get(name)
    if known is None:
        into.variables[name] = value
    elif operator == "+=":
        into.variables[name] = f"{known} {value}"
    elif operator != "?=":
        if variable.get("conditional") and known != value:
            # Which of the two it is, only make knows.
            del into.variables[name]
        else:
            into.variables[name] = value.replace(f"$({name})", known)


class _Maker:
    """Makes targets as far as that can be done by looking."""

    def __init__(
        self, makefile: _Makefile, start: Start, walk: Walk, settings: Mapping[str, str], forgives: str
    ) -> None:
        self.commands: list[Command] = []
        self.needed: list[Command] = []
        self.unread: list[str] = []
        self._makefile = makefile
        self._start = start
        self._walk = walk
        self._settings = settings
        self._forgives = forgives
        self._made: set[str] = set()
        self._glob = _globbing(walk, start.folder)
        self._whole = makefile.has(".ONESHELL")
        flags = makefile.variables.get(".SHELLFLAGS", "").split()
        self._errexit = any(flag[:1] == "-" and "e" in flag for flag in flags)
        self._pipefail = "pipefail" in flags

    def default(self) -> str:
        """The goal where none is named."""
        goal = self._makefile.variables.get(".DEFAULT_GOAL", "").strip()
        first = (rule.targets[0] for rule in self._makefile.rules if rule.targets and not _special(rule.targets[0]))
        return goal or next(first, "")

    def expanded(self, text: str, own: Mapping[str, str]) -> str:
        """A text with the variables put in that are known."""
        return expand(text, self._makefile.variables, own, self._glob)

    def make(self, target: str, depth: int) -> None:
        """Make a target, what it needs first."""
        if target in self._made or depth > _DEEPEST or not self._walk.goes_on:
            return
        self._made.add(target)
        self._walk.count()
        rules, stem = self._rules_for(target)
        if not rules:
            if not depth:
                hint = (
                    f"; `{self._makefile.missing[0]}`, which it includes, is not there"
                    if self._makefile.missing
                    else ""
                )
                self.unread.append(f"it runs `{self._start.via[-1]}`, and the Makefile has no target `{target}`{hint}")
            elif not is_whole(target) and self._may_stand_for_targets(target):
                self.unread.append(f"it runs `{self._start.via[-1]}`, and only make can tell what `{shown(target)}` is")
            return
        own = {"@": target, "*": stem, **self._makefile.of_targets.get(target, {}), **self._settings}
        needs = [
            word.replace("%", stem) if stem else word
            for rule in rules
            for written in rule.prerequisites
            for word in parted(self.expanded(written, own))
        ]
        for need in needs:
            self.make(need, depth + 1)
        own |= {"<": needs[0] if needs else "", "^": " ".join(dict.fromkeys(needs))}
        rule = next((rule for rule in reversed(rules) if rule.recipe), None)
        if rule is not None:
            self._recipe(rule, target, own)

    def _rules_for(self, target: str) -> tuple[list[_Rule], str]:
        """The rules for a target, and what `%` stands for in them."""
        exact = [rule for rule in self._makefile.rules if target in self._names(rule)]
        if any(rule.recipe for rule in exact):
            return exact, ""
        for rule in self._makefile.rules:
            for pattern in rule.targets:
                before, percent, behind = pattern.partition("%")
                fits = target.startswith(before) and target.endswith(behind)
                if not (self._leads_on(rule, target) if pattern == "%" else rule.recipe):
                    continue
                if percent and fits and len(target) > len(before) + len(behind):
                    return [*exact, rule], target[len(before) : len(target) - len(behind)]
        return exact, ""

    def _may_stand_for_targets(self, need: str) -> bool:
        """Whether something that could not be worked out may give targets of a pattern, going by how those begin."""
        beginnings = {name.partition("%")[0] for rule in self._makefile.rules for name in rule.targets if "%" in name}
        return any(beginning and beginning in need for beginning in beginnings)

    def _leads_on(self, rule: _Rule, target: str) -> bool:
        """Whether a rule for anything hands this target on to one that there is: `%: common-%`."""
        wanted = {need.replace("%", target) for need in rule.prerequisites}
        return any(wanted.intersection(other.targets) for other in self._makefile.rules)

    def _names(self, rule: _Rule) -> Sequence[str]:
        """The targets of a rule; one that is a variable may stand for many."""
        return [name for written in rule.targets for name in self._split(written)]

    def _split(self, written: str) -> Sequence[str]:
        return parted(self.expanded(written, {})) if "$" in written else (written,)

    # Recipes ---------------------------------------------------------------------------------------------------

    def _recipe(self, rule: _Rule, target: str, own: Mapping[str, str]) -> None:
        name = f"make {target}"
        via = self._start.via if self._start.via[-1:] == (name,) else (*self._start.via, name)
        lines = [(index, *self._line(written, own)) for index, written in enumerate(rule.recipe)]
        with self._walk.into(f"{rule.file.name}:{target}") as entered:
            if not entered:
                return
            if self._whole:
                self._shell(rule, lines[0][0], "\n".join(text for _, text, _ in lines), lines[0][2], via, own)
                return
            for index, text, forgiven in lines:
                self._shell(rule, index, text, forgiven, via, own)

    def _line(self, written: str, own: Mapping[str, str]) -> tuple[str, str]:
        """A recipe line as the shell gets it, and why its failure is forgiven."""
        text = self.expanded(written, own)
        prefix = _PREFIXES.match(text)
        marks = prefix[0] if prefix else ""
        return text[len(marks) :], "`-` in front of its line in the Makefile" if "-" in marks else ""

    def _shell(
        self, rule: _Rule, index: int, text: str, forgiven: str, via: tuple[str, ...], own: Mapping[str, str]
    ) -> None:
        def at(line: int) -> Place:
            row = min(index + line, len(rule.recipe) - 1) if self._whole else index
            return Place(rule.file, ("rules", rule.index, "recipe", row))

        start = replace(
            self._start,
            errexit=self._errexit,
            pipefail=self._pipefail,
            via=via,
            swallowed=self._start.swallowed or forgiven or self._forgives,
            variables={**self._start.variables, **self._settings, **_exported(own)},
        )
        reading = self._walk.read(text, at, start)
        self.commands += reading.commands
        self.unread += reading.unread
        if not start.swallowed:
            self.needed += reading.needed


def _exported(own: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in own.items() if name.isidentifier()}


def _special(target: str) -> bool:
    return (target.startswith(".") and "/" not in target) or "%" in target
