"""Which sites stand behind a content delivery network, as far as files tell."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from readycheck.inventory.core import mapping_at
from readycheck.inventory.dns import Dns
from readycheck.kubernetes.content_delivery import STATIC, backend_configs, is_delivering
from readycheck.kubernetes.hosts import covers
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unresolved
from readycheck.terraform.blocks import TERRAFORM_FILE, Block, blocks_of
from readycheck.terraform.content_delivery import BUCKET, Distribution, WebsiteBucket, delivers_elsewhere

STATIC_SITE = "static site"
"""The kind that rules about static sites judge: website buckets, and the workloads that may be declared static."""


class ContentDelivery(Dns):
    """The relations from sites to the networks before them."""

    @cached_property
    def static_sites(self) -> Sequence[Resource]:
        """What may be a static site: the buckets that are websites, and every service."""
        return [*(bucket.resource for bucket in self.website_buckets), *self._frontends]

    @cached_property
    def _frontends(self) -> Sequence[Workload]:
        return [workload for workload in self.workloads if workload.kind in (*SERVICES, "DaemonSet")]

    @cached_property
    def any_declared_static(self) -> bool:
        """Whether anything carries the annotation that declares a frontend static."""
        return any(map(_declares_static, self.objects))

    @cached_property
    def _made(self) -> Sequence[Block]:
        return [block for file in self.of(TERRAFORM_FILE) for block in blocks_of(file, "resource")]

    @cached_property
    def website_buckets(self) -> Sequence[WebsiteBucket]:
        """The buckets that S3 serves as websites, each once."""
        found: dict[tuple[str, str], WebsiteBucket] = {}
        for bucket in filter(None, map(WebsiteBucket.of, self._made)):
            named = replace(bucket, name=bucket.name or self._bucket_names.get((bucket.folder, bucket.address), ""))
            found.setdefault((bucket.folder, bucket.address), named)
        return list(found.values())

    @cached_property
    def _bucket_names(self) -> Mapping[tuple[str, str], str]:
        """The names of buckets, by the folder of their module and their address."""
        buckets = (block for block in self._made if block.labels[:1] == (BUCKET,) and block.decided("bucket"))
        return {
            (posixpath.dirname(block.file.name), ".".join(block.labels)): block.decided("bucket") for block in buckets
        }

    @cached_property
    def _buckets_by_place(self) -> Mapping[tuple[str, str], WebsiteBucket]:
        return {(bucket.block.file.name, bucket.address): bucket for bucket in self.website_buckets}

    def website_of(self, site: Resource) -> WebsiteBucket | None:
        """The website that a site is; None where it is a workload."""
        return self._buckets_by_place.get((site.origin.file, site.name))

    @cached_property
    def distributions(self) -> Sequence[Distribution]:
        """Every CloudFront distribution of the tree."""
        return list(filter(None, map(Distribution.of, self._made)))

    @cached_property
    def _locals(self) -> Mapping[str, Mapping[str, Any]]:
        """The local values of each module, by its folder."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for file in self.of(TERRAFORM_FILE):
            for block in blocks_of(file, "locals"):
                found[posixpath.dirname(file.name)].update(block.attributes)
        return found

    def distributions_of(self, bucket: WebsiteBucket) -> list[Distribution]:
        """The distributions that fetch what they serve from a bucket."""
        return [
            each for each in self.distributions if any(self._meant(origin, each, bucket) for origin in each.origins)
        ]

    def _meant(self, origin: object, distribution: Distribution, bucket: WebsiteBucket) -> bool:
        folder = posixpath.dirname(distribution.block.file.name)
        return bucket.is_meant_by(origin, self._locals.get(folder, {}), folder)

    def delivering(self, names: Sequence[str]) -> Block | None:
        """What of another network than CloudFront stands before one of some names or addresses."""
        return next((block for block in self._made if delivers_elsewhere(block, names)), None)

    def distributions_before(self, hosts: tuple[str, ...]) -> list[Distribution]:
        """The distributions that answer to some hosts, or fetch what they serve from there."""
        return [each for each in self.distributions if any(_stands_before(each, host) for host in hosts)]

    def endpoint_before(self, host: str, near: Resource) -> Resource | None:
        """A DNSEndpoint by which a host leads to a content delivery network."""
        for giver in self.namers_of(host, near):
            for record in giver.mappings("spec.endpoints") if giver.kind == "DNSEndpoint" else ():
                targets = record.get("targets") or ()
                if covers(str(record.get("dnsName")), host) and any(map(is_delivering, targets)):
                    return giver
        return None

    def backend_config_before(self, workload: Workload) -> Resource | None:
        """The BackendConfig by which Google's load balancer caches what a workload's Services give."""
        for service in self.services_of(workload):
            for name in backend_configs(service):
                config = self.find("BackendConfig", name, service)
                if config is not None and mapping_at(config, "spec.cdn").get("enabled") is True:
                    return config
        return None


def _declares_static(resource: Resource) -> bool:
    return STATIC in mapping_at(resource, "metadata.annotations")


def _stands_before(distribution: Distribution, host: str) -> bool:
    if isinstance(host, Unresolved):
        return False
    origins = (
        origin for origin in distribution.origins if isinstance(origin, str) and not isinstance(origin, Unresolved)
    )
    return any(covers(alias, host) for alias in distribution.aliases) or host in set(origins)
