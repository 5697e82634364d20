"""The jobs that a matrix makes of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice, product

from readycheck.pipelines.node import Node

MOST_COMBINATIONS = 50
"""Jobs that are told apart; more are read as one whose variables are not known."""


def combinations(dimensions: Node, most: int) -> Sequence[Mapping[str, str]]:
    """The values that variables have together, one of each dimension at a time.

    Args:
        dimensions: the values of each variable.
        most: how many are wanted; one more tells that there are more.
    """
    names = list(dimensions.entries)
    values = [dimensions[name].texts for name in names]
    return [dict(zip(names, chosen, strict=True)) for chosen in islice(product(*values), most + 1)] if names else []
