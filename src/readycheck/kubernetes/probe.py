"""Probes: what they ask, how patient they are, and which ports they name (Kubernetes API, Probe)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.workload import Container
from readycheck.model import Place, Unjudged

READINESS, LIVENESS, STARTUP = "readinessProbe", "livenessProbe", "startupProbe"
_HANDLERS = ("httpGet", "tcpSocket", "exec", "grpc")
_DEFAULT_PERIOD, DEFAULT_FAILURES = 10, 3


class Probe(Struct, frozen=True, eq=False):
    """A probe of a container that asks something."""

    container: Container
    field: str
    handler: str
    body: Mapping[str, Any]
    """What the handler says."""

    @classmethod
    def of(cls, container: Container, field: str) -> Probe | None:
        """The probe in a field; None where there is none, or one that asks nothing.

        Raises:
            Unjudged: it is of another shape, or asks several things at once.
        """
        if container.body.get(field) is None:
            return None
        body = container.mapping(field)
        handlers = [name for name in _HANDLERS if body.get(name) is not None]
        if len(handlers) > 1:
            raise Unjudged(f"{field} has several handlers: {', '.join(handlers)}", container.at(field))
        return cls(container, field, handlers[0], container.mapping((field, handlers[0]))) if handlers else None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.container.at(self.field)

    @property
    def port(self) -> int | str | None:
        """The port that it asks, a number or a name; None for a command.

        Raises:
            Unjudged: it names none, or something that is no port.
        """
        if self.handler == "exec":
            return None
        port = self.body.get("port")
        if isinstance(port, bool) or not isinstance(port, (int, str)):
            place = self.container.at((self.field, self.handler, "port"))
            raise Unjudged(f"{place.field} is no number and no name of a port", place)
        return port

    @property
    def question(self) -> tuple[Any, ...]:
        """What it asks, the same for two probes that ask the same, however they write it.

        Raises:
            Unjudged: a part of it is not decided yet.
        """
        if self.handler == "exec":
            return ("exec", *self.container.strings((self.field, self.handler, "command")))
        port = self.container.workload.port_number(self.container, self.port)
        asked = (self.handler, self._text("host"), port if port is not None else self.port)
        if self.handler == "httpGet":
            headers = self.container.mappings((self.field, self.handler, "httpHeaders"))
            named = sorted((str(header.get("name")).lower(), str(header.get("value"))) for header in headers)
            return (*asked, self._text("scheme", "HTTP").upper(), f"/{self._text('path').removeprefix('/')}", *named)
        return (*asked, self._text("service")) if self.handler == "grpc" else asked

    def _text(self, name: str, default: str = "") -> str:
        return self.container.string((self.field, self.handler, name), default)

    def asks_the_same(self, other: Probe) -> bool:
        """Whether two probes ask the same question, however each writes it."""
        return self.handler == other.handler and self.question == other.question

    @property
    def patience(self) -> int:
        """Seconds from the first failure until it acts: its period times the failures that it forgives.

        A delay before its first question is no part of it: a dependency fails long after that.
        """
        # The API server takes 0 for the default, as if nothing stood there.
        period = self.container.integer((self.field, "periodSeconds"), 0) or _DEFAULT_PERIOD
        return period * (self.container.integer((self.field, "failureThreshold"), 0) or DEFAULT_FAILURES)


def probes_of(container: Container) -> Iterator[Probe]:
    """The probes that a container has."""
    for field in (READINESS, LIVENESS, STARTUP):
        probe = Probe.of(container, field)
        if probe is not None:
            yield probe
