"""Let everything that Flux and Argo CD manage be as git says.

A Kustomization that is not Ready, a source that cannot be fetched or an Application that is OutOfSync leaves the
cluster at an older state than git, often for weeks before anybody looks; and what is suspended is forgotten. An object
that was made a moment ago, or is being reconciled right now, is no fault.

Options:
    patience_minutes: how many minutes a new object, or a new revision of a source, may wait before it counts as stuck
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.condition import age_of, is_younger
from readycheck.kubernetes.reconciliation import Standing, State, standing_in_argo, standing_in_flux
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule

_OF_FLUX = (*flux.SOURCES, flux.KUSTOMIZATION, flux.HELM_RELEASE, flux.INSTANCE)


@rule(*_OF_FLUX, argo.APPLICATION, severity=Severity.HIGH, sources=("cluster",))
def reconciled(thing: Resource, inventory: Inventory, *, patience_minutes: int = 30) -> Iterator[Verdict]:
    standing = standing_in_argo(thing) if thing.kind == argo.APPLICATION else standing_in_flux(thing)
    patience = 60 * patience_minutes
    if standing.state is State.DONE:
        if standing.words:
            yield thing.note(standing.words, at=standing.at)
        if thing.kind == flux.KUSTOMIZATION:
            yield from _is_up_to_date(thing, inventory, patience)
    elif standing.state is State.UNTRACKED:
        yield thing.not_applicable(standing.words)
    elif standing.state is State.UNDER_WAY:
        yield thing.unknown(f"is being reconciled: {standing.words or 'nothing is said of it'}", at=standing.at)
    elif standing.state is State.NEVER:
        yield _of_untouched(thing, inventory, patience)
    else:
        yield thing.finding(_fault(thing, standing), at=standing.at)


def _fault(thing: Resource, standing: Standing) -> str:
    if standing.state is State.SUSPENDED:
        return "is suspended: nothing of it is applied"
    if thing.kind == argo.APPLICATION:
        return f"is {standing.words}"
    return f"is not Ready: {standing.words}"


def _of_untouched(thing: Resource, inventory: Inventory, patience: float) -> Verdict:
    if is_younger(thing, patience, inventory.now):
        return thing.unknown("was made a moment ago and not reconciled yet", at="metadata.creationTimestamp")
    return thing.finding("was never reconciled: no controller has said anything of it", at="status")


def _is_up_to_date(kustomization: Resource, inventory: Inventory, patience: float) -> Iterator[Verdict]:
    """Whether a Kustomization applies the latest revision that its source has fetched."""
    applied = kustomization.string("status.lastAppliedRevision")
    named = flux.source_of(kustomization)
    source = inventory.find(named.kind, named.name, kustomization, namespace=named.namespace)
    fetched = source.string("status.artifact.revision") if source is not None else ""
    if source is None or not fetched or not applied or fetched == applied:
        return
    age = age_of(source.string("status.artifact.lastUpdateTime"), inventory.now)
    if age is not None and age > patience:
        yield kustomization.finding(
            f"applies {applied}, while {source.kind} {source.name} has been at {fetched} for {age / 60:.0f} minutes",
            at="status.lastAppliedRevision",
            also=[source.at("status.artifact.revision")],
        )
    else:
        yield kustomization.note(
            f"{source.kind} {source.name} has just come to {fetched}", at="status.lastAppliedRevision"
        )
