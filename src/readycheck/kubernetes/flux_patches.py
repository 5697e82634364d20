"""What a Flux Kustomization patches into the Kustomizations that it applies (Flux documentation, `spec.patches`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from readycheck.kubernetes.flux import KUSTOMIZATION
from readycheck.model import Resource, Unjudged

# A patch is text of its own. Whatever its style, what it sets stands in it as one of these.
_MERGED = re.compile(
    r"\bdecryption[\"']?:\s*(?:\{[^}]*|(?:\n[ \t][^\n]*)*?\n[ \t]+)?[\"']?provider[\"']?:\s*[\"']?sops\b"
)
_OPERATION = re.compile(r"path[\"']?:\s*[\"']?/spec/decryption(?:/provider)?[\"']?\s*[\s\S]*?\bsops\b")
_NAMES_KUSTOMIZATION = re.compile(r"^\s*kind:\s*[\"']?Kustomization\b", re.MULTILINE)
_REQUIREMENT = re.compile(
    r"\s*(?:(?P<absent>!)?(?P<key>[\w./-]+)(?:\s*(?P<sign>==?|!=)\s*(?P<value>[\w.-]*)|\s+(?P<set>in|notin)\s*\((?P<values>[^)]*)\))?)\s*"
)
_LONGEST = 20_000
# Names with wildcards and alternatives: anything else could take for ever to match.
_SIMPLE = re.compile(r"\^?(?:[\w-]|\.\*|\.|\|)*\$?")
_MOST_WILDCARDS = 3
_BETWEEN = re.compile(r",(?![^(]*\))")


def patches_decryption_into(parent: Resource, child: Resource) -> bool:
    """Whether a Kustomization sets `spec.decryption.provider: sops` in one that it applies.

    Args:
        parent: the Kustomization with the patches.
        child: a Kustomization among what it applies.

    Raises:
        Unjudged: its patches are no list of mappings.
    """
    return any(
        _sets_decryption(patch) and _targets(patch, child) and _selects(patch, child)
        for patch in parent.mappings("spec.patches")
    )


def _sets_decryption(patch: Mapping[str, Any]) -> bool:
    text = str(patch.get("patch") or "")[:_LONGEST]
    return _MERGED.search(text) is not None or _OPERATION.search(text) is not None


def _targets(patch: Mapping[str, Any], child: Resource) -> bool:
    target = patch.get("target")
    if not isinstance(target, Mapping):
        # Without a target the patch names what it is for.
        text = str(patch.get("patch") or "")
        return (
            _NAMES_KUSTOMIZATION.search(text) is not None
            and re.search(rf"\bname: *{re.escape(child.name)}\b", text) is not None
        )
    wanted = {"kind": KUSTOMIZATION, "group": child.group, "name": child.name, "namespace": child.scope}
    for field, value in wanted.items():
        expression = target.get(field)
        if isinstance(expression, str) and value and not _matches(str(expression), value):
            return False
    return True


def _matches(expression: str, value: str) -> bool:
    """Kustomize matches the fields of a target as regular expressions, against all of the value."""
    if expression == value:
        return True
    if _SIMPLE.fullmatch(expression) is None or expression.count(".*") > _MOST_WILDCARDS:
        raise Unjudged(f"whether the patch for `{expression}` is for {value} cannot be told")
    return re.fullmatch(expression, value) is not None


def _selects(patch: Mapping[str, Any], child: Resource) -> bool:
    """Whether the label selector of a patch, where it has one, selects the child."""
    target = patch.get("target")
    selector = target.get("labelSelector") if isinstance(target, Mapping) else None
    if not isinstance(selector, str):
        return True
    labels = child.labels
    return all(_holds(requirement, labels) for requirement in _BETWEEN.split(str(selector)))


def _holds(requirement: str, labels: Mapping[str, str]) -> bool:
    match = _REQUIREMENT.fullmatch(requirement)
    if match is None:
        raise Unjudged(f"the label selector `{requirement.strip()}` of a patch cannot be read")
    value = labels.get(match["key"])
    if match["set"]:
        among = value is not None and str(value) in {each.strip() for each in match["values"].split(",")}
        return among == (match["set"] == "in")
    if match["sign"]:
        return (value is not None and str(value) == match["value"]) == (match["sign"] != "!=")
    return (value is None) == bool(match["absent"])
