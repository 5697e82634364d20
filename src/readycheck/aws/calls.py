"""Every call that an account is asked with, and what it takes and gives (Service Authorization Reference; botocore)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct


class Call(Struct, frozen=True):
    """An operation of AWS' API that reads.

    Args:
        service: the service as botocore calls it: `elbv2`.
        operation: the operation as a client's method: `describe_load_balancers`.
        action: the permission that it takes: `elasticloadbalancing:DescribeLoadBalancers`.
        gives: the types of Terraform's that it tells of, all or in part.
        page: how many things a page may hold at most, where it holds fewer unless it is asked for more.
    """

    service: str
    operation: str
    action: str
    gives: tuple[str, ...]
    page: int = 0


_GROUPS = "aws_eks_node_group"
_FARGATE = "aws_eks_fargate_profile"
_SITE = "aws_s3_bucket_website_configuration"


def _call(service: str, operation: str, action: str, *gives: str, page: int = 0) -> Call:
    return Call(service, operation, action, gives, page)


_TABLE = (
    # Clusters, and what their nodes are made of.
    _call("eks", "list_clusters", "eks:ListClusters", "aws_eks_cluster", _GROUPS, _FARGATE, "aws_eks_addon"),
    _call("eks", "describe_cluster", "eks:DescribeCluster", "aws_eks_cluster"),
    _call("eks", "list_nodegroups", "eks:ListNodegroups", _GROUPS),
    _call("eks", "describe_nodegroup", "eks:DescribeNodegroup", _GROUPS),
    _call("eks", "list_fargate_profiles", "eks:ListFargateProfiles", _FARGATE),
    _call("eks", "describe_fargate_profile", "eks:DescribeFargateProfile", _FARGATE),
    _call("eks", "list_addons", "eks:ListAddons", "aws_eks_addon"),
    _call("eks", "describe_addon", "eks:DescribeAddon", "aws_eks_addon"),
    _call("eks", "describe_cluster_versions", "eks:DescribeClusterVersions", "aws_eks_cluster_version"),
    _call(
        "autoscaling",
        "describe_auto_scaling_groups",
        "autoscaling:DescribeAutoScalingGroups",
        "aws_autoscaling_group",
        page=100,
    ),
    _call("ec2", "describe_subnets", "ec2:DescribeSubnets", "aws_subnet"),
    _call("ec2", "describe_launch_template_versions", "ec2:DescribeLaunchTemplateVersions", "aws_launch_template"),
    _call("ec2", "describe_instances", "ec2:DescribeInstances", "aws_instance", page=1000),
    # The way of requests.
    _call(
        "elbv2",
        "describe_load_balancers",
        "elasticloadbalancing:DescribeLoadBalancers",
        *("aws_lb", "aws_lb_listener", "aws_lb_listener_certificate", "aws_lb_target_group"),
        page=400,
    ),
    _call(
        "elbv2",
        "describe_load_balancer_attributes",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "aws_lb",
    ),
    _call("elbv2", "describe_tags", "elasticloadbalancing:DescribeTags", "aws_lb"),
    _call("elbv2", "describe_listeners", "elasticloadbalancing:DescribeListeners", "aws_lb_listener"),
    _call(
        "elbv2",
        "describe_listener_certificates",
        "elasticloadbalancing:DescribeListenerCertificates",
        "aws_lb_listener_certificate",
    ),
    _call("elbv2", "describe_ssl_policies", "elasticloadbalancing:DescribeSSLPolicies", "aws_ssl_policy", page=400),
    _call(
        "elbv2",
        "describe_target_groups",
        "elasticloadbalancing:DescribeTargetGroups",
        "aws_lb_target_group",
        page=400,
    ),
    _call(
        "elbv2",
        "describe_target_group_attributes",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "aws_lb_target_group",
    ),
    _call("elbv2", "describe_target_health", "elasticloadbalancing:DescribeTargetHealth", "aws_lb_target_group"),
    _call("acm", "list_certificates", "acm:ListCertificates", "aws_acm_certificate", page=1000),
    _call("acm", "describe_certificate", "acm:DescribeCertificate", "aws_acm_certificate"),
    _call("cloudfront", "list_distributions", "cloudfront:ListDistributions", "aws_cloudfront_distribution"),
    _call("route53", "list_hosted_zones", "route53:ListHostedZones", "aws_route53_zone", "aws_route53_record"),
    _call("route53", "list_resource_record_sets", "route53:ListResourceRecordSets", "aws_route53_record"),
    # Keys, images, buckets and locks.
    _call("kms", "describe_key", "kms:DescribeKey", "aws_kms_key", "aws_kms_alias"),
    _call("kms", "get_key_rotation_status", "kms:GetKeyRotationStatus", "aws_kms_key"),
    _call("ecr", "describe_repositories", "ecr:DescribeRepositories", "aws_ecr_repository", page=1000),
    _call(
        "ecr",
        "get_registry_scanning_configuration",
        "ecr:GetRegistryScanningConfiguration",
        "aws_ecr_registry_scanning_configuration",
    ),
    _call(
        "ecr",
        "batch_get_repository_scanning_configuration",
        "ecr:BatchGetRepositoryScanningConfiguration",
        "aws_ecr_repository",
    ),
    _call(
        "ecr",
        "describe_image_scan_findings",
        "ecr:DescribeImageScanFindings",
        "aws_ecr_image_scan_findings",
        page=1000,
    ),
    _call("s3", "list_buckets", "s3:ListAllMyBuckets", "aws_s3_bucket", _SITE, page=1000),
    _call("s3", "get_bucket_website", "s3:GetBucketWebsite", _SITE),
    _call("s3", "get_bucket_versioning", "s3:GetBucketVersioning", "aws_s3_bucket_versioning"),
    _call(
        "s3",
        "get_bucket_encryption",
        "s3:GetEncryptionConfiguration",
        "aws_s3_bucket_server_side_encryption_configuration",
    ),
    _call("s3", "get_public_access_block", "s3:GetBucketPublicAccessBlock", "aws_s3_bucket_public_access_block"),
    _call(
        "s3",
        "get_object_lock_configuration",
        "s3:GetBucketObjectLockConfiguration",
        "aws_s3_bucket_object_lock_configuration",
    ),
    _call("s3", "list_object_versions", "s3:ListBucketVersions", "aws_s3_state_lock"),
    _call("dynamodb", "describe_table", "dynamodb:DescribeTable", "aws_dynamodb_table"),
    # What watches.
    _call("logs", "describe_log_groups", "logs:DescribeLogGroups", "aws_cloudwatch_log_group"),
    _call("amp", "list_workspaces", "aps:ListWorkspaces", "aws_prometheus_workspace"),
    _call("amp", "list_scrapers", "aps:ListScrapers", "aws_prometheus_scraper"),
    _call("grafana", "list_workspaces", "grafana:ListWorkspaces", "aws_grafana_workspace"),
    # Who is asked: it takes no permission, yet is a call like the others.
    _call("sts", "get_caller_identity", "sts:GetCallerIdentity"),
)

CALLS: Mapping[tuple[str, str], Call] = {(call.service, call.operation): call for call in _TABLE}
"""The calls by service and operation: what does not stand here is never asked."""


def actions_for(types: Collection[str]) -> list[str]:
    """The permissions that it takes to tell of some types.

    Args:
        types: the types.
    """
    return [call.action for call in CALLS.values() if not set(call.gives).isdisjoint(types)]
