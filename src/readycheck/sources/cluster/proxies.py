"""Which proxy stands before an API server, as kubectl decides it: Go's `golang.org/x/net/http/httpproxy`."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit


def proxy_for(server: str, given: str = "") -> str:
    """The URL of the proxy to ask through; "" for none.

    Args:
        server: the URL of the API server.
        given: what the kubeconfig says (`proxy-url`), which no variable overrides.
    """
    if given:
        return given
    url = urlsplit(server)
    name = "HTTPS_PROXY" if url.scheme == "https" else "HTTP_PROXY"
    proxy = _variable(name)
    if not proxy or _is_bypassed(url.hostname or "", url.port or (443 if url.scheme == "https" else 80)):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _variable(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.lower()) or ""


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_bypassed(host: str, port: int) -> bool:
    """Whether NO_PROXY names a host: itself, a domain above it, a network, or `*`; loopback never goes to a proxy."""
    host = host.lower()
    if is_loopback(host):
        return True
    return any(_names(entry.strip().lower(), host, port) for entry in _variable("NO_PROXY").split(","))


def _names(entry: str, host: str, port: int) -> bool:
    if entry in ("", "*"):
        return entry == "*"
    address = _address(host)
    if "/" in entry:
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    if _address(entry) is None:
        name, colon, digits = entry.rpartition(":")
        if colon and digits.isdigit():
            if int(digits) != port:
                return False
            entry = name.strip("[]")
    if _address(entry) is not None:
        return address == _address(entry)
    # `.shop.example` means what is below it, `shop.example` the name itself too.
    entry = entry.removeprefix("*")
    return host.endswith(entry) if entry.startswith(".") else host == entry or host.endswith(f".{entry}")
