"""Objects of Kubernetes that Terraform makes, as the API writes them.

The providers are hashicorp/kubernetes, with a type for each kind and `kubernetes_manifest` for any, and those that
take manifests as text: gavinbunney/kubectl, alekc/kubectl.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from readycheck.documents.yaml import parse
from readycheck.model import Location, Path, Resource, Unresolved, format_path
from readycheck.sources.terraform.kubernetes_fields import INTEGERS, KINDS, LISTS, LISTS_IN, MAPS, api_name
from readycheck.sources.terraform.record import RecordOrigin

_PREFIX = "kubernetes_"
_MANIFEST = "kubernetes_manifest"
_TEXT = ("kubectl_manifest",)


class _ObjectOrigin(RecordOrigin, Struct, frozen=True, eq=False):
    """The origin of an object that stands in other words than Kubernetes' own: its address is where it is."""

    def locate(self, body: object, path: Path) -> Location:
        """The line of the instance, with the path in the object."""
        place = super().locate(body, ())
        return Location(place.uri, place.line, place.column, format_path(path))


def object_of(resource: Resource) -> Resource | None:
    """The object of Kubernetes that a resource of Terraform stands for; None where it stands for none.

    Args:
        resource: an instance, by Terraform's type.
    """
    origin = resource.origin
    if not isinstance(origin, RecordOrigin) or origin.record.mode != "managed":
        return None
    body = _body(resource)
    if body is None:
        return None
    metadata = body.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    return Resource(
        str(body["kind"]),
        _text(named.get("name")) or resource.name,
        _text(named.get("namespace")),
        body,
        _ObjectOrigin(origin.document, origin.record, origin.world),
    )


def _text(value: object) -> str:
    return str.__str__(value) if isinstance(value, str) else ""


def _body(resource: Resource) -> dict[str, Any] | None:
    if resource.kind == _MANIFEST:
        manifest = resource.body.get("manifest")
        if not isinstance(manifest, dict):
            manifest = resource.body.get("object")
        return dict(manifest) if isinstance(manifest, dict) and isinstance(manifest.get("kind"), str) else None
    if resource.kind in _TEXT:
        return _parsed(resource.body.get("yaml_body_parsed")) or _parsed(resource.body.get("yaml_body"))
    known = _known(resource.kind)
    if known is None:
        return None
    version, kind = known
    values = {name: value for name, value in resource.body.items() if name not in _OF_TERRAFORM}
    body: dict[str, Any] = {"apiVersion": version, "kind": kind, **_object(values, "", resource.name)}
    if kind == "Secret":
        # That they stand in the state is said of the state; what they are, nobody shows.
        body["data"] = dict.fromkeys(body.get("data") or {}, "")
    return body


_OF_TERRAFORM = frozenset(["id", "timeouts", "wait_for_completion", "wait_for_rollout", "wait_for_load_balancer"])


def _known(kind: str) -> tuple[str, str] | None:
    """Version and kind of what a type of the provider makes; None for what is no object by itself."""
    if not kind.startswith(_PREFIX):
        return None
    name = kind.removeprefix(_PREFIX)
    return KINDS.get(name) or KINDS.get(name.removesuffix("_v1"))


def _parsed(text: object) -> dict[str, Any] | None:
    if not isinstance(text, str) or isinstance(text, Unresolved):
        return None
    documents, _ = parse(text, decided=True)
    body = documents[0].body if documents else None
    return body if isinstance(body, dict) and isinstance(body.get("kind"), str) else None


def _object(values: Mapping[str, Any], within: str, address: str) -> dict[str, Any]:
    """A block as an object of the API.

    Args:
        values: the block's attributes.
        within: the name of the block.
        address: the instance's: what waits for nothing but itself is set by nobody, and has the API's default.
    """
    made: dict[str, Any] = {}
    for name, value in values.items():
        if _is_unset(value, address):
            continue
        if name == "selector" and isinstance(value, dict):
            made["selector"] = value
        elif name in MAPS and isinstance(value, dict):
            made[api_name(name)] = value
        elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
            listed = LISTS_IN.get((within, name)) or LISTS.get(name)
            items = [_object(each, name, address) for each in value]
            made[listed or api_name(name)] = items if listed or len(items) > 1 else items[0]
        elif isinstance(value, dict):
            made[api_name(name)] = _object(value, name, address)
        else:
            made[api_name(name)] = _number(value) if name in INTEGERS else value
    return made


def _is_unset(value: object, address: str) -> bool:
    """Whether nobody has set a value: such is recorded as empty, and a plan leaves open what the API decides."""
    if isinstance(value, Unresolved):
        return str.startswith(str.__str__(value), f"{address}.")
    return value is None or (isinstance(value, str | list) and not value)


def _number(value: Any) -> Any:
    return int(value) if type(value) is str and value.isdigit() else value
