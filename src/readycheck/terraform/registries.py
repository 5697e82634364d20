"""Registries of images in the names and shapes of Terraform's provider: repositories of ECR, and how they are scanned.

Amazon ECR user guide: filters to choose which repositories are scanned; tag immutability.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from readycheck.model import Place, Resource, Unresolved
from readycheck.terraform.identities import in_one_scope

REPOSITORY = "aws_ecr_repository"
SCANNING = "aws_ecr_registry_scanning_configuration"
ENABLER = "aws_inspector2_enabler"
"""What turns Amazon Inspector on, which then scans what the registry holds."""

SCANS = ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")
_ENHANCED = "ENHANCED"


def own_scan(repository: Resource) -> bool:
    """Whether a repository itself says that images are scanned when they are pushed.

    Raises:
        Unjudged: that is not decided.
    """
    said = repository.mappings("image_scanning_configuration")
    paths = (("image_scanning_configuration", index, "scan_on_push") for index in range(len(said)))
    return any(repository.get(path) in (True, "true") for path in paths)


def effective_scan(repository: Resource) -> bool:
    """Whether AWS says that a repository is scanned, all told."""
    said = repository.glimpse("effective_scanning")
    return isinstance(said, list) and any(
        each.get("scan_frequency") in SCANS or each.get("scan_on_push") is True
        for each in said
        if isinstance(each, dict)
    )


def is_enhanced(scanning: Resource) -> bool:
    """Whether Amazon Inspector scans for a registry: what repositories say of themselves counts for nothing then.

    Raises:
        Unjudged: that is not decided.
    """
    return scanning.string("scan_type", "BASIC") == _ENHANCED


def rule_for(scanning: Resource, repository: Resource) -> Place | None:
    """The rule of a registry by which the images of a repository are scanned; None where none is.

    Args:
        scanning: how the registry scans.
        repository: the repository.

    Raises:
        Unjudged: which repositories a rule is for, or what the repository is called, is not decided.
    """
    for index, rule in enumerate(scanning.mappings("rule")):
        if rule.get("scan_frequency") not in SCANS:
            continue
        for number, each in enumerate(scanning.mappings(("rule", index, "repository_filter"))):
            if covers(str.__str__(str(each.get("filter") or "")), repository.string("name")):
                return scanning.at(("rule", index, "repository_filter", number))
    return None


def covers(pattern: str, name: str) -> bool:
    """Whether a filter of a scanning rule is for a repository: without a `*` it stands anywhere in the name.

    Args:
        pattern: the filter.
        name: the repository's name.
    """
    return fnmatchcase(name, pattern) if "*" in pattern else bool(pattern) and pattern in name


def is_of_registry(scanning: Resource, repository: Resource) -> bool:
    """Whether a repository is in the registry that something says how to scan: one of an account and region.

    Where those are not told, the two are taken together that stand in one folder or state and use one provider.

    Args:
        scanning: how a registry scans.
        repository: a repository.
    """
    alike = [
        _same(scanning.glimpse("registry_id"), repository.glimpse("registry_id")),
        # Before version 6 of the AWS provider an ARN alone tells the region.
        _same(*(region_of(each) or each.glimpse("region") for each in (scanning, repository))),
    ]
    if False in alike or _provider(scanning) != _provider(repository):
        return False
    return alike == [True, True] or in_one_scope(scanning, repository)


def region_of(thing: Resource) -> str:
    """The region that a thing says it is in, or its ARN; "" where neither does."""
    region, arn = thing.glimpse("region"), thing.glimpse("arn")
    if isinstance(region, str) and not isinstance(region, Unresolved):
        return region
    return arn.split(":")[3] if isinstance(arn, str) and not isinstance(arn, Unresolved) else ""


def _provider(thing: Resource) -> str:
    """The provider that HCL names for a thing; "" for the usual one."""
    provider = thing.glimpse("provider")
    return str.__str__(provider) if isinstance(provider, str) else ""


def _same(one: object, other: object) -> bool | None:
    """Whether two values are the same; None where that cannot be told."""
    if isinstance(one, Unresolved) and isinstance(other, Unresolved):
        return str.__eq__(one, other) if one.same and other.same and "known after" not in one.reason else None
    told = all(isinstance(each, str) and not isinstance(each, Unresolved) for each in (one, other))
    return one == other if told else None
