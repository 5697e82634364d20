"""Which names lead to a content delivery network, by what stands beside them in Kubernetes.

The suffixes are those under which the networks give out names, as they stood in August 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from readycheck.kubernetes.dns_annotations import PREFIXES, TARGET, annotation
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unresolved

_SUFFIXES = (
    *(".cloudfront.net", ".akamaiedge.net", ".akamai.net", ".akamaized.net", ".edgekey.net", ".edgesuite.net"),
    *(".fastly.net", ".fastlylb.net", ".global.ssl.fastly.net", ".azureedge.net", ".azurefd.net", ".b-cdn.net"),
    *(".cdn.cloudflare.net", ".cdn77.org", ".gcdn.co", ".kxcdn.com", ".stackpathdns.com"),
)
_HOST = re.compile(r"(?:https?:)?//([\w.-]+)|^([\w-]+(?:\.[\w-]+)+)$")
_PROXIED = "cloudflare-proxied"
STATIC = "readycheck.dev/static"
"""The annotation by which somebody declares that a frontend serves what does not change."""


def is_delivering(host: str) -> bool:
    """Whether a host is one of a content delivery network."""
    return isinstance(host, str) and not isinstance(host, Unresolved) and host.lower().rstrip(".").endswith(_SUFFIXES)


def declared_static(resource: Resource) -> bool:
    """Whether something carries the annotation that declares a frontend static."""
    return bool(resource.annotations.get(STATIC) == "true")


def target_of(resource: Resource) -> str:
    """The host of a content delivery network that the record of something is to lead to; "" where it is none."""
    targets = annotation(resource, TARGET)
    found = (each.strip() for each in targets.split(",")) if not isinstance(targets, Unresolved) else ()
    return next(filter(is_delivering, found), "")


def proxied(resource: Resource) -> bool | None:
    """Whether Cloudflare is to stand before something; None where nothing is said."""
    said = annotation(resource, _PROXIED)
    return None if not said else bool(said == "true")


def proxied_at(resource: Resource) -> Place:
    """Where that is said."""
    carried = next(prefix for prefix in PREFIXES if prefix + _PROXIED in resource.annotations)
    return resource.at(("metadata", "annotations", carried + _PROXIED))


def assets_of(workload: Workload) -> Iterator[Place]:
    """The variables of a workload's containers that give an address on a content delivery network."""
    for container in workload.long_running:
        for index, variable in enumerate(container.mappings("env")):
            value = variable.get("value")
            match = _HOST.search(value) if isinstance(value, str) and not isinstance(value, Unresolved) else None
            if match and is_delivering(match[1] or match[2]):
                yield container.at(("env", index, "value"))


def backend_configs(service: Resource) -> Iterator[str]:
    """The BackendConfigs of Google's load balancer that a Service names (Google's documentation of BackendConfig)."""
    text = service.annotations.get("cloud.google.com/backend-config")
    if not isinstance(text, str) or isinstance(text, Unresolved):
        return
    try:
        named = json.loads(text)
    except ValueError:
        return
    if isinstance(named, dict):
        yield from (named[key] for key in ("default",) if isinstance(named.get(key), str))
        ports = named.get("ports")
        yield from map(str, ports.values() if isinstance(ports, dict) else ())
