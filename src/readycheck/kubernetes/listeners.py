"""The listeners of Gateways, and which routes take requests there.

Gateway API v1; AWS Gateway API Controller for VPC Lattice, Configure HTTPs connections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.condition import condition_of, said
from readycheck.kubernetes.gateway import Attachment
from readycheck.kubernetes.hosts import covers
from readycheck.model import Path, Place, Resource, Unresolved

_MANAGED = ("networking.gke.io/certmap",)
_LATTICE = "amazon-vpc-lattice"
"""The only class of the controller for VPC Lattice."""
_PLAIN, _SECURE = ("HTTP",), ("HTTPS", "TLS")


class Listener(Struct, frozen=True, eq=False):
    """A listener of a Gateway."""

    gateway: Resource
    index: int
    part: Mapping[str, Any]

    @property
    def path(self) -> Path:
        """Where it stands in the Gateway."""
        return ("spec", "listeners", self.index)

    @property
    def place(self) -> Place:
        """Where it stands in the Gateway."""
        return self.gateway.at((*self.path, "name"))

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.part.get("name"))

    @property
    def protocol(self) -> str:
        """Its protocol.

        Raises:
            Unjudged: it is not decided yet.
        """
        return self.gateway.string((*self.path, "protocol"))

    @property
    def plain(self) -> bool:
        """Whether it takes requests without TLS."""
        return self.protocol in _PLAIN

    @property
    def secure(self) -> bool:
        """Whether it listens for TLS."""
        return self.protocol in _SECURE

    @property
    def passes_on(self) -> bool:
        """Whether it leaves TLS to what is behind it."""
        return self.gateway.string((*self.path, "tls", "mode")) == "Passthrough"

    @property
    def certificates(self) -> list[Mapping[str, Any]]:
        """What it names as its certificates.

        Raises:
            Unjudged: that is not decided yet.
        """
        return self.gateway.mappings((*self.path, "tls", "certificateRefs"))

    @property
    def managed(self) -> str:
        """What gives it certificates without naming a Secret; "" where nothing does."""
        if self.gateway.mapping((*self.path, "tls", "options")):
            return "its tls.options"
        if self.gateway.string("spec.gatewayClassName") == _LATTICE:
            return "VPC Lattice, which makes one for each service"
        return next((f"the annotation {key}" for key in _MANAGED if key in self.gateway.annotations), "")

    @property
    def _status(self) -> Path | None:
        """Where its controller says how it is; None where no controller has said anything."""
        for index, part in enumerate(self.gateway.mappings("status.listeners")):
            if part.get("name") == self.part.get("name"):
                return ("status", "listeners", index, "conditions")
        return None

    @property
    def trouble(self) -> tuple[str, Place] | None:
        """Why the controller of a live Gateway does not serve it, in words and with its place; None where it may.

        Raises:
            Unjudged: its status has another shape.
        """
        path = self._status
        if path is None:
            return None
        for kind in ("ResolvedRefs", "Accepted", "Programmed"):
            condition = condition_of(self.gateway, kind, path)
            if condition is not None and condition.get("status") == "False":
                return f"it is not {kind} ({said(condition)})", self.gateway.at(path)
        return None

    @property
    def resolved(self) -> bool:
        """Whether the controller of a live Gateway has found all that it names.

        Raises:
            Unjudged: its status has another shape.
        """
        path = self._status
        condition = condition_of(self.gateway, "ResolvedRefs", path) if path is not None else None
        return condition is not None and condition.get("status") == "True"

    def takes(self, route: Resource, attachment: Attachment) -> bool | None:
        """Whether a route that hangs on the Gateway takes requests here; None where that cannot be told."""
        if attachment.section and attachment.section != self.name:
            return False
        if attachment.port is not None and attachment.port != self.part.get("port"):
            return False
        hostname = self.part.get("hostname") or ""
        hosts = route.strings("spec.hostnames") if route.kind != "TCPRoute" else []
        if hostname and hosts and not any(_meet(hostname, host) for host in hosts):
            return False
        allowed = self.gateway.mapping((*self.path, "allowedRoutes", "namespaces")).get("from") or "Same"
        if allowed == "Same":
            return route.scope == self.gateway.scope
        return True if allowed == "All" else None


def _meet(hostname: str, host: str) -> bool:
    if isinstance(hostname, Unresolved) or isinstance(host, Unresolved):
        return str.__str__(hostname) == str.__str__(host)
    return covers(hostname, host) or covers(host, hostname)


def listeners_of(gateway: Resource) -> Iterator[Listener]:
    """The listeners of a Gateway.

    Raises:
        Unjudged: they are not decided yet.
    """
    for index, part in enumerate(gateway.mappings("spec.listeners")):
        yield Listener(gateway, index, part)


def only_redirects_to_tls(route: Resource) -> bool:
    """Whether a route answers everything by sending the client to where TLS is spoken.

    A redirect that names no scheme keeps that of the request (Gateway API, HTTPRequestRedirectFilter).

    Raises:
        Unjudged: that is not decided yet.
    """
    rules = route.mappings("spec.rules")
    return bool(rules) and all(
        not rule.get("backendRefs")
        and any(_redirects_to_tls(each) for each in route.mappings(("spec", "rules", index, "filters")))
        for index, rule in enumerate(rules)
    )


def _redirects_to_tls(each: Mapping[str, Any]) -> bool:
    if each.get("type") != "RequestRedirect":
        return False
    redirect = each.get("requestRedirect")
    return isinstance(redirect, Mapping) and bool(redirect.get("scheme") == "https")
