"""What an external-dns is told that a chart installs: the project's own chart, or Bitnami's (the values of both)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readycheck.charts.release import ChartRelease
from readycheck.charts.values import ChartValue
from readycheck.kubernetes.external_dns import VALUED_FLAGS, ExternalDns, version_of
from readycheck.kubernetes.flags import flags_in
from readycheck.model import Place, Unjudged, Unresolved

CHART = "external-dns"
BITNAMI = "bitnami/external-dns"

# Which flag each value becomes.
_OWN: Mapping[str, str] = {
    "sources": "source",
    "domainFilters": "domain-filter",
    "excludeDomains": "exclude-domains",
    "labelFilter": "label-filter",
    "annotationFilter": "annotation-filter",
    "annotationPrefix": "annotation-prefix",
    "gatewayNamespace": "gateway-namespace",
    "policy": "policy",
}
_BITNAMI: Mapping[str, str] = {
    **_OWN,
    "regexDomainFilter": "regex-domain-filter",
    "regexDomainExclusion": "regex-domain-exclusion",
    "ingressClassFilters": "ingress-class",
    "namespace": "namespace",
    "fqdnTemplates": "fqdn-template",
    "ignoreHostnameAnnotation": "ignore-hostname-annotation",
    "ignoreIngressRulesSpec": "ignore-ingress-rules-spec",
    "cloudflare.proxied": "cloudflare-proxied",
}
_BY_DEFAULT: Mapping[str, Sequence[str]] = {"source": ("service", "ingress"), "policy": ("upsert-only",)}
"""What both charts give where nothing else is given."""


def external_dns_of(release: ChartRelease) -> ExternalDns:
    """The external-dns that a release of one of its charts runs.

    Args:
        release: the release.
    """
    flags: defaultdict[str, list[tuple[str, Place]]] = defaultdict(list)
    unread = ""
    for key, flag in (_BITNAMI if release.chart == BITNAMI else _OWN).items():
        try:
            given = release.given(key)
            flags[flag] += _values(given) if given is not None else ()
        except Unjudged as unjudged:
            unread = unjudged.reason
    for flag, defaults in () if unread else _BY_DEFAULT.items():
        flags[flag] = flags[flag] or [(default, release.chart_place) for default in defaults]
    try:
        if release.chart == CHART and release.flag("namespaced"):
            flags["namespace"].append((release.string("sourceNamespace") or release.namespace, release.chart_place))
        further, more = _further(release.given("extraArgs"))
        unread = unread or more
        for flag, values in further.items():
            flags[flag] += values
        version = _version(release)
    except Unjudged as unjudged:
        unread, version = unread or unjudged.reason, None
    told = {flag: values for flag, values in flags.items() if values}
    return ExternalDns(release.resource, told, version, unread)


def _values(value: ChartValue) -> Iterator[tuple[str, Place]]:
    """The values of a flag: one that is off has none, one that is on has an empty one."""
    for each in value.seen if isinstance(value.seen, list) else [value.seen]:
        if each is True:
            yield "", value.place
        elif (
            isinstance(each, (str, int)) and not isinstance(each, bool) and (isinstance(each, Unresolved) or each != "")
        ):
            yield each if isinstance(each, str) else str(each), value.place


def _further(value: ChartValue | None) -> tuple[Mapping[str, Sequence[tuple[str, Place]]], str]:
    """The flags among `extraArgs`: a list of words, or a mapping."""
    seen: Any = value.seen if value is not None else None
    if value is None or not seen:
        return {}, ""
    if isinstance(seen, Mapping):
        return {
            str(flag): list(_values(ChartValue(each, value.place))) or [("", value.place)]
            for flag, each in seen.items()
            if each is not False
        }, ""
    if isinstance(seen, list):
        return flags_in([(word, value.place) for word in seen if isinstance(word, str)], VALUED_FLAGS)
    return {}, "extraArgs is neither a list nor a mapping"


def _version(release: ChartRelease) -> tuple[int, int] | None:
    tag = release.given("image.tag")
    if tag is not None and isinstance(tag.seen, str) and tag.seen:
        return version_of(str.__str__(tag.seen))
    if release.chart != CHART:
        return None
    try:
        return version_of(release.app_version)
    except Unjudged:
        # Only what hangs on the version cannot be told then.
        return None
