"""Which sites stand behind a content delivery network, as far as that is told."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from readycheck.inventory.core import mapping_at
from readycheck.inventory.network.dns import Dns
from readycheck.kubernetes.content_delivery import STATIC, backend_configs, is_delivering
from readycheck.kubernetes.hosts import covers
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unresolved
from readycheck.terraform.blocks import TERRAFORM_FILE, blocks_of
from readycheck.terraform.content_delivery import (
    BUCKET,
    DISTRIBUTION,
    OTHER_NETWORKS,
    PUBLIC_ACCESS,
    WEBSITE,
    Distribution,
    WebsiteBucket,
    buckets_in,
    delivers_elsewhere,
    keeps_public_out,
)
from readycheck.terraform.identities import scope_of

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
    def website_buckets(self) -> Sequence[WebsiteBucket]:
        """The buckets that S3 serves as websites, each once.

        Raises:
            Unjudged: which are could not be read.
        """
        found: dict[tuple[str | None, str], WebsiteBucket] = {}
        for shown in self.provisioned(WEBSITE, BUCKET):
            bucket = self.referred(shown.at("bucket"), BUCKET) if shown.kind == WEBSITE else None
            website = WebsiteBucket.of(shown, bucket)
            if website is not None:
                found.setdefault((scope_of(shown), website.resource.name), website)
        return list(found.values())

    @cached_property
    def _websites(self) -> Mapping[int, WebsiteBucket]:
        return {id(website.resource): website for website in self.website_buckets}

    def website_of(self, site: Resource) -> WebsiteBucket | None:
        """The website that a site is; None where it is a workload."""
        return self._websites.get(id(site))

    def is_kept_from_public(self, website: WebsiteBucket) -> bool:
        """Whether a public access block is seen to keep the public from a website's bucket."""
        if PUBLIC_ACCESS in self.unread:
            return False
        by_name = self._blocks_of_access.get(website.name, ())
        return any(map(keeps_public_out, (*by_name, *self.parts_of(website.resource, "bucket", PUBLIC_ACCESS))))

    @cached_property
    def _blocks_of_access(self) -> Mapping[str, list[Resource]]:
        """What keeps the public from buckets, by the buckets' names."""
        found: dict[str, list[Resource]] = defaultdict(list)
        for block in self.provisioned(PUBLIC_ACCESS):
            if type(name := block.glimpse("bucket")) is str:
                found[name].append(block)
        return found

    @cached_property
    def distributions(self) -> Sequence[Distribution]:
        """Every CloudFront distribution.

        Raises:
            Unjudged: they could not be read.
        """
        return list(map(Distribution.of, self.provisioned(DISTRIBUTION)))

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
        named = self._distributions_by_bucket.get(bucket.name, ()) if bucket.name else ()
        waiting = self._distributions_waiting.get(scope_of(bucket.shown), ())
        referring = (each for each in waiting if any(self._meant(origin, each, bucket) for origin in each.origins))
        return list({id(each): each for each in (*named, *referring)}.values())

    @cached_property
    def _distributions_by_bucket(self) -> Mapping[str, list[Distribution]]:
        """The distributions by the names of the buckets that they may fetch from."""
        found: dict[str, list[Distribution]] = defaultdict(list)
        for distribution in self.distributions:
            for name in {name for origin in distribution.origins for name in buckets_in(origin)}:
                found[name].append(distribution)
        return found

    @cached_property
    def _distributions_waiting(self) -> Mapping[str | None, list[Distribution]]:
        """The distributions whose origins an expression gives, by where that is understood."""
        found: dict[str | None, list[Distribution]] = defaultdict(list)
        for distribution in self.distributions:
            if any(isinstance(origin, Unresolved) for origin in distribution.origins):
                found[scope_of(distribution.resource)].append(distribution)
        return found

    def _meant(self, origin: object, distribution: Distribution, bucket: WebsiteBucket) -> bool:
        folder = posixpath.dirname(distribution.resource.origin.file)
        return bucket.is_referred_to(origin, self._locals.get(folder, {}))

    def delivering(self, names: Sequence[str]) -> Resource | None:
        """What of another network than CloudFront stands before one of some names or addresses."""
        return next((each for each in self.provisioned(*OTHER_NETWORKS) if delivers_elsewhere(each, names)), None)

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
