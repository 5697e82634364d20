"""The way of requests as a line of hops, each with what shows that it is there."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readycheck.model import Place

UNTOLD = "?"
"""What stands in the line for what cannot be told."""
_SHOWN_OF_A_CERTIFICATE = 8


class Hop(Struct, frozen=True, eq=False):
    """A place that requests come by.

    Args:
        name: what stands there; "" where that cannot be told, or nothing does.
        place: where it is declared, or what asks for it.
        certificate: what TLS is terminated with there, for people; "" where it is not.
        broken: why requests get no further; "" where they do, or nobody can tell.
        more: what else shows what stands there.
    """

    name: str
    place: Place | None = None
    certificate: str = ""
    broken: str = ""
    more: tuple[Place, ...] = ()

    @property
    def text(self) -> str:
        """The hop as it stands in the line of a path."""
        if not self.name:
            return UNTOLD
        return f"{self.name} (TLS, {self.certificate})" if self.certificate else self.name


class RequestPath(Struct, frozen=True, eq=False):
    """The way of the requests for a name.

    Args:
        host: the name; `*` for any.
        hops: what they come by, in that order.
        before: how many of those stand before the entry.
    """

    host: str
    hops: tuple[Hop, ...]
    before: int = 1

    @property
    def line(self) -> str:
        """The path as one line: `shop.example.com -> NLB (TLS, acm 0a1b2c3d) -> ingress-nginx -> web:80 -> ?`."""
        return " -> ".join((self.host, *(hop.text for hop in self.hops)))

    @property
    def told(self) -> bool:
        """Whether anything of it is known."""
        return any(hop.name for hop in self.hops)

    @property
    def broken(self) -> Hop | None:
        """The first hop that requests do not get by."""
        return next((hop for hop in self.hops if hop.broken), None)

    @property
    def terminating(self) -> Iterator[Hop]:
        """The hops that terminate TLS."""
        return (hop for hop in self.hops if hop.certificate)

    @property
    def places(self) -> list[Place]:
        """Where the hops are declared, as evidence."""
        return [place for hop in self.hops for place in (hop.place, *hop.more) if place is not None]


def shown_certificate(certificate: str) -> str:
    """A certificate as people tell it apart: `acm 0a1b2c3d` for an ARN."""
    parts = certificate.split(":")
    if len(parts) > 2 and parts[0] == "arn":  # noqa: PLR2004 - arn, partition, service
        return f"{parts[2]} {certificate.rpartition('/')[2][:_SHOWN_OF_A_CERTIFICATE]}"
    return certificate
