"""How routes hang on Gateways, and which certificates their listeners have (Gateway API v1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.hosts import covers
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged, text_of

ANY_HOST = "*"
"""Whichever name is asked for."""


_OWN_NAME = "gateway.networking.k8s.io/gateway-name"
"""The label of what is run for a Gateway, in its namespace (Gateway API, GEP-1762)."""
_ENVOY_NAME, _ENVOY_NAMESPACE = (f"gateway.envoyproxy.io/owning-gateway-{part}" for part in ("name", "namespace"))
"""The labels of Envoy Gateway, which runs its proxies in a namespace of its own."""


def gateway_served_by(workload: Workload) -> tuple[str, str] | None:
    """The namespace and name of the Gateway that a controller has made a workload for; None where there is none."""
    try:
        labels = workload.pod_labels
    except Unjudged:
        return None
    if _OWN_NAME in labels:
        return workload.scope, str(labels[_OWN_NAME])
    return (str(labels.get(_ENVOY_NAMESPACE)), str(labels[_ENVOY_NAME])) if _ENVOY_NAME in labels else None


class Attachment(Struct, frozen=True, eq=False):
    """A Gateway that a route hangs on.

    Args:
        namespace: its namespace.
        name: its name.
        section: the listener; "" for whichever takes the route.
        port: the port of the listener; None for whichever.
        place: where the route names it.
    """

    namespace: str
    name: str
    section: str
    port: int | None
    place: Place


def attachments_of(route: Resource) -> Iterator[Attachment]:
    """The Gateways that a route hangs on.

    Raises:
        Unjudged: they are not decided yet.
    """
    for index, parent in enumerate(route.mappings("spec.parentRefs")):
        if (parent.get("kind") or "Gateway") == "Gateway":
            yield Attachment(
                parent.get("namespace") or route.scope,
                str(parent.get("name")),
                parent.get("sectionName") or "",
                parent.get("port"),
                route.at(("spec", "parentRefs", index)),
            )


def certificate_for(gateway: Resource, attachment: Attachment, host: str) -> str:
    """The certificate of the listener that takes requests for a name; "" where none of those terminates TLS.

    Raises:
        Unjudged: which one that is is not decided yet.
    """
    for index, listener in enumerate(gateway.mappings("spec.listeners")):
        if _takes(listener, attachment, host):
            for reference in gateway.mappings(("spec", "listeners", index, "tls", "certificateRefs")):
                return text_of(reference.get("name"))
    return ""


def _takes(listener: Mapping[str, Any], attachment: Attachment, host: str) -> bool:
    if attachment.section and listener.get("name") != attachment.section:
        return False
    if attachment.port is not None and listener.get("port") != attachment.port:
        return False
    hostname = text_of(listener.get("hostname") or "")
    return not hostname or host == ANY_HOST or covers(hostname, host) or covers(host, hostname)
