"""Reading a cluster from end to end: the way there, what it serves, and everything of each kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from queue import Empty, SimpleQueue
from threading import Thread

from orjson import JSONDecodeError

from readycheck.clusters.support import SERVER_VERSION
from readycheck.kubernetes.apis import Api, cluster_role
from readycheck.model import Collected, Problem, Resource
from readycheck.sources.cluster.answers import ask
from readycheck.sources.cluster.connection import Connection, connect
from readycheck.sources.cluster.discovery import Served, discover
from readycheck.sources.cluster.faults import ConnectionFault, RequestError
from readycheck.sources.cluster.listing import Page, not_listed, pages_of
from readycheck.sources.cluster.objects import ClusterOrigin, address, resources_of
from readycheck.sources.cluster.request import ClusterRequest
from readycheck.sources.cluster.thrift import Thrift

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
        self._thrift = Thrift()
        self._kept: dict[str, list[Resource]] = {}
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
        for page in self._pages(found.served):
            self._take(page)
        return self._sum_up("" if self._kept else self._why_nothing(found.served))

    def _take(self, page: Page) -> None:
        """Keep what a page holds; of a list that cannot be read whole, nothing is kept."""
        # Not by the kind: several groups may serve one, as `traefik.containo.us` and `traefik.io` do.
        path, kind, reason = page.served.path, page.served.api.qualified_kind, page.reason
        if page.first:
            self._kept[path] = []
        elif path not in self._kept:
            return
        try:
            self._kept[path] += resources_of(map(self._thrift.parse, page.items), page.served, self._origin)
        except JSONDecodeError:
            reason = not_listed(page.served, "answers with what is no whole JSON")
        if reason:
            self._unread[kind] = reason
            self._refused += [page.served.api] if page.forbidden else []
            del self._kept[path]
        elif page.last:
            objects = sum(map(len, self._kept.values()))
            self._progress(f"cluster {self._connection.name}: {kind}, {objects} objects so far")

    def _why_nothing(self, served: Sequence[Served]) -> str:
        """Why no kind was read at all."""
        if not served:
            return "the API server serves none of the kinds that rules ask about: is it one of Kubernetes?"
        if len(self._refused) == len(served):
            return f"nothing may be listed: each of {len(served)} kinds was refused"
        return f"nothing could be listed; {self._unread[min(self._unread)]}"

    def _deadline(self) -> float:
        return min(time.monotonic() + self._request.timeout_seconds, self._end)

    def _pages(self, served: Sequence[Served]) -> Iterator[Page]:
        """The pages of each kind, as they come in: while one is looked at, the next ones are on their way.

        Raises:
            ConnectionFault: the server no longer takes the credentials.
        """
        waiting, done = SimpleQueue[Served](), SimpleQueue[Page | Exception]()
        for each in served:
            waiting.put(each)
        # Daemons: neither who is refused nor who interrupts waits for requests that are on their way.
        for _ in range(min(self._request.concurrency, len(served))):
            Thread(target=self._work, args=(waiting, done), daemon=True).start()
        left = len(served)
        while left:
            page = done.get()
            if isinstance(page, Exception):
                self._end = 0
                raise page
            left -= page.last
            yield page

    def _work(self, waiting: SimpleQueue[Served], done: SimpleQueue[Page | Exception]) -> None:
        with suppress(Empty):
            while self._end:
                served = waiting.get_nowait()
                try:
                    for page in pages_of(self._connection, served, self._deadline()):
                        done.put(page)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where somebody waits for it
                    done.put(error)

    def _sum_up(self, nothing: str) -> Collected:
        name = self._connection.name
        problems = [Problem(f"{address(name)}/{kind}", reason) for kind, reason in sorted(self._unread.items())]
        if nothing:
            # What everybody may see, the version, must not pass for a cluster that was looked at.
            problems.insert(0, Problem(address(name), nothing))
        else:
            self._kept["/version"] = list(self._version())
        return Collected(
            _SOURCE,
            sorted(chain.from_iterable(self._kept.values()), key=lambda each: (each.kind, each.scope, each.name)),
            problems=problems,
            failed=bool(nothing),
            unread=dict(sorted(self._unread.items())),
            targets=() if nothing else (name,),
            # Under the usual name it would take away what was granted before.
            remedy=cluster_role(self._refused, name="readycheck-missing") if self._refused else "",
        )

    def _version(self) -> Iterator[Resource]:
        """What the server says of its version, in the shape of an object; nothing where it does not say."""
        with suppress(RequestError, ConnectionFault):
            answer = ask(self._connection, "/version", self._deadline())
            version = answer.get("gitVersion")
            if isinstance(version, str):
                body = {"apiVersion": "v1", "kind": SERVER_VERSION, "metadata": {"name": version}, **answer}
                yield Resource(SERVER_VERSION, version, "", body, self._origin)
