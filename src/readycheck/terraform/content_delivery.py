"""CloudFront distributions and the buckets that S3 serves as websites (the AWS provider's documentation of both)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.model import Place, Resource, Unresolved, thing_in
from readycheck.terraform.blocks import Block, mentions

DISTRIBUTION = "aws_cloudfront_distribution"
BUCKET = "aws_s3_bucket"
WEBSITE = "aws_s3_bucket_website_configuration"

_REFERENCE = re.compile(r"(?:data\.)?aws_s3_bucket\.[\w-]+(?:\[[^\]]*\])?")
_BEHAVIOURS = ("default_cache_behavior", "ordered_cache_behavior")
_ANYHOW = "allow-all"
# The security policies of viewers that leave out what is weak have been TLSv1.2_2021 and later ones.
_FORMER_POLICIES = frozenset({"SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019"})
_PROXYING = frozenset({"cloudflare_record", "cloudflare_dns_record"})
_OTHERS = frozenset({"fastly_service_vcl", "fastly_service_compute", "bunnynet_pullzone"})


class Distribution(Struct, frozen=True, eq=False):
    """A CloudFront distribution.

    Args:
        block: the resource.
        enabled: whether it serves anything; None where that is not decided.
    """

    block: Block
    enabled: bool | None

    @classmethod
    def of(cls, block: Block) -> Distribution | None:
        """The distribution that a block of HCL makes; None where it makes none."""
        if block.type != "resource" or block.labels[:1] != (DISTRIBUTION,):
            return None
        enabled = block.attributes.get("enabled")
        return cls(block, enabled if isinstance(enabled, bool) else None)

    @property
    def aliases(self) -> list[str]:
        """The names that it answers to, as far as they are decided."""
        return _texts(self.block.attributes.get("aliases"))

    @property
    def origins(self) -> Iterator[object]:
        """Where it fetches what it serves: names, or the expressions that give them."""
        for origin in self.block.blocks("origin"):
            yield origin.attributes.get("domain_name")

    @property
    def unencrypted(self) -> Iterator[Place]:
        """Where it lets viewers in without TLS."""
        for behaviour in self.block.blocks(*_BEHAVIOURS):
            if behaviour.decided("viewer_protocol_policy") == _ANYHOW:
                yield behaviour.at("viewer_protocol_policy")

    @property
    def outdated(self) -> Iterator[Place]:
        """Where it names a policy for viewers' TLS that takes former versions, or former ciphers."""
        for certificate in self.block.blocks("viewer_certificate"):
            if certificate.decided("minimum_protocol_version") in _FORMER_POLICIES:
                yield certificate.at("minimum_protocol_version")


class WebsiteBucket(Struct, frozen=True, eq=False):
    """A bucket that S3 serves as a website.

    Args:
        address: its address, or that of what makes a website of it, where the bucket is named by an expression.
        block: what makes a website of it.
        name: its name; "" where an expression gives it.
        redirects: whether it only sends viewers elsewhere.
    """

    address: str
    block: Block
    name: str
    redirects: bool

    @classmethod
    def of(cls, block: Block) -> WebsiteBucket | None:
        """The website that a block of HCL makes; None where it makes none."""
        kind = block.labels[0] if block.type == "resource" and len(block.labels) > 1 else ""
        if kind == WEBSITE:
            bucket = block.attributes.get("bucket")
            reference = _REFERENCE.match(str.__str__(bucket)) if isinstance(bucket, Unresolved) else None
            address = reference[0] if reference else ".".join(block.labels[:2])
            redirects = any(block.blocks("redirect_all_requests_to"))
            return cls(address, block, block.decided("bucket"), redirects)
        if kind == BUCKET:
            website = next(block.blocks("website"), None)
            if website is not None:
                redirects = "redirect_all_requests_to" in website.attributes
                return cls(".".join(block.labels[:2]), block, block.decided("bucket"), redirects)
        return None

    @property
    def resource(self) -> Resource:
        """The bucket as what is judged: its kind in Terraform, and its address."""
        kind = self.address.removeprefix("data.").partition(".")[0]
        return thing_in(self.block.file, self.block.path, kind, self.address)

    @property
    def folder(self) -> str:
        """The folder of its module: addresses mean something within it."""
        return posixpath.dirname(self.block.file.name)

    def is_meant_by(self, value: object, locals_: Mapping[str, Any], folder: str) -> bool:
        """Whether an origin's name, or the expression that gives it, is the bucket's.

        Args:
            value: what stands there.
            locals_: the local values of the module.
            folder: the folder of the module.
        """
        text = str.__str__(value) if isinstance(value, str) else ""
        if self.name and re.match(rf"{re.escape(self.name)}\.s3[.-]", text):
            return True
        if folder != self.folder:
            return False
        return _refers(text, self._addresses) or any(
            _refers(str.__str__(given), self._addresses)
            for name, given in locals_.items()
            if isinstance(given, str) and f"local.{name}" in text
        )

    @property
    def _addresses(self) -> Sequence[str]:
        return (self.address, ".".join(self.block.labels[:2]))


def _refers(text: str, addresses: Sequence[str]) -> bool:
    return any(re.search(rf"(?<![\w.-]){re.escape(address)}(?![\w-])", text) for address in addresses)


def delivers_elsewhere(block: Block, wanted: Sequence[str]) -> bool:
    """Whether a resource of another network than CloudFront stands before something: Cloudflare, Fastly, bunny.net.

    Args:
        block: a `resource`.
        wanted: the names or addresses of what it may stand before.
    """
    kind = block.labels[0] if block.labels else ""
    if kind not in _OTHERS and not (kind in _PROXYING and block.attributes.get("proxied") is True):
        return False
    return any(mentions(block.whole, each) for each in wanted)


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else ()
    return [each for each in items if isinstance(each, str) and not isinstance(each, Unresolved)]
