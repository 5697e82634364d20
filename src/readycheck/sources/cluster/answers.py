"""Answers of an API server as JSON objects, asked for again where that may help."""

from __future__ import annotations

import time
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
    pause = _FIRST_PAUSE
    for retry in count():
        try:
            answer = orjson.loads(connection.get(path, seconds=deadline - time.monotonic(), accept=accept))
        except orjson.JSONDecodeError:
            raise RequestError("answers with what is no whole JSON") from None
        except RequestError as error:
            pause = error.retry_after if error.retry_after is not None else min(2 * pause, _LONGEST_PAUSE)
            if not error.passing or retry == _MOST_RETRIES or pause > deadline - time.monotonic():
                raise
            time.sleep(pause)
            continue
        if not isinstance(answer, dict):
            raise RequestError("answers with something that is no JSON object")
        return answer
    raise AssertionError("it is never asked for the last time")
