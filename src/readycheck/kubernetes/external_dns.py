"""external-dns: what it reads, and what it leaves out (external-dns documentation: Annotations, Flags, sources).

Up to v0.21 its annotations begin with `external-dns.alpha.kubernetes.io/`, from v0.22 (August 2026) on with
`external-dns.kubernetes.io/`; it reads one of them only, unless it is told another one by `--annotation-prefix`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct, field

from readycheck.kubernetes.dns_annotations import (
    CURRENT_PREFIX,
    FORMER_PREFIX,
    PREFIXES,
    TARGET,
    annotated,
    annotated_hosts,
    annotation,
    hosts_asked,
)
from readycheck.kubernetes.flags import flags_in
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Place, Resource, Unjudged, Unresolved

_SWITCHED_IN = (0, 22)
_SOURCES: Mapping[str, str] = {
    "Service": "service",
    "Ingress": "ingress",
    "HTTPRoute": "gateway-httproute",
    "GRPCRoute": "gateway-grpcroute",
    "TLSRoute": "gateway-tlsroute",
    "TCPRoute": "gateway-tcproute",
    "UDPRoute": "gateway-udproute",
    "Gateway.networking.istio.io": "istio-gateway",
    "VirtualService": "istio-virtualservice",
    "IngressRoute": "traefik-proxy",
    "HTTPProxy": "contour-httpproxy",
    "Route": "openshift-route",
    "DNSEndpoint": "crd",
}
_WITH_TARGETS = frozenset({"IngressRoute"})
"""Kinds whose status shows no address: without the annotation `target` nothing is made of them."""

VALUED_FLAGS = frozenset(
    {
        *("annotation-filter", "annotation-prefix", "domain-filter", "exclude-domains", "fqdn-template"),
        *("gateway-label-filter", "gateway-name", "gateway-namespace", "ingress-class", "label-filter", "namespace"),
        *(
            "policy",
            "regex-domain-exclusion",
            "regex-domain-filter",
            "service-type-filter",
            "source",
            "default-targets",
        ),
    }
)
"""Flags that take a value, of those that matter here; without `=` the next word is the value."""
_ENV = "EXTERNAL_DNS_"
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.\d+)?(?!\d)")


class Ignored(NamedTuple):
    """Why an external-dns makes no record of something."""

    reason: str
    sure: bool = True
    """False where it may make one all the same."""
    place: Place | None = None
    """What shows it."""
    wanted_prefix: str = ""
    """What the annotations should begin with, where that is the reason."""


class ExternalDns(Struct, frozen=True, eq=False, dict=True):
    """An external-dns that runs.

    Args:
        resource: the workload, or what installs its chart.
        flags: the values of its flags by their names, each with its place; "" for one that is set without a value.
        version: the first two numbers of its version; None where it cannot be told.
        unread: why some flags cannot be told; "" where all can.
    """

    resource: Resource
    flags: Mapping[str, Sequence[tuple[str, Place]]] = field(default_factory=dict)
    version: tuple[int, int] | None = None
    unread: str = ""

    @classmethod
    def of(cls, workload: Workload) -> ExternalDns | None:
        """The external-dns that a workload runs; None where it runs none."""
        try:
            container = next(filter(_is_external_dns, workload.long_running), None)
            version = version_of(container.image.tag or "") if container is not None else None
            container = container or _labelled(workload)
            if container is None:
                return None
            flags, unread = _flags_of(container)
            return cls(workload, flags, version, unread)
        except Unjudged:
            return None

    @property
    def named(self) -> str:
        """What people call it: `Deployment external-dns`; what Terraform makes, by its address."""
        kind, name = self.resource.kind, self.resource.name
        return name if name.startswith(f"{kind}.") else f"{kind} {name}"

    def values(self, flag: str) -> list[str]:
        """The values of a flag."""
        return [value for value, _ in self.flags.get(flag, ())]

    def _place(self, flag: str) -> Place | None:
        return next((place for _, place in self.flags.get(flag, ())), None)

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """What the annotations that it reads begin with; several where it cannot be told which.

        Raises:
            Unjudged: it is not decided yet.
        """
        given = self.values("annotation-prefix")
        if given:
            return (_decided(given[-1]),)
        if self.version is None:
            return PREFIXES
        read = CURRENT_PREFIX if self.version >= _SWITCHED_IN else FORMER_PREFIX
        return PREFIXES if "enable-legacy-annotation-prefix" in self.flags else (read,)

    @property
    def templated(self) -> bool:
        """Whether it makes names by a template for what has none."""
        return "fqdn-template" in self.flags or "fqdn-target-template" in self.flags

    def reads_kind(self, kind: str) -> bool:
        """Whether it looks at things of a kind, as far as its flags tell.

        Raises:
            Unjudged: one of its sources is not decided yet.
        """
        return _SOURCES.get(kind, "") in self._sources

    @cached_property
    def _sources(self) -> frozenset[str]:
        return frozenset(map(_decided, self.values("source")))

    def ignores(self, resource: Resource, parents: Sequence[Resource] = ()) -> Ignored | None:
        """Why it makes no record of something, whatever names that asks for; None where it may make one.

        Args:
            resource: a Service, an Ingress or a route.
            parents: the Gateways that it is attached to, as far as they are at hand.

        Raises:
            Unjudged: a filter is not decided yet.
        """
        kind = qualified_kind(resource)
        return (
            self._by_policy()
            or self._by_source(kind)
            or self._by_namespace(resource)
            or self._by_selectors(resource)
            or self._by_class(resource)
            or self._by_gateway(parents)
            or self._by_prefix(resource)
            or (self._by_target(resource) if kind in _WITH_TARGETS else None)
        )

    def hosts_read(self, resource: Resource, hosts: Sequence[str]) -> list[str]:
        """The names that it reads of something.

        Args:
            resource: the thing.
            hosts: the names in its spec, or of what it is attached to.
        """
        if resource.kind == "Ingress" and "ignore-ingress-rules-spec" in self.flags:
            hosts = [host for tls in resource.mappings("spec.tls") for host in tls.get("hosts") or ()]
        asked = hosts_asked(resource, hosts, self.prefixes)
        if "ignore-hostname-annotation" not in self.flags:
            return asked
        annotated_only = set(map(str.__str__, annotated_hosts(resource, self.prefixes))) - set(map(str.__str__, hosts))
        return [host for host in asked if str.__str__(host) not in annotated_only]

    def refuses(self, host: str) -> Ignored | None:
        """Why it may make no record of a name; None where it makes one.

        What lies outside of its domains may be another one's, or nobody's.

        Args:
            host: the name.

        Raises:
            Unjudged: a domain is not decided yet.
        """
        for flag in ("regex-domain-filter", "regex-domain-exclusion"):
            if flag in self.flags:
                reason = f"whether the --{flag} of {self.named} takes {host!s} is not judged"
                return Ignored(reason, sure=False, place=self._place(flag))
        wanted = [domain for domain in self.values("domain-filter") if str.__str__(domain)]
        if wanted and not _within_any(host, wanted):
            reason = f"{host} lies outside of the --domain-filter of {self.named} ({', '.join(wanted)})"
            return Ignored(reason, sure=False, place=self._place("domain-filter"))
        excluded = [domain for domain in self.values("exclude-domains") if str.__str__(domain)]
        if _within_any(host, excluded):
            reason = f"{self.named} leaves {host} out (--exclude-domains)"
            return Ignored(reason, sure=False, place=self._place("exclude-domains"))
        return None

    def _by_policy(self) -> Ignored | None:
        if self.version is None or self.version < _SWITCHED_IN or "policy" in self.flags or self.unread:
            return None
        return Ignored(f"{self.named} names no --policy, and without one v0.22 and later do not start")

    def _by_source(self, kind: str) -> Ignored | None:
        sources = self.values("source")
        if self.reads_kind(kind):
            return None
        if self.unread:
            return Ignored(f"what {self.named} reads cannot be told: {self.unread}", sure=False)
        if not sources:
            return Ignored(f"{self.named} names no --source", sure=False)
        wanted = _SOURCES.get(kind, "")
        return Ignored(
            f"{self.named} reads {', '.join(sources)} only: --source={wanted} is missing", place=self._place("source")
        )

    def _by_namespace(self, resource: Resource) -> Ignored | None:
        for namespace in map(_decided, self.values("namespace")):
            if namespace not in ("", resource.scope):
                reason = f"{self.named} reads namespace {namespace} only"
                return Ignored(reason, sure=bool(resource.scope), place=self._place("namespace"))
        return None

    def _by_selectors(self, resource: Resource) -> Ignored | None:
        for flag, given in (("label-filter", resource.labels), ("annotation-filter", resource.annotations)):
            for text in self.values(flag):
                selector = Selector.of_text(_decided(text))
                if selector is None:
                    return Ignored(f"the --{flag} of {self.named} cannot be read", sure=False, place=self._place(flag))
                if not selector.matches(given):
                    reason = f"the --{flag} of {self.named} leaves it out ({text})"
                    return Ignored(reason, place=self._place(flag))
        return None

    def _by_class(self, resource: Resource) -> Ignored | None:
        classes = [_decided(name) for name in self.values("ingress-class")]
        if resource.kind != "Ingress" or not classes:
            return None
        own = resource.get("spec.ingressClassName") or resource.annotations.get("kubernetes.io/ingress.class")
        if own in classes:
            return None
        reason = f"{self.named} reads Ingresses of class {', '.join(classes)} only"
        return Ignored(reason, place=self._place("ingress-class"))

    def _by_gateway(self, parents: Sequence[Resource]) -> Ignored | None:
        if not parents:
            return None
        for flag, read in (("gateway-name", "name"), ("gateway-namespace", "scope")):
            for wanted in map(_decided, self.values(flag)):
                if wanted and all(getattr(parent, read) != wanted for parent in parents):
                    reason = f"{self.named} reads routes of --{flag}={wanted} only"
                    return Ignored(reason, place=self._place(flag))
        for text in self.values("gateway-label-filter"):
            selector = Selector.of_text(_decided(text))
            if selector is not None and not any(selector.matches(parent.labels) for parent in parents):
                reason = f"the --gateway-label-filter of {self.named} leaves its Gateway out ({text})"
                return Ignored(reason, place=self._place("gateway-label-filter"))
        return None

    def _by_prefix(self, resource: Resource) -> Ignored | None:
        carried = {prefix for prefix, _ in annotated(resource, {*PREFIXES, *self.prefixes})}
        if not carried or not carried.isdisjoint(self.prefixes):
            if self.version is None and "annotation-prefix" not in self.flags and len(carried) == 1:
                reason = f"which prefix of annotations {self.named} reads cannot be told: its version is not told"
                return Ignored(reason, sure=False)
            return None
        written = ", ".join(sorted(carried))
        why = (
            f" (v{'.'.join(map(str, self.version))})" if self.version and "annotation-prefix" not in self.flags else ""
        )
        return Ignored(
            f"its annotations begin with {written}, and {self.named}{why} reads {self.prefixes[0]} only",
            place=self._place("annotation-prefix"),
            wanted_prefix=self.prefixes[0],
        )

    def _by_target(self, resource: Resource) -> Ignored | None:
        if annotation(resource, TARGET, self.prefixes):
            return None
        if "default-targets" in self.flags:
            return Ignored(f"whether {self.named} takes its --default-targets for it cannot be told", sure=False)
        return Ignored(f"without the annotation {TARGET} external-dns makes no record of an {resource.kind}")


def _is_external_dns(container: Container) -> bool:
    return container.image.name == "external-dns"


def _labelled(workload: Workload) -> Container | None:
    """The container of an external-dns whose image is called something else: its tags tell no version of it."""
    if workload.runs_to_completion or workload.pod_labels.get("app.kubernetes.io/name") != "external-dns":
        return None
    own = [each for each in workload.long_running if not each.injected]
    return next((each for each in own if each.name == "external-dns"), own[0] if len(own) == 1 else None)


def version_of(text: str) -> tuple[int, int] | None:
    """The first two numbers of a version such as `v0.21.0`; None where the text is none."""
    match = _VERSION.match(text)
    return (int(match[1]), int(match[2])) if match else None


def _flags_of(container: Container) -> tuple[Mapping[str, Sequence[tuple[str, Place]]], str]:
    words = [
        (word, container.at((part, index)))
        for part in ("command", "args")
        for index, word in enumerate(container.strings(part))
    ]
    told, unread = flags_in(words, VALUED_FLAGS)
    flags = defaultdict(list, told)
    for index, variable in enumerate(container.mappings("env")):
        name, value = str(variable.get("name")), variable.get("value")
        if name.startswith(_ENV):
            flag = name.removeprefix(_ENV).lower().replace("_", "-")
            place = container.at(("env", index, "value"))
            if not isinstance(value, str):
                unread = f"{name} comes from elsewhere"
            elif isinstance(value, Unresolved):
                flags[flag].append((value, place))
            else:
                flags[flag] += [(line, place) for line in value.split("\n") if line]
    if container.body.get("envFrom"):
        unread = unread or "its environment comes from elsewhere (envFrom)"
    return flags, unread


def _decided(value: str) -> str:
    if isinstance(value, Unresolved):
        raise Unjudged(f"`{value!s}` {value.reason}")
    return value


def _within_any(host: str, domains: Sequence[str]) -> bool:
    """Whether a host is in one of some domains, or is it; a domain with a leading dot leaves itself out.

    What is undecided is compared as it is written first: one variable has one value.

    Raises:
        Unjudged: it is not decided yet.
    """
    if any(_within(str.__str__(host), str.__str__(domain)) for domain in domains):
        return True
    for each in (host, *domains) if domains else ():
        _decided(each)
    return False


def _within(host: str, domain: str) -> bool:
    host, domain = host.lower().rstrip("."), domain.lower().rstrip(".")
    return host.endswith(domain if domain.startswith(".") else f".{domain}") or host == domain
