"""Findings that somebody has looked at and left out: Trivy's ignore files, and VEX documents (OpenVEX, CycloneDX)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from msgspec import Struct

from readycheck.images.trivy import moment
from readycheck.images.vulnerability import Assessment, Vulnerability
from readycheck.kubernetes.image import ImageReference
from readycheck.model import Place, Resource, Unjudged

TRIVY_IGNORE = "TrivyIgnore"
VEX = "Vex"

_SETTLED = ("not_affected", "fixed", "resolved", "resolved_with_pedigree", "false_positive")
"""States in which a vulnerability does not count, in OpenVEX and CycloneDX."""


class Waiver(Struct, frozen=True, eq=False, kw_only=True):
    """That one vulnerability does not count somewhere.

    Args:
        id: the vulnerability.
        place: where that is said.
        until: when it ends, in seconds since the epoch; None where it does not.
        below: the folder whose reports it is about, with its slash; "" for all.
        files: the files of the image that it is about; empty for all.
        packages: the package URLs that it is about; empty for all.
        images: the package URLs of the images that it is about; empty for all.
    """

    id: str
    place: Place
    until: float | None = None
    below: str = ""
    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    def covers(self, vulnerability: Vulnerability, assessment: Assessment) -> bool:
        """Whether it is about a vulnerability that was found in an image, expired or not.

        Args:
            vulnerability: the vulnerability.
            assessment: what was found in the image.
        """
        return (
            assessment.report.origin.file.startswith(self.below)
            and (not self.files or vulnerability.file in self.files)
            and (not self.packages or any(_is_package(purl, vulnerability) for purl in self.packages))
            and (not self.images or any(_is_image(purl, assessment) for purl in self.images))
        )


def waivers_of(resource: Resource) -> Iterator[Waiver]:
    """What an ignore file or a VEX document leaves out; nothing of what is not shaped like one.

    Args:
        resource: the file.
    """
    try:
        if resource.kind == TRIVY_IGNORE:
            yield from _ignored(resource)
        elif "statements" in resource.body:
            yield from _stated(resource)
        else:
            yield from _analysed(resource)
    except Unjudged:
        return


def _ignored(resource: Resource) -> Iterator[Waiver]:
    folder = posixpath.dirname(resource.name)
    for index, entry in enumerate(resource.mappings("vulnerabilities")):
        until = entry.get("expired_at")
        ends = moment(str(until)) if until is not None else None
        if until is not None and ends is None:
            # Trivy does not heed an entry whose date it cannot read either.
            continue
        yield Waiver(
            id=str(entry.get("id", "")),
            place=resource.at(("vulnerabilities", index)),
            until=ends,
            below=f"{folder}/" if folder else "",
            files=_strings(entry.get("paths")),
            packages=_strings(entry.get("purls")),
        )


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


# OpenVEX -----------------------------------------------------------------------------------------------------------


def _stated(resource: Resource) -> Iterator[Waiver]:
    for index, statement in enumerate(resource.mappings("statements")):
        if statement.get("status") not in _SETTLED:
            continue
        place = resource.at(("statements", index))
        for name in _names(statement.get("vulnerability")):
            for product in _mappings(statement.get("products")):
                purl = _purl(product)
                parts = tuple(_purl(part) for part in _mappings(product.get("subcomponents")))
                if purl.startswith("pkg:oci/"):
                    yield Waiver(id=name, place=place, images=(purl,), packages=parts)
                elif purl.startswith("pkg:"):
                    yield Waiver(id=name, place=place, packages=parts or (purl,))


def _names(vulnerability: object) -> tuple[str, ...]:
    if isinstance(vulnerability, Mapping):
        name = str(vulnerability.get("name") or str(vulnerability.get("@id", "")).rpartition("/")[2])
        return (name, *_strings(vulnerability.get("aliases")))
    return (str(vulnerability),) if isinstance(vulnerability, str) else ()


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, Mapping):
            yield each
        elif isinstance(each, str):
            yield {"@id": each}


def _purl(product: Mapping[str, Any]) -> str:
    identifiers = product.get("identifiers")
    named = identifiers.get("purl") if isinstance(identifiers, Mapping) else None
    return str(named or product.get("@id", ""))


# CycloneDX ---------------------------------------------------------------------------------------------------------


def _analysed(resource: Resource) -> Iterator[Waiver]:
    component = resource.mapping("metadata").get("component")
    described = [component] if isinstance(component, Mapping) else []
    purls = {
        str(each.get("bom-ref")): str(each["purl"])
        for each in (*described, *resource.mappings("components"))
        if each.get("purl")
    }
    for index, found in enumerate(resource.mappings("vulnerabilities")):
        analysis = found.get("analysis")
        if not isinstance(analysis, Mapping) or analysis.get("state") not in _SETTLED:
            continue
        for affected in _mappings(found.get("affects")):
            written = str(affected.get("ref", ""))
            # A BOM-Link names another document and, behind the hash, the component in it.
            reference = unquote(written.partition("#")[2]) if written.startswith("urn:cdx:") else written
            purl = purls.get(reference, reference)
            if purl.startswith("pkg:"):
                images = (purl,) if purl.startswith("pkg:oci/") else ()
                yield Waiver(
                    id=str(found.get("id", "")),
                    place=resource.at(("vulnerabilities", index)),
                    packages=() if images else (purl,),
                    images=images,
                )


# Package URLs ------------------------------------------------------------------------------------------------------


def _taken_apart(purl: str) -> tuple[str, str, dict[str, list[str]]]:
    """What it names without its version, the version, and its qualifiers."""
    rest, _, qualifiers = purl.partition("#")[0].partition("?")
    name, at, version = rest.rpartition("@")
    return (unquote(name), unquote(version), parse_qs(qualifiers)) if at else (unquote(rest), "", parse_qs(qualifiers))


def _is_package(purl: str, vulnerability: Vulnerability) -> bool:
    name, version, _ = _taken_apart(purl)
    if vulnerability.purl:
        own, installed, _ = _taken_apart(vulnerability.purl)
        return name == own and version in ("", installed)
    return name.rpartition("/")[2] == vulnerability.package and version in ("", vulnerability.version)


def _is_image(purl: str, assessment: Assessment) -> bool:
    name, version, qualifiers = _taken_apart(purl)
    if version:
        return version in assessment.digests
    located = ImageReference.of(next(iter(qualifiers.get("repository_url", ())), ""))
    if located is not None:
        return any((image.registry, image.path) == (located.registry, located.path) for image in assessment.images)
    return any(image.name == name.rpartition("/")[2] for image in assessment.images)
