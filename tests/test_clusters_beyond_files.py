"""Clusters of several states and regions: what belongs together is joined by ARNs, and one refusal hides no other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Collected, Outcome, Problem, Resource, Status
from readycheck.sources.aws.origin import AwsOrigin
from readycheck.sources.terraform import TerraformRequest, collect

RULES = {rule.id: rule for rule in packs.load()}
REFUSED = "AWS refuses ec2:DescribeInstances"


def arn(service: str, rest: str, region: str = "eu-west-1") -> str:
    return f"arn:aws:{service}:{region}:111122223333:{rest}"


def cluster(region: str = "eu-west-1") -> dict[str, Any]:
    return {"arn": arn("eks", "cluster/shop", region), "id": "shop", "name": "shop", "version": "1.33"}


def group(*subnets: str, region: str = "eu-west-1") -> dict[str, Any]:
    return {
        "arn": arn("eks", "nodegroup/shop/main/e1", region),
        "id": "shop:main",
        "cluster_name": "shop",
        "node_group_name": "main",
        "subnet_ids": list(subnets),
        "scaling_config": [{"max_size": 3}],
    }


def subnet(name: str, zone: str) -> dict[str, Any]:
    return {"arn": arn("ec2", f"subnet/{name}", zone[:-1]), "id": name, "availability_zone": zone}


def state(file: Path, **things: Mapping[str, Any]) -> Path:
    """A state with one instance of each type."""
    resources = [
        {
            "mode": "managed",
            "type": kind,
            "name": "this",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"schema_version": 0, "attributes": values}],
        }
        for kind, values in things.items()
    ]
    written = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": file.stem, "resources": resources}
    file.write_text(json.dumps(written), encoding="utf-8")
    return file


def account(things: Sequence[tuple[str, dict[str, Any]]], refused_in: str = "") -> Collected:
    resources = [Resource(kind, values["arn"], "", values, AwsOrigin(values["arn"])) for kind, values in things]
    return Collected(
        "aws",
        resources,
        problems=[Problem(f"aws://111122223333/{refused_in}/ec2", REFUSED)] if refused_in else (),
        unread={"aws_instance": REFUSED} if refused_in else {},
    )


def outcomes(collected: Collected, rule: str = "cluster/node-zones") -> list[Outcome]:
    return judge([Selection.default(RULES[rule])], *Inventory.sides([collected]))


def test_a_group_of_another_state_is_the_cluster_s_of_its_account_and_region(tmp_path: Path) -> None:
    states = (
        state(tmp_path / "network.tfstate", aws_subnet=subnet("subnet-0a", "eu-west-1a")),
        state(tmp_path / "cluster.tfstate", aws_eks_cluster=cluster()),
        state(tmp_path / "nodes.tfstate", aws_eks_node_group=group("subnet-0a")),
    )
    (outcome,) = outcomes(collect(TerraformRequest(states=states, bases=(tmp_path,))))
    assert [finding.message for finding in outcome.findings] == [
        "all nodes of cluster shop stand in one zone (eu-west-1a) where two zones or more are wanted"
    ]


def test_a_group_of_another_region_is_not_the_cluster_s(tmp_path: Path) -> None:
    states = (
        state(tmp_path / "cluster.tfstate", aws_eks_cluster=cluster()),
        state(tmp_path / "nodes.tfstate", aws_eks_node_group=group("subnet-0a", region="us-east-1")),
    )
    (outcome,) = outcomes(collect(TerraformRequest(states=states, bases=(tmp_path,))))
    assert (outcome.status, outcome.reason) == (
        Status.UNKNOWN,
        "no nodes of cluster shop are declared beside it",
    )


def in_one_zone(region: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("aws_subnet", subnet(f"subnet-{region}", f"{region}a")),
        ("aws_eks_cluster", cluster(region)),
        ("aws_eks_node_group", group(f"subnet-{region}", region=region)),
    ]


def test_what_one_region_refuses_leaves_the_clusters_of_others_judged() -> None:
    things = [*in_one_zone("eu-west-1"), *in_one_zone("us-east-1")]
    found = {outcome.resource.name: outcome for outcome in outcomes(account(things, refused_in="us-east-1"))}
    assert found[arn("eks", "cluster/shop")].status is Status.FAIL
    refused = found[arn("eks", "cluster/shop", "us-east-1")]
    assert (refused.status, refused.reason) == (Status.UNKNOWN, REFUSED)


def test_clusters_that_one_region_does_not_list_leave_those_of_others_judged_and_are_unknown() -> None:
    read = account(in_one_zone("eu-west-1"))
    reason = "AWS refuses eks:ListClusters"
    collected = Collected(
        "aws",
        read.resources,
        problems=[Problem("aws://111122223333/us-east-1/eks", reason)],
        unread={"aws_eks_cluster": reason},
    )
    told = [(outcome.resource.kind, outcome.status, outcome.reason) for outcome in outcomes(collected)]
    assert [(kind, status) for kind, status, _ in told] == [
        ("aws_eks_cluster", Status.FAIL),
        ("Environment", Status.UNKNOWN),
    ]
    assert told[1][2] == reason
