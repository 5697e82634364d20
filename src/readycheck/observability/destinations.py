"""Where a collector sends what it collects: to another host, to something beside it, or nowhere."""

from __future__ import annotations

import re
from enum import Enum, auto

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import Path, Unresolved
from readycheck.observability.programs import Signal


class Reach(Enum):
    """How far something is sent."""

    ELSEWHERE = auto()
    """To another host, or to the platform of a vendor."""
    BESIDE = auto()
    """To a Service of the same cluster, or to the same machine."""
    NOWHERE = auto()
    """It is printed or thrown away."""
    OPEN = auto()
    """What is not decided yet says where."""


class Destination(Struct, frozen=True):
    """Where one signal is sent.

    Args:
        signal: what is sent.
        to: the host or the platform, for people.
        reach: how far that is.
        path: where it stands in what was read.
    """

    signal: Signal
    to: str
    reach: Reach
    path: Path = ()

    def at(self, path: Path) -> Destination:
        """The same, told by another place."""
        return replace(self, path=path)

    @property
    def shows(self) -> bool:
        """Whether what it leads to may show dashboards: a bare store of metrics does not."""
        return not _BARE_STORE.search(self.to)


def destination(signal: Signal, address: object, path: Path = ()) -> Destination | None:
    """Where an address leads; None where nothing is given.

    A name without a dot, `service.namespace` and names that end in `.svc` or `.cluster.local` are of the same cluster.

    Args:
        signal: what is sent there.
        address: the URL, or host and port.
        path: where it stands.
    """
    if not isinstance(address, str) or not str(address).strip():
        return None
    text = str(address).strip()
    host = host_of(text)
    undecided = isinstance(address, Unresolved) or _VARIABLE.search(text) is not None
    if undecided and not _DECIDED_END.search(host):
        return Destination(signal, _VARIABLE_SHOWN.sub("...", host) if host else text, Reach.OPEN, path)
    beside = _is_beside(host, secure=text.startswith("https://"))
    return Destination(signal, host, Reach.BESIDE if beside else Reach.ELSEWHERE, path)


def host_of(address: str) -> str:
    """The host of a URL or of `host:port`, without what may be a password before it.

    Args:
        address: the text.
    """
    rest = _SCHEME.sub("", address)
    rest = re.split(r"[/?#]", rest, maxsplit=1)[0] if not rest.startswith("$") else rest
    host = rest.rpartition("@")[2]
    return _PORT.sub("", host).strip("[]").lower() if not _VARIABLE.search(host) else _PORT.sub("", host)


def _is_beside(host: str, *, secure: bool) -> bool:
    if host in _THIS_MACHINE or host.startswith("127."):
        return True
    labels = host.rstrip(".").split(".")
    if _ADDRESS.fullmatch(host) or ":" in host:
        return False
    if len(labels) == 1 or "svc" in labels[1:] or labels[-2:] == ["cluster", "local"]:
        return True
    # `service.namespace` looks like the name of a domain; what lies outside is reached by TLS.
    return len(labels) == 2 and not secure  # noqa: PLR2004 - the name and the namespace


_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PORT = re.compile(r":\d*$")
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}")
_THIS_MACHINE = frozenset({"localhost", "0.0.0.0", "::1", "host.docker.internal", "host.k3d.internal"})  # noqa: S104
_VARIABLE = re.compile(r"\$\{|\$\(|\{\{|\$[A-Za-z_]|<[^>]+>|sys\.env|\benv\(")
_VARIABLE_SHOWN = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}")
# A variable may choose the stack of a vendor, or the region.
_DECIDED_END = re.compile(
    r"^[^}]*\}[\w.-]*\.(?:grafana\.net|amazonaws\.com|googleapis\.com|azure\.com|datadoghq\.\w+)$"
)
_BARE_STORE = re.compile(r"aps-workspaces\.|Managed Service for Prometheus")
