"""The pipelines of a tree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from readycheck.inventory.core import Core
from readycheck.pipelines.pipeline import KIND, Pipeline


class Delivery(Core):
    """The relations between pipelines, and from what they do to what they do it with."""

    @cached_property
    def pipelines(self) -> Sequence[Pipeline]:
        """Every pipeline of the tree, those that only others call included."""
        return [resource for resource in self.of(KIND) if isinstance(resource, Pipeline)]
