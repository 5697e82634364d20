"""A way to an API server: whom to ask, as whom, and answers as bytes.

Requests go past the model objects of the `kubernetes` client, which are slow.
"""

from __future__ import annotations

import ssl
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

import orjson
from msgspec import Struct

from readycheck import __version__
from readycheck.sources.cluster import kubeconfig
from readycheck.sources.cluster.faults import ConnectionFault, RequestError, Unauthorized, explain, shortened
from readycheck.sources.cluster.identity import MISSING, Identity, of_a_context, of_the_pod
from readycheck.sources.cluster.proxies import is_loopback, proxy_for
from readycheck.sources.cluster.request import ClusterRequest
from readycheck.sources.cluster.timely import timely

if TYPE_CHECKING:
    from urllib3 import HTTPHeaderDict, PoolManager
    from urllib3.response import BaseHTTPResponse

_LARGEST_ANSWER = 512 * 1024 * 1024
"""No page of 500 objects comes near: the largest object that etcd takes has 1.5 MiB."""
_PIECE = 1024 * 1024
_CONNECT_SECONDS = 10.0
_OK, _UNAUTHORIZED, _THROTTLED, _BROKEN = 200, 401, 429, 500
_GZIP = 31
"""zlib's word for a gzip header."""
_IN_CLUSTER = "in-cluster"
_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
_OF_ANOTHER = frozenset({"as-uid", "as-groups", "as-user-extra"})
_OF_NAMES = "!#$&'*+^`|"
"""What the name of a header may hold besides letters, digits and `-._~`; of all else the API server takes the code."""


class Way(Struct, frozen=True, eq=False):
    """Where requests go and what they carry.

    Args:
        name: what the cluster is called in reports: its context.
        server: the URL of the API server.
        headers: what proves who asks.
        pool: the connections.
    """

    name: str
    server: str
    headers: HTTPHeaderDict
    pool: PoolManager


class Message(Struct, frozen=True):
    """What is asked.

    Args:
        method: of HTTP.
        path: from the server's root, with the query.
        accept: the wanted media types.
        body: what is sent along; nothing where empty.
        form: the media type of the body.
    """

    method: str
    path: str
    accept: str = "application/json"
    body: bytes = b""
    form: str = ""


class Connection:
    """An API server, and who asks it; nothing is ever changed there.

    Args:
        make: gives the way there; asked again where the credentials are no longer taken.
    """

    def __init__(self, make: Callable[[], Way]) -> None:
        self._make = make
        self._way = make()
        self.name = self._way.name
        """What the cluster is called in reports: its context."""
        self._renewed = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """End every connection."""
        self._way.pool.clear()

    def get(self, path: str, *, seconds: float = _CONNECT_SECONDS, accept: str = "application/json") -> bytes:
        """What the server answers.

        Args:
            path: from its root, with the query.
            seconds: how long it may take.
            accept: the wanted media types.

        Raises:
            RequestError: it does not answer in time, or with something else than was asked for.
            ConnectionFault: it does not take the credentials, new ones neither.
        """
        return self._exchange(Message("GET", path, accept), (_OK,), seconds)

    def _exchange(self, message: Message, expected: Container[int], seconds: float) -> bytes:
        """What the server answers to a message with an expected status; raises as `get` does."""
        deadline = time.monotonic() + seconds
        way = self._way
        status, content, headers = _ask(way, message, deadline)
        if status == _UNAUTHORIZED:
            way = self._renew(way)
            status, content, headers = _ask(way, message, deadline)
        if status == _UNAUTHORIZED:
            raise Unauthorized(
                "the API server does not take the credentials (401 Unauthorized): they have expired, or are another"
                " cluster's"
            )
        if status not in expected:
            given = headers.get("Retry-After", "")
            raise RequestError(
                _complaint(content, status),
                status,
                retry_after=float(given) if given.isdecimal() else None,
                passing=status == _THROTTLED or status >= _BROKEN,
            )
        return content

    def _renew(self, refused: Way) -> Way:
        """Get credentials anew, once: those of plug-ins and files live for minutes."""
        with self._lock:
            if self._way is refused and not self._renewed:
                self._renewed = True
                self._way = self._make()
            return self._way


