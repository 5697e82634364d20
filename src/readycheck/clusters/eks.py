"""Clusters of EKS, in the names and shapes of Terraform's AWS provider: `aws_eks_cluster`, and what names one.

HCL declares them so, states and plans record them so, and what the account answers is brought into the same shape. What
belongs together shows by references in HCL, and by names within one region of one account elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from readycheck.clusters.nodes import Zones, texts_at
from readycheck.clusters.subnets import Subnets
from readycheck.model import Place, Resource, Unjudged, Unresolved
from readycheck.terraform.places import account_and_region
from readycheck.terraform.things import DeclaredResource

CLUSTER = "aws_eks_cluster"
NODE_GROUP = "aws_eks_node_group"
FARGATE_PROFILE = "aws_eks_fargate_profile"
AUTOSCALING_GROUP = "aws_autoscaling_group"
INSTANCE = "aws_instance"
LAUNCH_TEMPLATE = "aws_launch_template"
VERSION = "aws_eks_cluster_version"
"""What EKS says of a version that it offers."""

_SECRETS = "secrets"
_OF_CLUSTER = re.compile(rf"({CLUSTER}\.[\w-]+)\b")
_NAMES = {
    CLUSTER: ("cluster ", "name"),
    NODE_GROUP: ("node group ", "node_group_name"),
    FARGATE_PROFILE: ("", "fargate_profile_name"),
    AUTOSCALING_GROUP: ("autoscaling group ", "name"),
}


class Hidden(NamedTuple):
    """What may make nodes or profiles of a cluster that are not told.

    Args:
        name: what it is called.
        place: where it stands.
        reason: why nothing is told of it; "" where it only may.
    """

    name: str
    place: Place
    reason: str = ""


class EksCluster(NamedTuple):
    """A cluster, with what stands beside it.

    Args:
        resource: the `aws_eks_cluster`.
        groups: its managed node groups.
        profiles: its Fargate profiles.
        autoscaling: the autoscaling groups of its self-managed nodes.
        instances: the machines that run and are its nodes, whatever made them; why they could not be read where they
            could not; None where what runs is not shown.
        subnets: the subnets that it and its nodes may name.
        templates: the launch templates, by what refers to them.
        others: what may make further nodes of it.
        other_profiles: what may be further profiles of it.
    """

    resource: Resource
    groups: Sequence[Resource]
    profiles: Sequence[Resource]
    autoscaling: Sequence[Resource]
    instances: Sequence[Resource] | Unjudged | None
    subnets: Subnets
    templates: Mapping[str, Resource]
    others: Sequence[Hidden]
    other_profiles: Sequence[Hidden]

    @property
    def name(self) -> str:
        """What it is called in messages: by its address in HCL, else by its own name."""
        return name_of(self.resource)

    @property
    def auto_mode(self) -> bool:
        """Whether EKS Auto Mode makes nodes for it."""
        return self.resource.glimpse("compute_config[0].enabled") is True

    @property
    def logs(self) -> tuple[frozenset[str], Place]:
        """The logs of the control plane that are kept, and what says so.

        Raises:
            Unjudged: that is not decided.
        """
        return texts_at(self.resource, "enabled_cluster_log_types"), self.resource.at("enabled_cluster_log_types")

    @property
    def keys(self) -> Iterator[Place]:
        """What names the key that its Secrets are encrypted with; a key for anything else encrypts no Secrets."""
        configs = self.resource.glimpse("encryption_config")
        for index in range(len(configs) if isinstance(configs, list) else 0):
            resources = self.resource.glimpse(("encryption_config", index, "resources"))
            if isinstance(resources, list) and _SECRETS not in map(_text, resources):
                continue
            place = self.resource.at(("encryption_config", index, "provider", 0, "key_arn"))
            key = self.resource.glimpse(place.path)
            if isinstance(key, Unresolved) or key:
                yield place

    @property
    def key_untold(self) -> str:
        """Why it is not told whether it has a key; "" where it is."""
        configs = self.resource.glimpse("encryption_config")
        if not isinstance(configs, Unresolved):
            return ""
        if isinstance(self.resource, DeclaredResource):
            return "an expression decides whether a KMS key encrypts its Secrets"
        return f"whether a KMS key encrypts its Secrets {configs.reason}"

    def zones(self) -> Zones:
        """The zones of its own subnets.

        Raises:
            Unjudged: that is not told.
        """
        place = self.resource.at("vpc_config[0].subnet_ids")
        if self.resource.glimpse(place.path) is None:
            raise Unjudged(f"the subnets of {self.name} are not told", self.resource.at(()))
        return self.subnets.zones_at(place)


def _text(value: object) -> str:
    """A text, decided or not: what is not decided may be anything, and names Secrets like what is."""
    return _SECRETS if isinstance(value, Unresolved) else str(value)


def name_of(resource: Resource) -> str:
    """What a cluster or a part of one is called in messages.

    Args:
        resource: an `aws_eks_cluster`, a node group, a profile or an autoscaling group.
    """
    word, attribute = _NAMES[resource.kind]
    name = resource.body.get(attribute)
    told = isinstance(name, str) and not isinstance(name, Unresolved) and not isinstance(resource, DeclaredResource)
    return f"{word}{name}" if told else resource.name


def is_of(part: Resource, cluster: Resource) -> bool | None:
    """Whether a node group or a profile is a cluster's; None where that is not told.

    Args:
        part: what names a cluster.
        cluster: a cluster that stands beside it.
    """
    named, name = part.body.get("cluster_name"), cluster.body.get("name")
    if not isinstance(named, str):
        return None
    if isinstance(named, Unresolved):
        text = str.__str__(named)
        if text == cluster.name or text.startswith(f"{cluster.name}."):
            return True
        if _OF_CLUSTER.search(text) or (isinstance(part, DeclaredResource) and text.startswith("module.")):
            return False
        return True if isinstance(name, Unresolved) and named.same and str.__str__(name) == text else None
    if not isinstance(name, str) or isinstance(name, Unresolved):
        return None
    return str.__eq__(named, name) and in_one_place(part, cluster)


def in_one_place(one: Resource, other: Resource) -> bool:
    """Whether two things are of one region of one account; where that is not known yet, whether they are one state's.

    Args:
        one: a thing.
        other: another one.
    """
    places = [account_and_region(each) for each in (one, other)]
    return places[0] == places[1] if all(places) else one.origin.world == other.origin.world


def profile_of(profile: Resource) -> Iterator[tuple[str, frozenset[str], Place]]:
    """A Fargate profile: its name, the namespaces that it selects, and where it stands.

    Args:
        profile: the `aws_eks_fargate_profile`.

    Raises:
        Unjudged: what it selects is not decided.
    """
    if isinstance(profile, DeclaredResource) and isinstance(profile.glimpse("selector"), Unresolved):
        raise Unjudged(f"the selectors of {name_of(profile)} are made by an expression", profile.at("selector"))
    selectors = range(len(profile.mappings("selector")))
    namespaces = frozenset(filter(None, (profile.string(("selector", index, "namespace")) for index in selectors)))
    yield name_of(profile), namespaces, profile.at(())
