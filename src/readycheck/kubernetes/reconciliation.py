"""What Flux and Argo CD say of the things that they reconcile: their conditions and revisions in a live cluster.

The facts are from the documentation of Flux (conditions of each kind, `observedGeneration`, `lastAppliedRevision`) and
of Argo CD (sync status, health, operation state).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from readycheck.model import Resource

_LONGEST_MESSAGE = 200
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
        return Standing(State.FAILED, "status.conditions", _said(stalled))
    if ready is None or resource.integer("status.observedGeneration", 0) == _NEVER_GENERATION:
        return Standing(State.NEVER, "status")
    return _by_condition(resource, ready)


def _by_condition(resource: Resource, ready: Mapping[str, Any]) -> Standing:
    if ready.get("status") == "False":
        return Standing(State.FAILED, "status.conditions", _said(ready))
    if ready.get("status") != "True":
        return Standing(State.UNDER_WAY, "status.conditions", _said(ready))
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
        return Standing(State.FAILED, "status.sync.status", f"{sync}{_after(told)}")
    if health in ("Degraded", "Missing"):
        return Standing(State.FAILED, "status.health.status", f"{health}{_after(application.string(_HEALTH_MESSAGE))}")
    if health != "Healthy":
        return Standing(State.DONE, "status.health.status", f"is Synced, and its health is {health or 'not told'}")
    return Standing(State.DONE, "status.sync.status")


def condition_of(resource: Resource, kind: str) -> Mapping[str, Any] | None:
    """The condition of one type in a thing's status; None where there is none.

    Raises:
        Unjudged: its conditions are no list of mappings.
    """
    return next((each for each in resource.mappings("status.conditions") if each.get("type") == kind), None)


def age_of(moment: str, now: float) -> float | None:
    """How many seconds ago a time of the API was; None where it is none.

    Args:
        moment: as the API writes times: `2026-11-25T12:00:00Z`.
        now: the moment to count to, in seconds since the epoch.
    """
    try:
        return now - datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return None


def _said(condition: Mapping[str, Any]) -> str:
    reason, message = str(condition.get("reason") or ""), str(condition.get("message") or "")
    return f"{reason}{_after(message)}" if reason else _shortened(message)


def _after(message: str) -> str:
    return f": {_shortened(message)}" if message else ""


def _shortened(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}..."
