"""Stands in front of an API server and fails where it is told to; it counts what is asked.

For what no healthy API server shows: throttling, expired continue tokens, hanging lists, answers that break off.
"""

from __future__ import annotations

import re
import socket
import ssl
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson
import urllib3

from tests.cluster.authority import Authority

_PASSED_ON = ("Accept", "Accept-Encoding", "Authorization", "Content-Type", "User-Agent")
_PIECE = 1_000_000
_PASSED_BACK = ("Audit-Id", "Content-Type", "Content-Encoding", "Warning")


@dataclass(frozen=True)
class Fault:
    """What happens to a request instead of its answer.

    Args:
        status: of the answer; the API server's own answer is changed where None.
        message: what the answer says, as a Status of the API.
        reason: the word by which the API names the case.
        headers: besides the usual.
        cut: after how many bytes the body ends, in the middle of its JSON, though the answer is whole.
        dropped: after how many bytes of the body the connection closes; before the answer's head when 0.
        hanging: nothing is answered until the proxy ends.
        padding: how many bytes of white space stand before the body.
    """

    status: int | None = None
    message: str = ""
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    dropped: int | None = None
    hanging: bool = False
    padding: int = 0


THROTTLED = Fault(429, "too many requests, please try again later", "TooManyRequests", {"Retry-After": "1"})
EXPIRED_CONTINUE = Fault(410, "The provided continue parameter is too old to display a consistent list", "Expired")
EXPIRED_TOKEN = Fault(401, "Unauthorized", "Unauthorized")
BROKEN = Fault(500, "Internal error occurred: etcdserver: request timed out", "InternalError")
HANGING = Fault(hanging=True)
TRUNCATED = Fault(cut=200)
DROPPED = Fault(dropped=0)
DROPPED_MIDWAY = Fault(dropped=200)


def forbidden(resource: str, group: str = "") -> Fault:
    """What the API server says to one who may not list a resource."""
    of_group = f' in API group "{group}" at the cluster scope'
    message = f'{resource} is forbidden: User "test" cannot list resource "{resource}"{of_group}'
    return Fault(403, message, "Forbidden")


class FaultyProxy:
    """A running proxy.

    Args:
        upstream: URL of the API server.
        authority: who signed its certificate, and signs the proxy's.

    What was asked stands in `asked`, with queries, and in `most_at_once` how many requests were under way together.
    """

    def __init__(self, upstream: str, authority: Authority) -> None:
        self._upstream = upstream
        trust = ssl.create_default_context(cadata=authority.pem.decode())
        self._pool = urllib3.PoolManager(maxsize=32, ssl_context=trust, retries=False)
        self._told: list[tuple[re.Pattern[str], Fault, int]] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._under_way = 0
        self.asked: list[str] = []
        self.most_at_once = 0
        self._server = _Server(("127.0.0.1", 0), self, _presented(authority))
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._pool.clear()

    def fail(self, pattern: str, fault: Fault, *, times: int = 1_000_000) -> None:
        """Let requests fail.

        Args:
            pattern: searched for in the path with its query.
            fault: how they fail.
            times: how many of them, from the next on.
        """
        with self._lock:
            self._told.append((re.compile(pattern), fault, times))

    @property
    def lists(self) -> Counter[str]:
        """How often each path was asked for, its query left out."""
        with self._lock:
            return Counter(target.partition("?")[0] for target in self.asked)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request: as the API server does, but for what is to fail."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            self._answer(handler, self._fault_of(handler.path))
        finally:
            with self._lock:
                self._under_way -= 1

    def _answer(self, handler: BaseHTTPRequestHandler, fault: Fault) -> None:
        if fault.hanging:
            self._ended.wait()
        if fault.hanging or fault.dropped == 0:
            handler.close_connection = True
            return
        status, headers, body = self._body(handler, fault)
        handler.send_response(status)
        for name, value in {**headers, **fault.headers, "Content-Length": str(fault.padding + len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        for start in range(0, fault.padding, _PIECE):
            handler.wfile.write(b" " * min(_PIECE, fault.padding - start))
        handler.wfile.write(body[: fault.dropped])
        handler.close_connection = fault.dropped is not None

    def _fault_of(self, target: str) -> Fault:
        with self._lock:
            self.asked.append(target)
            for position, (pattern, fault, times) in enumerate(self._told):
                if times and pattern.search(target):
                    self._told[position] = (pattern, fault, times - 1)
                    return fault
        return Fault()

    def _body(self, handler: BaseHTTPRequestHandler, fault: Fault) -> tuple[int, dict[str, str], bytes]:
        length = int(handler.headers.get("Content-Length") or 0)
        asked = handler.rfile.read(length) if length else None
        if fault.status is not None:
            said = {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": fault.message,
                "reason": fault.reason,
                "code": fault.status,
            }
            return fault.status, {"Content-Type": "application/json"}, orjson.dumps(said)
        sent = {name: handler.headers[name] for name in _PASSED_ON if name in handler.headers}
        if fault != Fault():
            sent["Accept-Encoding"] = "identity"
        answer = self._pool.request(
            handler.command, self._upstream + handler.path, body=asked, headers=sent, decode_content=False
        )
        kept = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
        return answer.status, kept, answer.data[: fault.cut]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A client that gives up is what the tests are about, and nothing to report.
    block_on_close = False

    def __init__(self, address: tuple[str, int], proxy: FaultyProxy, context: ssl.SSLContext) -> None:
        class Handler(_Handler):
            answering = proxy

        super().__init__(address, Handler)
        self._context = context

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        # The handshake comes with the first read, in the thread of the connection.
        return self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answering: FaultyProxy

    def _answer(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.answering.answer(self)

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names that the standard library calls

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


def _presented(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown = authority.server()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "server.pem")
        file.write_bytes(shown.certificate + shown.key)
        context.load_cert_chain(file)
    return context
