"""Keep the logs of the EKS control plane.

Who changed what, who was let in and why the API was slow stands in the control plane's logs and nowhere else, and EKS
keeps none of them unless it is told to. Each `aws_eks_cluster` is judged by itself, of
HCL, a state, a plan or an account.

Options:
    types: the logs that are wanted
"""

from collections.abc import Iterator, Sequence

from readycheck.clusters import cluster_api, eksctl
from readycheck.inventory import CLUSTER, Inventory
from readycheck.model import Place, Resource, Severity, Verdict
from readycheck.rule import DECLARED_AND_IN_AWS, apart, rule
from readycheck.scope import no_control_plane_declared, no_other_control_plane, outside_aws


@rule(
    CLUSTER,
    severity=Severity.MEDIUM,
    needs=no_control_plane_declared,
    unless=(outside_aws, no_other_control_plane),
    sources=DECLARED_AND_IN_AWS,
    asks=("aws_eks_cluster",),
)
def control_plane_logs(
    subject: Resource, inventory: Inventory, *, types: tuple[str, ...] = ("api", "audit", "authenticator")
) -> Iterator[Verdict]:
    declared = inventory.eks_cluster(subject)
    if declared is not None:
        yield from _judge(subject, declared.name, *declared.logs, types)
        return
    yield from apart(
        subject,
        *(_of_config(subject, config, types) for config in inventory.cluster_configs),
        *(_of_control_plane(subject, each, types) for each in inventory.control_planes),
    )


def _of_config(subject: Resource, config: Resource, types: Sequence[str]) -> Iterator[Verdict]:
    if eksctl.adds_nodes_only(config):
        yield subject.unknown(
            f"{config.kind} {config.name} adds node groups and says nothing of the control plane",
            at=config.at("metadata"),
        )
        return
    kept, place = eksctl.logs_of(config)
    if kept is not None:
        yield from _judge(subject, f"{config.kind} {config.name}", kept, place, types)


def _of_control_plane(subject: Resource, control_plane: Resource, types: Sequence[str]) -> Iterator[Verdict]:
    kept, place = cluster_api.logs_of(control_plane)
    yield from _judge(subject, f"{control_plane.kind} {control_plane.name}", kept, place, types)


def _judge(subject: Resource, name: str, kept: frozenset[str], place: Place, types: Sequence[str]) -> Iterator[Verdict]:
    missing = [each for each in types if each not in kept]
    if missing:
        yield subject.finding(f"{name} keeps no logs of the control plane's {', '.join(missing)}", at=place)
