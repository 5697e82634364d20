"""Custom resources whose operator runs pods that no manifest shows: databases, brokers, Prometheus and the like."""

from __future__ import annotations

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
    if _says_how_many(resource):
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
