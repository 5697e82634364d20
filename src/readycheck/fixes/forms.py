"""One fix in the forms that need no file of the tree: a patch of an overlay of kustomize, and one of the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readycheck.documents.edits import Refused
from readycheck.documents.edits.layout import Style, entries, items
from readycheck.fixes.operations import kubectl_patch, operations, target_of
from readycheck.model import Edit, Fix, Needed, Resource, Unresolved
from readycheck.report import Patch, Report

_STYLE = Style()
_OF_TOOLS = frozenset({"kustomize.config.k8s.io", "eksctl.io"})
"""The groups of what looks like an object and is never in a cluster."""


def patch_of(fix: Fix, diff: str) -> Patch:
    """A fix with each form that it has.

    Args:
        fix: the fix.
        diff: what it changes in files; "" for none.
    """
    return Patch(diff, fix.safe, fix.title, fix.note, *_forms(fix))


def live_patches(report: Report) -> Mapping[int, Patch]:
    """The patch of each finding in a cluster that git does not declare, by the identity of the finding."""
    found: dict[int, Patch] = {}
    for _, finding in report.findings:
        counterpart = report.counterparts.get(id(finding))
        declared = counterpart is not None and counterpart.place is not None
        if finding.fix is None or declared or finding.resource.root.origin.source != "cluster":
            continue
        patch = patch_of(finding.fix, "")
        if patch.kubectl:
            found[id(finding)] = patch
    return found


def _forms(fix: Fix) -> tuple[str, str]:
    """The patches that make a fix, for kustomize and for kubectl, a command a line.

    Both are "" for what adds objects, edits what is no object of a cluster, or waits for a value.
    """
    roots = {id(edit.place.resource.root): edit.place.resource.root for edit in fix.edits}
    if fix.objects or not all(_is_served(root) for root in roots.values()) or not all(map(_is_decided, fix.edits)):
        return "", ""
    patches, commands = [], []
    try:
        for key, root in roots.items():
            edits = [edit for edit in fix.edits if id(edit.place.resource.root) == key]
            patches += _patch(root, edits)
            commands.append(kubectl_patch(root, edits))
    except Refused:
        return "", ""
    return ("\n".join(["patches:", *patches]) + "\n" if patches else ""), "\n".join(commands)


def _patch(root: Resource, edits: list[Edit]) -> list[str]:
    """One entry of a kustomization's `patches`, as lines."""
    target = [f"      {line}" for line in entries(dict(target_of(root)), 0, _STYLE)]
    patch = [f"      {line}" for line in items(operations(root, edits), 0, _STYLE)]
    return ["  - target:", *target, "    patch: |-", *patch]


def _is_served(root: Resource) -> bool:
    """Whether it is an object that a cluster holds, under the name that it has there."""
    named = root.glimpse(("metadata", "name"))
    return bool(root.api_version) and named == root.name and root.group not in _OF_TOOLS


def _is_decided(edit: Edit) -> bool:
    return _decided(edit.value)


def _decided(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_decided, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_decided, value))
    return not isinstance(value, Needed | Unresolved)
