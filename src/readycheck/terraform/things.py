"""Resources that blocks of HCL declare, as what rules judge."""

from __future__ import annotations

from readycheck.model import PartOrigin, Path, Resource
from readycheck.terraform.blocks import Block


class DeclaredResource(Resource, frozen=True, eq=False, dict=True, kw_only=True):
    """A `resource` of HCL: its kind is Terraform's type, its name the address in its module, its body the attributes.

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
        path = (*block.path, "attributes")
        return cls(kind, f"{kind}.{name}", "", block.attributes, PartOrigin(block.file, path), block=block)

    def string(self, path: str | Path, default: str = "") -> str:
        """The string at `path`, or `default` where nothing stands; Terraform makes one of a number.

        Raises:
            Unjudged: something else stands there, or an expression decides it.
        """
        value = self.get(path)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        return super().string(path, default)
