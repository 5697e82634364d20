"""Keep what runs as Terraform recorded it.

What somebody changed in the console is undone by the next apply, or stays unknown until it hurts; what is gone is made
anew. What a state records is compared with the account by ARN or id, and with the cluster, for what the rules read;
what a plan found changed (`resource_drift`) counts as well. Replicas that an autoscaler decides and the dates of
certificates are no drift.
"""

from collections.abc import Iterator

from readycheck.inventory import DRIFTING, Inventory
from readycheck.inventory.terraform.drifting import Live, Standing
from readycheck.model import NO_SOURCE, Place, Resource, Severity, Verdict, format_path
from readycheck.rule import rule


def _nothing_beside(inventory: Inventory) -> str | None:
    if not any("terraform" in side.sources for side in (inventory, *inventory.others)):
        return f"{NO_SOURCE}terraform"
    compared = inventory.plans or inventory.live or any(side.live for side in inventory.others)
    return None if compared else f"{NO_SOURCE}aws or cluster"


@rule(DRIFTING, severity=Severity.MEDIUM, sources=("terraform", "aws", "cluster"), needs=_nothing_beside)
def drift(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    planned, live = inventory.planned_drift(subject), inventory.live_of(subject)
    found = [each for each in (planned, live) if each is not None]
    for each in found:
        yield from _differing(subject, each)
    if any(each.standing is Standing.GONE or each.differences for each in found):
        return
    if planned is not None:
        yield subject.note("a plan found it changed, in nothing that is compared")
    elif live.reason and not inventory.has_plan_of(subject):
        yield subject.unknown(live.reason)


def _differing(subject: Resource, live: Live) -> Iterator[Verdict]:
    if live.standing is Standing.GONE:
        yield subject.finding("is recorded and no longer there")
    for each in live.differences:
        name = format_path(each.path)
        also = (Place(live.resource, each.path),) if live.resource is not None and not _is_plan(live.resource) else ()
        yield subject.finding(
            f"`{name}` was recorded as {_shown(each.recorded)} and is {_shown(each.live)}", at=each.path, also=also
        )


def _is_plan(resource: Resource) -> bool:
    return resource.origin.source == "terraform"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(map(_shown, value))) or "empty"
    return str(value).lower() if isinstance(value, bool) else str(value)
