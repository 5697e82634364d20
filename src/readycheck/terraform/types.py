"""The types of Terraform's AWS provider that rules read, and those of our own in the same style.

What HCL declares, a state records, a plan intends and an account answers all come in these names and shapes: nested
blocks are lists of mappings, sets are lists. What has a row here is asked of an account (Terraform AWS provider, API
references of AWS).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class ResourceType(Struct, frozen=True):
    """A type of things.

    Args:
        what: what such a thing is, for people.
        attributes: what rules read of it: what could not be asked of a thing is unknown in each of them.
        own: whether Terraform has no such type.
    """

    what: str
    attributes: tuple[str, ...]
    own: bool = False


def _type(what: str, attributes: str, *, own: bool = False) -> ResourceType:
    return ResourceType(what, tuple(attributes.split()), own)


TYPES: Mapping[str, ResourceType] = {
    "aws_eks_cluster": _type(
        "a cluster of EKS",
        "version enabled_cluster_log_types encryption_config vpc_config upgrade_policy compute_config endpoint",
    ),
    "aws_eks_node_group": _type(
        "a managed node group",
        "cluster_name node_group_name subnet_ids capacity_type instance_types scaling_config update_config resources"
        " launch_template labels",
    ),
    "aws_eks_fargate_profile": _type(
        "which pods of a cluster run on Fargate", "cluster_name fargate_profile_name selector subnet_ids"
    ),
    "aws_eks_addon": _type("an add-on that rules ask about", "cluster_name addon_name status"),
    "aws_eks_cluster_version": _type(
        "a version of Kubernetes that EKS offers: `status` is STANDARD_SUPPORT, EXTENDED_SUPPORT or UNSUPPORTED",
        "cluster_version status end_of_standard_support_date end_of_extended_support_date",
        own=True,
    ),
    "aws_autoscaling_group": _type(
        "a group of instances; `instances` is what it runs now, with each one's zone",
        "name vpc_zone_identifier availability_zones mixed_instances_policy launch_template capacity_rebalance tag"
        " min_size max_size desired_capacity instances",
    ),
    "aws_subnet": _type("a subnet", "availability_zone availability_zone_id vpc_id cidr_block tags"),
    "aws_launch_template": _type(
        "a launch template, in the version that a group names: `version`", "name instance_market_options version"
    ),
    "aws_instance": _type(
        "a running instance that is a node: `instance_lifecycle` is spot or, on demand, empty",
        "availability_zone subnet_id instance_type instance_lifecycle tags",
    ),
    "aws_lb": _type(
        "a load balancer; `availability_zones` are those that it stands in",
        "name dns_name load_balancer_type internal subnets subnet_mapping availability_zones"
        " enable_cross_zone_load_balancing tags",
    ),
    "aws_lb_listener": _type(
        "what a load balancer listens to",
        "load_balancer_arn port protocol ssl_policy certificate_arn alpn_policy default_action",
    ),
    "aws_lb_listener_certificate": _type(
        "a certificate that a listener shows beside its own", "listener_arn certificate_arn"
    ),
    "aws_lb_target_group": _type(
        "where a load balancer sends to; `targets`, with their zones, where each zone sends to its own alone",
        "name port protocol target_type load_balancer_arns load_balancing_cross_zone_enabled targets",
    ),
    "aws_ssl_policy": _type(
        "a security policy of listeners, with the protocols that it takes: TLSv1.2", "name protocols", own=True
    ),
    "aws_acm_certificate": _type(
        "a certificate of ACM; `in_use`, `in_use_by` and the moments of its validity are told by the account",
        "domain_name subject_alternative_names status type not_before not_after renewal_eligibility renewal_summary"
        " validation_method domain_validation_options in_use in_use_by",
    ),
    "aws_kms_key": _type(
        "a key; `key_state` as KMS has it, NotFound where a key that something names is not there",
        "is_enabled key_state enable_key_rotation rotation_period_in_days key_usage customer_master_key_spec"
        " multi_region key_manager origin deletion_date",
    ),
    "aws_kms_alias": _type("a name of a key", "name target_key_arn target_key_id"),
    "aws_ecr_repository": _type(
        "a repository of images; `effective_scanning` is what its own word and the registry's come to",
        "name repository_url image_tag_mutability image_tag_mutability_exclusion_filter image_scanning_configuration"
        " effective_scanning",
    ),
    "aws_ecr_registry_scanning_configuration": _type("how a registry scans", "scan_type rule"),
    "aws_ecr_image_scan_findings": _type(
        "what ECR found in an image in use; `scan_status` NOT_SCANNED where it never looked",
        "image repository_name image_digest scan_status scan_completed_at severity_counts findings",
        own=True,
    ),
    "aws_cloudfront_distribution": _type(
        "a distribution of CloudFront",
        "enabled aliases domain_name origin default_cache_behavior ordered_cache_behavior viewer_certificate",
    ),
    "aws_route53_zone": _type("a zone of DNS", "name private"),
    "aws_route53_record": _type("a record of DNS", "zone_id name type records alias"),
    "aws_s3_bucket": _type("a bucket", "bucket bucket_regional_domain_name"),
    "aws_s3_bucket_website_configuration": _type(
        "that a bucket serves a site", "bucket index_document redirect_all_requests_to"
    ),
    "aws_s3_bucket_versioning": _type(
        "whether a bucket keeps versions: `status` is Disabled where never said, NoSuchBucket where none is",
        "bucket versioning_configuration",
    ),
    "aws_s3_bucket_server_side_encryption_configuration": _type("how a bucket encrypts", "bucket rule"),
    "aws_s3_bucket_public_access_block": _type(
        "what a bucket keeps the public from",
        "bucket block_public_acls block_public_policy ignore_public_acls restrict_public_buckets",
    ),
    "aws_s3_bucket_object_lock_configuration": _type("whether objects are locked", "bucket object_lock_enabled"),
    "aws_s3_state_lock": _type(
        "what the locks of a state left in its bucket: `locks` taken and `releases`, counted",
        "bucket key locks releases",
        own=True,
    ),
    "aws_dynamodb_table": _type("a table that locks states", "name hash_key attribute"),
    "aws_cloudwatch_log_group": _type("a group of logs; 0 days are for ever", "name retention_in_days"),
    "aws_prometheus_workspace": _type("a workspace of managed Prometheus", "alias status"),
    "aws_prometheus_scraper": _type("what scrapes a cluster into one", "source destination status"),
    "aws_grafana_workspace": _type("a workspace of managed Grafana", "name endpoint status"),
}

OF_CLUSTERS = (
    *("aws_eks_cluster", "aws_eks_node_group", "aws_eks_fargate_profile"),
    *("aws_autoscaling_group", "aws_instance", "aws_launch_template", "aws_subnet"),
)
"""What tells of clusters and their nodes."""
OF_LOAD_BALANCERS = (
    *("aws_lb", "aws_lb_listener", "aws_lb_listener_certificate", "aws_lb_target_group", "aws_ssl_policy"),
    *("aws_instance", "aws_subnet"),
)
"""What tells of load balancers."""
OF_WAYS = (*OF_LOAD_BALANCERS, "aws_acm_certificate", "aws_route53_record", "aws_route53_zone")
"""What tells by which way requests come to a cluster."""
OF_STATES = (
    *("aws_s3_bucket", "aws_s3_bucket_versioning", "aws_s3_bucket_server_side_encryption_configuration"),
    *("aws_s3_bucket_public_access_block", "aws_s3_bucket_object_lock_configuration", "aws_s3_state_lock"),
    "aws_dynamodb_table",
)
"""What tells of buckets that hold states, and of what locks them."""
