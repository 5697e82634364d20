"""Everything of one kind, page by page."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson
from msgspec import Struct

from readycheck.sources.cluster.connection import Connection, RequestError
from readycheck.sources.cluster.discovery import Served

_PAGE = 500
"""What kubectl asks for at once too."""
_GONE, _FORBIDDEN, _THROTTLED, _BROKEN = 410, 403, 429, 500
_MOST_RESTARTS = 2
_MOST_RETRIES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 20.0

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


def list_all(
    connection: Connection, served: Served, seconds: float, pause: Callable[[float], None] = time.sleep
) -> Listed:
    """List a kind.

    A list that the server has forgotten the rest of is begun anew; what is throttled or breaks is asked for again, as
    long as its time lasts.

    Args:
        connection: the server.
        served: the kind.
        seconds: how long all of it may take.
        pause: waits.
    """
    deadline = time.monotonic() + seconds
    restarts = 0
    while True:
        try:
            return Listed(served, _pages(connection, served, deadline, pause))
        except RequestError as error:
            if error.status == _GONE and restarts < _MOST_RESTARTS:
                restarts += 1
                continue
            if error.status == _FORBIDDEN:
                api = served.api
                group = f"in API group {api.group}" if api.group else "in the core API group"
                reason = f"forbidden: list {api.resource} (grant the verb list on {api.plural} {group})"
                return Listed(served, [], reason, forbidden=True)
            return Listed(served, [], f"{served.api.resource} could not be listed: {error.reason}")


def _pages(
    connection: Connection, served: Served, deadline: float, pause: Callable[[float], None]
) -> list[dict[str, Any]]:
    query: dict[str, str | int] = {"limit": _PAGE}
    selected = _SELECTED.get(served.api.kind)
    if selected:
        query["fieldSelector"] = selected
    items: list[dict[str, Any]] = []
    while True:
        page = _page(connection, f"{served.path}?{urlencode(query)}", deadline, pause)
        found = page.get("items")
        items += found if isinstance(found, list) else ()
        rest = (page.get("metadata") or {}).get("continue")
        if not rest:
            return items
        query["continue"] = str(rest)


def _page(connection: Connection, path: str, deadline: float, pause: Callable[[float], None]) -> dict[str, Any]:
    wait = _FIRST_PAUSE
    for retry in range(_MOST_RETRIES + 1):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            page = orjson.loads(connection.get(path, seconds=left))
        except orjson.JSONDecodeError:
            raise RequestError("answers with what is no whole JSON") from None
        except RequestError as error:
            again = error.status == _THROTTLED or error.status >= _BROKEN
            wait = error.retry_after if error.retry_after is not None else min(2 * wait, _LONGEST_PAUSE)
            if not again or retry == _MOST_RETRIES or wait > deadline - time.monotonic():
                raise
            pause(wait)
            continue
        if not isinstance(page, dict):
            raise RequestError("answers with something that is no JSON object")
        return page
    raise RequestError("its time is up")
