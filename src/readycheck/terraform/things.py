"""Resources that blocks of HCL declare, in the shape of Terraform's values: nested blocks are lists of mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.model import PartOrigin, Path, Resource, Unresolved
from readycheck.terraform.blocks import Block

_DYNAMIC = "dynamic"
# The blocks that rules look into, which the JSON form of HCL writes like objects.
_BLOCKS = frozenset(
    [
        *("compute_config", "default_action", "default_cache_behavior", "encryption_config"),
        *("image_scanning_configuration", "image_tag_mutability_exclusion_filter", "ordered_cache_behavior", "origin"),
        *("provider", "redirect_all_requests_to", "scaling_config", "selector", "subnet_mapping", "upgrade_policy"),
        *("viewer_certificate", "vpc_config", "website"),
    ]
)


class DeclaredResource(Resource, frozen=True, eq=False, dict=True, kw_only=True):
    """A `resource` of HCL: its kind is Terraform's type, its name the address in its module.

    Its body is what a state or a plan would hold of it: the attributes, and a list for the blocks of each type. What
    `dynamic` blocks make is not decided.

    Args:
        block: the block that declares it.
    """

    block: Block

    @classmethod
    def of(cls, block: Block) -> DeclaredResource:
        """What a block declares.

        Args:
            block: a `resource` with its type and name.
        """
        kind, name = block.labels
        return cls(kind, f"{kind}.{name}", "", _values_of(block), _BlockOrigin(block.file, block.path), block=block)

    def string(self, path: str | Path, default: str = "") -> str:
        """The string at `path`, or `default` where nothing stands; Terraform makes one of a number.

        Raises:
            Unjudged: something else stands there, or an expression decides it.
        """
        value = self.get(path)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        return super().string(path, default)


def _values_of(block: Block) -> dict[str, Any]:
    values: dict[str, Any] = {key: _listed(key, value) for key, value in block.attributes.items()}
    made = []
    for each in block.blocks():
        if each.type == _DYNAMIC and each.labels:
            made.append(each.labels[0])
        else:
            values.setdefault(each.type, []).append(_values_of(each))
    for name in made:
        values[name] = Unresolved(f'{_DYNAMIC} "{name}"', "makes its blocks by an expression", same=False)
    return values


def _listed(key: str, value: Any) -> Any:
    """A value, with what are blocks in the JSON form of HCL as lists."""
    if key not in _BLOCKS or not isinstance(value, list | dict):
        return value
    blocks = value if isinstance(value, list) else [value]
    return [
        {name: _listed(name, each) for name, each in block.items()} if isinstance(block, dict) else block
        for block in blocks
    ]


class _BlockOrigin(PartOrigin, Struct, frozen=True, eq=False):
    """The origin of what a block declares: paths are those of its values."""

    def place_of(self, path: Path) -> Path:
        """Where a path into the values stands in the file."""
        node: Mapping[str, Any] = self.whole.body
        for step in self.path:
            node = node[step]  # type: ignore[index] # the path of a block leads to one
        return (*self.path, *_written(node, path))


def _written(block: Mapping[str, Any], path: Path) -> Path:
    """A path into the values of a block as one into what was read of it."""
    name, *rest = path or ("",)
    index, *inner = rest or (0,)
    nested = [number for number, each in enumerate(block["blocks"]) if _makes(each, name)]
    if name in block["attributes"]:
        return ("attributes", *_unlisted(block["attributes"], path))
    if not isinstance(index, int) or index >= len(nested):
        return ("attributes", *path)
    return ("blocks", nested[index], *_written(block["blocks"][nested[index]], tuple(inner)))


def _unlisted(value: Any, path: Path) -> Iterator[str | int]:
    """A path into attributes without the indexes of blocks that the JSON form of HCL writes like objects."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, int):
            continue
        yield step
        known = isinstance(value, dict) and step in value
        known = known or (isinstance(value, list) and isinstance(step, int) and step < len(value))
        value = value[step] if known else None


def _makes(block: Mapping[str, Any], name: str | int) -> bool:
    return name in (block["type"], *(block["labels"][:1] if block["type"] == _DYNAMIC else ()))
