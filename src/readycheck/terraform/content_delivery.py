"""CloudFront distributions and the buckets that S3 serves as websites (the AWS provider's documentation of both)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.model import Place, Resource, Unresolved
from readycheck.terraform.blocks import mentions
from readycheck.terraform.things import DeclaredResource

DISTRIBUTION = "aws_cloudfront_distribution"
BUCKET = "aws_s3_bucket"
WEBSITE = "aws_s3_bucket_website_configuration"
PUBLIC_ACCESS = "aws_s3_bucket_public_access_block"
"""What keeps the public from a bucket."""

_REFERENCE = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?aws_s3_bucket\.[\w-]+(?:\[[^\]]*\])?")
_OF_S3 = re.compile(r"\.s3(?:-website|-accelerate)?(?=[.-])")
_BEHAVIOURS = ("default_cache_behavior", "ordered_cache_behavior")
_ANYHOW = "allow-all"
# The security policies of viewers that leave out what is weak have been TLSv1.2_2021 and later ones.
_FORMER_POLICIES = frozenset({"SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019"})
_PROXYING = ("cloudflare_record", "cloudflare_dns_record")
_OTHERS = ("fastly_service_vcl", "fastly_service_compute", "bunnynet_pullzone")
OTHER_NETWORKS = (*_PROXYING, *_OTHERS)
"""The types of networks other than CloudFront, and of names that may lead through one."""


class Distribution(Struct, frozen=True, eq=False):
    """A CloudFront distribution.

    Args:
        resource: the distribution.
        enabled: whether it serves anything; None where that is not decided.
    """

    resource: Resource
    enabled: bool | None

    @classmethod
    def of(cls, resource: Resource) -> Distribution:
        """A thing of the distribution's type as one."""
        enabled = resource.glimpse("enabled")
        return cls(resource, enabled if isinstance(enabled, bool) else None)

    @property
    def named(self) -> str:
        """What it is called in messages: by its address in HCL, else by its id."""
        identity = self.resource.glimpse("id")
        return f"distribution {identity}" if type(identity) is str else self.resource.name

    @property
    def aliases(self) -> list[str]:
        """The names that it answers to, as far as they are decided."""
        items = self.resource.glimpse("aliases")
        listed = items if isinstance(items, list) else ()
        return [each for each in listed if isinstance(each, str) and not isinstance(each, Unresolved)]

    @property
    def origins(self) -> Iterator[object]:
        """Where it fetches what it serves: names, or the expressions that give them."""
        return (value for _, value in self._each("origin", "domain_name"))

    @property
    def unencrypted(self) -> Iterator[Place]:
        """Where it lets viewers in without TLS."""
        for behaviour in _BEHAVIOURS:
            for place, value in self._each(behaviour, "viewer_protocol_policy"):
                if isinstance(value, str) and str.__eq__(value, _ANYHOW):
                    yield place

    @property
    def outdated(self) -> Iterator[Place]:
        """Where it names a policy for viewers' TLS that takes former versions, or former ciphers."""
        certificates = self.resource.glimpse("viewer_certificate")
        for place, value in self._each("viewer_certificate", "minimum_protocol_version"):
            # Its own name is served with a certificate of CloudFront's, whose policy is not chosen.
            usual = certificates[place.path[1]].get("cloudfront_default_certificate") is True
            if isinstance(value, str) and str.__str__(value) in _FORMER_POLICIES and not usual:
                yield place

    def _each(self, block: str, attribute: str) -> Iterator[tuple[Place, Any]]:
        """What each block of a type has for an attribute."""
        blocks = self.resource.glimpse(block)
        for index, each in enumerate(blocks if isinstance(blocks, list) else ()):
            if isinstance(each, dict):
                yield self.resource.at((block, index, attribute)), each.get(attribute)


