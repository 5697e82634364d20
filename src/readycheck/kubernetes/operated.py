"""Custom resources whose operator runs pods and makes Services that no manifest shows: databases, brokers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readycheck.kubernetes.kinds import template_path
from readycheck.kubernetes.selector import Selector
from readycheck.model import Resource, Unjudged

_OF_KUBERNETES = ("k8s.io", "kubernetes.io")
_NUMBERS_OF_PODS = ("replicas", "instances", "numberOfInstances", "size")


def is_custom(resource: Resource) -> bool:
    """Whether a resource is of a kind that somebody other than Kubernetes defines and that shows no pods."""
    group = resource.group
    return "." in group and not group.endswith(_OF_KUBERNETES) and template_path(resource) is None


def clues_of(resource: Resource) -> Iterator[str]:
    """What a selector may know the pods by that an operator runs for a custom resource.

    Either a label is of the operator's own domain (`cnpg.io/cluster`), or it names a resource that says how many it
    wants.
    """
    domain = resource.group
    while domain:
        yield f"{domain}/"
        domain = domain.partition(".")[2]
    if _says_how_many(resource) or (resource.group == _PROMETHEUS and resource.kind in _OF_PROMETHEUS):
        yield resource.name


def clues_in(selector: Selector) -> Iterator[str]:
    """The clues that a selector gives, to be looked up among those of custom resources."""
    for term in selector.requirements or ():
        domain, slash, _ = term.key.partition("/")
        if slash:
            yield f"{domain}/"
        yield from map(str, term.values)


def _says_how_many(resource: Resource) -> bool:
    try:
        spec = resource.mapping("spec")
    except Unjudged:
        return False
    return any(field in spec for field in _NUMBERS_OF_PODS)


# Groups of kinds for which no Service is ever made: they configure, watch or deliver.
_WITHOUT_SERVICES = (
    "argoproj.io",
    "bitnami.com",
    "cert-manager.io",
    "cilium.io",
    "external-secrets.io",
    "fluxcd.io",
    "goldilocks.fairwinds.com",
    "isindir.github.com",
    "istio.io",
    "k8s.aws",
    "karpenter.sh",
    "keda.sh",
    "kyverno.io",
    "metallb.io",
    "openshift.io",
    "projectcontour.io",
    "ricoberger.de",
    "secrets.hashicorp.com",
    "traefik.containo.us",
    "traefik.io",
    "volsync.backube",
)
# Kinds that set something up within what runs already, going by what they are called.
_WITHIN = re.compile(
    r".*(?:Backup|Binding|Bucket|Config|Dashboard|Database|Data[sS]ource|Folder|Key|Policy|Route|Rules?|Schedule|Secret|"
    r"Topic|User)"
)
# The Services of the Prometheus operator have one name for all objects of a kind (its design document).
_OF_PROMETHEUS = {
    "Alertmanager": "alertmanager-operated",
    "Prometheus": "prometheus-operated",
    "PrometheusAgent": "prometheus-agent-operated",
    "ThanosRuler": "thanos-ruler-operated",
}
_PROMETHEUS = "monitoring.coreos.com"


def runs_services(resource: Resource) -> bool:
    """Whether an operator may make Services for a custom resource, going by its group and kind."""
    if resource.group == _PROMETHEUS:
        return resource.kind in _OF_PROMETHEUS
    if _WITHIN.fullmatch(resource.kind):
        return False
    return not any(resource.group == group or resource.group.endswith(f".{group}") for group in _WITHOUT_SERVICES)


def services_named_by(resource: Resource) -> Iterator[str]:
    """What the Services are called, or begin with, that an operator makes for a custom resource."""
    yield resource.name
    if resource.group == _PROMETHEUS and resource.kind in _OF_PROMETHEUS:
        yield _OF_PROMETHEUS[resource.kind]
