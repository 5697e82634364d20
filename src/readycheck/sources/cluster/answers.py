"""Answers of an API server as JSON objects, asked for again where that may help."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from typing import Any

import orjson

from readycheck.sources.cluster.connection import Connection
from readycheck.sources.cluster.faults import RequestError

_MOST_RETRIES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 20.0


def ask(connection: Connection, path: str, deadline: float, *, accept: str = "application/json") -> dict[str, Any]:
    """The object that the server answers with; who is throttled or sees it break waits, as long as its time lasts.

    Args:
        connection: the server.
        path: from its root, with the query.
        deadline: when it must be done, on the monotonic clock.
        accept: the wanted media types.

    Raises:
        RequestError: it gives none.
        ConnectionFault: it does not take the credentials.
    """
    content = patiently(lambda seconds: connection.get(path, seconds=seconds, accept=accept), deadline)
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise RequestError("answers with what is no whole JSON") from None
    if not isinstance(answer, dict):
        raise RequestError("answers with something that is no JSON object")
    return answer


def patiently(request: Callable[[float], bytes], deadline: float) -> bytes:
    """What a request is answered with in the end, where it was throttled or broke before.

    Args:
        request: makes the request; told how many seconds it may take.
        deadline: when it must be done, on the monotonic clock.

    Raises:
        RequestError: nothing came of it.
        ConnectionFault: the server does not take the credentials.
    """
    pause = _FIRST_PAUSE
    for retry in count():
        try:
            return request(deadline - time.monotonic())
        except RequestError as error:
            pause = error.retry_after if error.retry_after is not None else min(2 * pause, _LONGEST_PAUSE)
            if not error.passing or retry == _MOST_RETRIES or pause > deadline - time.monotonic():
                raise
            time.sleep(pause)
    raise AssertionError("it is never asked for the last time")
