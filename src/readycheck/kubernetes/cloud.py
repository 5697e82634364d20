"""Which cloud things stand in, or what brings load balancers where there is no cloud, by what shows on them.

Prefixes of annotations, classes, API groups and provisioners are those that the projects' own references name
(cloud-provider-aws, cloud-provider-azure, GKE, the cloud controller managers of the others, MetalLB, kube-vip, Cilium;
as of November 2026).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from readycheck.model import Path, Place, Resource, Unjudged, Unresolved

AWS = "AWS"


class Sign(Struct, frozen=True, eq=False):
    """What shows a cloud.

    Args:
        cloud: its name, or that of what makes load balancers without one.
        place: where it shows.
        words: what is to be said of a load balancer that is not AWS's, where that is not its cloud.
    """

    cloud: str
    place: Place
    words: str = ""

    @property
    def aws(self) -> bool:
        """Whether it shows AWS."""
        return self.cloud == AWS

    @property
    def why(self) -> str:
        """Why a load balancer is not AWS's, for people."""
        return self.words or f"its load balancer is one of {self.cloud}, not of AWS"


_BETA = "service.beta.kubernetes.io/"
_ANNOTATIONS: Mapping[str, str] = {
    f"{_BETA}aws-": AWS,
    f"{_BETA}azure-": "Azure",
    f"{_BETA}do-loadbalancer-": "DigitalOcean",
    f"{_BETA}linode-loadbalancer-": "Linode",
    f"{_BETA}scw-loadbalancer-": "Scaleway",
    f"{_BETA}openstack-": "OpenStack",
    f"{_BETA}oci-load-balancer-": "Oracle Cloud",
    f"{_BETA}alibaba-cloud-loadbalancer-": "Alibaba Cloud",
    f"{_BETA}alicloud-loadbalancer-": "Alibaba Cloud",
    f"{_BETA}vultr-loadbalancer-": "Vultr",
    f"{_BETA}exoscale-loadbalancer-": "Exoscale",
    f"{_BETA}upcloud-load-balancer-": "UpCloud",
    "service.kubernetes.io/ibm-load-balancer-": "IBM Cloud",
    "service.kubernetes.io/qcloud-": "Tencent Cloud",
    "service.cloud.tencent.com/": "Tencent Cloud",
    "oci.oraclecloud.com/": "Oracle Cloud",
    "oci-network-load-balancer.oraclecloud.com/": "Oracle Cloud",
    "kubernetes.civo.com/": "Civo",
    "loadbalancer.ovhcloud.com/": "OVHcloud",
    "loadbalancer.openstack.org/": "OpenStack",
    "load-balancer.hetzner.cloud/": "Hetzner",
    "cloud.google.com/": "Google Cloud",
    "networking.gke.io/": "Google Cloud",
    "metallb.io/": "MetalLB",
    "metallb.universe.tf/": "MetalLB",
    "kube-vip.io/": "kube-vip",
    "io.cilium/": "Cilium",
    "lbipam.cilium.io/": "Cilium",
    "purelb.io/": "PureLB",
    "lb.kubesphere.io/": "OpenELB",
    "tailscale.com/": "Tailscale",
}
_LONGEST = max(map(len, _ANNOTATIONS))

_GROUPS: Mapping[str, str] = {
    "elbv2.k8s.aws": AWS,
    "karpenter.k8s.aws": AWS,
    "eks.amazonaws.com": AWS,
    "eksctl.io": AWS,
    "vpcresources.k8s.aws": AWS,
    "crd.k8s.amazonaws.com": AWS,
    "metallb.io": "MetalLB",
    "networking.gke.io": "Google Cloud",
    "cloud.google.com": "Google Cloud",
    "purelb.io": "PureLB",
}
_CILIUM_KINDS = frozenset({"CiliumLoadBalancerIPPool", "CiliumL2AnnouncementPolicy"})
_PROVISIONERS: Mapping[str, str] = {
    "ebs.csi.aws.com": AWS,
    "ebs.csi.eks.amazonaws.com": AWS,
    "efs.csi.aws.com": AWS,
    "kubernetes.io/aws-ebs": AWS,
    "pd.csi.storage.gke.io": "Google Cloud",
    "kubernetes.io/gce-pd": "Google Cloud",
    "disk.csi.azure.com": "Azure",
    "kubernetes.io/azure-disk": "Azure",
    "dobs.csi.digitalocean.com": "DigitalOcean",
    "csi.hetzner.cloud": "Hetzner",
    "linodebs.csi.linode.com": "Linode",
    "csi.scaleway.com": "Scaleway",
}
_ACCOUNTS: Mapping[str, str] = {
    "eks.amazonaws.com/role-arn": AWS,
    "iam.gke.io/gcp-service-account": "Google Cloud",
    "azure.workload.identity/client-id": "Azure",
}
_CHARTS: Mapping[str, str] = {
    "aws-load-balancer-controller": AWS,
    "aws-cloud-controller-manager": AWS,
    "aws-ebs-csi-driver": AWS,
    "aws-node-termination-handler": AWS,
    "aws-vpc-cni": AWS,
    "metallb": "MetalLB",
    "kube-vip": "kube-vip",
    "kube-vip-cloud-provider": "kube-vip",
    "hcloud-cloud-controller-manager": "Hetzner",
    "purelb": "PureLB",
}
_PROVIDERS: Mapping[str, str] = {
    "aws": AWS,
    "eks-hybrid": AWS,
    "gce": "Google Cloud",
    "azure": "Azure",
    "digitalocean": "DigitalOcean",
    "linode": "Linode",
    "hcloud": "Hetzner",
    "openstack": "OpenStack",
    "oci": "Oracle Cloud",
    "ibm": "IBM Cloud",
    "vultr": "Vultr",
    "scaleway": "Scaleway",
    "civo": "Civo",
    "upcloud": "UpCloud",
    "exoscale": "Exoscale",
    "qcloud": "Tencent Cloud",
    "equinixmetal": "Equinix Metal",
    "vsphere": "vSphere",
    "nutanix": "Nutanix",
    "metal3": "Metal3",
    "talos": "Talos",
    "kind": "kind",
    "k3d": "k3d",
    "k3s": "K3s",
}
"""How the provider IDs of nodes begin that the clouds' controller managers give (`spec.providerID`)."""
CLUSTERS: Mapping[str, str] = {
    "aws_eks_cluster": AWS,
    "google_container_cluster": "Google Cloud",
    "azurerm_kubernetes_cluster": "Azure",
    "digitalocean_kubernetes_cluster": "DigitalOcean",
    "linode_lke_cluster": "Linode",
    "scaleway_k8s_cluster": "Scaleway",
    "civo_kubernetes_cluster": "Civo",
    "vultr_kubernetes": "Vultr",
    "hcloud_server": "Hetzner",
    "oci_containerengine_cluster": "Oracle Cloud",
}
"""What Terraform makes clusters of, with their clouds."""
GROUND_OF_AWS = frozenset(
    {
        "aws_autoscaling_group",
        "aws_instance",
        "aws_launch_configuration",
        "aws_launch_template",
        "aws_subnet",
        "aws_vpc",
    }
)
"""What Terraform makes in AWS that clusters, of EKS or not, may stand on."""

