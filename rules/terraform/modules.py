"""Make by modules what every environment has.

A resource that is written out in each environment is changed in one and forgotten in the next.

Options:
    names: modules that must stand in the tree and be called by every root module
"""

import posixpath
from collections.abc import Iterator

from readycheck.inventory import ROOT_MODULE, Inventory
from readycheck.model import Resource, Severity, Verdict, first_of
from readycheck.rule import rule

_MOST_NAMED = 3


@rule(ROOT_MODULE, severity=Severity.LOW)
def modules(folder: Resource, inventory: Inventory, *, names: tuple[str, ...] = ()) -> Iterator[Verdict]:
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
