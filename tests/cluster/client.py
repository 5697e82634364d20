"""Asks an API server by plain HTTP, and knows nothing of how readycheck does that."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3

Manifest = Mapping[str, Any]

_FIRST = ("CustomResourceDefinition", "Namespace", "PriorityClass", "StorageClass", "ServiceAccount")
"""Kinds that others need to be there before them."""

_SERVED_SECONDS = 30.0


class Refused(Exception):  # noqa: N818 - it is what the server did
    """An answer of the server that is no success.

    Args:
        status: the HTTP status.
        message: what the server says.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Client:
    """What a test asks of an API server, as the holder of a token.

    Args:
        url: where the server listens.
        authority: PEM of who signed its certificate.
        token: the bearer token.
        connections: how many requests may be under way at once.
    """

    def __init__(self, url: str, authority: bytes, token: str, *, connections: int = 8) -> None:
        self.url = url
        trust = ssl.create_default_context(cadata=authority.decode())
        self._pool = urllib3.PoolManager(
            maxsize=connections,
            block=True,
            ssl_context=trust,
            headers={"Authorization": f"Bearer {token}"},
            timeout=urllib3.Timeout(30),
            retries=False,
        )
        self._resources: dict[tuple[str, str], tuple[str, bool]] = {}

    def close(self) -> None:
        """End every connection."""
        self._pool.clear()

    def ask(self, method: str, path: str, body: object = None, *, form: str = "application/json") -> Any:
        """Send one request.

        Args:
            method: of HTTP.
            path: from the root of the API, with its query.
            body: what is sent as JSON; nothing where None.
            form: the media type of the body.

        Returns:
            The answer, read as JSON where it is.

        Raises:
            Refused: where the answer is no success.
        """
        sent = None if body is None else orjson.dumps(body)
        answer = self._pool.request(
            method, self.url + path, body=sent, headers={**self._pool.headers, "Content-Type": form}
        )
        if answer.status >= 300:
            raise Refused(answer.status, answer.data.decode(errors="replace"))
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return orjson.loads(answer.data) if is_json else answer.data.decode()

    def get(self, path: str) -> Any:
        """What stands at a path."""
        return self.ask("GET", path)

    def items(self, version: str, kind: str, namespace: str = "") -> list[dict[str, Any]]:
        """Every object of a kind, of one namespace or of all.

        Args:
            version: its apiVersion.
            kind: its name.
            namespace: where; everywhere when empty.
        """
        answer: dict[str, Any] = self.get(self.path(version, kind, namespace))
        return list(answer["items"])

    def apply(self, *manifests: Manifest) -> None:
        """Apply manifests server-side, those first that the others need, and set the status that they give."""
        for manifest in sorted(manifests, key=_order):
            metadata = manifest["metadata"]
            path = self._path_of(manifest, metadata["name"])
            spec = {key: value for key, value in manifest.items() if key != "status"}
            query = urlencode({"fieldManager": "tests", "force": "true"})
            self.ask("PATCH", f"{path}?{query}", spec, form="application/apply-patch+yaml")
            if "status" in manifest:
                self.merge(f"{path}/status", {"status": manifest["status"]})
        for manifest in manifests:
            if manifest["kind"] == "CustomResourceDefinition":
                self._await_served(manifest["spec"])

    def create(self, manifest: Manifest) -> Any:
        """Make an object, and give it as the server answers."""
        return self.ask("POST", self._path_of(manifest), manifest)

    def merge(self, path: str, change: Mapping[str, Any]) -> Any:
        """Lay a change over what stands at a path."""
        return self.ask("PATCH", path, change, form="application/merge-patch+json")

    def path(self, version: str, kind: str, namespace: str = "", name: str = "") -> str:
        """The path of a kind's list, or of one object.

        Args:
            version: its apiVersion.
            kind: its name.
            namespace: where; of all namespaces, or of none, when empty.
            name: of the object; the list when empty.
        """
        plural, namespaced = self._resource(version, kind)
        parts = [_root(version), *(("namespaces", namespace) if namespace and namespaced else ()), plural]
        return "/".join([*parts, name] if name else parts)

    def _path_of(self, manifest: Manifest, name: str = "") -> str:
        version, kind = manifest["apiVersion"], manifest["kind"]
        return self.path(version, kind, manifest["metadata"].get("namespace") or "default", name)

    def _resource(self, version: str, kind: str) -> tuple[str, bool]:
        if (version, kind) not in self._resources:
            for resource in self.get(_root(version))["resources"]:
                if "/" not in resource["name"]:
                    self._resources[version, resource["kind"]] = (resource["name"], resource["namespaced"])
        return self._resources[version, kind]

    def _await_served(self, definition: Mapping[str, Any]) -> None:
        path = f"/apis/{definition['group']}/{definition['versions'][0]['name']}/{definition['names']['plural']}"
        deadline = time.monotonic() + _SERVED_SECONDS
        while time.monotonic() < deadline:
            with suppress(Refused):
                self.get(path)
                return
            time.sleep(0.05)
        raise TimeoutError(f"{path} is not served")


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _order(manifest: Manifest) -> int:
    kind = manifest["kind"]
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)