_PROVIDER_ID: Path = ("spec", "providerID")
_ADDRESS: Path = ("spec", "loadBalancerIP")


def sign_on(service: Resource) -> Sign | None:
    """The cloud that a Service of type LoadBalancer shows by itself; None where it shows none.

    Args:
        service: the Service.
    """
    signs: dict[str, Place] = {}
    for part in ("annotations", "labels"):
        for key in service.mapping(("metadata", part)):
            cloud = _by_prefix(key)
            if cloud is not None:
                signs.setdefault(cloud, service.at(("metadata", part, key)))
    for cloud, place in signs.items():
        # Who moves from one cloud to another leaves annotations of both; those of AWS's controllers decide.
        if cloud == AWS or AWS not in signs:
            return Sign(cloud, place)
    if service.body.get("spec", {}).get(_ADDRESS[-1]):
        words = "asks for a fixed loadBalancerIP, which no controller of AWS gives"
        return Sign("another cloud", service.at(_ADDRESS), words)
    return None


def _by_prefix(key: str) -> str | None:
    beginning = key[:_LONGEST]
    for cut in range(len(beginning), 0, -1):
        cloud = _ANNOTATIONS.get(beginning[:cut])
        if cloud is not None:
            return cloud
    return None


def sign_of_node(node: Resource) -> Sign:
    """The cloud that a node of a live cluster stands in, by what the cloud's controller manager calls it.

    Args:
        node: the node.

    Raises:
        Unjudged: its provider ID is no string.
    """
    named = node.string(_PROVIDER_ID)
    scheme, _, rest = named.partition("://")
    if not named:
        return Sign("no cloud", node.at("spec"), "its cluster stands in no cloud: the nodes have no provider ID")
    cloud = _PROVIDERS.get(scheme, "") if rest else ""
    words = "" if cloud else f"its cluster does not stand in AWS: the provider ID of a node is {named}"
    return Sign(cloud or "another cloud", node.at(_PROVIDER_ID), words)


def sign_of(resource: Resource) -> Sign | None:
    """The cloud that an object other than a Service shows; None where it shows none.

    Args:
        resource: an object of Kubernetes.
    """
    cloud, path = _GROUPS.get(resource.group), "apiVersion"
    if resource.kind in _CILIUM_KINDS:
        cloud, path = "Cilium", "kind"
    elif resource.kind == "StorageClass":
        cloud, path = _PROVISIONERS.get(_plain(resource.body.get("provisioner"))), "provisioner"
    elif resource.kind == "HelmRelease":
        cloud, path = _CHARTS.get(chart_of(resource)), "spec.chart"
    elif resource.kind == "ServiceAccount":
        for key, named in _ACCOUNTS.items():
            if key in _annotations(resource):
                return Sign(named, resource.at(("metadata", "annotations", key)))
    return Sign(cloud, resource.at(path)) if cloud is not None else None


def chart_of(release: Resource) -> str:
    """The name of the chart that a HelmRelease of Flux installs; that of the release where another object tells."""
    try:
        return _plain(release.get("spec.chart.spec.chart")).rpartition("/")[2] or release.name
    except Unjudged:
        return ""


def _annotations(resource: Resource) -> Mapping[str, object]:
    try:
        return resource.annotations
    except Unjudged:
        return {}


def _plain(value: object) -> str:
    return value if isinstance(value, str) and not isinstance(value, Unresolved) else ""
