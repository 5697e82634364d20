"""Clusters, their groups and what their nodes stand in, read of an account over HTTP."""

from __future__ import annotations

import pytest

from readycheck.sources.aws.request import Named
from tests.sources.aws.reading import ROLE, bodies, make_cluster, make_group, read
from tests.sources.aws.server import ACCOUNT, Aws

pytestmark = pytest.mark.slow


def test_a_cluster_comes_in_the_shape_of_terraform(account: Aws) -> None:
    logs = [{"types": ["api", "audit"], "enabled": True}, {"types": ["scheduler"], "enabled": False}]
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0b0b"
    chosen = make_cluster(
        account,
        logging={"clusterLogging": logs},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": key}}],
    )
    [cluster] = bodies(read(account), "aws_eks_cluster")
    assert cluster["arn"] == f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod"
    assert cluster["region"] == "eu-west-1"
    assert cluster["version"] == "1.34"
    assert cluster["enabled_cluster_log_types"] == ["api", "audit"]
    assert cluster["encryption_config"] == [{"resources": ["secrets"], "provider": [{"key_arn": key}]}]
    assert cluster["vpc_config"][0]["subnet_ids"] == chosen


def test_groups_profiles_and_the_zones_of_their_subnets_are_read(account: Aws) -> None:
    chosen = make_cluster(account)
    make_group(account, "prod", "blue", chosen[:1], capacityType="SPOT")
    account.client("eks").create_fargate_profile(
        clusterName="prod",
        fargateProfileName="jobs",
        podExecutionRoleArn=ROLE,
        subnets=chosen[1:],
        selectors=[{"namespace": "jobs"}],
    )
    collected = read(account)
    [group] = bodies(collected, "aws_eks_node_group")
    assert (group["cluster_name"], group["node_group_name"], group["capacity_type"]) == ("prod", "blue", "SPOT")
    assert group["subnet_ids"] == chosen[:1]
    assert group["scaling_config"] == [{"min_size": 1, "max_size": 4, "desired_size": 2}]
    [profile] = bodies(collected, "aws_eks_fargate_profile")
    assert profile["selector"] == [{"namespace": "jobs", "labels": {}}]
    zones = {subnet["id"]: subnet["availability_zone"] for subnet in bodies(collected, "aws_subnet")}
    assert zones == {chosen[0]: "eu-west-1a", chosen[1]: "eu-west-1b"}
    assert collected.problems == []


def test_groups_of_instances_tell_the_zones_that_they_fill(account: Aws) -> None:
    chosen = make_cluster(account)
    template = account.client("ec2").create_launch_template(
        LaunchTemplateName="nodes",
        LaunchTemplateData={
            "ImageId": "ami-12c6146b",
            "InstanceType": "m5.large",
            "InstanceMarketOptions": {"MarketType": "spot"},
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    scaling = account.client("autoscaling")
    for name, key in (("nodes", "kubernetes.io/cluster/prod"), ("runners", "team")):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=2,
            MaxSize=4,
            VPCZoneIdentifier=",".join(chosen),
            LaunchTemplate={"LaunchTemplateId": template, "Version": "$Default"},
            Tags=[{"Key": key, "Value": "owned", "PropagateAtLaunch": True}],
        )
    collected = read(account)
    # What is no cluster's is nobody's business.
    [group] = bodies(collected, "aws_autoscaling_group")
    assert group["name"] == "nodes"
    assert group["vpc_zone_identifier"] == chosen
    assert group["tag"] == [{"key": "kubernetes.io/cluster/prod", "value": "owned", "propagate_at_launch": True}]
    assert [each["availability_zone"] for each in group["instances"]] == ["eu-west-1a", "eu-west-1a"]
    [told] = bodies(collected, "aws_launch_template")
    assert told["instance_market_options"] == [{"market_type": "spot"}]
    assert {each["availability_zone"] for each in bodies(collected, "aws_instance")} == {"eu-west-1a"}


def test_what_eks_supports_is_asked_where_there_is_a_cluster(account: Aws) -> None:
    assert bodies(read(account), "aws_eks_cluster_version") == []
    make_cluster(account)
    versions = {each["cluster_version"]: each for each in bodies(read(account), "aws_eks_cluster_version")}
    assert versions["1.34"]["status"] == "STANDARD_SUPPORT"
    assert versions["1.34"]["end_of_standard_support_date"] == "2026-12-02"
    assert versions["1.33"]["status"] == "EXTENDED_SUPPORT"


def test_each_region_is_read_and_no_other(account: Aws) -> None:
    for name, region in (("one", "eu-west-1"), ("two", "eu-central-1"), ("three", "us-east-2")):
        make_cluster(account, name, region=region)
    collected = read(account, "eu-west-1", "eu-central-1")
    assert {(each["name"], each["region"]) for each in bodies(collected, "aws_eks_cluster")} == {
        ("one", "eu-west-1"),
        ("two", "eu-central-1"),
    }


def test_regions_of_clusters_are_read_too(account: Aws) -> None:
    make_cluster(account, "two", region="eu-central-1")
    named = Named(regions=((ACCOUNT, "eu-central-1"), ("999999999999", "us-east-2")))
    collected = read(account, named=named)
    assert [each["name"] for each in bodies(collected, "aws_eks_cluster")] == ["two"]
    assert account.calls["eks", "ListClusters"] == 2


def test_the_add_ons_that_rules_ask_about_are_read(account: Aws) -> None:
    make_cluster(account)
    watching, other = "amazon-cloudwatch-observability", "vpc-cni"
    account.garble("eks", "ListAddons", {"addons": [other, watching]})
    told = {"addonName": watching, "clusterName": "prod", "status": "ACTIVE", "addonArn": "arn:aws:eks:a"}
    account.garble("eks", "DescribeAddon", {"addon": told})
    [addon] = bodies(read(account), "aws_eks_addon")
    assert (addon["cluster_name"], addon["addon_name"], addon["status"]) == ("prod", watching, "ACTIVE")
    assert account.calls["eks", "DescribeAddon"] == 1
