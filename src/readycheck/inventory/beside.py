"""What one side tells of another: evidence that is judged where it was read, and that others lean on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from readycheck.clusters.karpenter import CLASSES_OF_AWS, POOL
from readycheck.clusters.subnets import SUBNETS
from readycheck.images.ecr import SCAN_FINDINGS
from readycheck.inventory.images.vulnerabilities import ON_IMAGES
from readycheck.inventory.network.account_hops import ON_THE_WAY
from readycheck.model import Collected, Resource
from readycheck.observability.managed import REACHING_INTO_CLUSTERS
from readycheck.secrets.key_users import users_of_keys
from readycheck.terraform.kept_states import kept_states
from readycheck.terraform.load_balancers import SSL_POLICY
from readycheck.terraform.registries import SCANNING

Select = Callable[[Iterable[Resource]], Iterable[Resource]]


def _of(*kinds: str) -> Select:
    return lambda resources: [each for each in resources if each.kind in kinds]


_TOLD: Sequence[tuple[Select, tuple[str, ...], tuple[str, ...]]] = (
    # A report on an image is about it wherever it runs.
    (_of(*ON_IMAGES), ("files", "cluster"), ("cluster",)),
    (_of(SCAN_FINDINGS), ("aws",), ("files", "cluster")),
    # Where requests come by before they reach a cluster.
    (_of(*ON_THE_WAY), ("aws",), ("files", "cluster")),
    # Terraform names policies and leaves open what they take; a registry is often another state's.
    (_of(SSL_POLICY, SCANNING), ("aws",), ("files", "terraform")),
    # What scrapes a cluster from outside leaves no trace in it.
    (_of(*REACHING_INTO_CLUSTERS), ("aws",), ("cluster",)),
    # Files alone name the keys that SOPS uses.
    (users_of_keys, ("files",), ("terraform", "aws")),
    # Files and states name the buckets that states are kept in.
    (kept_states, ("files", "terraform"), ("aws",)),
    # Neither states nor accounts know of the nodes that pools of Karpenter may make.
    (_of(POOL, *CLASSES_OF_AWS), ("files", "cluster"), ("terraform", "aws")),
    # A state may know no more of a subnet than its id.
    (_of(*SUBNETS), ("aws",), ("terraform",)),
)
"""What is told, the sources that tell it, and those that it is told to."""


def beside(collected: Sequence[Collected]) -> Sequence[list[Resource]]:
    """What the others tell each of several sides.

    Args:
        collected: what the source of each side read.
    """
    told: list[list[Resource]] = [[] for _ in collected]
    for select, tellers, listeners in _TOLD:
        if not any(side.source in listeners for side in collected):
            continue
        found = [each for side in collected if side.source in tellers for each in select(side.resources)]
        for side, heard in zip(collected, told, strict=True):
            if side.source in listeners:
                heard.extend(found)
    return told
