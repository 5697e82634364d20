"""Custom resources whose operator runs pods that no manifest shows: databases, brokers, Prometheus and the like."""

from __future__ import annotations

from readycheck.kubernetes.kinds import template_path
from readycheck.kubernetes.selector import Selector
from readycheck.model import Resource, Unjudged

_OF_KUBERNETES = ("k8s.io", "kubernetes.io")
_NUMBERS_OF_PODS = ("replicas", "instances", "numberOfInstances", "size")


def is_custom(resource: Resource) -> bool:
    """Whether a resource is of a kind that somebody other than Kubernetes defines and that shows no pods."""
    group = resource.group
    return "." in group and not group.endswith(_OF_KUBERNETES) and template_path(resource) is None


def may_run_pods_for(resource: Resource, selector: Selector) -> bool:
    """Whether the pods that a selector asks for may be those that an operator runs for a custom resource.

    Either a label is of the operator's own domain (`cnpg.io/cluster`), or it names a resource that says how many it
    wants.
    """
    for term in selector.requirements or ():
        domain, slash, _ = term.key.partition("/")
        if slash and f".{resource.group}".endswith(f".{domain}"):
            return True
        if resource.name in (str(value) for value in term.values) and _says_how_many(resource):
            return True
    return False


def _says_how_many(resource: Resource) -> bool:
    try:
        spec = resource.mapping("spec")
    except Unjudged:
        return False
    return any(field in spec for field in _NUMBERS_OF_PODS)
