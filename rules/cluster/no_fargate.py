"""Run no services on Fargate.

A DaemonSet has no pods on Fargate: what collects logs and metrics, scans and guards on every node is missing there, and
so are volumes of EBS. A profile that takes a system namespace alone, such as the one that Karpenter itself runs in,
is fine. In a live cluster, the pods that run on nodes of Fargate count.

Options:
    system_namespaces: the namespaces that may run on Fargate
"""

from collections.abc import Collection, Iterable, Iterator

from readycheck.clusters import cluster_api, eksctl
from readycheck.clusters.fargate import namespaces_selected, runs_on_fargate
from readycheck.inventory import Inventory
from readycheck.kubernetes.node import is_fargate
from readycheck.kubernetes.workload import Workload
from readycheck.model import NO_SOURCE, Place, Resource, Severity, Verdict
from readycheck.rule import FILES_AND_CLUSTER, apart, rule
from readycheck.scope import another_cloud

_SELECTORS = ("spec", "selectors")
_SYSTEM = ("kube-system", "karpenter", "amazon-cloudwatch", "aws-observability")


def _untold(inventory: Inventory) -> str | None:
    if inventory.live or _told(inventory) or another_cloud(inventory):
        return None
    return f"{NO_SOURCE}cluster"


def _elsewhere(_environment: Resource, inventory: Inventory) -> str | None:
    other = another_cloud(inventory)
    return other if other and not _told(inventory) else None


def _told(inventory: Inventory) -> bool:
    declared = inventory.cluster_configs or inventory.declared(cluster_api.FARGATE_PROFILE)
    return bool(declared or _on_fargate(inventory))


@rule("Environment", severity=Severity.MEDIUM, sources=FILES_AND_CLUSTER, needs=_untold, unless=_elsewhere)
def no_fargate(
    environment: Resource, inventory: Inventory, *, system_namespaces: tuple[str, ...] = _SYSTEM
) -> Iterator[Verdict]:
    if inventory.live:
        yield from _of_pods(environment, inventory, system_namespaces)
        return
    configs = [eksctl.fargate_profiles(config) for config in inventory.cluster_configs]
    profiles = (
        (profile.name, namespaces_selected(profile, _SELECTORS), profile.at(_SELECTORS))
        for profile in inventory.declared(cluster_api.FARGATE_PROFILE)
    )
    yield from apart(
        environment,
        *(_of_profiles(environment, each, system_namespaces) for each in (*configs, profiles)),
        _of_workloads(environment, _on_fargate(inventory), system_namespaces),
    )


def _of_profiles(
    environment: Resource,
    profiles: Iterable[tuple[str, frozenset[str], Place]],
    system: Collection[str],
) -> Iterator[Verdict]:
    for name, namespaces, place in profiles:
        others = sorted(namespaces - set(system))
        if others:
            yield environment.finding(
                f"Fargate profile {name} takes the pods of {', '.join(others)}, where no DaemonSet can run", at=place
            )
        else:
            yield environment.note(f"Fargate profile {name} takes system namespaces alone", at=place)


def _of_workloads(
    environment: Resource, workloads: list[tuple[Workload, Place]], system: Collection[str]
) -> Iterator[Verdict]:
    for workload, place in workloads:
        if workload.scope not in system:
            yield environment.finding(
                f"{workload.kind} {workload.name} asks for Fargate, where no DaemonSet can run", at=place
            )


def _of_pods(environment: Resource, inventory: Inventory, system: Collection[str]) -> Iterator[Verdict]:
    if not any(map(is_fargate, inventory.nodes)):
        return
    tops: dict[str, Place] = {}
    others: set[str] = set()
    for pod in inventory.of("Pod"):
        node = inventory.node_of(pod)
        if node is None or not is_fargate(node):
            continue
        if pod.scope in system:
            others.add(pod.scope)
        else:
            top = inventory.top_owner(pod) or pod
            tops.setdefault(f"{top.kind} {top.scope}/{top.name}", pod.at("spec.nodeName"))
    for name, place in tops.items():
        yield environment.finding(f"pods of {name} run on Fargate, where no DaemonSet can run", at=place)
    if others and not tops:
        yield environment.note(f"only system namespaces run on Fargate: {', '.join(sorted(others))}")


def _on_fargate(inventory: Inventory) -> list[tuple[Workload, Place]]:
    return [(each, place) for each in inventory.workloads if (place := runs_on_fargate(each)) is not None]
