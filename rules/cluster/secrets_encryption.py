"""Encrypt the Secrets of an EKS cluster with a KMS key.

Secrets lie in etcd, which whoever gets hold of a disk or a backup can read unless they are encrypted. From Kubernetes
1.28 on EKS does so with a key of its own; a key of one's own can be revoked, and its use is logged.

Options:
    own_key: whether a KMS key of one's own is wanted
"""

from collections.abc import Iterator

from readycheck.clusters import eksctl
from readycheck.clusters.support import minor_of
from readycheck.inventory import Inventory
from readycheck.model import Place, Resource, Severity, Verdict
from readycheck.rule import apart, rule
from readycheck.scope import no_control_plane_declared, outside_aws

_BY_DEFAULT = 28
# Where each names the key, and the version.
_OF_CONFIG = ("secretsEncryption.keyARN", "metadata.version")
_OF_CONTROL_PLANE = ("spec.encryptionConfig.provider", "spec.version")


@rule("Environment", severity=Severity.HIGH, needs=no_control_plane_declared, unless=outside_aws)
def secrets_encryption(environment: Resource, inventory: Inventory, *, own_key: bool = False) -> Iterator[Verdict]:
    planes = (
        *((config, config.name, _OF_CONFIG) for config in inventory.cluster_configs),
        *((plane, plane.name, _OF_CONTROL_PLANE) for plane in inventory.control_planes),
    )
    yield from apart(
        environment,
        *(
            _judge(environment, f"{plane.kind} {name}", plane.at(key), plane.at(version), own_key=own_key)
            for plane, name, (key, version) in planes
        ),
    )


def _judge(environment: Resource, name: str, key: Place, version: Place, *, own_key: bool) -> Iterator[Verdict]:
    if key.resource.get(key.path):
        return
    written = version.resource.string(version.path)
    minor = minor_of(written) if written else None
    if eksctl.adds_nodes_only(key.resource):
        yield environment.unknown(f"{name} adds node groups and says nothing of the control plane", at=version)
    elif own_key:
        yield environment.finding(f"{name} names no KMS key of one's own for Secrets", at=key)
    elif minor is None:
        yield environment.unknown(
            f"{name} names no key and no version: EKS encrypts by itself from 1.{_BY_DEFAULT} on", at=version
        )
    elif minor < _BY_DEFAULT:
        yield environment.finding(
            f"{name} names no KMS key for Secrets, and EKS encrypts by itself from 1.{_BY_DEFAULT} on only ({written})",
            at=key,
            also=(version,),
        )
    else:
        yield environment.note(f"EKS encrypts the Secrets of {name} with a key of its own", at=version)
