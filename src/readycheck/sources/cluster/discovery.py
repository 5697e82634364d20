"""Which of the kinds that are asked about an API server serves, in which version and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.apis import APIS, Api
from readycheck.sources.cluster.answers import ask
from readycheck.sources.cluster.connection import Connection
from readycheck.sources.cluster.faults import RequestError

_PLAIN = "application/json"
_ACCEPTED = ",".join(
    (*(f"{_PLAIN};g=apidiscovery.k8s.io;v={v};as=APIGroupDiscoveryList" for v in ("v2", "v2beta1")), _PLAIN)
)
"""Aggregated discovery, which has every group in one answer: since Kubernetes 1.26, as v2 since 1.30."""


class Served(Struct, frozen=True):
    """A kind that the server has.

    Args:
        api: the kind.
        api_version: as its objects would say it.
        path: where it is listed.
    """

    api: Api
    api_version: str
    path: str


class Discovery(Struct, frozen=True):
    """What a server serves of what is asked about.

    Args:
        served: the kinds that it has.
        unread: why it could not be told whether it has others, by their qualified kind.
    """

    served: list[Served]
    unread: Mapping[str, str]


def discover(connection: Connection, deadline: float) -> Discovery:
    """Ask an API server which kinds it serves: two requests, or one for each group of an old server.

    Args:
        connection: the server.
        deadline: when it must be done, on the monotonic clock.

    Raises:
        RequestError: the server does not say.
        ConnectionFault: it does not take the credentials.
    """
    groups: dict[str, Sequence[Mapping[str, Any]]] = {}
    try:
        for root in ("/api", "/apis"):
            answer = ask(connection, root, deadline, accept=_ACCEPTED)
            if answer.get("kind") == "APIGroupDiscoveryList":
                for item in answer["items"]:
                    groups[str(item["metadata"].get("name") or "")] = item.get("versions") or []
            else:
                groups.update(_of_old_server(connection, root, answer, deadline))
        return _sorted_out(groups)
    except (AttributeError, KeyError, TypeError) as error:
        raise RequestError("does not say which kinds it serves in a way that can be read") from error


def _sorted_out(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> Discovery:
    served: list[Served] = []
    unread: dict[str, str] = {}
    for api in APIS:
        found, stale = _served(api, groups.get(api.group, ()))
        if found is not None:
            served.append(found)
        elif stale:
            group = api.group or "core"
            unread[api.qualified_kind] = f"the API server could not tell what the group {group} holds: {stale}"
    return Discovery(served, unread)


def _served(api: Api, versions: Sequence[Mapping[str, Any]]) -> tuple[Served | None, str]:
    """The first version that has a kind, in the server's order of preference; else why that cannot be told."""
    stale = ""
    for version in versions:
        name = str(version.get("version"))
        if version.get("freshness") == "Stale":
            stale = f"version {name} is stale"
        for resource in version.get("resources") or ():
            kind = resource.get("responseKind") or {}
            if kind.get("kind") == api.kind and "list" in (resource.get("verbs") or ()):
                root = f"/apis/{api.group}" if api.group else "/api"
                api_version = f"{api.group}/{name}" if api.group else name
                return Served(api, api_version, f"{root}/{name}/{resource['resource']}"), ""
    return None, stale


def _of_old_server(
    connection: Connection, root: str, answer: Mapping[str, Any], deadline: float
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The same from a server that does not know aggregated discovery (before Kubernetes 1.26)."""
    wanted = {api.group for api in APIS}
    listed = [("", answer["versions"])] if root == "/api" else _groups_of(answer)
    for group, versions in listed:
        if group not in wanted:
            continue
        found: list[Mapping[str, Any]] = []
        for version in versions:
            path = f"{root}/{group}/{version}" if group else f"{root}/{version}"
            try:
                resources = ask(connection, path, deadline)["resources"] or []
            except (RequestError, KeyError):
                found.append({"version": version, "freshness": "Stale"})
                continue
            found.append(
                {
                    "version": version,
                    "resources": [
                        {"resource": each["name"], "responseKind": {"kind": each["kind"]}, "verbs": each.get("verbs")}
                        for each in resources
                        if "/" not in each["name"]
                    ],
                }
            )
        yield group, found


def _groups_of(answer: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for group in answer["groups"]:
        preferred = (group.get("preferredVersion") or {}).get("version")
        versions = [version["version"] for version in group.get("versions") or ()]
        yield group["name"], sorted(versions, key=lambda version: version != preferred)
