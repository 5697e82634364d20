"""The cluster source: what runs, as the API server of a live cluster tells it. Nothing is ever changed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import Any

import orjson

from readycheck.clusters.support import SERVER_VERSION
from readycheck.model import Collected, Problem, Resource
from readycheck.sources.cluster.connection import ClusterRequest, Connection, ConnectionFault, RequestError, connect
from readycheck.sources.cluster.discovery import discover
from readycheck.sources.cluster.listing import list_all
from readycheck.sources.cluster.objects import ClusterOrigin, resources_of

__all__ = ["SOURCE", "ClusterRequest", "collect"]

SOURCE = "cluster"


def collect(request: ClusterRequest, progress: Callable[[str], None] = lambda _: None) -> Collected:
    """Read a cluster: each kind that rules ask about, listed side by side.

    Args:
        request: which cluster.
        progress: told what is being done.
    """
    name = request.named
    progress(f"cluster {name}: connecting")
    try:
        connection = connect(request)
        name = connection.name
        found = discover(connection)
        version = list(_version(connection))
    except (ConnectionFault, RequestError) as fault:
        return _failed(name, str(fault))
    origin = ClusterOrigin(name)
    resources: list[Resource] = [Resource(SERVER_VERSION, each["gitVersion"], "", each, origin) for each in version]
    unread = dict(found.unread)
    forbidden: list[str] = []
    with ThreadPoolExecutor(request.concurrency) as pool:
        jobs = [pool.submit(list_all, connection, served, request.timeout_seconds) for served in found.served]
        for job in as_completed(jobs):
            listed = job.result()
            kind = listed.served.api.qualified_kind
            if listed.reason:
                unread[kind] = listed.reason
                forbidden += [kind] if listed.forbidden else []
                continue
            resources += resources_of(listed.items, listed.served, origin)
            progress(f"cluster {name}: {len(resources)} objects")
    return Collected(
        SOURCE,
        sorted(resources, key=_order),
        problems=[Problem(f"cluster://{name}/{kind}", reason) for kind, reason in sorted(unread.items())],
        unread=unread,
    )


def _order(resource: Resource) -> tuple[str, str, str]:
    return resource.kind, resource.scope, resource.name


def _failed(name: str, reason: str) -> Collected:
    return Collected(SOURCE, (), problems=(Problem(f"cluster://{name}", reason),), failed=True)


def _version(connection: Connection) -> Iterator[dict[str, Any]]:
    """What the server says of its version, in the shape of an object; nothing where it does not say."""
    with suppress(RequestError, orjson.JSONDecodeError):
        answer = orjson.loads(connection.get("/version"))
        if isinstance(answer, dict) and isinstance(answer.get("gitVersion"), str):
            yield {"apiVersion": "v1", "kind": SERVER_VERSION, "metadata": {"name": answer["gitVersion"]}, **answer}
