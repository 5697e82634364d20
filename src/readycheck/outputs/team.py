"""Who answers for an object, as the object itself says."""

from __future__ import annotations

from readycheck.model import Resource, Unresolved
from readycheck.outputs.evidence import shorten

_SAYS = (("annotations", "readycheck.dev/owner"), ("labels", "app.kubernetes.io/part-of"))
"""What says it, the plainest first; the label is one of those that Kubernetes recommends."""


def team_of(resource: Resource) -> str:
    """The team or application that a whole object names as its own; "" where none can be told."""
    for block, key in _SAYS:
        named = resource.glimpse(("metadata", block, key))
        if isinstance(named, str) and not isinstance(named, Unresolved) and named.strip():
            return str(shorten(named.strip()))
    return ""
