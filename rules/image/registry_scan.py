"""Let the registry scan each image that is pushed.

What was clean when it was built has known vulnerabilities a month later, and not all that is pushed comes out of a
pipeline that scans. A repository of ECR is scanned by its own `scan_on_push`, or by a rule of its registry: with basic
scanning when something is pushed, with Amazon Inspector also from then on. Where Inspector scans, the rules of the
registry alone decide. A filter without `*` is for all repositories whose names contain it. How a registry scans often
stands in another state than the repository: where it was not read, a repository that says nothing is unknown.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import no_repositories_declared, only_an_example
from readycheck.terraform.registries import REPOSITORY, effective_scan, is_enhanced, own_scan, rule_for

_OWN = "image_scanning_configuration[0].scan_on_push"


@rule(
    REPOSITORY,
    severity=Severity.MEDIUM,
    needs=no_repositories_declared,
    unless=only_an_example,
    asks=("aws_ecr_repository", "aws_ecr_registry_scanning_configuration"),
)
def registry_scan(repository: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if effective_scan(repository) or (own_scan(repository) and not inventory.is_inspected(repository)):
        return
    scanning = inventory.scanning_of(repository)
    if scanning is None:
        yield from _alone(repository, inventory)
    elif (found := rule_for(scanning, repository)) is not None:
        yield repository.note(f"a rule of its registry scans it, by the filter {found.seen['filter']}", at=found)
    elif is_enhanced(scanning):
        yield repository.finding(
            "nothing scans its images: no rule of the registry, which Amazon Inspector scans, is for it",
            at=scanning.at("rule"),
            also=[repository.at("name")],
        )
    else:
        yield repository.finding(
            "nothing scans its images when they are pushed: scan_on_push is off, and no rule of the registry is for it",
            at=_OWN,
            also=[scanning.at("rule")],
        )


def _alone(repository: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """A repository whose registry was not read."""
    inspector = inventory.inspected_by(repository)
    if inspector is not None:
        yield repository.note("Amazon Inspector scans what its registry holds", at=inspector.at("resource_types"))
    else:
        yield repository.unknown("scan_on_push is off, and how its registry scans was not read", at=_OWN)
