"""The annotations that external-dns reads (its documentation: Annotations), in both of their spellings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from readycheck.model import Resource, Unresolved

FORMER_PREFIX = "external-dns.alpha.kubernetes.io/"
"""What they begin with up to v0.21."""
CURRENT_PREFIX = "external-dns.kubernetes.io/"
"""What they begin with from v0.22 (August 2026) on."""
PREFIXES = (FORMER_PREFIX, CURRENT_PREFIX)
HOSTNAME = "hostname"
TARGET = "target"

_CHOOSING = ("ingress-hostname-source", "gateway-hostname-source")
_OWN_NAME = "dns-controller"
"""The only value of the annotation `controller` that external-dns takes for its own."""


def annotated(resource: Resource, prefixes: Iterable[str] = PREFIXES) -> Iterator[tuple[str, str]]:
    """The annotations for external-dns that something carries: the prefix and the key of each.

    Args:
        resource: the thing.
        prefixes: what they may begin with.
    """
    known = tuple(prefixes)
    for name in resource.annotations:
        for prefix in known:
            if name.startswith(prefix):
                yield prefix, name.removeprefix(prefix)


def annotation(resource: Resource, key: str, prefixes: Iterable[str] = PREFIXES) -> str:
    """The value of an annotation for external-dns; "" where it is not there.

    Args:
        resource: what may carry it.
        key: the part of its name after the prefix.
        prefixes: what it may begin with.
    """
    for prefix in prefixes:
        value = resource.annotations.get(prefix + key)
        if value is not None:
            return value if isinstance(value, str) else str(value)
    return ""


def annotated_hosts(resource: Resource, prefixes: Iterable[str] = PREFIXES) -> list[str]:
    """The names that the annotation `hostname` asks for."""
    value = annotation(resource, HOSTNAME, prefixes)
    if isinstance(value, Unresolved):
        return [value]
    return [host.strip() for host in value.split(",") if host.strip()]


def hosts_asked(resource: Resource, hosts: Sequence[str], prefixes: Iterable[str] = PREFIXES) -> list[str]:
    """The names that something asks records for: by its spec, and by its annotation `hostname`.

    Its annotation `ingress-hostname-source` or `gateway-hostname-source` may say that one of them does not count.

    Args:
        resource: the thing.
        hosts: the names in its spec, or of what it is attached to.
        prefixes: what annotations begin with.
    """
    known = tuple(prefixes)
    chosen = next(filter(None, (annotation(resource, key, known) for key in _CHOOSING)), "").lower()
    return [
        *(hosts if chosen != "annotation-only" else ()),
        *(annotated_hosts(resource, known) if chosen != "defined-hosts-only" else ()),
    ]


def contradiction(resource: Resource) -> bool:
    """Whether the annotation `hostname` names other hosts under one prefix than under the other."""
    former, current = (annotation(resource, HOSTNAME, (prefix,)) for prefix in PREFIXES)
    return str.__str__(former) not in ("", str.__str__(current)) and str.__str__(current) != ""


def meant_for_another(resource: Resource) -> str:
    """The controller that something is meant for, where that is another one than external-dns; "" else."""
    value = annotation(resource, "controller")
    return "" if value in ("", _OWN_NAME) else value


def left_out(resource: Resource) -> bool:
    """Whether somebody marks something as none of external-dns's, as filters by annotation are told to leave out."""
    return annotation(resource, "exclude") == "true"
