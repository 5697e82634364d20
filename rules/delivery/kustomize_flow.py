"""Let Flux or Argo CD reach every service's manifests.

A manifest that nothing applies looks like production and is not: it is changed, reviewed and never rolled out. What
counts is a Flux Kustomization or an Argo CD Application of this repository whose path leads to the manifest, by the
kustomization of that folder or by the one that Flux generates where there is none. Beside that, no kustomization may
name what does not exist, and no file of manifests may stand beside a kustomization that leaves it out; one that it
names in a comment was taken out on purpose, and weighs little. A HelmRelease or an Application stands for its service.
"""

import posixpath
from collections.abc import Iterator

from readycheck.inventory import FLOW_SUBJECT, Inventory
from readycheck.inventory.delivery.reach import commented_out
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.kustomization import KustomizationFile
from readycheck.model import Fix, Resource, Severity, Verdict
from readycheck.rule import rule


@rule(FLOW_SUBJECT, severity=Severity.MEDIUM)
def kustomize_flow(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    breaks = inventory.breaks_of(subject)
    for place in breaks.missing:
        yield subject.finding(f"{place.resource.name} names {place.seen}, which does not exist", at=place)
    for orphan in breaks.orphans:
        yield subject.finding(
            f"nothing applies {orphan.uri}: {orphan.kustomization.name} {_how(orphan.kustomization, orphan.uri)}",
            at=orphan.place,
            severity=_severity(orphan.kustomization, orphan.uri),
            fix=_named(orphan.kustomization, orphan.uri),
        )
    manifest = inventory.manifest_of(subject)
    if manifest.kind in (flux.KUSTOMIZATION, flux.INSTANCE, *argo.KINDS):
        yield from _leads_somewhere(manifest, subject, inventory)
    elif subject.kind != "Folder":
        yield from _is_reached(manifest, subject, inventory)


def _leads_somewhere(applier: Resource, subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    path = inventory.path_missing(applier)
    applied = inventory.applied_files(applier)
    if path is not None:
        yield subject.finding(f"applies {path.seen}, which does not exist in this repository", at=path)
    elif applied.unknown and not applied.files:
        yield subject.unknown(applied.unknown)


def _is_reached(manifest: Resource, subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    chart = inventory.chart_missing(manifest) if manifest.kind == flux.HELM_RELEASE else None
    if chart is not None:
        yield subject.finding(f"installs {chart.seen}, which does not exist in this repository", at=chart)
    carriers = inventory.carriers_of(subject)
    if carriers:
        yield subject.note(f"{carriers[0].kind} {carriers[0].name} applies it", at=carriers[0].at("spec.path"))
        return
    uri = manifest.origin.file
    kustomization = inventory.orphaned_by(uri)
    hidden = inventory.hidden_way
    if kustomization is not None and not manifest.origin.world:
        yield subject.finding(
            f"nothing applies it: {kustomization.name} beside it {_how(kustomization, uri)}",
            at=manifest.at(()),
            severity=_severity(kustomization, uri),
            also=(kustomization.at("resources"),),
            fix=_named(kustomization, uri),
        )
    elif inventory.chart_holding(uri) is not None and manifest is subject:
        yield subject.unknown("a template of a chart that no HelmRelease and no Application of the tree installs")
    elif not inventory.appliers and (hidden is None or not inventory.kustomization_files):
        yield subject.unknown("what applies it is not in the tree: it has no Flux Kustomization and no Application")
    elif others := inventory.appliers_of(uri):
        # Two overlays have their base in common: the other one's cluster may be told what to apply elsewhere.
        yield subject.unknown(
            f"what applies {manifest.origin.world} is not in the tree: "
            f"{others[0].kind} {others[0].name} applies another overlay of it"
        )
    elif hidden is not None:
        reason, cause = hidden
        yield subject.unknown(reason, also=(cause.at(()),))
    else:
        yield subject.finding("no Flux Kustomization and no Argo CD Application applies it", at=manifest.at(()))


def _how(kustomization: KustomizationFile, uri: str) -> str:
    return "names it in a comment only" if commented_out(kustomization, uri) else "does not name it"


def _severity(kustomization: KustomizationFile, uri: str) -> Severity | None:
    """Low for what somebody has taken out on purpose, and left lying there."""
    return Severity.LOW if commented_out(kustomization, uri) else None


def _named(kustomization: KustomizationFile, uri: str) -> Fix:
    """The fix that names a file in the kustomization beside it."""
    name = posixpath.basename(uri)
    place = ("resources", len(kustomization.strings("resources")))
    return kustomization.set(place, name, safe=False, title=f"name {name} in {kustomization.name}")
