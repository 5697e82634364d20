"""Run no services on Fargate.

A DaemonSet has no pods on Fargate: what collects logs and metrics, scans and guards on every node is missing there, and
so are volumes of EBS. A profile that takes a system namespace alone, such as the one that Karpenter itself runs in,
is fine. In a live cluster, the pods that run on nodes of Fargate count. Each `aws_eks_cluster` is judged
by itself, of HCL, a state, a plan or an account.

Options:
    system_namespaces: the namespaces that may run on Fargate
"""

from collections.abc import Collection, Iterable, Iterator

from readycheck.clusters import cluster_api, eks, eksctl
from readycheck.clusters.eks import EksCluster
from readycheck.clusters.fargate import namespaces_selected
from readycheck.inventory import CLUSTER, Inventory
from readycheck.kubernetes.node import is_fargate
from readycheck.kubernetes.workload import Workload
from readycheck.model import NO_SOURCE, Place, Resource, Severity, Verdict
from readycheck.rule import EVERY_SOURCE, apart, rule
from readycheck.scope import another_cloud, judged_apart
from readycheck.terraform.types import OF_CLUSTERS

_SELECTORS = ("spec", "selectors")
_SYSTEM = ("kube-system", "karpenter", "amazon-cloudwatch", "aws-observability")


def _untold(inventory: Inventory) -> str | None:
    if not inventory.is_tree or inventory.eks_clusters or _told(inventory) or another_cloud(inventory):
        return None
    return f"{NO_SOURCE}cluster"


def _elsewhere(_environment: Resource, inventory: Inventory) -> str | None:
    other = another_cloud(inventory)
    return other if other and not _told(inventory) else None


def _apart(subject: Resource, inventory: Inventory) -> str | None:
    return None if inventory.in_cluster or _told(inventory) else judged_apart(subject, inventory)


def _told(inventory: Inventory) -> bool:
    declared = inventory.cluster_configs or inventory.declared(cluster_api.FARGATE_PROFILE)
    return bool(declared or inventory.on_fargate)


@rule(
    CLUSTER,
    severity=Severity.MEDIUM,
    sources=EVERY_SOURCE,
    asks=OF_CLUSTERS,
    needs=_untold,
    unless=(_elsewhere, _apart),
)
def no_fargate(
    subject: Resource, inventory: Inventory, *, system_namespaces: tuple[str, ...] = _SYSTEM
) -> Iterator[Verdict]:
    if inventory.in_cluster:
        yield from _of_pods(subject, inventory, system_namespaces)
        return
    declared = inventory.eks_cluster(subject)
    if declared is not None:
        yield from apart(subject, *_of_declared(subject, declared, system_namespaces))
        return
    configs = [eksctl.fargate_profiles(config) for config in inventory.cluster_configs]
    profiles = (
        (profile.name, namespaces_selected(profile, _SELECTORS), profile.at(_SELECTORS))
        for profile in inventory.declared(cluster_api.FARGATE_PROFILE)
    )
    yield from apart(
        subject,
        *(_of_profiles(subject, each, system_namespaces) for each in (*configs, profiles)),
        _of_workloads(subject, inventory.on_fargate, system_namespaces),
    )


def _of_profiles(
    subject: Resource,
    profiles: Iterable[tuple[str, frozenset[str], Place]],
    system: Collection[str],
) -> Iterator[Verdict]:
    for name, namespaces, place in profiles:
        others = sorted(namespaces - set(system))
        if others:
            yield subject.finding(
                f"Fargate profile {name} takes the pods of {', '.join(others)}, where no DaemonSet can run", at=place
            )
        else:
            yield subject.note(f"Fargate profile {name} takes system namespaces alone", at=place)


def _of_declared(subject: Resource, cluster: EksCluster, system: Collection[str]) -> Iterator[Iterator[Verdict]]:
    for profile in cluster.profiles:
        yield _of_profiles(subject, eks.profile_of(profile), system)
    for untold in cluster.other_profiles:
        reason = untold.reason or f"whether {untold.name} has a Fargate profile for it is not told"
        yield iter([subject.unknown(reason, at=untold.place)])


def _of_workloads(
    subject: Resource, workloads: Iterable[tuple[Workload, Place]], system: Collection[str]
) -> Iterator[Verdict]:
    for workload, place in workloads:
        if workload.scope not in system:
            yield subject.finding(
                f"{workload.kind} {workload.name} asks for Fargate, where no DaemonSet can run", at=place
            )


def _of_pods(subject: Resource, inventory: Inventory, system: Collection[str]) -> Iterator[Verdict]:
    if not any(map(is_fargate, inventory.nodes)):
        return
    tops: dict[str, Place] = {}
    others: set[str] = set()
    for pod in inventory.pods:
        node = inventory.node_of(pod)
        if node is None or not is_fargate(node):
            continue
        if pod.scope in system:
            others.add(pod.scope)
        else:
            top = inventory.top_owner(pod) or pod
            tops.setdefault(f"{top.kind} {top.scope}/{top.name}", pod.at("spec.nodeName"))
    for name, place in tops.items():
        yield subject.finding(f"pods of {name} run on Fargate, where no DaemonSet can run", at=place)
    if others and not tops:
        yield subject.note(f"only system namespaces run on Fargate: {', '.join(sorted(others))}")
