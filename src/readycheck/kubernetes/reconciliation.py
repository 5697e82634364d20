"""What Flux and Argo CD say of the things that they reconcile: their conditions and revisions in a live cluster.

The facts are from the documentation of Flux (conditions of each kind, `observedGeneration`, `lastAppliedRevision`) and
of Argo CD (sync status, health, operation state).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from readycheck.kubernetes.condition import after, condition_of, said
from readycheck.model import Resource

_HEALTH_MESSAGE = "status.health.message"
_NEVER_GENERATION = -1
"""The `observedGeneration` of what no controller of Flux has looked at."""


class State(Enum):
    """How far a controller has come with a thing."""

    DONE = "done"
    UNDER_WAY = "under way"
    SUSPENDED = "suspended"
    FAILED = "failed"
    NEVER = "never"
    """No controller has said anything of it."""
    UNTRACKED = "untracked"
    """Nothing is reconciled for it, by design."""


class Standing(NamedTuple):
    """How far a controller has come with a thing.

    Args:
        state: how far.
        at: where that stands in the thing.
        words: what is said of it; "" where there is nothing to add.
    """

    state: State
    at: str
    words: str = ""


def standing_in_flux(resource: Resource) -> Standing:
    """How far Flux has come with one of its objects.

    Args:
        resource: a Kustomization, a HelmRelease, a source or a FluxInstance.

    Raises:
        Unjudged: its status has another shape.
    """
    if resource.get("spec.suspend") is True:
        return Standing(State.SUSPENDED, "spec.suspend")
    if resource.kind == "HelmRepository" and resource.get("spec.type") == "oci":
        return Standing(State.UNTRACKED, "spec.type", "a HelmRepository of OCI has no state of its own")
    ready = condition_of(resource, "Ready")
    stalled = condition_of(resource, "Stalled")
    if stalled is not None and stalled.get("status") == "True":
        return Standing(State.FAILED, "status.conditions", said(stalled))
    if ready is None or resource.integer("status.observedGeneration", 0) == _NEVER_GENERATION:
        return Standing(State.NEVER, "status")
    return _by_condition(resource, ready)


def _by_condition(resource: Resource, ready: Mapping[str, Any]) -> Standing:
    if ready.get("status") == "False":
        return Standing(State.FAILED, "status.conditions", said(ready))
    if ready.get("status") != "True":
        return Standing(State.UNDER_WAY, "status.conditions", said(ready))
    generation = resource.integer("metadata.generation", 0)
    if generation and resource.integer("status.observedGeneration", generation) != generation:
        return Standing(State.UNDER_WAY, "status.observedGeneration", "its latest change was not looked at yet")
    return Standing(State.DONE, "status.conditions")


def standing_in_argo(application: Resource) -> Standing:
    """How far Argo CD has come with an Application: whether it is synced, and whether what it made is healthy.

    Raises:
        Unjudged: its status has another shape.
    """
    sync = application.string("status.sync.status")
    health = application.string("status.health.status")
    if not sync:
        return Standing(State.NEVER, "status")
    if sync != "Synced":
        complaint = next(iter(application.mappings("status.conditions")), None)
        operation = application.string("status.operationState.message")
        told = str(complaint.get("message", "")) if complaint else operation
        return Standing(State.FAILED, "status.sync.status", f"{sync}{after(told)}")
    if health in ("Degraded", "Missing"):
        return Standing(State.FAILED, "status.health.status", f"{health}{after(application.string(_HEALTH_MESSAGE))}")
    if health != "Healthy":
        return Standing(State.DONE, "status.health.status", f"is Synced, and its health is {health or 'not told'}")
    return Standing(State.DONE, "status.sync.status")
