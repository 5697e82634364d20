"""A small server that speaks the list protocol of Kubernetes over plain HTTP, and fails where it is told to."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import orjson
import yaml

Answer = tuple[int, Mapping[str, str], bytes]
Answering = Callable[["Api", str, Mapping[str, str]], "Answer | None"]


def status(code: int, message: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """A Status object, as the API answers where it refuses."""
    said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return code, headers or {}, orjson.dumps(said)


def pod(name: str, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", **metadata}, "spec": {"containers": []}}


class Api:
    """A running server.

    Args:
        held: what it holds, by resource (`pods`, `deployments.apps`).
        page: how many objects a page has at most.
        old: it knows no aggregated discovery.
    """

    def __init__(self, held: Mapping[str, Sequence[Any]], *, page: int = 500, old: bool = False) -> None:
        self.held = held
        self.page = page
        self.old = old
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.faults: list[tuple[str, list[Answer | Answering]]] = []
        self.stale: set[str] = set()
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, part: str, *answers: Answer | Answering) -> None:
        """Let requests whose path holds a text be answered otherwise: one after another, the last for good."""
        self.faults.append((part, list(answers)))

    def lists(self, resource: str) -> list[str]:
        """The queries of each request for a list."""
        return [urlsplit(path).query for path in self.asked if urlsplit(path).path.endswith(f"/{resource}")]

    def kubeconfig(self, folder: Path, user: Mapping[str, Any] | None = None, **cluster: Any) -> Path:
        """A kubeconfig with this server as its only context, `test`."""
        config = {
            "clusters": [{"name": "c", "cluster": {"server": self.url, **cluster}}],
            "users": [{"name": "u", "user": dict(user or {"token": "let-me-in"})}],
            "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "test",
        }
        file = folder / "kubeconfig"
        file.write_text(yaml.safe_dump(config), "utf-8")
        return file

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        """What is answered to a request."""
        with self.lock:
            self.asked.append(path)
            self.headers.append(dict(headers))
            fault = next((answers for part, answers in self.faults if part in path), None)
            told = None if fault is None else fault.pop(0) if len(fault) > 1 else fault[0]
        if callable(told):
            told = told(self, path, headers)
        return told or self.usual(path, headers)

    def usual(self, path: str, headers: Mapping[str, str]) -> Answer:
        """What a healthy server answers."""
        url = urlsplit(path)
        if url.path == "/version":
            return _json({"major": "1", "minor": "36", "gitVersion": "v1.36.3"})
        if url.path in ("/api", "/apis") and not self.old and "APIGroupDiscoveryList" in headers["Accept"]:
            return _json(self._aggregated(url.path))
        if url.path.count("/") < 3 + url.path.startswith("/apis"):
            return _json(self._plain(url.path))
        return self._page(url.path, parse_qs(url.query), headers)

    def _groups(self, root: str) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for resource in self.held:
            plural, _, group = resource.partition(".")
            if bool(group) == (root == "/apis"):
                groups.setdefault(group, []).append(plural)
        return groups

    def _aggregated(self, root: str) -> dict[str, Any]:
        items = []
        for group, plurals in self._groups(root).items():
            resources = [
                {"resource": each, "responseKind": {"kind": KINDS[each]}, "scope": "Namespaced", "verbs": ["list"]}
                for each in plurals
            ]
            version: dict[str, Any] = {"version": "v1", "freshness": "Current", "resources": resources}
            if group in self.stale:
                version = {"version": "v1", "freshness": "Stale"}
            items.append({"metadata": {"name": group} if group else {}, "versions": [version]})
        return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}

    def _plain(self, path: str) -> dict[str, Any]:
        root, *rest = path.strip("/").split("/")
        if root == "api" and not rest:
            return {"kind": "APIVersions", "versions": ["v1"]}
        if not rest:
            version = {"groupVersion": "x/v1", "version": "v1"}
            groups = [
                {"name": each, "versions": [version], "preferredVersion": version} for each in self._groups("/apis")
            ]
            return {"kind": "APIGroupList", "groups": groups}
        group = rest[0] if root == "apis" else ""
        plurals = self._groups(f"/{root}").get(group, [])
        return {
            "kind": "APIResourceList",
            "resources": [
                {"name": name, "kind": KINDS[each], "verbs": ["get", "list"]}
                for each in plurals
                for name in (each, f"{each}/status")
            ],
        }

    def _page(self, path: str, query: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> Answer:
        parts = path.strip("/").split("/")
        resource = parts[-1] if parts[0] == "api" else f"{parts[-1]}.{parts[1]}"
        objects = self.held[resource]
        begin = int(query["continue"][0]) if "continue" in query else 0
        end = begin + min(int(query["limit"][0]), self.page)
        metadata = {"resourceVersion": "7", **({"continue": str(end)} if end < len(objects) else {})}
        answer = _json({"kind": f"{KINDS[parts[-1]]}List", "metadata": metadata, "items": objects[begin:end]})
        if "gzip" in headers["Accept-Encoding"]:
            return answer[0], {"Content-Encoding": "gzip"}, gzip.compress(answer[2])
        return answer


KINDS = {
    "ingressroutes": "IngressRoute",
    "pods": "Pod",
    "secrets": "Secret",
    "services": "Service",
    "deployments": "Deployment",
    "poddisruptionbudgets": "PodDisruptionBudget",
    "scaledobjects": "ScaledObject",
    "gateways": "Gateway",
    "leases": "Lease",
}


def _json(body: Any) -> Answer:
    return 200, {}, orjson.dumps(body)


def hanging(_api: Api, _path: str, _headers: Mapping[str, str]) -> None:
    """Answer when nobody waits any more."""
    time.sleep(10)


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            code, headers, body = api.answer(self.path, {key.title(): value for key, value in self.headers.items()})
            if code == 0:
                self.close_connection = True
                return
            self.send_response(code)
            for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **headers}.items():
                self.send_header(name, str(value))
            for _ in range(50 if "X-Slow-Head" in headers else 0):
                self.send_header("X-More", "")
                self.flush_headers()
                time.sleep(float(headers["X-Slow-Head"]))
            self.end_headers()
            dripping = headers.get("X-Drip")
            if dripping is None:
                self.wfile.write(body)
            for byte in body if dripping is not None else b"":
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(float(dripping or 0))

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

        def handle(self) -> None:
            # A client that gives up is what some tests are about.
            with suppress(BrokenPipeError, ConnectionResetError):
                super().handle()

    return Handler
