"""Give each environment a folder of its own, alike to its siblings.

Where environments differ in which files they consist of, what works in one of them says little about the next. With
workspaces or one variables file for each environment over a single root, one wrong switch applies to production what
was meant for another.
"""

import posixpath
from collections.abc import Iterator

from readycheck.inventory import ENVIRONMENT_FOLDER, Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule


@rule(ENVIRONMENT_FOLDER, severity=Severity.MEDIUM)
def environment_folders(folder: Resource, inventory: Inventory) -> Iterator[Verdict]:
    uri = "" if folder.name == "." else folder.name
    group = inventory.group_of(uri)
    if group is None:
        shared = inventory.shared_by_environments(uri)
        if shared is None:
            yield folder.not_applicable("has no sibling that is alike: it is the only environment, or none")
        else:
            yield folder.finding(f"{shared.what} where a folder for each environment is wanted", at=shared.place or ())
        return
    if group.terragrunt:
        return
    lacking, extra = inventory.differing(group, uri)
    name = posixpath.basename(uri)
    for each in lacking:
        yield folder.finding(f"lacks {each.replace('<environment>', name)}, which its siblings have")
    for each in extra:
        yield folder.finding(f"has {each.replace('<environment>', name)}, which most of its siblings lack")
