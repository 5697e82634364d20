"""Have a template for environments, and a script that makes a new one from it.

What is put together by hand lacks a file or keeps a name of the environment that it was copied from. The script is
read, not run: it has to copy from where the template stands, and what it replaces has to stand in the template.
"""

import re
from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.inventory.terraform.infrastructure import Group
from readycheck.inventory.terraform.operations import Procedure
from readycheck.model import Entry, Resource, Severity, Verdict
from readycheck.pipelines.acts.words import called
from readycheck.pipelines.model import Command
from readycheck.rule import rule


@rule("Environment", severity=Severity.LOW)
def environment_template(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    groups = [group for group in inventory.environment_groups if not group.terragrunt]
    if inventory.environment_groups and not groups:
        yield environment.not_applicable("Terragrunt: a new environment is an include and its inputs")
    elif not groups:
        yield environment.not_applicable("no folders of environments in the tree")
    for group in groups:
        if not group.template:
            yield environment.finding(f"no template stands beside {group.named}")
            continue
        lacking, extra = inventory.differing(group, group.template)
        for name in lacking:
            yield environment.finding(f"the template {group.template} lacks {name}, which the environments have")
        for name in extra:
            yield environment.finding(f"the template {group.template} has {name}, which the environments lack")
        yield from _script(group, environment, inventory)


def _script(group: Group, environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    copies = list(inventory.copies_of(group.template))
    right = [each for each in copies if each[2] == group.template]
    if not copies:
        other = next(filter(_may_make_one, inventory.listing.entries.values()), None)
        if inventory.unread_script:
            yield environment.unknown(
                f"{inventory.unread_script} could not be read: whether it makes an environment cannot be told"
            )
        elif other is not None:
            yield environment.unknown(f"{other.uri} is no shell script: whether it makes an environment cannot be told")
        else:
            yield environment.finding(f"no script makes a new environment from {group.template}")
    elif not right:
        procedure, command, path = copies[0]
        yield environment.finding(f"{procedure.name} copies {path}, and nothing stands there", at=command.place)
        yield from _substitutes(procedure, group.template, environment, inventory)
    else:
        procedure, command, _ = right[0]
        yield from _substitutes(procedure, group.template, environment, inventory)
        if command.swallowed:
            yield environment.note(f"{procedure.name} goes on where the copy fails (no `set -e`)", at=command.place)
        entry = inventory.listing.entries.get(procedure.file.name)
        if procedure.file.kind == "Script" and entry is not None and not entry.executable:
            yield environment.note(f"{procedure.name} is not executable", at=procedure.file.at(()))


def _substitutes(procedure: Procedure, template: str, environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """Whether what the script replaces stands in the template."""
    lines = list(inventory.lines_below(template))
    whole = inventory.can_read_all_below(template)
    replacing = [command for command in procedure.commands if called(command.words).program in _REPLACING]
    for command in replacing:
        for pattern in _patterns(command):
            if whole and not any(pattern in line for line in lines):
                yield environment.finding(
                    f"{procedure.name} replaces `{pattern}`, which does not stand in {template}", at=command.place
                )
    placeholder = next((match[0] for line in lines if (match := _PLACEHOLDER.search(line))), "")
    if not replacing and placeholder and not any(command.output for command in procedure.commands):
        yield environment.finding(
            f"{procedure.name} replaces nothing, and `{placeholder}` stands in {template}", at=procedure.file.at(())
        )


def _patterns(command: Command) -> Iterator[str]:
    """The plain texts that a `sed` replaces."""
    if called(command.words).program == "sed":
        for word in command.words[1:]:
            for match in _SUBSTITUTION.finditer(word):
                if _PLAIN.fullmatch(match["pattern"]):
                    yield match["pattern"]


_REPLACING = ("sed", "perl", "envsubst", "yq", "awk", "gomplate", "jinja2", "rename", "tee", "python", "python3")
_SUBSTITUTION = re.compile(r"(?:^|[;\s])s(?P<by>[/|#,@!:])(?P<pattern>.+?)(?P=by).*?(?P=by)")
_PLAIN = re.compile(r"[\w<>{}%=\s-]+")
_PLACEHOLDER = re.compile(r"__[A-Z][A-Z0-9_]*__|<[A-Z][A-Z_]{2,}>|@[A-Z][A-Z_]{2,}@|\b(?:CHANGE_?ME|REPLACE_?ME)\b")


def _may_make_one(entry: Entry) -> bool:
    return _MAKER.search(entry.uri.lower()) is not None


_MAKER = re.compile(
    r"(?:new|create|add|make|bootstrap|generate)[-_]?(?:env|environment)s?[\w-]*\.(?:py|rb|js|ts|go|pl|ps1)$"
)
