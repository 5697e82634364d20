"""Let one script or Makefile target apply every environment, and leave the template out.

Environments that are applied one by one, by hand, drift apart: one of them is forgotten sooner or later. A list of all
of them that is written down works as long as somebody remembers to add the next one. Terragrunt does it by
`run --all`.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.inventory.terraform.infrastructure import Group
from readycheck.inventory.terraform.operations import Applied
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule


@rule("Environment", severity=Severity.MEDIUM)
def run_all(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if not inventory.environment_groups:
        yield environment.not_applicable("no folders of environments in the tree")
    for group in inventory.environment_groups:
        yield from _of(group, environment, inventory)


def _of(group: Group, environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    candidates = [each for each in inventory.applied if any(each.reaches(folder) for folder in group.folders)]
    best = min(candidates, key=lambda each: _lacks(each, group), default=None)
    if best is None or (_lacks(best, group)[0] and best.procedure.unread):
        yield _without(group, environment, inventory, best)
        return
    missing = [folder for folder in group.folders if not best.reaches(folder)]
    name = best.procedure.name
    told = _told_pipeline(inventory)
    if missing and told is not None:
        yield environment.unknown(f"which folders {told.procedure.name} applies, `{told.told}` decides", at=told.place)
    elif missing:
        yield environment.finding(f"{name} leaves {' and '.join(missing)} out", at=best.place)
    if group.template and best.reaches(group.template):
        yield environment.finding(f"{name} applies {group.template}, which is a template", at=best.place)
    elif not missing and not group.terragrunt and best.names_all(group):
        yield environment.note(f"{name} names every environment: the next one has to be added there", at=best.place)


def _lacks(applied: Applied, group: Group) -> tuple[int, bool]:
    missing = sum(not applied.reaches(folder) for folder in group.folders)
    return missing, bool(group.template) and applied.reaches(group.template)


def _without(group: Group, environment: Resource, inventory: Inventory, best: Applied | None) -> Verdict:
    if best is None and group.terragrunt:
        return environment.note("Terragrunt applies all of its units by `terragrunt run --all apply`")
    if best is not None:
        return environment.unknown(f"{best.procedure.name}: {best.procedure.unread[0]}", at=best.place)
    pipeline = _told_pipeline(inventory)
    if pipeline is not None:
        return environment.unknown(
            f"which folders {pipeline.procedure.name} applies, `{pipeline.told}` decides", at=pipeline.place
        )
    unread = next((each for each in inventory.procedures if each.unread and _is_to_apply(each.name)), None)
    if unread is not None:
        return environment.unknown(f"{unread.name}: {unread.unread[0]}", at=unread.file.at(()))
    return _nothing(group, environment, inventory)


def _nothing(group: Group, environment: Resource, inventory: Inventory) -> Verdict:
    """What is said where all could be read, and nothing in it applies the environments."""
    told = next((each for each in inventory.applied if each.told), None)
    if not inventory.listing.whole:
        return environment.unknown("only a folder of a repository was scanned: what applies it may stand above")
    if inventory.unread_script:
        return environment.unknown(
            f"{inventory.unread_script} could not be read: whether it applies them cannot be told"
        )
    if told is not None:
        return environment.finding(
            f"{told.procedure.name} applies the one environment that it is told: nothing applies all of {group.named}",
            at=told.place,
        )
    return environment.finding(f"no script, Makefile target or pipeline applies {group.named}")


def _told_pipeline(inventory: Inventory) -> Applied | None:
    """A pipeline that applies a folder which a variable decides: each start of it may be for another environment.

    Where it does that by a script which tells all by itself, it is the script that counts.
    """
    scripts = [each for each in inventory.applied if each.procedure.file.kind == "Script"]
    telling = {each.procedure.name for each in scripts} - {each.procedure.name for each in scripts if each.told}
    pipelines = (each for each in inventory.applied if each.told and each.procedure.file.kind == "Pipeline")
    return next((each for each in pipelines if each.place.resource.name not in telling), None)


def _is_to_apply(name: str) -> bool:
    return any(word in name for word in ("apply", "deploy", "run", "terraform", "tofu"))
