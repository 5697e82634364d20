"""Asking an API server whether it would take an object.

The one thing that is ever sent there besides questions, and always as a dry run: admission and validation see the
object, and nothing is kept.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from msgspec import Struct

from readycheck.sources.cluster.answers import ask, patiently
from readycheck.sources.cluster.connection import Connection, Message, way_to
from readycheck.sources.cluster.faults import ConnectionFault, RequestError
from readycheck.sources.cluster.request import ClusterRequest

_TAKEN = (200, 201)
_FORBIDDEN, _NOT_FOUND, _INVALID_BEGIN = 403, 404, 400
_DRY = "dryRun=All&fieldManager=readycheck"
_OLDEST = (1, 22)
"""Server-side apply is stable since Kubernetes 1.22, dry runs since 1.18: an older server might not heed `dryRun`."""
_LACKING = re.compile(r"cannot (\w+) resource|not permitted|requires .create. permission", re.IGNORECASE)
"""How the API server words a right that RBAC does not give; admission, which says "forbidden" too, has other words."""
_NO_TYPE = "failed to create typed patch object"
"""How it words, as an internal error, that an object does not fit its schema."""


class Refusal(Struct, frozen=True):
    """Why an object is not taken.

    Args:
        reason: what the server says, to follow its name.
        missing: whether it is not the object's fault: its kind or its namespace is not there.
    """

    reason: str
    missing: bool = False


class DryRun(Connection):
    """An API server that is asked whether it would take objects.

    Args:
        request: which cluster.

    Raises:
        ConnectionFault: the kubeconfig or its credentials cannot be used.
    """

    def __init__(self, request: ClusterRequest) -> None:
        super().__init__(way_to(request))
        self._seconds = float(request.timeout_seconds)
        self._resources: dict[str, Mapping[str, Mapping[str, Any]]] = {}

    def begin(self) -> None:
        """Make sure that the server answers, and that it knows dry runs.

        Raises:
            ConnectionFault: it does not.
        """
        try:
            answer = ask(self, "/version", time.monotonic() + self._seconds)
        except RequestError as error:
            raise ConnectionFault(f"the API server {error.reason}") from error
        numbers = [re.match(r"\d+", str(answer.get(part, ""))) for part in ("major", "minor")]
        version = tuple(int(number[0]) for number in numbers if number)
        if len(version) < len(_OLDEST) or version < _OLDEST:
            raise ConnectionFault(
                f"the API server is of version {answer.get('gitVersion') or 'unknown'}: objects are tried from"
                " Kubernetes 1.22 on"
            )

    def refusal(self, body: Mapping[str, Any], namespace: str) -> Refusal | None:
        """Why the server would not take an object; None where it would.

        Args:
            body: the object.
            namespace: where it goes, if its kind has namespaces.

        Raises:
            ConnectionFault: the server cannot be asked that, or does not say.
        """
        version, kind = str(body.get("apiVersion")), str(body.get("kind"))
        try:
            resource = self._kinds_of(version).get(kind)
        except RequestError as error:
            raise ConnectionFault(f"the API server {error.reason}") from error
        if resource is None:
            return Refusal(f"does not serve {kind} of {version}", missing=True)
        try:
            self._try(trial(body, resource, version, namespace))
        except RequestError as error:
            return _refusal(error, resource, version, namespace)
        return None

    def _try(self, message: Message) -> None:
        def once(seconds: float) -> bytes:
            try:
                return self._exchange(message, _TAKEN, seconds)
            except RequestError as error:
                error.passing = error.passing and _NO_TYPE not in error.reason
                raise

        patiently(once, time.monotonic() + self._seconds)

    def _kinds_of(self, version: str) -> Mapping[str, Mapping[str, Any]]:
        """What is served of a group's version, by kind."""
        if version not in self._resources:
            try:
                listed = ask(self, _root(version), time.monotonic() + self._seconds).get("resources") or ()
            except RequestError as error:
                if error.status != _NOT_FOUND:
                    raise
                listed = ()
            self._resources[version] = {str(each["kind"]): each for each in listed if "/" not in str(each["name"])}
        return self._resources[version]


def trial(body: Mapping[str, Any], resource: Mapping[str, Any], version: str, namespace: str) -> Message:
    """The message that has an object tried: applied by its name, or made where it gets one from the server.

    Args:
        body: the object.
        resource: what the server says of its kind: its plural `name`, and whether it is `namespaced`.
        version: its apiVersion.
        namespace: where it goes.
    """
    within = f"/namespaces/{quote(namespace, safe='')}" if resource.get("namespaced") else ""
    path = f"{_root(version)}{within}/{quote(str(resource['name']), safe='')}"
    tried = orjson.dumps({key: value for key, value in body.items() if key != "status"}, default=str)
    name = (body.get("metadata") or {}).get("name")
    if not name:
        return Message("POST", f"{path}?{_DRY}", body=tried, form="application/json")
    path = f"{path}/{quote(str(name), safe='')}?{_DRY}&force=true"
    # JSON is YAML.
    return Message("PATCH", path, body=tried, form="application/apply-patch+yaml")


def _refusal(error: RequestError, resource: Mapping[str, Any], version: str, namespace: str) -> Refusal:
    group, slash, _ = version.rpartition("/")
    called = f"{resource['name']}.{group}" if slash else str(resource["name"])
    if error.status == _FORBIDDEN and _LACKING.search(error.reason):
        raise ConnectionFault(
            f"may not be asked about {called} in the namespace {namespace}: the rights `patch` and `create` on {called}"
            f" are needed (the API server {error.reason})"
        ) from error
    if error.status < _INVALID_BEGIN or error.passing:
        raise ConnectionFault(f"the API server {error.reason}") from error
    return Refusal(error.reason, missing=error.status == _NOT_FOUND)


def _root(version: str) -> str:
    return f"/apis/{quote(version)}" if "/" in version else f"/api/{quote(version)}"