def _ask(way: Way, message: Message, deadline: float) -> tuple[int, bytes, Mapping[str, str]]:
    from urllib3 import Timeout  # noqa: PLC0415 - only who has the client gets here
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise RequestError("has no more time left to answer in")
    headers = way.headers.copy()
    headers["Accept"] = message.accept
    if message.form:
        headers["Content-Type"] = message.form
    try:
        response = way.pool.request(
            message.method,
            f"{way.server}{message.path}",
            body=message.body or None,
            headers=headers,
            timeout=Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        with _closing(response):
            content = _read(response)
    except (HTTPError, OSError) as error:
        raise explain(error, seconds) from error
    return response.status, content, response.headers


@contextmanager
def _closing(response: BaseHTTPResponse) -> Iterator[None]:
    """Give the connection back where all was read, and drop it where not."""
    try:
        yield
    except BaseException:
        response.close()
        raise
    response.release_conn()


def _read(response: BaseHTTPResponse) -> bytes:
    """The whole body, piece by piece as it comes: who answers without end is not waited for."""
    unzip = zlib.decompressobj(_GZIP) if response.headers.get("Content-Encoding") == "gzip" else None
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(_PIECE, decode_content=False):
        try:
            plain = piece if unzip is None else unzip.decompress(piece, _LARGEST_ANSWER - size + 1)
        except zlib.error:
            raise RequestError("answers with what is no gzip, though it says so") from None
        pieces.append(plain)
        size += len(plain)
        if size > _LARGEST_ANSWER:
            raise RequestError(f"answers with more than {_LARGEST_ANSWER // 1024 // 1024} MiB")
    return b"".join(pieces)


def _complaint(content: bytes, status: int) -> str:
    """What the server says is wrong: the message of its Status object, or a line of text; else the status alone."""
    message: object = None
    try:
        answer = orjson.loads(content)
        message = answer.get("message") if isinstance(answer, dict) else None
    except orjson.JSONDecodeError:
        if not content.lstrip().startswith(b"<"):
            message = content.decode("utf-8", "replace").strip()
    said = f": {shortened(message)}" if isinstance(message, str) and message else ""
    return f"answers with HTTP {status}{said}"


# Whom to ask ---------------------------------------------------------------------------------------------------------


def connect(request: ClusterRequest) -> Connection:
    """Find out whom to ask, and as whom.

    Raises:
        ConnectionFault: the client is not installed, or the kubeconfig or its credentials cannot be used.
    """
    return Connection(way_to(request))


def way_to(request: ClusterRequest) -> Callable[[], Way]:
    """What gives the way to a cluster; it raises as `connect` does.

    Raises:
        ConnectionFault: the client is not installed.
    """
    try:
        import urllib3  # noqa: F401, PLC0415 - slow to import, and an extra
    except ImportError:
        raise ConnectionFault(MISSING) from None
    return lambda: _from_the_pod(request) if request.in_cluster else _from_a_kubeconfig(request)


def _from_the_pod(request: ClusterRequest) -> Way:
    return _way(_IN_CLUSTER, of_the_pod(), request, "", {})


def _from_a_kubeconfig(request: ClusterRequest) -> Way:
    access = kubeconfig.load(request.kubeconfig).access(request.context)
    # TLS reads certificates and keys from files, which are gone again as soon as it has.
    with tempfile.TemporaryDirectory(prefix="readycheck-") as folder:
        identity = of_a_context(access, Path(folder))
        return _way(access.name, identity, request, str(access.cluster.get("proxy-url", "")), access.user)


def _way(name: str, identity: Identity, request: ClusterRequest, proxy: str, user: Mapping[str, Any]) -> Way:
    url = _address(identity.server, ("https", "http"))
    if url is None:
        raise ConnectionFault(f"`{shortened(identity.server)}` is no address of an API server: https://HOST:PORT is")
    server = urlunsplit(url._replace(query="", fragment="")).rstrip("/")
    shown = _impersonating(user)
    shown["User-Agent"] = f"readycheck/{__version__}"
    # Compressing takes both sides longer than the loopback does; on any other way it spares most of the time.
    shown["Accept-Encoding"] = "gzip" if identity.compressed and not is_loopback(url.hostname or "") else "identity"
    if identity.authorization:
        shown["Authorization"] = _carried(identity.authorization, "the token")
    try:
        context = _tls(identity) if url.scheme == "https" else None
    except (OSError, ValueError) as error:
        raise ConnectionFault(f"the certificates of the kubeconfig cannot be used: {shortened(str(error))}") from error
    pool = _pool(context, identity.server_name, proxy_for(server, proxy), request.concurrency)
    return Way(name, server, shown, timely(pool))


def _address(given: str, schemes: Container[str]) -> SplitResult | None:
    """A URL in its parts; None for what is none, or one of another scheme."""
    try:
        url = urlsplit(given)
        # Asked for, a port that is none is told.
        known = url.scheme in schemes and url.hostname and (url.port is None or url.port)
    except ValueError:
        return None
    return url if known else None


def _carried(text: object, what: str) -> str:
    """A text as a header carries it, byte by byte in UTF-8."""
    if not isinstance(text, str):
        raise ConnectionFault(f"{what} holds something else than text: it takes quotes")
    if not text.replace("\t", " ").isprintable():
        # Not even a part of it is said: it may be a secret.
        raise ConnectionFault(f"{what} holds a line break or another sign that no request can carry")
    return text.encode().decode("latin-1")


def _tls(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not identity.verified and identity.authority:
        raise ValueError("`insecure-skip-tls-verify` and an authority exclude each other")
    if not identity.verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif identity.authority:
        context.load_verify_locations(identity.authority)
        # To Go whatever is given is an anchor, an authority in between too.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    else:
        context.load_default_certs()
    if identity.certificate:
        context.load_cert_chain(identity.certificate, identity.key or None, _no_passphrase)
    return context


def _no_passphrase() -> str:
    """Without it OpenSSL would ask whoever sits at the terminal."""
    raise ValueError("the key is encrypted, and a kubeconfig has no place for its passphrase")


def _pool(context: ssl.SSLContext | None, server_name: str, proxy: str, size: int) -> PoolManager:
    import urllib3  # noqa: PLC0415

    if context is not None and context.verify_mode is ssl.CERT_NONE:
        # The kubeconfig says so; its owner knows.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    options: dict[str, Any] = {"maxsize": size, "block": True, "ssl_context": context}
    if server_name:
        options["server_hostname"] = server_name
    if not proxy:
        return urllib3.PoolManager(**options)
    url = _address(proxy, ("http", "https", *_SOCKS))
    if url is None:
        raise ConnectionFault(f"`{shortened(proxy)}` is no address of a proxy: http://HOST:PORT is")
    if url.scheme in _SOCKS:
        if find_spec("socks") is None:
            raise ConnectionFault(f"a proxy of {url.scheme} takes one more package: pip install PySocks")
        from urllib3.contrib.socks import SOCKSProxyManager  # noqa: PLC0415

        # As to Go, the names that only the proxy knows are for it to look up.
        scheme = "socks5h" if url.scheme == "socks5" else url.scheme
        return SOCKSProxyManager(urlunsplit(url._replace(scheme=scheme)), **options)
    if url.username:
        words = f"{unquote(url.username)}:{unquote(url.password or '')}"
        options["proxy_headers"] = urllib3.make_headers(proxy_basic_auth=words)
        proxy = urlunsplit(url._replace(netloc=url.netloc.rpartition("@")[2]))
    return urllib3.ProxyManager(proxy, **options)


def _impersonating(user: Mapping[str, Any]) -> HTTPHeaderDict:
    """The headers of a user that acts as another (`as`, `as-uid`, `as-groups`, `as-user-extra`)."""
    from urllib3 import HTTPHeaderDict  # noqa: PLC0415

    headers = HTTPHeaderDict()
    if "as" not in user and not _OF_ANOTHER.isdisjoint(user):
        raise ConnectionFault("the user of the kubeconfig has groups or more of another, and names nobody by `as`")
    for key, header in (("as", "Impersonate-User"), ("as-uid", "Impersonate-Uid")):
        if user.get(key):
            headers.add(header, _carried(user[key], f"`{key}`"))
    groups = user.get("as-groups")
    for group in groups if isinstance(groups, list) else ():
        headers.add("Impersonate-Group", _carried(group, "`as-groups`"))
    extra = user.get("as-user-extra")
    for key, values in extra.items() if isinstance(extra, Mapping) else ():
        for value in values if isinstance(values, list) else ():
            name = quote(str(key), safe=_OF_NAMES)
            headers.add(f"Impersonate-Extra-{name}", _carried(value, "`as-user-extra`"))
    return headers
