"""Everything of one kind, page by page."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlencode

from msgspec import DecodeError, Raw, Struct, ValidationError, field
from msgspec.json import Decoder

from readycheck.kubernetes.apis import APIS, Api
from readycheck.sources.cluster.answers import ask, patiently
from readycheck.sources.cluster.connection import Connection
from readycheck.sources.cluster.discovery import Served
from readycheck.sources.cluster.faults import ConnectionFault, RequestError, Unauthorized

_PAGE = 500
"""What kubectl asks for at once too."""
_FORBIDDEN, _NOT_FOUND, _GONE = 403, 404, 410
_MOST_RESTARTS = 2
_NOT_KNOWN_THERE = "does not take the credentials for them (401 Unauthorized), though it does for others"
_LISTS = frozenset(f"{api.kind}List" for api in APIS)
"""What lists of kinds that are known call themselves; definitions of others may say anything."""

_SELECTED = {
    # What Helm and the API server keep in Secrets is large, and nothing that a rule asks about.
    "Secret": "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token",
}


class Page(Struct, frozen=True):
    """A page of what a server has of one kind; the last one says how the list came to its end.

    Args:
        served: the kind.
        items: the JSON of each object.
        first: whether the list begins with it: what came of the kind before does not count.
        last: whether nothing more comes.
        reason: why the kind could not be read; "" where it could.
        forbidden: whether a permission is missing.
    """

    served: Served
    items: Sequence[Raw]
    first: bool
    last: bool
    reason: str = ""
    forbidden: bool = False


class _ListMeta(Struct):
    rest: str | None = field(default=None, name="continue")
    left: int | None = field(default=None, name="remainingItemCount")


class _List(Struct):
    """The answer of a server; in Go, an empty list may be null."""

    items: list[Raw] | None
    metadata: _ListMeta | None = None
    kind: str | None = None


_decode = Decoder(_List).decode


def pages_of(connection: Connection, served: Served, deadline: float) -> Iterator[Page]:
    """List a kind, page by page.

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
            yield from _pages(connection, served, deadline)
        except Unauthorized:
            if not _is_known(connection, deadline):
                raise
            yield Page(served, (), first=True, last=True, reason=not_listed(served, _NOT_KNOWN_THERE))
        except RequestError as error:
            if error.status == _GONE and restarts < _MOST_RESTARTS:
                restarts += 1
                continue
            if error.status == _NOT_FOUND and _is_gone(connection, served, deadline):
                yield Page(served, (), first=True, last=True)
            elif error.status == _FORBIDDEN:
                yield Page(served, (), first=True, last=True, reason=forbidden(served.api), forbidden=True)
            else:
                yield Page(served, (), first=True, last=True, reason=not_listed(served, error.reason))
        return


def _is_known(connection: Connection, deadline: float) -> bool:
    """Whether the credentials are still taken, if not by the server that a group is left to (an APIService)."""
    with suppress(RequestError, ConnectionFault):
        connection.get("/version", seconds=deadline - time.monotonic())
        return True
    return False


def _is_gone(connection: Connection, served: Served, deadline: float) -> bool:
    """Whether the definition of a kind went away since discovery; what stands in between may say so of any path."""
    version, _, plural = served.path.rpartition("/")
    try:
        resources = ask(connection, version, deadline).get("resources")
    except RequestError as error:
        return error.status == _NOT_FOUND
    return isinstance(resources, list) and all(
        isinstance(each, Mapping) and each.get("name") != plural for each in resources
    )


def not_listed(served: Served, reason: str) -> str:
    """Why a kind could not be read, by what the API server did."""
    return f"{served.api.resource} could not be listed: the API server {reason}"


def forbidden(api: Api) -> str:
    """Which permission is missing, and how it is granted."""
    group = f"in API group {api.group}" if api.group else "in the core API group"
    return f"forbidden: list {api.resource} (grant the verb list on {api.plural} {group})"


def _pages(connection: Connection, served: Served, deadline: float) -> Iterator[Page]:
    # Without a resourceVersion the first page is of now, and the others are of the moment of the first.
    query: dict[str, str | int] = {"limit": _PAGE}
    selected = _SELECTED.get(served.api.qualified_kind)
    if selected:
        query["fieldSelector"] = selected
    while True:
        begun = "continue" in query
        try:
            page = _page(connection, f"{served.path}?{urlencode(query)}", deadline)
        except RequestError as error:
            if begun and time.monotonic() >= deadline:
                raise RequestError("gave only a part of the list in the time there is") from error
            raise
        if page.kind in _LISTS and page.kind != f"{served.api.kind}List":
            raise RequestError(f"answers with something else: {page.kind}")
        rest = page.metadata.rest if page.metadata else None
        if rest and rest == query.get("continue"):
            raise RequestError("gives the same page again and again")
        if page.metadata and page.metadata.left and not rest:
            raise RequestError("gives no way to the rest of the list")
        yield Page(served, page.items or (), first=not begun, last=not rest)
        if not rest:
            return
        query["continue"] = rest


def _page(connection: Connection, path: str, deadline: float) -> _List:
    content = patiently(lambda seconds: connection.get(path, seconds=seconds), deadline)
    try:
        return _decode(content)
    except ValidationError:
        raise RequestError("answers with something that is no list of objects") from None
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise RequestError("answers with what is no whole JSON") from None
