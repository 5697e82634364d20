"""Run a version of Kubernetes that is in standard support.

What is out of support gets no fixes; on EKS, it costs more each hour first and is upgraded without asking later. The
dates are a table that comes with readycheck, and what it does not know is unknown. Each `aws_eks_cluster`
is judged by itself, of HCL, a state, a plan or an account; an account is asked for the dates.

Options:
    warn_days: how many days before its support ends a version is noted
"""

from collections.abc import Iterator

from readycheck.clusters import cluster_api
from readycheck.clusters.cluster_api import names_version
from readycheck.clusters.support import EKS, SERVER_VERSION, UPSTREAM, is_of_eks, minor_of, support_of
from readycheck.inventory import CLUSTER, Inventory
from readycheck.model import NO_SOURCE, Place, Resource, Severity, Verdict
from readycheck.rule import EVERY_SOURCE, apart, rule
from readycheck.scope import judged_apart


def _untold(inventory: Inventory) -> str | None:
    return None if not inventory.is_tree or inventory.eks_clusters or _versions(inventory) else f"{NO_SOURCE}cluster"


def _apart(subject: Resource, inventory: Inventory) -> str | None:
    return None if _versions(inventory) else judged_apart(subject, inventory)


@rule(
    CLUSTER,
    severity=Severity.MEDIUM,
    sources=EVERY_SOURCE,
    asks=("aws_eks_cluster", "aws_eks_cluster_version"),
    needs=_untold,
    unless=_apart,
)
def supported_version(subject: Resource, inventory: Inventory, *, warn_days: int = 60) -> Iterator[Verdict]:
    declared = inventory.eks_cluster(subject)
    versions = _versions(inventory) if declared is None else [(declared.name, subject.at("version"), EKS)]
    yield from apart(
        subject,
        *(_judge(subject, name, place, table, inventory, warn_days) for name, place, table in versions),
    )


def _versions(inventory: Inventory) -> list[tuple[str, Place, str]]:
    """Everything that names the version of a cluster, where it does, and the table that counts for it."""
    found = [(f"{each.kind} {each.name}", each.at("metadata.version"), EKS) for each in inventory.cluster_configs]
    found += [(f"{each.kind} {each.name}", each.at("spec.version"), EKS) for each in inventory.control_planes]
    for kind, path in cluster_api.VERSIONED.items():
        named = (each for each in inventory.declared(kind) if names_version(each, path))
        found += [(f"{kind} {each.name}", each.at(path), _table_of(str(each.glimpse(path)))) for each in named]
    found += [("the API server", each.at("gitVersion"), _table_of(each.name)) for each in inventory.of(SERVER_VERSION)]
    return found


def _table_of(version: str) -> str:
    return EKS if is_of_eks(version) else UPSTREAM


def _judge(
    subject: Resource, name: str, place: Place, table: str, inventory: Inventory, warn_days: int
) -> Iterator[Verdict]:
    version = place.resource.string(place.path)
    minor = minor_of(version) if version else None
    told = inventory.eks_support.get(minor) if minor is not None and table == EKS else None
    support = told or (support_of(minor, table) if minor is not None else None)
    if not version:
        yield subject.unknown(f"{name} names no version", at=place)
    elif support is None:
        yield subject.unknown(f"until when Kubernetes {version} of {name} is supported is not known here", at=place)
    elif support.ended(inventory.now):
        later = f"; paid support ends {support.extended}" if support.extended else ""
        yield subject.finding(
            f"standard support of Kubernetes {version}, which {name} runs, ended {support.standard}{later}", at=place
        )
    elif support.days_left(inventory.now) < warn_days:
        yield subject.note(f"standard support of Kubernetes {version} of {name} ends {support.standard}", at=place)
