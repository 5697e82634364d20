"""A way to an API server: whom to ask, as whom, and answers as bytes.

The `kubernetes` client reads kubeconfig files, runs credential plug-ins and sets TLS and proxies up, as kubectl does;
requests go straight through its pool of connections, since its model objects are slow.
"""

from __future__ import annotations

import logging
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from msgspec import Struct

from readycheck.section import nearest

if TYPE_CHECKING:
    from urllib3 import PoolManager
    from urllib3.response import BaseHTTPResponse

_LARGEST_ANSWER = 512 * 1024 * 1024
"""No page of 500 objects comes near: the largest object that etcd takes has 1.5 MiB."""
_PIECE = 1024 * 1024
_CONNECT_SECONDS = 10.0
_LONGEST_WORDS = 300


class ClusterRequest(Struct, frozen=True):
    """Which cluster to read and how.

    Args:
        context: the context of the kubeconfig; "" for its current one.
        kubeconfig: the kubeconfig; None for what KUBECONFIG names, else ~/.kube/config.
        in_cluster: use the service account of the pod that this runs in.
        timeout_seconds: how long one kind may take.
        concurrency: how many requests are on their way at once.
    """

    context: str = ""
    kubeconfig: Path | None = None
    in_cluster: bool = False
    timeout_seconds: int = 60
    concurrency: int = 8

    @property
    def named(self) -> str:
        """What the cluster is called as long as the kubeconfig has not told."""
        return "in-cluster" if self.in_cluster else self.context or "current context"


class ConnectionFault(Exception):  # noqa: N818 - what it says is what went wrong
    """No API server can be asked, for a reason that is told to people."""


