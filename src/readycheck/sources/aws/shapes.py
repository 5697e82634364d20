"""The shapes that Terraform gives to what AWS answers: nested blocks as lists, tags as a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

Thing = TypeVar("Thing")


def present(**values: Any) -> dict[str, Any]:
    """The values that are there: what an answer leaves out is left out."""
    return {name: value for name, value in values.items() if value is not None}


def block(answer: Mapping[str, Any] | None, **names: str) -> list[dict[str, Any]]:
    """A part of an answer as a nested block: a list of one, or an empty one where the answer has no such part.

    Args:
        answer: the part.
        names: for each attribute of Terraform's, the key that AWS has for it.
    """
    if not answer:
        return []
    return [{name: answer[key] for name, key in names.items() if key in answer}]


def tags(answer: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Tags as a mapping: services list them."""
    return {str(tag["Key"]): str(tag.get("Value") or "") for tag in answer}


def batches(things: Sequence[Thing], most: int) -> Iterator[Sequence[Thing]]:
    """Things in portions of the size that an operation takes at once."""
    for start in range(0, len(things), most):
        yield things[start : start + most]