class WebsiteBucket(Struct, frozen=True, eq=False):
    """A bucket that S3 serves as a website.

    Args:
        resource: the bucket as what is judged.
        shown: what makes a website of it: its configuration, or the bucket itself.
        name: its name; "" where an expression gives it.
        redirects: whether it only sends viewers elsewhere.
        untold: why it is not known whether it is a website; "" where it is.
    """

    resource: Resource
    shown: Resource
    name: str
    redirects: bool
    untold: str = ""

    @classmethod
    def of(cls, shown: Resource, bucket: Resource | None) -> WebsiteBucket | None:
        """The website that a thing makes; None where it makes none.

        Args:
            shown: a bucket, or the configuration of a website.
            bucket: the bucket that a configuration is for, where that was read.
        """
        if shown.kind == WEBSITE:
            redirect = shown.glimpse("redirect_all_requests_to")
            untold = f"whether it serves a site {redirect.reason}" if isinstance(redirect, Unresolved) else ""
            redirects = isinstance(redirect, list) and bool(redirect)
            return cls(_judged(shown, bucket), shown, _name(shown) or _name(bucket), redirects, untold)
        website = shown.glimpse("website")
        if not isinstance(website, list) or not website or not isinstance(website[0], dict):
            return None
        redirects = website[0].get("redirect_all_requests_to") not in (None, "", [])
        return cls(shown, shown, _name(shown), redirects)

    def is_referred_to(self, value: object, locals_: Mapping[str, Any]) -> bool:
        """Whether an expression of its module gives the bucket's name as that of an origin.

        Args:
            value: what stands there.
            locals_: the local values of the module.
        """
        text = str.__str__(value) if isinstance(value, str) else ""
        return _refers(text, self.addresses) or any(
            _refers(str.__str__(given), self.addresses)
            for name, given in locals_.items()
            if isinstance(given, str) and f"local.{name}" in text
        )

    @property
    def addresses(self) -> Sequence[str]:
        """What it is referred to by within its module."""
        return (self.resource.name, self.shown.name)


def buckets_in(origin: object) -> Iterator[str]:
    """The names that a bucket may have which an origin is: `site` of `site.s3.eu-west-1.amazonaws.com`.

    Args:
        origin: the name of an origin.
    """
    text = str.__str__(origin) if isinstance(origin, str) else ""
    return (text[: match.start()] for match in _OF_S3.finditer(text))


def _judged(website: Resource, bucket: Resource | None) -> Resource:
    """The bucket of a configuration; in HCL by its address, at the place where it becomes a website."""
    if isinstance(website, DeclaredResource):
        named = website.body.get("bucket")
        reference = _REFERENCE.match(str.__str__(named)) if isinstance(named, Unresolved) else None
        address = reference[0] if reference else website.name
        kind = address.removeprefix("data.").partition(".")[0]
        return Resource(kind, address, "", website.body, website.origin)
    return bucket or website


def _name(resource: Resource | None) -> str:
    name = resource.glimpse("bucket") if resource is not None else None
    return name if isinstance(name, str) and not isinstance(name, Unresolved) else ""


def _refers(text: str, addresses: Sequence[str]) -> bool:
    return any(re.search(rf"(?<![\w.-]){re.escape(address)}(?![\w-])", text) for address in addresses)


def delivers_elsewhere(thing: Resource, wanted: Sequence[str]) -> bool:
    """Whether a thing of another network than CloudFront stands before something: Cloudflare, Fastly, bunny.net.

    Args:
        thing: a thing of one of those types.
        wanted: the names or addresses of what it may stand before.
    """
    if thing.kind in _PROXYING and thing.glimpse("proxied") is not True:
        return False
    return any(mentions(thing.body, each) for each in wanted)


def keeps_public_out(block: Resource) -> bool:
    """Whether nobody from outside of an account can read what is in a bucket, whatever its policy or lists say.

    Args:
        block: its public access block.
    """
    return block.glimpse("restrict_public_buckets") is True and block.glimpse("ignore_public_acls") is True
