"""Reading a cluster from end to end: the way there, what it serves, and everything of each kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from readycheck.clusters.support import SERVER_VERSION
from readycheck.kubernetes.apis import Api, cluster_role
from readycheck.model import Collected, Problem, Resource
from readycheck.sources.cluster.answers import ask
from readycheck.sources.cluster.connection import Connection, connect
from readycheck.sources.cluster.discovery import Served, discover
from readycheck.sources.cluster.faults import ConnectionFault, RequestError
from readycheck.sources.cluster.listing import Listed, list_all
from readycheck.sources.cluster.objects import ClusterOrigin, address, resources_of
from readycheck.sources.cluster.request import ClusterRequest

_SOURCE = "cluster"


def read(request: ClusterRequest, progress: Callable[[str], None]) -> Collected:
    """Read a cluster.

    Args:
        request: which cluster.
        progress: told what is being done.
    """
    name = request.named
    progress(f"cluster {name}: connecting")
    try:
        connection = connect(request)
    except ConnectionFault as fault:
        return _failed(name, str(fault))
    name = connection.name
    try:
        return _Reading(request, connection, progress).run()
    except ConnectionFault as fault:
        return _failed(name, str(fault))
    except RequestError as error:
        return _failed(name, f"the API server {error.reason}")
    finally:
        connection.close()


def _failed(name: str, reason: str) -> Collected:
    return Collected(_SOURCE, (), problems=(Problem(address(name), reason),), failed=True)


class _Reading:
    """One reading of one cluster."""

    def __init__(self, request: ClusterRequest, connection: Connection, progress: Callable[[str], None]) -> None:
        self._request = request
        self._connection = connection
        self._progress = progress
        self._end = time.monotonic() + request.deadline_seconds
        self._origin = ClusterOrigin(connection.name)
        self._resources: list[Resource] = []
        self._unread: dict[str, str] = {}
        self._refused: list[Api] = []

    def run(self) -> Collected:
        """Discover and list.

        Raises:
            ConnectionFault: the server does not take the credentials.
            RequestError: it does not say what it serves.
        """
        found = discover(self._connection, self._deadline())
        self._unread.update(found.unread)
        read = False
        for listed in self._lists(found.served):
            kind = listed.served.api.qualified_kind
            if listed.reason:
                self._unread[kind] = listed.reason
                self._refused += [listed.served.api] if listed.forbidden else []
            else:
                read = True
                self._resources += resources_of(listed.items, listed.served, self._origin)
                self._progress(f"cluster {self._connection.name}: {kind}, {len(self._resources)} objects so far")
        return self._sum_up("" if read else self._why_nothing(found.served))

    def _why_nothing(self, served: Sequence[Served]) -> str:
        """Why no kind was read at all."""
        if not served:
            return "the API server serves none of the kinds that rules ask about: is it one of Kubernetes?"
        if len(self._refused) == len(served):
            return f"nothing may be listed: each of {len(served)} kinds was refused"
        return f"nothing could be listed; {self._unread[min(self._unread)]}"

    def _deadline(self) -> float:
        return min(time.monotonic() + self._request.timeout_seconds, self._end)

    def _lists(self, served: Sequence[Served]) -> Iterator[Listed]:
        """What each kind comes to, as they come in.

        Raises:
            ConnectionFault: the server no longer takes the credentials.
        """
        waiting, done = SimpleQueue[Served](), SimpleQueue[Listed | Exception]()
        for each in served:
            waiting.put(each)
        # Daemons: neither who is refused nor who interrupts waits for requests that are on their way.
        for _ in range(min(self._request.concurrency, len(served))):
            Thread(target=self._work, args=(waiting, done), daemon=True).start()
        for _ in served:
            listed = done.get()
            if isinstance(listed, Exception):
                self._end = 0
                raise listed
            yield listed

    def _work(self, waiting: SimpleQueue[Served], done: SimpleQueue[Listed | Exception]) -> None:
        with suppress(Empty):
            while self._end:
                served = waiting.get_nowait()
                try:
                    done.put(list_all(self._connection, served, self._deadline()))
                except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where somebody waits for it
                    done.put(error)

    def _sum_up(self, nothing: str) -> Collected:
        name = self._connection.name
        problems = [Problem(f"{address(name)}/{kind}", reason) for kind, reason in sorted(self._unread.items())]
        if nothing:
            # What everybody may see, the version, must not pass for a cluster that was looked at.
            problems.insert(0, Problem(address(name), nothing))
        else:
            self._resources += self._version()
        return Collected(
            _SOURCE,
            sorted(self._resources, key=lambda each: (each.kind, each.scope, each.name)),
            problems=problems,
            failed=bool(nothing),
            unread=dict(sorted(self._unread.items())),
            targets=() if nothing else (name,),
            # Under the usual name it would take away what was granted before.
            remedy=cluster_role(self._refused, name="readycheck-missing") if self._refused else "",
        )

    def _version(self) -> Iterator[Resource]:
        """What the server says of its version, in the shape of an object; nothing where it does not say."""
        with suppress(RequestError):
            answer = ask(self._connection, "/version", self._deadline())
            version = answer.get("gitVersion")
            if isinstance(version, str):
                body = {"apiVersion": "v1", "kind": SERVER_VERSION, "metadata": {"name": version}, **answer}
                yield Resource(SERVER_VERSION, version, "", body, self._origin)
