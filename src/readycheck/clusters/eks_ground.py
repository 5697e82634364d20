"""Where clusters of EKS stand beside what belongs to them: a folder of HCL, what states record, an account."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from readycheck.clusters.eks import (
    AUTOSCALING_GROUP,
    CLUSTER,
    FARGATE_PROFILE,
    INSTANCE,
    LAUNCH_TEMPLATE,
    NODE_GROUP,
    EksCluster,
    Hidden,
    in_one_place,
    is_of,
    name_of,
)
from readycheck.clusters.subnets import SUBNETS, Subnets
from readycheck.model import Resource, Unjudged, Unresolved, text_of
from readycheck.terraform.blocks import Block, mentions
from readycheck.terraform.things import DeclaredResource

_READ = frozenset([AUTOSCALING_GROUP, CLUSTER, FARGATE_PROFILE, LAUNCH_TEMPLATE, NODE_GROUP, *SUBNETS])
_OF_CLUSTER = "kubernetes.io/cluster/"
"""What the key of the tag begins with that ties machines to a cluster, whose name follows."""
_OF_KARPENTER, _UNNAMED = "karpenter.sh/", ""
"""What begins the tags of Karpenter's nodes, and what stands for the cluster where no tag names it."""
_NAMING = ("eks:cluster-name", "eks:eks-cluster-name", "aws:eks:cluster-name")
"""The keys of the tags whose value is the name of a cluster: of node groups, Karpenter and Auto Mode."""
_MANIFESTS = frozenset({("kubectl_manifest",), ("kubernetes_manifest",), ("helm_release",)})
# The sources of modules by what they may bring: what makes whole clusters may bring both.
_WHOLE = r"(?:^|/)(?:terraform-aws-)?eks(?:/aws)?/?(?:\.git.*|\?.*)?$"
_OF_NODES = re.compile(rf"node[-_]?group|karpenter|{_WHOLE}", re.IGNORECASE)
_OF_PROFILES = re.compile(rf"fargate|{_WHOLE}", re.IGNORECASE)


class Ground(NamedTuple):
    """Where clusters stand beside what belongs to them: a folder of HCL, what states record, an account.

    Args:
        of: gives the things of some type, as far as they were read.
        evidence: the same, with what was only looked up.
        unread: why things of some type that stand around a cluster could not be read; "" where they could.
        others: what may make further nodes of any of its clusters.
        other_profiles: what may be further profiles of any of its clusters.
        lives: whether it shows what runs.
    """

    of: Callable[[str], Sequence[Resource]]
    evidence: Callable[[str], Sequence[Resource]]
    unread: Callable[[str, Resource], str]
    others: Sequence[Hidden]
    other_profiles: Sequence[Hidden]
    lives: bool = False


def in_folder(blocks: Sequence[Block]) -> Ground:
    """What a folder of HCL declares.

    Args:
        blocks: its `resource` and `module` blocks.
    """
    made: dict[str, list[Resource]] = defaultdict(list)
    for block in blocks:
        if block.labels[1:] and block.labels[0] in _READ:
            made[block.labels[0]].append(DeclaredResource.of(block))
    # Self-managed nodes are tied to their cluster by tags and by what they run at start.
    clear = {each.name for each in made[AUTOSCALING_GROUP] if any(clusters_tagged(each))}
    unclear = [
        each for each in blocks if each.labels[:1] == (AUTOSCALING_GROUP,) and ".".join(each.labels) not in clear
    ]
    return Ground(
        made.__getitem__,
        made.__getitem__,
        lambda _kind, _cluster: "",
        [Hidden(each.name, each.at()) for each in blocks if each in unclear or _is_module(each, _OF_NODES)],
        [Hidden(each.name, each.at()) for each in blocks if _is_module(each, _OF_PROFILES)],
    )


def brings_karpenter(block: Block) -> bool:
    """Whether a block installs Karpenter or pools of it: a module that is told to, a manifest, a release of its chart.

    Args:
        block: a `resource` or a `module`.
    """
    if block.type == "module":
        asked = (key for key, value in block.attributes.items() if value is not False)
        return any("karpenter" in word for word in (block.decided("source"), *asked))
    return block.labels[:1] in _MANIFESTS and mentions(block.attributes, "karpenter")


def _is_module(block: Block, sources: re.Pattern[str]) -> bool:
    """Whether a block calls a module that may make nodes or profiles of a cluster that it does not name."""
    return block.type == "module" and sources.search(block.decided("source")) is not None


