"""Values that stand as YAML in a text of something else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from readycheck.charts.values import Layer
from readycheck.documents.yaml import parse
from readycheck.model import Path, Place


def text_layer(place: Place, text: object, prefix: Path = ()) -> Layer:
    """The layer of values that stand as a text.

    Args:
        place: where the text stands.
        text: the YAML.
        prefix: the key that it is given to.
    """
    # A text with an expression in it is not decided as a whole, but most of what it gives is.
    values = parsed_values(str.__str__(text)) if isinstance(text, str) else None
    if values is None:
        return Layer(place, prefix=prefix, hidden=f"the values in {place.field} cannot be read")
    return Layer(place, values, prefix, text=True)


@lru_cache(maxsize=64)
def parsed_values(text: str) -> Mapping[str, Any] | None:
    """The values of a text; None where it is not one mapping.

    Args:
        text: the YAML.
    """
    documents, faults = parse(text)
    if not documents and not faults:
        return {}
    body = documents[0].body if len(documents) == 1 else None
    return body if isinstance(body, Mapping) and not faults else None
