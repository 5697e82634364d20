"""Finding rules: a pack is a folder of rule files, and a file's path in it is the rule's ID.

The built-in rules enter by the same door as anybody's own.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from readycheck.rule import Declaration, Rule, RuleError


def content_folder(name: str) -> Path:
    """Where content that stands outside the engine's code is found: `rules` or `reports`.

    In an installed package it stands inside it; in a checkout, at its root.

    Raises:
        RuleError: it is in neither place.
    """
    package = Path(__file__).parent
    for folder in (package / name, package.parents[1] / name):
        if folder.is_dir():
            return folder
    raise RuleError(f"the folder `{name}` is missing from the installation at {package}: reinstall readycheck-audit")


def load(packs: Iterable[Path] = ()) -> list[Rule]:
    """The built-in rules and those of further packs, by ID.

    Raises:
        RuleError: a file does not hold exactly one rule, or an ID is taken; names the file.
    """
    rules: dict[str, Rule] = {}
    for pack in (content_folder("rules"), *packs):
        if not pack.is_dir():
            raise RuleError(f"{pack}: the rule pack is not a folder")
        for file in sorted(pack.rglob("*.py")):
            if "__pycache__" in file.parts:
                continue
            found = _load_file(file, pack)
            if found.id in rules:
                raise RuleError(f"{file}: the ID {found.id} is taken by {rules[found.id].file}")
            rules[found.id] = found
    return [rules[rule_id] for rule_id in sorted(rules)]


def _load_file(file: Path, pack: Path) -> Rule:
    rule_id = file.relative_to(pack).with_suffix("").as_posix().replace("_", "-")
    if "/" not in rule_id:
        raise RuleError(f"{file}: a rule stands in a folder named after its area")
    module = _import(file, rule_id)
    declarations = [
        value.__rule__
        for value in vars(module).values()
        if isinstance(getattr(value, "__rule__", None), Declaration) and value.__module__ == module.__name__
    ]
    if len(declarations) != 1:
        raise RuleError(f"{file}: holds {len(declarations)} rules; a rule file holds exactly one")
    if not module.__doc__:
        raise RuleError(f"{file}: has no docstring; its first line is the rule's title, the rest its help")
    return Rule.of(declarations[0], rule_id=rule_id, docstring=module.__doc__, file=str(file))


def _import(file: Path, rule_id: str) -> ModuleType:
    name = "readycheck_rules." + rule_id.replace("/", ".").replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RuleError(f"{file}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise RuleError(f"{file}: cannot be imported: {type(error).__name__}: {error}") from error
    return module
