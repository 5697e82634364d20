"""Answers that have to be there in time as a whole.

The timeout of a socket begins anew with every byte: who sends an answer bit by bit is waited for without end.
"""

from __future__ import annotations

import time
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from urllib3 import PoolManager


def timely(pools: PoolManager) -> PoolManager:
    """Let each answer that comes over connections have the time of its request, from its first line to its last.

    Args:
        pools: the connections.
    """
    pools.pool_classes_by_scheme = {scheme: _timely(pool) for scheme, pool in pools.pool_classes_by_scheme.items()}
    return pools


def _timely(pool: Any) -> Any:
    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), {"response_class": _Response})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class _Response(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: BufferedReader = BufferedReader(_Stream(sock, self.fp.detach()))


class _Stream(RawIOBase):
    """What comes over a socket until the time is up that it is waited for now."""

    def __init__(self, connection: Any, raw: Any) -> None:
        self._connection = connection
        self._raw = raw
        self._end = time.monotonic() + connection.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._connection.settimeout(left)
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()
