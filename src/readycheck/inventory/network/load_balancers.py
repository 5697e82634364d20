"""What Services of type LoadBalancer become, going by what the tree shows of the cloud and of its controllers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.charts import ingress_nginx
from readycheck.charts.release import ChartRelease
from readycheck.charts.released_service import ReleasedService
from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.delivery.installations import Installations
from readycheck.inventory.network.target_groups import TargetGroups
from readycheck.kubernetes.cloud import AWS, CLUSTERS, GROUND_OF_AWS, Sign, chart_of, sign_of, sign_of_node
from readycheck.kubernetes.load_balancer import LoadBalancer, Maker, named_by_aws
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged
from readycheck.terraform.blocks import TERRAFORM_FILE, Block, blocks_of
from readycheck.terraform.load_balancers import LISTENERS

ENTRANCE_INSTALLER = "EntranceInstaller"
"""What installs a chart that makes load balancers: the kind for rules that judge these, each by its own kind."""

_MAKING_SERVICES: Mapping[str, Callable[[ChartRelease], Sequence[ReleasedService]]] = {
    "ingress-nginx": ingress_nginx.services_of
}
_CONTROLLER = "aws-load-balancer-controller"
_IN_TREE = ("aws-cloud-controller-manager", "provider-aws/cloud-controller-manager")
_CONTROLLER_IMAGES = (_CONTROLLER,)
_WEBHOOK = "enableServiceMutatorWebhook"
# The webhook came with version 2.5, which the chart calls 1.5.
_BEFORE_THE_WEBHOOK = re.compile(r"v?[12]\.[0-4](?:\.\d+)?")
_EKS_MODULE = re.compile(
    r"(?:.*/)?(?:terraform-aws-)?eks(?:-blueprints)?(?:/aws.*|\.git.*|\?.*)?|terraform-aws-modules/eks/.*"
)
_PROTOCOLS_OF_TLS = ("HTTPS", "TLS")
_GROUND_MODULE = re.compile(r"(?:registry\.terraform\.io/)?[\w-]+/(?:autoscaling|ec2-instance|vpc)/aws(?://.*)?")


class LoadBalancers(Installations, TargetGroups):
    """The relations from Services to the load balancers that are made for them."""

    @remembered
    def load_balancer_of(self, service: Resource) -> LoadBalancer | None:
        """What a Service becomes; None where it is no load balancer.

        Raises:
            Unjudged: what it becomes is not decided yet, or the nodes that would tell could not be read.
        """
        if service.string("spec.type") != "LoadBalancer":
            return None
        try:
            return LoadBalancer.of(service, self.default_maker, self.cloud)
        except Unjudged:
            if named_by_aws(service) is None:
                raise
            return LoadBalancer.of(service)

    @cached_property
    def _releases_with_services(self) -> Mapping[int, Sequence[ChartRelease]]:
        found: dict[int, list[ChartRelease]] = defaultdict(list)
        for release in self.installations(*_MAKING_SERVICES):
            found[id(release.resource)].append(release)
        return found

    @cached_property
    def entrance_installers(self) -> Sequence[Resource]:
        """What installs charts that are known to make Services for requests from outside, each once."""
        return [releases[0].resource for releases in self._releases_with_services.values()]

    @remembered
    def load_balancers_made(self, subject: Resource) -> Sequence[LoadBalancer]:
        """What a Service becomes, or those of the charts that something installs: nothing where that is none.

        Raises:
            Unjudged: what one becomes is not decided yet.
        """
        services = [subject] if subject.kind == "Service" else self.services_released(subject)
        return [made for each in services if (made := self.load_balancer_of(each)) is not None]

    @remembered
    def services_released(self, installer: Resource) -> Sequence[ReleasedService]:
        """The Services that the charts make which something installs.

        Raises:
            Unjudged: they cannot be told.
        """
        releases = self._releases_with_services.get(id(installer), ())
        return [service for release in releases for service in _MAKING_SERVICES[release.chart](release)]

    @cached_property
    def listeners_with_tls(self) -> Sequence[Resource]:
        """The listeners of load balancers of AWS that end TLS."""
        return [each for each in self.provisioned(*LISTENERS) if each.glimpse("protocol") in _PROTOCOLS_OF_TLS]

    # The cloud ---------------------------------------------------------------------------------------------------

    @cached_property
    def cloud(self) -> Sign | None:
        """The one cloud that is shown; None where none is, or several are.

        Raises:
            Unjudged: the nodes of a live cluster, which show it, could not be read.
        """
        return next(iter(self.clouds.values())) if len(self.clouds) == 1 else None

    @cached_property
    def clouds(self) -> Mapping[str, Sign]:
        """Every cloud, or what brings load balancers without one, that is shown: the first sign of each.

        A live cluster shows it by its nodes; what else it holds may be left over.
        """
        found: dict[str, Sign] = {}
        for sign in map(sign_of_node, self.of("Node")) if self.live else self._signs():
            found.setdefault(sign.cloud, sign)
        return found

    def _signs(self) -> Iterator[Sign]:
        for resource in self.objects:
            sign = sign_of(resource)
            if sign is not None:
                yield sign
        for block in self._made_by_terraform:
            if block.type == "module":
                if _EKS_MODULE.fullmatch(block.decided("source")):
                    yield Sign(AWS, block.at("source"))
            elif block.labels and block.labels[0] in CLUSTERS:
                yield Sign(CLUSTERS[block.labels[0]], block.at())

    @cached_property
    def builds_in_aws(self) -> bool:
        """Whether HCL makes machines or networks in AWS, which clusters may stand on."""
        return any(map(_is_ground_of_aws, self._made_by_terraform))

    @cached_property
    def _made_by_terraform(self) -> tuple[Block, ...]:
        return tuple(block for file in self.of(TERRAFORM_FILE) for block in blocks_of(file, "resource", "module"))

    # Controllers -------------------------------------------------------------------------------------------------

    @cached_property
    def default_maker(self) -> Maker | None:
        """Who takes Services that name no class; None where that does not show.

        In a live cluster the webhooks have given theirs a class: what has none is left to the cloud provider.
        """
        if self.live:
            return Maker.IN_TREE if self.cloud is not None and self.cloud.aws else None
        makers = set(self._shown_makers())
        # Webhooks come first; both of AWS's make an NLB.
        return next((maker for maker in Maker if maker in makers), None)

    def _shown_makers(self) -> Iterator[Maker]:
        for resource in self.objects:
            if resource.kind == "HelmRelease":
                yield from self._by_chart(resource)
            elif _shows_auto_mode(resource):
                yield Maker.AUTO_MODE
        for workload in self.workloads:
            yield from _by_images(workload)
        for block in self._made_by_terraform:
            if block.labels and block.labels[0] == "aws_eks_cluster" and _is_auto_mode(block):
                yield Maker.AUTO_MODE

    def _by_chart(self, release: Resource) -> Iterator[Maker]:
        chart = chart_of(release)
        version = mapping_at(release, "spec.chart.spec").get("version")
        if chart == _CONTROLLER:
            asked = mapping_at(release, "spec.values").get(_WEBHOOK) is not False
            if asked and not _BEFORE_THE_WEBHOOK.fullmatch(str(version or "")):
                yield Maker.CONTROLLER
        elif chart in _IN_TREE:
            yield Maker.IN_TREE


def _is_auto_mode(cluster: Block) -> bool:
    return any(inner.attributes.get("enabled") is True for inner in cluster.blocks("compute_config"))


def _shows_auto_mode(resource: Resource) -> bool:
    if resource.kind == "ClusterConfig":
        return mapping_at(resource, "autoModeConfig").get("enabled") is True
    return resource.kind == "NodeClass" and resource.group == "eks.amazonaws.com"


def _by_images(workload: Workload) -> Iterator[Maker]:
    try:
        images = [container.image for container in workload.containers]
    except Unjudged:
        return
    for image in images:
        if image.called(_CONTROLLER_IMAGES) and not _BEFORE_THE_WEBHOOK.fullmatch(image.tag or ""):
            yield Maker.CONTROLLER
        elif image.called(_IN_TREE):
            yield Maker.IN_TREE


def _is_ground_of_aws(block: Block) -> bool:
    if block.type == "module":
        return _GROUND_MODULE.fullmatch(block.decided("source")) is not None
    return bool(block.labels) and block.labels[0] in GROUND_OF_AWS
