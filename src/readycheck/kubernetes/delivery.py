"""How a live cluster shows that Flux or Argo CD manages it: their controllers, and their marks on what they apply."""

from __future__ import annotations

from contextlib import suppress

from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged

FLUX, ARGO_CD = "Flux", "Argo CD"

_APPLYING = frozenset({"kustomize-controller", "helm-controller"})
"""The images of Flux's controllers that apply, by the last part of their names."""
_OF_ARGO_CD = "application-controller"
"""What the workload that applies is called in Argo CD, or ends in, and its component label."""
_COMPONENT = "app.kubernetes.io/component"
KUSTOMIZATION_NAME = "kustomize.toolkit.fluxcd.io/name"
KUSTOMIZATION_NAMESPACE = "kustomize.toolkit.fluxcd.io/namespace"
"""The labels that name the Kustomization which has applied a thing."""
HELM_RELEASE_NAME = "helm.toolkit.fluxcd.io/name"
TRACKING_ID = "argocd.argoproj.io/tracking-id"
"""What begins with the name of the Application that has applied a thing."""
_MARKS = {KUSTOMIZATION_NAME: FLUX, HELM_RELEASE_NAME: FLUX, TRACKING_ID: ARGO_CD}
"""The labels and annotations that are put on what is applied (Flux; Argo CD since 3.0)."""


def applies_for(workload: Workload) -> str:
    """What a workload is the applying controller of: Flux, Argo CD, or "" for neither."""
    with suppress(Unjudged):
        for container in workload.containers:
            if container.image.called(_APPLYING):
                return FLUX
    with suppress(Unjudged):
        component = workload.labels.get(_COMPONENT)
        if component == _OF_ARGO_CD or workload.name.endswith(f"argocd-{_OF_ARGO_CD}"):
            return ARGO_CD
    return ""


def managed_by(resource: Resource) -> str:
    """What has applied a thing, by its marks: Flux, Argo CD, or "" where none shows."""
    with suppress(Unjudged):
        for mark, manager in _MARKS.items():
            if mark in resource.labels or mark in resource.annotations:
                return manager
    return ""
