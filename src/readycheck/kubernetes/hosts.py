"""The names that Ingresses, routes and gateways answer to, and which of them are known outside of a network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from readycheck.kubernetes.kinds import qualified_kind
from readycheck.model import Path, Resource, Unresolved

_EVERY_HOST = "*"
# Where each kind names its hosts (its API reference); `*` is every item of a list.
_NAMED_AT: Mapping[str, tuple[str, ...]] = {
    "Ingress": ("spec.rules.*.host", "spec.tls.*.hosts.*"),
    **dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute"), ("spec.hostnames.*",)),
    "Gateway": ("spec.listeners.*.hostname",),
    "Gateway.networking.istio.io": ("spec.servers.*.hosts.*",),
    "VirtualService": ("spec.hosts.*",),
    "IngressRoute": ("spec.routes.*.match",),
    "HTTPProxy": ("spec.virtualhost.fqdn",),
    "Route": ("spec.host",),
    "DNSEndpoint": ("spec.endpoints.*.dnsName",),
}
_RULE_HOST = re.compile(r"(?:Host|HostSNI)\(([^)]*)\)")
_QUOTED = re.compile(r"[`\"']([^`\"']+)[`\"']")
_OF_THE_CLUSTER = re.compile(r"[^.]+|.*\.svc(?:\..*)?")

# Names that no public DNS has (RFC 6761, 6762, 8375; ICANN's reservation of .internal), and what everybody uses so.
_PRIVATE = (
    ".cluster.local",
    ".local",
    ".localhost",
    ".localdomain",
    ".internal",
    ".lan",
    ".home.arpa",
    ".test",
    ".home",
)
# Services whose names hold the address that they answer with.
_ANSWERED_BY_THEMSELVES = (".nip.io", ".sslip.io", ".xip.io")


def hosts_of(entry: Resource) -> list[str]:
    """The names that an Ingress, route or gateway has in its spec; those that stand for every host are left out.

    Raises:
        Unjudged: its spec is not decided yet, or of another shape.
    """
    found: list[str] = []
    texts: set[str] = set()
    for host in _hosts(entry):
        text = str.__str__(host)
        if text and text != _EVERY_HOST and text not in texts:
            texts.add(text)
            found.append(host)
    return found


def _hosts(entry: Resource) -> Iterator[str]:
    kind = qualified_kind(entry)
    for path in _NAMED_AT.get(kind, ()):
        for text in _walk(entry.body, path.split(".")):
            if kind == "IngressRoute":
                yield from _in_rule(text)
            elif kind == "Gateway.networking.istio.io" and not isinstance(text, Unresolved):
                # A namespace may stand before the host.
                yield text.rpartition("/")[2]
            elif kind != "VirtualService" or _is_outside(text):
                yield text


def _walk(value: object, steps: list[str]) -> Iterator[str]:
    """The texts at a path; one that is undecided counts as well.

    Raises:
        Unjudged: what holds them is not decided yet.
    """
    if not steps:
        if isinstance(value, str):
            yield value
    elif isinstance(value, Unresolved):
        value.ask()
    elif steps[0] == "*":
        for item in value if isinstance(value, list) else ():
            yield from _walk(item, steps[1:])
    elif isinstance(value, Mapping):
        yield from _walk(value.get(steps[0]), steps[1:])


def _in_rule(rule: str) -> Iterator[str]:
    """The hosts in a rule of Traefik: Host(`a.example.com`)."""
    text = str.__str__(rule)
    for match in _RULE_HOST.finditer(text):
        for host in _QUOTED.findall(match[1]):
            yield Unresolved(host, rule.reason) if isinstance(rule, Unresolved) and "$" in host else host


def _is_outside(host: str) -> bool:
    return isinstance(host, Unresolved) or _OF_THE_CLUSTER.fullmatch(host) is None


def hosts_at(entry: Resource, path: Path) -> list[str]:
    """The names that requests ask for which a part of an Ingress or route leads on; none where it takes any.

    Args:
        entry: the Ingress or route.
        path: where the part stands: a rule of an Ingress or a route of Traefik has names of its own.

    Raises:
        Unjudged: as with `hosts_of`.
    """
    rule = path[:3]
    if entry.kind == "Ingress":
        host = entry.string((*rule, "host")) if path[:2] == ("spec", "rules") else ""
        return [host] if host not in ("", _EVERY_HOST) else []
    if entry.kind == "IngressRoute" and path[:2] == ("spec", "routes"):
        return list(_in_rule(entry.string((*rule, "match"))))
    return hosts_of(entry)


def is_private(host: str) -> bool:
    """Whether a name is one that public DNS never has, or that needs no record."""
    if isinstance(host, Unresolved):
        return str.__str__(host).endswith(_PRIVATE)
    return "." not in host or f".{host}".endswith((*_PRIVATE, *_ANSWERED_BY_THEMSELVES))


def covers(pattern: str, host: str) -> bool:
    """Whether a record of one name answers for a host: the same, or a wildcard over it.

    Args:
        pattern: the name of the record.
        host: the host.
    """
    if isinstance(pattern, Unresolved) or isinstance(host, Unresolved):
        return str.__str__(pattern) == str.__str__(host)
    pattern, host = pattern.lower().rstrip("."), host.lower().rstrip(".")
    return pattern == host or (pattern.startswith("*.") and host.endswith(pattern[1:]) and host != pattern[2:])
