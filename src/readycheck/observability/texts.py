"""Files of configuration that stand as texts in Secrets, ConfigMaps and templates of ExternalSecrets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from readycheck.documents.yaml import parse
from readycheck.model import Place, Resource


def texts_of(resource: Resource) -> Iterator[tuple[Place, str, str]]:
    """The files that a Secret, a ConfigMap or an ExternalSecret's template holds: place, name, text."""
    paths: tuple[tuple[str, ...], ...] = (("data",), ("stringData",))
    if resource.kind == "ExternalSecret":
        paths = (("spec", "target", "template", "data"),)
    for path in paths:
        body: Any = resource.body
        for step in path:
            body = body.get(step) if isinstance(body, Mapping) else None
        for key, value in body.items() if isinstance(body, Mapping) else ():
            if isinstance(value, str) and isinstance(key, str):
                text = str.__str__(value)
                coded = resource.kind == "Secret" and path == ("data",)
                yield resource.at((*path, key)), key, _decoded(text) if coded else text


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return text


@lru_cache(maxsize=64)
def body_of(text: str) -> Mapping[str, Any] | None:
    """The mapping that a text of YAML holds; None where it is none."""
    documents, faults = parse(text)
    body = documents[0].body if documents and not faults else None
    return body if isinstance(body, Mapping) else None
