"""Everything of one kind, page by page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from readycheck.kubernetes.apis import Api
from readycheck.sources.cluster.answers import ask
from readycheck.sources.cluster.connection import Connection
from readycheck.sources.cluster.discovery import Served
from readycheck.sources.cluster.faults import RequestError
from readycheck.sources.cluster.thrift import Thrift

_PAGE = 500
"""What kubectl asks for at once too."""
_FORBIDDEN, _NOT_FOUND, _GONE = 403, 404, 410
_MOST_RESTARTS = 2

_SELECTED = {
    # What Helm and the API server keep in Secrets is large, and nothing that a rule asks about.
    "Secret": "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token",
}


class Listed(Struct):
    """What a server gave of one kind.

    Args:
        served: the kind.
        items: the objects.
        reason: why they could not be read; "" where they could.
        forbidden: whether a permission is missing.
    """

    served: Served
    items: list[dict[str, Any]]
    reason: str = ""
    forbidden: bool = False


def list_all(connection: Connection, served: Served, deadline: float) -> Listed:
    """List a kind.

    A list that the server has forgotten the rest of is begun anew; what is throttled or breaks is asked for again, as
    long as its time lasts.

    Args:
        connection: the server.
        served: the kind.
        deadline: when it must be done, on the monotonic clock.

    Raises:
        ConnectionFault: the server no longer takes the credentials.
    """
    restarts = 0
    while True:
        try:
            return Listed(served, _pages(connection, served, deadline))
        except RequestError as error:
            if error.status == _GONE and restarts < _MOST_RESTARTS:
                restarts += 1
                continue
            if error.status == _NOT_FOUND:
                # Its definition went away since discovery.
                return Listed(served, [])
            if error.status == _FORBIDDEN:
                return Listed(served, [], forbidden(served.api), forbidden=True)
            return Listed(served, [], f"{served.api.resource} could not be listed: the API server {error.reason}")


def forbidden(api: Api) -> str:
    """Which permission is missing, and how it is granted."""
    group = f"in API group {api.group}" if api.group else "in the core API group"
    return f"forbidden: list {api.resource} (grant the verb list on {api.plural} {group})"


def _pages(connection: Connection, served: Served, deadline: float) -> list[dict[str, Any]]:
    # Without a resourceVersion the first page is of now, and the others are of the moment of the first.
    query: dict[str, str | int] = {"limit": _PAGE}
    selected = _SELECTED.get(served.api.qualified_kind)
    if selected:
        query["fieldSelector"] = selected
    items: list[dict[str, Any]] = []
    thrift = Thrift()
    while True:
        page = ask(connection, f"{served.path}?{urlencode(query)}", deadline)
        found, metadata = page.get("items"), page.get("metadata")
        # An empty list of a server in Go may be null.
        if "items" not in page or not isinstance(found or [], list) or not isinstance(metadata or {}, dict):
            raise RequestError("answers with something that is no list of objects")
        for item in found or ():
            thrift.reduce(item)
        items += found or ()
        rest = (metadata or {}).get("continue")
        if not rest:
            return items
        if rest == query.get("continue"):
            raise RequestError("gives the same page again and again")
        query["continue"] = str(rest)
