"""Instances of types that rules read as blocks of HCL, as such blocks: one holder for each module of a document.

What a release of a chart or a container of Docker is, the vocabulary of configuration says already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readycheck.model import Location, Path, Resource, Uncommented, Unresolved
from readycheck.sources.terraform.addresses import module_of
from readycheck.sources.terraform.record import RecordOrigin
from readycheck.terraform.blocks import RECORDED_BLOCKS

_WITH_BLOCKS = frozenset(["docker_container", "docker_image"])
_TYPES = _WITH_BLOCKS | {"helm_release"}


class _HolderOrigin(Uncommented, frozen=True, eq=False):
    """The origin of a holder of blocks: each block stands where its instance does."""

    uri: str
    world: str
    instances: Sequence[Resource]

    @property
    def source(self) -> str:
        return "terraform"

    @property
    def file(self) -> str:
        return self.uri

    def locate(self, body: object, path: Path) -> Location:
        match path:
            case ("blocks", int(index), *inner):
                return self.instances[index].locate(_values_path(body, ("blocks", index), tuple(inner)))
        return Location(self.uri)


def _values_path(body: Any, block: Path, inner: Path) -> Path:
    """The path in the values of an instance that a path in its block stands for."""
    match inner:
        case ("attributes", *rest):
            return tuple(rest)
        case ("blocks", int(index), *rest):
            for step in block:
                body = body[step]
            kind = body["blocks"][index]["type"]
            position = sum(each["type"] == kind for each in body["blocks"][:index])
            deeper = rest[1:] if rest[:1] == ["attributes"] else []
            return (kind, position, *deeper)
    return ()


def holders_of(resources: Sequence[Resource]) -> Iterator[Resource]:
    """The instances among some that rules read as blocks.

    Args:
        resources: instances, by Terraform's types.
    """
    names = {
        (each.origin.world, each.body["image_id"]): each.body.get("name")
        for each in resources
        if each.kind == "docker_image" and type(each.body.get("image_id")) is str
    }
    modules: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
    for each in resources:
        origin = each.origin
        if each.kind in _TYPES and isinstance(origin, RecordOrigin) and origin.record.mode == "managed":
            modules[origin.file, origin.world, module_of(each.name)].append(each)
    for (uri, world, module), instances in modules.items():
        # What stands in one folder belongs together: each module has its own.
        name = f"{uri}/{module or 'root'}"
        blocks = [_block(each, names) for each in instances]
        yield Resource(RECORDED_BLOCKS, name, "", {"blocks": blocks}, _HolderOrigin(uri, world, instances))


def _block(instance: Resource, images: Mapping[tuple[str, str], object]) -> dict[str, Any]:
    values = dict(instance.body)
    image = values.get("image")
    if instance.kind == "docker_container" and type(image) is str:
        # What was pulled is known by its digest there, and by its name where it was pulled.
        values["image"] = images.get((instance.origin.world, image), image)
    inner: list[dict[str, Any]] = []
    if instance.kind in _WITH_BLOCKS:
        for name, value in list(values.items()):
            if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
                inner += ({"type": name, "labels": [], "attributes": each, "blocks": []} for each in value)
                del values[name]
    return {
        "type": "resource",
        "labels": [instance.kind, instance.name.rpartition(f"{instance.kind}.")[2]],
        "address": instance.name,
        "attributes": {name: value for name, value in values.items() if not _is_nobodys(value, instance.name)},
        "blocks": inner,
    }


def _is_nobodys(value: object, address: str) -> bool:
    """Whether the provider alone decides a value: configuration says nothing of it."""
    return value is None or (isinstance(value, Unresolved) and str.startswith(str.__str__(value), f"{address}."))
