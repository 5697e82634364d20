"""Have a Makefile with the operations on infrastructure.

What everybody types from memory is typed differently. `deploy` or `apply` has to be there, and every target that a
README beside the Makefile names.

Options:
    targets: the targets of which one has to be there
"""

import posixpath
import re
from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule


@rule("Environment", severity=Severity.LOW)
def makefile(
    environment: Resource, inventory: Inventory, *, targets: tuple[str, ...] = ("deploy", "apply")
) -> Iterator[Verdict]:
    if not inventory.root_folders:
        yield environment.not_applicable("no root module of Terraform in the tree")
        return
    files = inventory.makefiles_of_infrastructure
    if not files:
        if inventory.unread_script:
            yield environment.unknown(f"{inventory.unread_script} could not be read")
        elif inventory.listing.whole:
            yield environment.finding(f"no Makefile with the operations ({' or '.join(targets)})")
        else:
            yield environment.unknown("only a folder of a repository was scanned: a Makefile may stand above")
        return
    known = {target for file in files for target in inventory.goals_of(file)}
    unread = next((name for file in files for name in file.strings("includes") if not inventory.includes(name)), "")
    if not any(target in known or _matches(target, known) for target in targets):
        if unread:
            yield environment.unknown(f"`{unread}`, which the Makefile includes, was not read", at=files[0].at(()))
        else:
            yield environment.finding(f"has no target {' or '.join(targets)}", at=files[0].at(()))
    for file in files:
        yield from _named(file, environment, inventory, known, unread)


def _named(
    file: Resource, environment: Resource, inventory: Inventory, known: set[str], unread: str
) -> Iterator[Verdict]:
    """The targets that the README beside a Makefile names."""
    readme = inventory.readme_beside(file)
    seen: set[str] = set()
    for number, line in enumerate(readme.strings("lines") if readme is not None and not unread else ()):
        for match in _CALL.finditer(line):
            target = match[1]
            if readme is not None and target not in known | seen and not _matches(target, known):
                seen.add(target)
                yield environment.finding(
                    f"{readme.name} names `make {target}`, and {posixpath.basename(file.name)} has no such target",
                    at=readme.at(("lines", number)),
                )


_CALL = re.compile(r"(?:`|^\s*(?:\$\s+)?)make\s+([a-z][\w-]*)(?=[\s`]|$)")


def _matches(target: str, known: set[str]) -> bool:
    """Whether a pattern rule makes a target."""
    for pattern in known:
        before, percent, behind = pattern.partition("%")
        if percent and pattern != "%" and target.startswith(before) and target.endswith(behind):
            return True
    return False
