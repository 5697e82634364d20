"""Resources that blocks of HCL declare, as what rules judge."""

from __future__ import annotations

from readycheck.model import PartOrigin, Resource
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
