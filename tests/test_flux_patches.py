"""Which Kustomizations a parent's patch sets decryption in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from readycheck.kubernetes.flux_patches import patches_decryption_into
from readycheck.model import Resource, Unjudged
from tests.trees import collected_from

SETS = "spec:\n  decryption:\n    secretRef: {name: age}\n    provider: sops\n"


def kustomization(root: Path, name: str, spec: str, labels: str = "{}") -> Resource:
    text = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata:\n  name: {name}\n  namespace: flux-system\n  labels: {labels}\nspec: {spec}\n"
    )
    (found,) = (
        resource
        for resource in collected_from(root / name, {"flux.yaml": text}).resources
        if resource.kind == "Kustomization"
    )
    return found


@pytest.mark.parametrize(
    ("target", "patched"),
    [
        ("{kind: Kustomization}", True),
        ("{kind: Kustomization, group: kustomize.toolkit.fluxcd.io}", True),
        ("{kind: Kustomization, group: other.example}", False),
        ("{kind: HelmRelease}", False),
        ("{name: web}", True),
        ("{name: web.*}", True),
        ("{name: api|web}", True),
        ("{name: api}", False),
        ("{name: we}", False),
        ("{namespace: flux-system}", True),
        ("{namespace: other}", False),
        ("{labelSelector: tier=front}", True),
        ("{labelSelector: 'tier!=front'}", False),
        ("{labelSelector: 'tier in (back, front)'}", True),
        ("{labelSelector: 'tier notin (back, front)'}", False),
        ("{labelSelector: 'sops.example/off notin (true)'}", True),
        ("{labelSelector: '!sops.example/off,tier'}", True),
        ("{labelSelector: 'sops.example/off'}", False),
    ],
)
def test_a_patch_is_for_what_its_target_selects(tmp_path: Path, target: str, *, patched: bool) -> None:
    child = kustomization(tmp_path, "web", "{}", "{tier: front}")
    parent = kustomization(tmp_path, "cluster", f"{{patches: [{{target: {target}, patch: {json.dumps(SETS)}}}]}}")
    assert patches_decryption_into(parent, child) is patched


@pytest.mark.parametrize(
    ("patch", "patched"),
    [
        (SETS, True),
        ('{"spec": {"decryption": {"provider": "sops"}}}', True),
        ("- op: add\n  path: /spec/decryption\n  value:\n    provider: sops\n", True),
        ("- {op: replace, path: /spec/decryption/provider, value: sops}\n", True),
        ("spec:\n  decryption:\n    provider: other\n", False),
        ("spec:\n  interval: 1h\n  provider: sops\n", False),
        ("- {op: remove, path: /spec/decryption}\n", False),
    ],
)
def test_a_patch_of_any_style_sets_decryption_or_does_not(tmp_path: Path, patch: str, *, patched: bool) -> None:
    child = kustomization(tmp_path, "web", "{}")
    text = "".join(f"\n        {line}" for line in patch.splitlines())
    parent = kustomization(
        tmp_path, "cluster", f"\n  patches:\n    - target: {{kind: Kustomization}}\n      patch: |{text}"
    )
    assert patches_decryption_into(parent, child) is patched


@pytest.mark.parametrize("target", ["{name: (a+)+}", "{labelSelector: 'tier ~ front'}"])
def test_a_target_that_cannot_be_read_leaves_it_open(tmp_path: Path, target: str) -> None:
    child = kustomization(tmp_path, "web", "{}")
    parent = kustomization(
        tmp_path, "cluster", f"\n  patches:\n    - target: {target}\n      patch: {json.dumps(SETS)}"
    )
    with pytest.raises(Unjudged):
        patches_decryption_into(parent, child)
