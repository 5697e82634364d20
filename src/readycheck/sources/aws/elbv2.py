"""Load balancers, what they listen to and where they send it (API: elasticloadbalancing v2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area, Service
from readycheck.sources.aws.shapes import batches, block, present, tags

_BALANCER, _LISTENER, _GROUP = "aws_lb", "aws_lb_listener", "aws_lb_target_group"
_SNI, _POLICY = "aws_lb_listener_certificate", "aws_ssl_policy"
_NETWORK, _GATEWAY = "network", "gateway"
_MOST_TAGGED = 20
"""Of how many things the tags are told at once (ELBv2 API reference: DescribeTags)."""
_ENCRYPTED = frozenset({"TLS", "HTTPS"})
_CROSS_ZONE = "load_balancing.cross_zone.enabled"


def read(area: Area) -> None:
    """Read the load balancers of a region.

    Raises:
        CallFault: they cannot be listed.
    """
    elbv2 = area.service("elbv2")
    balancers = elbv2.listed("describe_load_balancers", "LoadBalancers")
    _read_balancers(area, elbv2, balancers)
    # Gateways pass on whatever comes: they end no TLS.
    _read_listeners(area, elbv2, [each["LoadBalancerArn"] for each in balancers if each.get("Type") != _GATEWAY])
    if balancers:
        _read_target_groups(area, elbv2)


def _read_balancers(area: Area, elbv2: Service, balancers: Sequence[Mapping[str, Any]]) -> None:
    arns = [str(each["LoadBalancerArn"]) for each in balancers]
    tagged = _tags(elbv2, arns)
    # The other types balance over all zones always.
    asked = [str(each["LoadBalancerArn"]) for each in balancers if each.get("Type") == _NETWORK]
    attributes = dict(zip(asked, elbv2.each(lambda arn: _attributes(elbv2, "load_balancer", arn), asked), strict=True))
    for balancer in balancers:
        arn = balancer["LoadBalancerArn"]
        zones = balancer.get("AvailabilityZones", ())
        area.add(
            _BALANCER,
            arn,
            arn=arn,
            id=arn,
            name=balancer.get("LoadBalancerName"),
            dns_name=balancer.get("DNSName"),
            zone_id=balancer.get("CanonicalHostedZoneId"),
            load_balancer_type=balancer.get("Type"),
            internal=balancer.get("Scheme") == "internal",
            vpc_id=balancer.get("VpcId"),
            subnets=[each["SubnetId"] for each in zones if "SubnetId" in each],
            subnet_mapping=[{"subnet_id": each["SubnetId"]} for each in zones if "SubnetId" in each],
            availability_zones=[each["ZoneName"] for each in zones],
            enable_cross_zone_load_balancing=_attribute(attributes.get(arn), _CROSS_ZONE),
            enable_deletion_protection=_attribute(attributes.get(arn), "deletion_protection.enabled"),
            tags=tagged.get(arn, {}),
        )


def _tags(elbv2: Service, arns: Sequence[str]) -> dict[str, Mapping[str, str] | Unresolved]:
    groups = list(batches(arns, _MOST_TAGGED))
    answers = elbv2.each(
        lambda some: elbv2.detail("describe_tags", f"tags of {', '.join(some)}", ResourceArns=list(some)), groups
    )
    told: dict[str, Mapping[str, str] | Unresolved] = {}
    for some, answer in zip(groups, answers, strict=True):
        if isinstance(answer, Unresolved):
            told.update(dict.fromkeys(some, answer))
        else:
            told.update({each["ResourceArn"]: tags(each["Tags"]) for each in answer.get("TagDescriptions", ())})
    return told


def _attributes(elbv2: Service, noun: str, arn: str) -> Mapping[str, str] | Unresolved:
    parameter = {"load_balancer": "LoadBalancerArn", "target_group": "TargetGroupArn"}[noun]
    answer = elbv2.detail(f"describe_{noun}_attributes", arn, **{parameter: arn})
    if isinstance(answer, Unresolved):
        return answer
    return {each["Key"]: each.get("Value", "") for each in answer.get("Attributes", ())}


def _attribute(attributes: Mapping[str, str] | Unresolved | None, key: str) -> bool | Unresolved | None:
    """An attribute that is on or off; None where it is neither, or not known by this type of balancer."""
    if attributes is None or isinstance(attributes, Unresolved):
        return attributes
    return {"true": True, "false": False}.get(attributes.get(key, ""))


def _read_listeners(area: Area, elbv2: Service, balancers: Sequence[str]) -> None:
    answers = elbv2.each(
        lambda arn: elbv2.listed_of("describe_listeners", "Listeners", f"listeners of {arn}", LoadBalancerArn=arn),
        balancers,
    )
    encrypted: list[str] = []
    for balancer, listeners in zip(balancers, answers, strict=True):
        if isinstance(listeners, Unresolved):
            # One of which nothing is known stands for those that were not told.
            name = f"{balancer.replace(':loadbalancer/', ':listener/')}/*"
            area.add_unread(_LISTENER, name, listeners, arn=name, load_balancer_arn=balancer)
            continue
        for listener in listeners:
            _add_listener(area, listener)
            if listener.get("Protocol") in _ENCRYPTED:
                encrypted.append(listener["ListenerArn"])
    if encrypted:
        _read_certificates(area, elbv2, encrypted)
        _read_policies(area, elbv2)


def _add_listener(area: Area, listener: Mapping[str, Any]) -> None:
    arn = listener["ListenerArn"]
    area.add(
        _LISTENER,
        arn,
        arn=arn,
        id=arn,
        load_balancer_arn=listener.get("LoadBalancerArn"),
        port=listener.get("Port"),
        protocol=listener.get("Protocol"),
        # As a state has it where there is none.
        ssl_policy=listener.get("SslPolicy", ""),
        certificate_arn=next((each.get("CertificateArn") for each in listener.get("Certificates", ())), None),
        alpn_policy=next(iter(listener.get("AlpnPolicy", ())), None),
        default_action=[
            {
                **block(each, type="Type", target_group_arn="TargetGroupArn")[0],
                "redirect": block(each.get("RedirectConfig"), protocol="Protocol", port="Port", host="Host"),
            }
            for each in listener.get("DefaultActions", ())
        ],
    )


def _read_certificates(area: Area, elbv2: Service, listeners: Sequence[str]) -> None:
    """Read the certificates that a listener shows beside its own, by the name that it is asked for."""
    answers = elbv2.each(
        lambda arn: elbv2.listed_of(
            "describe_listener_certificates", "Certificates", f"certificates of {arn}", ListenerArn=arn
        ),
        listeners,
    )
    for listener, certificates in zip(listeners, answers, strict=True):
        if isinstance(certificates, Unresolved):
            area.add_unread(_SNI, f"{listener}_*", certificates, id=f"{listener}_*", listener_arn=listener)
            continue
        for each in certificates:
            if not each.get("IsDefault"):
                identity = f"{listener}_{each['CertificateArn']}"
                area.add(_SNI, identity, id=identity, listener_arn=listener, certificate_arn=each["CertificateArn"])


def _read_policies(area: Area, elbv2: Service) -> None:
    for policy in elbv2.listed_if_told("describe_ssl_policies", "SslPolicies"):
        area.add(
            _POLICY,
            f"{area.region}/{policy['Name']}",
            id=policy["Name"],
            name=policy["Name"],
            protocols=policy.get("SslProtocols", []),
            load_balancer_types=policy.get("SupportedLoadBalancerTypes", []),
        )


def _read_target_groups(area: Area, elbv2: Service) -> None:
    networks = {each["arn"]: each for each in area.things(_BALANCER) if each["load_balancer_type"] == _NETWORK}
    groups = elbv2.listed_if_told("describe_target_groups", "TargetGroups")
    asked = [group for group in groups if any(arn in networks for arn in group.get("LoadBalancerArns", ()))]
    told = elbv2.each(lambda group: _attributes(elbv2, "target_group", group["TargetGroupArn"]), asked)
    attributes = {group["TargetGroupArn"]: answer for group, answer in zip(asked, told, strict=True)}
    # Where each zone sends to its own targets alone it matters where these stand.
    apart = [group for group in asked if not _is_crossed(group, attributes[group["TargetGroupArn"]], networks)]
    health = elbv2.each(
        lambda group: elbv2.detail(
            "describe_target_health", group["TargetGroupArn"], TargetGroupArn=group["TargetGroupArn"]
        ),
        apart,
    )
    targets = {group["TargetGroupArn"]: _targets(answer) for group, answer in zip(apart, health, strict=True)}
    for group in groups:
        arn = group["TargetGroupArn"]
        told_of = attributes.get(arn)
        area.add(
            _GROUP,
            arn,
            arn=arn,
            id=arn,
            name=group.get("TargetGroupName"),
            port=group.get("Port"),
            protocol=group.get("Protocol"),
            target_type=group.get("TargetType"),
            vpc_id=group.get("VpcId"),
            load_balancer_arns=group.get("LoadBalancerArns", []),
            load_balancing_cross_zone_enabled=told_of
            if told_of is None or isinstance(told_of, Unresolved)
            else told_of.get(_CROSS_ZONE),
            targets=targets.get(arn),
        )


def _is_crossed(
    group: Mapping[str, Any],
    attributes: Mapping[str, str] | Unresolved,
    balancers: Mapping[str, Mapping[str, Any]],
) -> bool:
    own = _attribute(attributes, _CROSS_ZONE)
    if isinstance(own, bool):
        return own
    return all(
        balancers[arn].get("enable_cross_zone_load_balancing") is True
        for arn in group["LoadBalancerArns"]
        if arn in balancers
    )


def _targets(answer: Mapping[str, Any] | Unresolved) -> list[dict[str, Any]] | Unresolved:
    if isinstance(answer, Unresolved):
        return answer
    return [
        present(
            id=each["Target"]["Id"],
            port=each["Target"].get("Port"),
            availability_zone=each["Target"].get("AvailabilityZone"),
            state=each.get("TargetHealth", {}).get("State"),
        )
        for each in answer.get("TargetHealthDescriptions", ())
    ]
