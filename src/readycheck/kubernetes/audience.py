"""Whom a load balancer is for: everybody, or a network of one's own."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from readycheck.model import Resource, Unjudged, Unresolved

# Annotations that make a load balancer internal, with their values (the documentation of each cloud's controller).
_INTERNAL: Mapping[str, tuple[str, ...]] = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "networking.gke.io/load-balancer-type": ("Internal", "internal"),
    "cloud.google.com/load-balancer-type": ("Internal", "internal"),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
    "service.beta.kubernetes.io/oci-load-balancer-internal": ("true",),
    "service.beta.kubernetes.io/openstack-internal-load-balancer": ("true",),
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": ("private",),
    "service.beta.kubernetes.io/do-loadbalancer-network": ("INTERNAL",),
    "load-balancer.hetzner.cloud/disable-public-network": ("true",),
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": ("intranet",),
    "alb.ingress.kubernetes.io/scheme": ("internal",),
    "kubernetes.io/ingress.class": ("gce-internal",),
}
_INTERNAL_NAME = "internal-"
"""How the names begin that AWS gives to Classic and Application Load Balancers of a network of one's own."""
_PRIVATE_NETWORKS = frozenset({"tailscale", "netbird"})
_OWN_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8"),
            *("fc00::/7", "fe80::/10", "::1/128"),
        ),
    )
)
"""What is routed in networks of one's own only (RFC 1918, 3927, 4193, 6598)."""
# Where an address of one's own choice stands (MetalLB, Cilium, kube-vip).
_ADDRESSES = (
    "io.cilium/lb-ipam-ips",
    "kube-vip.io/loadbalancerIPs",
    "lbipam.cilium.io/ips",
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
)
_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 - nothing binds it
"""What kube-vip takes for the wish to have an address from DHCP (kube-vip documentation, "Kubernetes Services")."""
_GIVEN = "status.loadBalancer.ingress"


def why_internal(entry: Resource) -> str:
    """Why a load balancer or Ingress can be reached from a network of one's own only; "" where nothing says so.

    Args:
        entry: a Service of type LoadBalancer, or an Ingress.

    Raises:
        Unjudged: its address is not decided yet.
    """
    annotations = entry.annotations
    for name, values in _INTERNAL.items():
        if name in annotations and annotations[name] in values:
            return f"{name}: {annotations[name]}"
    if entry.kind != "Service":
        return ""
    named = entry.string("spec.loadBalancerClass")
    if named in _PRIVATE_NETWORKS:
        return f"loadBalancerClass {named}"
    addresses = list(_addresses(entry))
    if addresses and all(map(_is_private, addresses)):
        return f"its address {addresses[0]}"
    if (leased := next(filter(_UNSPECIFIED.__contains__, addresses), "")) and not entry.mappings(_GIVEN):
        raise Unjudged(f"whether its address, which is left to DHCP ({leased}), is public cannot be told")
    sources = entry.strings("spec.loadBalancerSourceRanges")
    return f"its source ranges {', '.join(sources)}" if sources and all(map(_is_private, sources)) else ""


def given_internally(entry: Resource) -> str:
    """The name or address that something live was given and that is one of an own network; "" where there is none.

    The addresses of an Ingress may be those of nodes that something else leads to.

    Args:
        entry: a Service of type LoadBalancer, or an Ingress.

    Raises:
        Unjudged: its status has another shape.
    """
    given = [str(each.get("hostname") or each.get("ip")) for each in entry.mappings(_GIVEN)]
    if given and all(name.startswith(_INTERNAL_NAME) for name in given):
        return f"its name {given[0]}"
    private = entry.kind == "Service" and given and all(map(_is_private, given))
    return f"its address {given[0]}" if private else ""


def _addresses(service: Resource) -> Iterator[str]:
    given = [service.string("spec.loadBalancerIP"), *(service.annotations.get(name, "") for name in _ADDRESSES)]
    for text in given:
        if isinstance(text, Unresolved):
            raise Unjudged(f"whether its address `{text!s}` is public cannot be told: it {text.reason}")
        yield from filter(None, (each.strip() for each in str(text).split(",")))


def _is_private(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return any(
        network.version == own.version and network.subnet_of(own)  # type: ignore[arg-type] # both are of one version
        for own in _OWN_NETWORKS
    )


def sounds_internal(name: str) -> bool:
    """Whether what a class or Gateway is called says that it serves a network of one's own.

    Args:
        name: its name.
    """
    return not _INSIDE.isdisjoint(name.lower().split("-"))


_INSIDE = frozenset({"internal", "private", "intranet", "lan", "local", "tailscale"})