class RequestError(Exception):
    """One request went wrong.

    Args:
        reason: what happened, for people.
        status: the HTTP status; 0 where no answer came.
        retry_after: how many seconds the server wants to be left alone; None where it says nothing.
    """

    def __init__(self, reason: str, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after


class _Configuration(Protocol):
    """What is used of the client's configuration."""

    host: str

    def get_api_key_with_prefix(self, identifier: str, alias: str | None = None) -> str | None: ...


class Connection:
    """An API server, and who asks it.

    Args:
        name: what the cluster is called in reports: its context.
        configuration: the client's configuration: address and credentials, renewed where they expire.
        pool: the client's pool of connections.
    """

    def __init__(self, name: str, configuration: _Configuration, pool: PoolManager) -> None:
        self.name = name
        self._configuration = configuration
        self._pool = pool

    def get(self, path: str, *, seconds: float = _CONNECT_SECONDS, accept: str = "application/json") -> bytes:
        """What the server answers.

        Args:
            path: from its root, with the query.
            seconds: how long it may take.
            accept: the wanted media types.

        Raises:
            RequestError: it does not answer in time, or with something else than was asked for.
        """
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - only who has the client gets here

        deadline = time.monotonic() + seconds
        try:
            response = self._pool.request(
                "GET",
                f"{self._configuration.host}{path}",
                headers=self._headers(accept),
                timeout=_timeout(seconds),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            with _closing(response):
                content = _read(response, deadline)
        except (HTTPError, OSError) as error:
            raise RequestError(_in_words(error, seconds)) from error
        if response.status != _OK:
            raise RequestError(_complaint(content, response.status), response.status, _retry_after(response))
        return content

    def _headers(self, accept: str) -> Mapping[str, str]:
        from readycheck import __version__  # noqa: PLC0415

        headers = {"Accept": accept, "User-Agent": f"readycheck/{__version__}"}
        token = self._configuration.get_api_key_with_prefix("BearerToken", "authorization")
        if token:
            headers["Authorization"] = token
        return headers


_OK = 200


def _timeout(seconds: float) -> Any:
    from urllib3 import Timeout  # noqa: PLC0415

    return Timeout(connect=min(seconds, _CONNECT_SECONDS), read=seconds)


@contextmanager
def _closing(response: BaseHTTPResponse) -> Iterator[None]:
    """Give the connection back where all was read, and drop it where not."""
    try:
        yield
    except BaseException:
        response.close()
        raise
    response.release_conn()


def _read(response: BaseHTTPResponse, deadline: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.stream(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST_ANSWER:
            raise RequestError(f"answers with more than {_LARGEST_ANSWER // 1024 // 1024} MiB")
        if time.monotonic() > deadline:
            raise RequestError("answers too slowly: its time is up")
    return b"".join(pieces)


def _complaint(content: bytes, status: int) -> str:
    """What the server says is wrong: the message of its Status object, else the HTTP status."""
    try:
        answer = orjson.loads(content)
        message = answer.get("message") if isinstance(answer, dict) else None
    except orjson.JSONDecodeError:
        message = None
    return f"HTTP {status}" + (f": {_shortened(str(message))}" if message else "")


def _retry_after(response: BaseHTTPResponse) -> float | None:
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isdigit() else None


def _in_words(error: Exception, seconds: float) -> str:
    from urllib3 import exceptions  # noqa: PLC0415

    said = _shortened(str(error))
    # The first that fits: some are kinds of others.
    words: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
        ((exceptions.ProxyError,), f"the proxy does not work: {said}"),
        ((exceptions.NewConnectionError, ConnectionRefusedError), f"cannot be connected to: {said}"),
        ((exceptions.ConnectTimeoutError,), "does not let itself be connected to in time"),
        ((exceptions.ReadTimeoutError, TimeoutError), f"gave no answer within {seconds:.0f} seconds"),
        ((exceptions.SSLError, ssl.SSLError), f"its certificate cannot be trusted: {said}"),
        ((exceptions.ProtocolError,), "broke off in the middle of its answer"),
    )
    return next((text for kinds, text in words if isinstance(error, kinds)), said)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}..."


def connect(request: ClusterRequest) -> Connection:
    """Find out whom to ask, and as whom.

    Raises:
        ConnectionFault: the client is not installed, or the kubeconfig or its credentials cannot be used.
    """
    try:
        from kubernetes import client, config  # noqa: PLC0415 - slow to import, and an extra
        from kubernetes.client.rest import RESTClientObject  # noqa: PLC0415
    except ImportError:
        raise ConnectionFault(
            "reading a live cluster takes the kubernetes client: pip install 'readycheck-audit[cluster]'"
        ) from None
    configuration = client.Configuration()
    load: Any = config
    with _told_faults():
        try:
            if request.in_cluster:
                load.load_incluster_config(configuration)
                name = request.named
            else:
                name = _context(request, load)
                load.load_kube_config(
                    config_file=_kubeconfig(request),
                    context=name,
                    client_configuration=configuration,
                    persist_config=False,
                )
        except ConnectionFault:
            raise
        except Exception as error:
            # The client raises whatever a broken kubeconfig makes its parts raise.
            what = "the service account of the pod" if request.in_cluster else "the kubeconfig"
            raise ConnectionFault(f"{what} cannot be used: {_shortened(str(error))}") from error
    configuration.connection_pool_maxsize = request.concurrency
    try:
        pool = RESTClientObject(configuration).pool_manager
    except (OSError, ValueError) as error:
        raise ConnectionFault(f"its certificates cannot be used: {_shortened(str(error))}") from error
    return Connection(name, configuration, pool)


def _kubeconfig(request: ClusterRequest) -> str | None:
    return str(request.kubeconfig) if request.kubeconfig is not None else os.environ.get("KUBECONFIG") or None


def _context(request: ClusterRequest, config: Any) -> str:
    """The name of the context that is meant.

    Raises:
        ConnectionFault: there is none of that name.
    """
    contexts, current = config.list_kube_config_contexts(_kubeconfig(request))
    names = [str(context["name"]) for context in contexts]
    name = request.context or str(current["name"])
    if name not in names:
        where = _kubeconfig(request) or "~/.kube/config"
        raise ConnectionFault(f"{where} has no context `{name}`{nearest(name, names)}")
    return name


@contextmanager
def _told_faults() -> Iterator[None]:
    """Raise what the client only logs: it goes on without credentials where a plug-in fails.

    Raises:
        ConnectionFault: it logged an error.
    """
    heard: list[str] = []

    class _Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                heard.append(record.getMessage())

    ear, root = _Ear(), logging.getLogger()
    others, root.handlers = root.handlers, [ear]
    try:
        yield
    finally:
        root.handlers = others
    if heard:
        raise ConnectionFault(f"its credentials could not be had: {_shortened(heard[0])}")
