"""Make by modules what every environment has.

A resource that is written out in each environment is changed in one and forgotten in the next.

Options:
    names: modules that must stand in the tree and be called by every root module
"""

import posixpath
from collections.abc import Iterator

from readycheck.inventory import RECORDED, ROOT_MODULE, Inventory
from readycheck.model import Resource, Severity, Verdict, first_of
from readycheck.rule import rule
from readycheck.terraform.plans import Called

_MOST_NAMED = 3


@rule(ROOT_MODULE, RECORDED, severity=Severity.LOW, sources=("files", "terraform"))
def modules(folder: Resource, inventory: Inventory, *, names: tuple[str, ...] = ()) -> Iterator[Verdict]:
    if folder.kind == "Environment":
        yield from _recorded(folder, inventory, names)
        return
    uri = "" if folder.name == "." else folder.name
    for name in names:
        if not any(posixpath.basename(each) == name for each in inventory.configurations):
            yield folder.finding(f"no module {name} stands in the tree")
        elif not any(posixpath.basename(called) == name for called in inventory.calls_of(uri)):
            yield folder.finding(f"does not call the module {name}")
    repeated = inventory.repeated_resources(uri)
    if repeated:
        shown = first_of([f"{block.labels[0]}.{block.labels[-1]}" for block, _ in repeated], _MOST_NAMED)
        block, other = repeated[0]
        yield folder.finding(
            f"makes {shown} as {other} does: a module is wanted for what environments repeat", at=block.at()
        )
    elif not names and (unread := inventory.unread_in(uri)):
        yield folder.unknown(unread)


def _recorded(environment: Resource, inventory: Inventory, names: tuple[str, ...]) -> Iterator[Verdict]:
    """What states and plans tell: which modules are called, of one environment alone."""
    if not names:
        yield environment.not_applicable("states and plans are of one environment: what others repeat does not show")
    for name in names:
        called = {word for plan in inventory.plans for call in plan.calls() for word in _names_of(call)}
        if name in called or name in inventory.called_in_states:
            continue
        if inventory.plans:
            yield environment.finding(f"no plan calls the module {name}")
        else:
            yield environment.unknown(f"no state tells of a call `{name}`, and calls may have names of their own")


def _names_of(call: Called) -> tuple[str, str]:
    """What a call is named, and what the module is: the last folder of its source."""
    return call.name, posixpath.basename(call.source.partition("?")[0]).removesuffix(".git")
