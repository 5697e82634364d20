"""Encrypt the Secrets of an EKS cluster with a KMS key.

Secrets lie in etcd, which whoever gets hold of a disk or a backup can read unless they are encrypted. From Kubernetes
1.28 on EKS does so with a key of its own; a key of one's own can be revoked, and its use is logged. Each
`aws_eks_cluster` is judged by itself, of HCL, a state, a plan or an account.

Options:
    own_key: whether a KMS key of one's own is wanted
"""

from collections.abc import Iterator

from readycheck.clusters import eksctl
from readycheck.clusters.eks import EksCluster
from readycheck.clusters.support import minor_of
from readycheck.inventory import CLUSTER, Inventory
from readycheck.model import Place, Resource, Severity, Verdict
from readycheck.rule import DECLARED_AND_IN_AWS, apart, rule
from readycheck.scope import no_control_plane_declared, no_other_control_plane, outside_aws

_BY_DEFAULT = 28
# Where each names the key, and the version.
_OF_CONFIG = ("secretsEncryption.keyARN", "metadata.version")
_OF_EKS = "encryption_config[0].provider[0].key_arn"
_OF_CONTROL_PLANE = ("spec.encryptionConfig.provider", "spec.version")


@rule(
    CLUSTER,
    severity=Severity.HIGH,
    needs=no_control_plane_declared,
    unless=(outside_aws, no_other_control_plane),
    sources=DECLARED_AND_IN_AWS,
    asks=("aws_eks_cluster",),
)
def secrets_encryption(subject: Resource, inventory: Inventory, *, own_key: bool = False) -> Iterator[Verdict]:
    declared = inventory.eks_cluster(subject)
    if declared is not None:
        yield from _of_declared(subject, declared, own_key=own_key)
        return
    planes = (
        *((config, config.name, _OF_CONFIG) for config in inventory.cluster_configs),
        *((plane, plane.name, _OF_CONTROL_PLANE) for plane in inventory.control_planes),
    )
    yield from apart(
        subject,
        *(
            _of_plane(subject, f"{plane.kind} {name}", plane.at(key), plane.at(version), own_key=own_key)
            for plane, name, (key, version) in planes
        ),
    )


def _of_plane(subject: Resource, name: str, key: Place, version: Place, *, own_key: bool) -> Iterator[Verdict]:
    if not key.resource.get(key.path):
        yield from _judge(subject, name, key, version, own_key=own_key)


def _of_declared(subject: Resource, cluster: EksCluster, *, own_key: bool) -> Iterator[Verdict]:
    if any(cluster.keys):
        return
    if cluster.key_untold:
        yield subject.unknown(cluster.key_untold)
    else:
        yield from _judge(subject, cluster.name, subject.at(_OF_EKS), subject.at("version"), own_key=own_key)


def _judge(subject: Resource, name: str, key: Place, version: Place, *, own_key: bool) -> Iterator[Verdict]:
    """What is said of a cluster that names no key."""
    written = version.resource.string(version.path)
    minor = minor_of(written) if written else None
    if eksctl.adds_nodes_only(key.resource):
        yield subject.unknown(f"{name} adds node groups and says nothing of the control plane", at=version)
    elif own_key:
        yield subject.finding(f"{name} names no KMS key of one's own for Secrets", at=key)
    elif minor is None:
        yield subject.unknown(
            f"{name} names no key and no version: EKS encrypts by itself from 1.{_BY_DEFAULT} on", at=version
        )
    elif minor < _BY_DEFAULT:
        yield subject.finding(
            f"{name} names no KMS key for Secrets, and EKS encrypts by itself from 1.{_BY_DEFAULT} on only ({written})",
            at=key,
            also=(version,),
        )
    else:
        yield subject.note(f"EKS encrypts the Secrets of {name} with a key of its own", at=version)