def found_on(ground: Ground) -> Iterator[EksCluster]:
    """The clusters that stand on a ground, each with what is its own.

    A node group that does not tell whose it is belongs to the only cluster beside it.

    Args:
        ground: where they stand.
    """
    clusters = ground.of(CLUSTER)
    if not clusters:
        return
    subnets = [each for kind in SUBNETS for each in ground.evidence(kind)]
    templates = {key: each for each in ground.evidence(LAUNCH_TEMPLATE) for key in _references_to(each)}
    groups, profiles = ground.of(NODE_GROUP), ground.of(FARGATE_PROFILE)
    machines = _machines_by_cluster(ground) if ground.lives else {}
    for cluster in clusters:
        alone = sum(in_one_place(each, cluster) for each in clusters) == 1
        yield EksCluster(
            cluster,
            [each for each in groups if _belongs(each, cluster, alone=alone)],
            [each for each in profiles if _belongs(each, cluster, alone=alone)],
            [each for each in ground.of(AUTOSCALING_GROUP) if _is_self_managed(each, cluster)],
            _running(ground, cluster, machines, alone=alone),
            Subnets(subnets, ground.unread(SUBNETS[0], cluster)),
            templates,
            [
                *ground.others,
                *_unsaid(groups, cluster, alone=alone),
                *_unread(ground, cluster, NODE_GROUP, AUTOSCALING_GROUP),
            ],
            [
                *ground.other_profiles,
                *_unsaid(profiles, cluster, alone=alone),
                *_unread(ground, cluster, FARGATE_PROFILE),
            ],
        )


def _references_to(resource: Resource) -> Iterator[str]:
    """What a resource is referred to by: its address in HCL and plans, its id elsewhere."""
    yield f"{resource.name}.id"
    identity = resource.body.get("id")
    if isinstance(identity, str):
        yield text_of(identity)


def _unread(ground: Ground, cluster: Resource, *kinds: str) -> Iterator[Hidden]:
    for kind in kinds:
        if reason := ground.unread(kind, cluster):
            yield Hidden(kind, cluster.at(()), reason)


def _belongs(part: Resource, cluster: Resource, *, alone: bool) -> bool:
    told = is_of(part, cluster)
    return (alone and in_one_place(part, cluster) if told is None else told) and part.body.get("count") != 0


def _unsaid(parts: Sequence[Resource], cluster: Resource, *, alone: bool) -> Iterator[Hidden]:
    """What does not tell whose it is, where several clusters stand beside it."""
    for each in parts:
        if not alone and is_of(each, cluster) is None:
            name = each.block.name if isinstance(each, DeclaredResource) else name_of(each)
            yield Hidden(name, each.at(()))


def _running(
    ground: Ground, cluster: Resource, machines: Mapping[str, Sequence[Resource]], *, alone: bool
) -> Sequence[Resource] | Unjudged | None:
    """The machines that run as nodes of a cluster; those that tell of none are the only one's."""
    if not ground.lives:
        return None
    if reason := ground.unread(INSTANCE, cluster):
        return Unjudged(reason, cluster.at(()))
    names = (str(cluster.body.get("name")), *([_UNNAMED] if alone else []))
    return [each for name in names for each in machines.get(name, ()) if in_one_place(each, cluster)]


def _machines_by_cluster(ground: Ground) -> Mapping[str, Sequence[Resource]]:
    """The machines that run, by the names of the clusters that their tags say they are nodes of.

    EKS, Karpenter and self-managed nodes need such tags (EKS user guide).
    """
    found: dict[str, list[Resource]] = defaultdict(list)
    for instance in ground.of(INSTANCE):
        tags = instance.glimpse("tags")
        if isinstance(tags, dict) and instance.body.get("instance_state") == "running":
            keys = (key.removeprefix(_OF_CLUSTER) for key in tags if key.startswith(_OF_CLUSTER))
            named = {*keys, *(str(tags[key]) for key in _NAMING if key in tags)}
            if not named and any(key.startswith(_OF_KARPENTER) for key in tags):
                named = {_UNNAMED}
            for name in named:
                found[name].append(instance)
    return found


def _is_self_managed(group: Resource, cluster: Resource) -> bool:
    """Whether an autoscaling group makes nodes of a cluster and is none that a managed node group made."""
    name = cluster.body.get("name")
    if not isinstance(name, str) or isinstance(name, Unresolved):
        return False
    return name in clusters_tagged(group) and in_one_place(group, cluster)


def clusters_tagged(group: Resource) -> Iterator[str]:
    """The names of the clusters that an autoscaling group says it is for (EKS guide, self-managed nodes).

    Args:
        group: the autoscaling group.
    """
    tags = {**_tags(group, "tag"), **_tags(group, "tags")}
    if "eks:nodegroup-name" not in tags:
        yield from (key.removeprefix(_OF_CLUSTER) for key in tags if key.startswith(_OF_CLUSTER))


def _tags(group: Resource, attribute: str) -> dict[str, object]:
    """The tags of an autoscaling group, which has a block for each."""
    listed = group.glimpse(attribute)
    if isinstance(listed, dict):
        return listed
    return {
        each["key"]: each.get("value")
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and isinstance(each.get("key"), str) and not isinstance(each["key"], Unresolved)
    }
