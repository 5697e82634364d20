"""Load balancers, certificates, keys, images, sites, names, states and what watches, read of an account over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from readycheck.model import Unresolved
from readycheck.sources.aws.request import Named
from tests.sources.aws.reading import bodies, make_cluster, read, subnets
from tests.sources.aws.server import ACCOUNT, Aws

pytestmark = pytest.mark.slow


def make_balancer(account: Aws, name: str = "edge", kind: str = "network", **more: Any) -> str:
    chosen = list(subnets(account).values())[:2]
    elbv2 = account.client("elbv2")
    made = elbv2.create_load_balancer(Name=name, Subnets=chosen, Type=kind, **more)["LoadBalancers"][0]
    return str(made["LoadBalancerArn"])


def listen(account: Aws, balancer: str, **more: Any) -> str:
    elbv2 = account.client("elbv2")
    vpc = elbv2.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"][0]["VpcId"]
    group = elbv2.create_target_group(Name=f"t{more['Port']}", Protocol="TCP", Port=80, VpcId=vpc, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    actions = [{"Type": "forward", "TargetGroupArn": arn}]
    made = elbv2.create_listener(LoadBalancerArn=balancer, DefaultActions=actions, **more)
    return str(made["Listeners"][0]["ListenerArn"])


def request_certificate(account: Aws, domain: str, region: str = "eu-west-1") -> str:
    made = account.client("acm", region).request_certificate(DomainName=domain, ValidationMethod="DNS")
    return str(made["CertificateArn"])


def test_a_load_balancer_tells_its_zones_and_whether_they_share(account: Aws) -> None:
    balancer = make_balancer(account, Tags=[{"Key": "elbv2.k8s.aws/cluster", "Value": "prod"}], Scheme="internal")
    account.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=balancer, Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]
    )
    [told] = bodies(read(account), "aws_lb")
    assert (told["load_balancer_type"], told["internal"]) == ("network", True)
    assert told["availability_zones"] == ["eu-west-1a", "eu-west-1b"]
    assert told["enable_cross_zone_load_balancing"] is True
    assert told["tags"] == {"elbv2.k8s.aws/cluster": "prod"}


def test_attributes_are_asked_of_network_load_balancers_alone(account: Aws) -> None:
    make_balancer(account, "web", "application")
    [told] = bodies(read(account), "aws_lb")
    assert "enable_cross_zone_load_balancing" not in told
    assert account.calls["elbv2", "DescribeLoadBalancerAttributes"] == 0


def test_a_listener_tells_its_certificate_and_its_policy_what_it_takes(account: Aws) -> None:
    certificate = request_certificate(account, "shop.example.com")
    listen(
        account,
        make_balancer(account),
        Port=443,
        Protocol="TLS",
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": certificate}],
    )
    collected = read(account)
    [listener] = bodies(collected, "aws_lb_listener")
    assert (listener["protocol"], listener["port"]) == ("TLS", 443)
    assert listener["certificate_arn"] == certificate
    assert listener["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    protocols = {each["name"]: each["protocols"] for each in bodies(collected, "aws_ssl_policy")}
    assert protocols["ELBSecurityPolicy-TLS13-1-2-2021-06"] == ["TLSv1.3", "TLSv1.2"]
    assert "TLSv1" in protocols["ELBSecurityPolicy-2016-08"]


def test_targets_are_asked_where_each_zone_sends_to_its_own(account: Aws) -> None:
    balancer = make_balancer(account)
    listen(account, balancer, Port=80, Protocol="TCP")
    [group] = bodies(read(account), "aws_lb_target_group")
    assert group["load_balancer_arns"] == [balancer]
    assert group["targets"] == []


def test_details_are_asked_of_certificates_in_use_alone(account: Aws) -> None:
    used, unused = (request_certificate(account, f"{name}.example.com") for name in ("used", "unused"))
    tls = {"Port": 443, "Protocol": "TLS", "Certificates": [{"CertificateArn": used}]}
    listen(account, make_balancer(account), **tls)
    certificates = {each["domain_name"]: each for each in bodies(read(account), "aws_acm_certificate")}
    assert certificates["used.example.com"]["in_use"] is True
    assert certificates["used.example.com"]["validation_method"] == "DNS"
    record = certificates["used.example.com"]["domain_validation_options"][0]
    assert record["resource_record_type"] == "CNAME"
    assert certificates["unused.example.com"]["arn"] == unused
    assert certificates["unused.example.com"]["in_use"] is False
    assert account.calls["acm", "DescribeCertificate"] == 1


def test_keys_are_asked_by_name_in_their_own_regions(account: Aws) -> None:
    kms = account.client("kms", "eu-central-1")
    key = kms.create_key(Description="sops")["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=key)
    kms.create_alias(AliasName="alias/sops", TargetKeyId=key)
    other = kms.create_key(Description="other")["KeyMetadata"]["Arn"]
    alias = f"arn:aws:kms:eu-central-1:{ACCOUNT}:alias/sops"
    gone = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    foreign = "arn:aws:kms:eu-central-1:999999999999:key/1"
    collected = read(account, named=Named(keys=(alias, gone, foreign)))
    keys = {each["arn"]: each for each in bodies(collected, "aws_kms_key")}
    assert set(keys) == {key, gone}
    assert (keys[key]["is_enabled"], keys[key]["key_state"], keys[key]["enable_key_rotation"]) == (
        True,
        "Enabled",
        True,
    )
    assert (keys[key]["customer_master_key_spec"], keys[key]["key_manager"]) == ("SYMMETRIC_DEFAULT", "CUSTOMER")
    assert (keys[gone]["is_enabled"], keys[gone]["key_state"]) == (False, "NotFound")
    assert bodies(collected, "aws_kms_alias")[0]["target_key_arn"] == key
    assert other not in keys
    # Of a region that only keys name, nothing else is asked.
    assert account.calls["eks", "ListClusters"] == 1


def test_rotation_is_not_asked_of_keys_that_cannot(account: Aws) -> None:
    kms = account.client("kms")
    signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    [key] = bodies(read(account, named=Named(keys=(signing,))), "aws_kms_key")
    assert "enable_key_rotation" not in key
    assert account.calls["kms", "GetKeyRotationStatus"] == 0


def test_the_key_of_a_cluster_is_asked_too(account: Aws) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    make_cluster(account, encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": key}}])
    assert [each["arn"] for each in bodies(read(account), "aws_kms_key")] == [key]


def test_repositories_and_their_registry_are_read(account: Aws) -> None:
    ecr = account.client("ecr")
    ecr.create_repository(repositoryName="shop/web", imageTagMutability="IMMUTABLE")
    rule = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "shop/*", "filterType": "WILDCARD"}]}
    ecr.put_registry_scanning_configuration(scanType="ENHANCED", rules=[rule])
    collected = read(account)
    [repository] = bodies(collected, "aws_ecr_repository")
    assert repository["image_tag_mutability"] == "IMMUTABLE"
    assert repository["image_scanning_configuration"] == [{"scan_on_push": False}]
    [registry] = bodies(collected, "aws_ecr_registry_scanning_configuration")
    assert registry["scan_type"] == "ENHANCED"
    assert registry["rule"] == [
        {
            "scan_frequency": "SCAN_ON_PUSH",
            "repository_filter": [{"filter": "shop/*", "filter_type": "WILDCARD"}],
        }
    ]


def test_what_was_found_in_an_image_in_use_is_read(account: Aws) -> None:
    ecr = account.client("ecr")
    ecr.create_repository(repositoryName="shop/web")
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": {}}
    ecr.put_image(repositoryName="shop/web", imageManifest=json.dumps({**manifest, "layers": []}), imageTag="1.4")
    image = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop/web"
    named = Named(images=(f"{image}:1.4", f"{image}:1.5", "ghcr.io/shop/web:1"))
    [first, second] = bodies(read(account, named=named), "aws_ecr_image_scan_findings")
    assert (first["image"], first["scan_status"]) == (f"{image}:1.4", "NOT_SCANNED")
    assert (second["image"], second["scan_status"]) == (f"{image}:1.5", "NOT_SCANNED")
    ecr.start_image_scan(repositoryName="shop/web", imageId={"imageTag": "1.4"})
    first = bodies(read(account, named=named), "aws_ecr_image_scan_findings")[0]
    assert first["scan_status"] == "COMPLETE"
    assert first["severity_counts"] == {"HIGH": 1}
    assert [finding["severity"] for finding in first["findings"]] == ["HIGH"]


def test_sites_and_distributions_are_read(account: Aws) -> None:
    s3 = account.client("s3")
    for name in ("acme-site", "acme-data"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_website(Bucket="acme-site", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    certificate = request_certificate(account, "www.example.com", "us-east-1")
    request_certificate(account, "other.example.com", "us-east-1")
    origin = "acme-site.s3-website-eu-west-1.amazonaws.com"
    account.client("cloudfront", "us-east-1").create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": True,
            "Aliases": {"Quantity": 1, "Items": ["www.example.com"]},
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "site",
                        "DomainName": origin,
                        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
                    }
                ],
            },
            "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https"},
            "ViewerCertificate": {"ACMCertificateArn": certificate, "SSLSupportMethod": "sni-only"},
        }
    )
    collected = read(account)
    assert [each["bucket"] for each in bodies(collected, "aws_s3_bucket")] == ["acme-data", "acme-site"]
    [site] = bodies(collected, "aws_s3_bucket_website_configuration")
    assert (site["bucket"], site["index_document"]) == ("acme-site", [{"suffix": "index.html"}])
    [distribution] = bodies(collected, "aws_cloudfront_distribution")
    assert "region" not in distribution
    assert distribution["enabled"] is True
    assert distribution["aliases"] == ["www.example.com"]
    assert distribution["origin"][0]["domain_name"] == origin
    assert distribution["viewer_certificate"][0]["acm_certificate_arn"] == certificate
    # Of the region of CloudFront's certificates, which nobody asked for, only what it names.
    assert [each["domain_name"] for each in bodies(collected, "aws_acm_certificate")] == ["www.example.com"]


def test_zones_and_records_are_read(account: Aws) -> None:
    route53 = account.client("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    alias = {"HostedZoneId": "Z1", "DNSName": "dualstack.edge.example.net", "EvaluateTargetHealth": False}
    records = [
        {"Name": "*.example.com", "Type": "A", "AliasTarget": alias},
        {"Name": "_x.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "y.acm.aws"}]},
    ]
    changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    collected = read(account)
    [told] = bodies(collected, "aws_route53_zone")
    assert (told["name"], told["private"]) == ("example.com", False)
    by_name = {each["name"]: each for each in bodies(collected, "aws_route53_record") if each["type"] != "NS"}
    assert by_name["*.example.com"]["alias"][0]["name"] == "dualstack.edge.example.net"
    assert by_name["_x.example.com"]["records"] == ["y.acm.aws"]


def test_the_bucket_and_the_locks_of_a_state_are_asked_by_name(account: Aws) -> None:
    s3 = account.client("s3", "eu-central-1")
    s3.create_bucket(Bucket="acme-state", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket="acme-state", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="acme-state", Key="prod.tfstate.tflock", Body=b"{}")
    s3.delete_object(Bucket="acme-state", Key="prod.tfstate.tflock")
    account.client("dynamodb", "eu-central-1").create_table(
        TableName="locks",
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    named = Named(
        states=(("eu-central-1", "acme-state", "prod.tfstate"),),
        lock_tables=(("eu-central-1", "locks"), ("eu-central-1", "gone")),
    )
    collected = read(account, named=named)
    [versioning] = bodies(collected, "aws_s3_bucket_versioning")
    assert (versioning["bucket"], versioning["versioning_configuration"]) == ("acme-state", [{"status": "Enabled"}])
    # What is not configured is an answer.
    assert bodies(collected, "aws_s3_bucket_server_side_encryption_configuration")[0]["rule"] == []
    assert bodies(collected, "aws_s3_bucket_public_access_block")[0]["block_public_acls"] is False
    assert bodies(collected, "aws_s3_bucket_object_lock_configuration") == []
    [lock] = bodies(collected, "aws_s3_state_lock")
    assert (lock["key"], lock["locks"], lock["releases"]) == ("prod.tfstate", 1, 1)
    [table] = bodies(collected, "aws_dynamodb_table")
    assert (table["name"], table["hash_key"], table["attribute"]) == (
        "locks",
        "LockID",
        [{"name": "LockID", "type": "S"}],
    )
    assert collected.problems == []


def test_logs_and_workspaces_are_read(account: Aws) -> None:
    make_cluster(account)
    logs = account.client("logs")
    for name in ("/aws/eks/prod/cluster", "/aws/eks/produce/cluster", "/app"):
        logs.create_log_group(logGroupName=name)
    account.client("amp").create_workspace(alias="metrics")
    collected = read(account)
    [group] = bodies(collected, "aws_cloudwatch_log_group")
    assert (group["name"], group["retention_in_days"]) == ("/aws/eks/prod/cluster", 0)
    assert [each["alias"] for each in bodies(collected, "aws_prometheus_workspace")] == ["metrics"]


def test_nothing_that_is_told_is_left_open(account: Aws) -> None:
    make_cluster(account)
    listen(account, make_balancer(account), Port=80, Protocol="TCP")
    collected = read(account)
    opened = [
        (resource.kind, attribute)
        for resource in collected.resources
        for attribute, value in resource.body.items()
        if isinstance(value, Unresolved)
    ]
    assert (opened, collected.problems, collected.unread, collected.failed) == ([], [], {}, False)
