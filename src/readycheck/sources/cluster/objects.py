"""Objects of a live cluster as the inventory keeps them: where they stand, and without what nobody should see."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from readycheck.model import Location, Path, Resource, Uncommented, format_path
from readycheck.sources.cluster.discovery import Served

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_PUBLIC = frozenset({"tls.crt", "ca.crt"})
_CIPHERTEXT = base64.b64encode(b"ENC[AES256_GCM,").decode()


class ClusterOrigin(Uncommented, frozen=True):
    """A live cluster, as where its objects stand: they have names there and no lines.

    Args:
        context: what the cluster is called.
    """

    context: str

    @property
    def source(self) -> str:
        """The source that reads clusters."""
        return "cluster"

    @property
    def world(self) -> str:
        """What runs together stands together."""
        return ""

    @property
    def file(self) -> str:
        """No file holds it."""
        return ""

    def locate(self, body: object, path: Path) -> Location:
        """The object's address, `cluster://CONTEXT/KIND/NAMESPACE/NAME`, and the path in it."""
        return Location(address(self.context, body), path=format_path(path))


def address(context: str, body: object = None) -> str:
    """What a cluster, or an object of one, is called in reports.

    Args:
        context: what the cluster is called.
        body: the object.
    """
    # The contexts of EKS hold slashes: `arn:aws:eks:eu-west-1:111122223333:cluster/prod`.
    parts = ["cluster:/", quote(context, safe=":@ ")]
    if isinstance(body, dict) and isinstance(body.get("metadata"), dict):
        metadata = body["metadata"]
        parts += (str(part) for part in (body.get("kind"), metadata.get("namespace"), metadata.get("name")) if part)
    return "/".join(parts)


def resources_of(items: Iterable[Any], served: Served, origin: ClusterOrigin) -> Iterator[Resource]:
    """The objects of a list, which leaves out of each what kind of thing it is.

    Args:
        items: the items as the API server gave them; they are changed.
        served: what they are.
        origin: the cluster.
    """
    kind, api_version = served.api.kind, served.api_version
    for item in items:
        if not isinstance(item, dict):
            continue
        # First in the mapping, as in a manifest.
        body = {"apiVersion": api_version, "kind": kind, **item}
        metadata = body.get("metadata")
        if not isinstance(metadata, dict):
            continue
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict):
            annotations.pop(_LAST_APPLIED, None)
            if kind == "Secret":
                # Other tools keep a copy of what they applied too: Rancher's `objectset.rio.cattle.io/applied`.
                metadata["annotations"] = {key: text for key, text in annotations.items() if "applied" not in key}
        if kind == "Secret":
            body["data"] = _without_values(body.get("data"))
        yield Resource(kind, str(metadata.get("name") or ""), str(metadata.get("namespace") or ""), body, origin)


def _without_values(data: object) -> dict[str, str]:
    """The keys of a Secret's data, with those values alone that everybody may see."""
    kept: dict[str, str] = {}
    for key, value in data.items() if isinstance(data, dict) else ():
        kept[key] = ""
        if key in _PUBLIC:
            kept[key] = value
        elif isinstance(value, str) and value.startswith(_CIPHERTEXT):
            kept[key] = "ENC[AES256_GCM,...]"
    return kept
