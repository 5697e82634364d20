"""What rules on the network propose is one plain value, where the tree says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Finding, Fix
from readycheck.sources.files import FilesRequest, collect

RULES = {rule.id: rule for rule in packs.load()}
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: shop, namespace: shop, annotations: {{{annotations}}}}}
spec:
  ingressClassName: nginx
  tls: [{{hosts: [shop.example.com], secretName: shop-tls}}]
  rules: [{{host: shop.example.com}}]
"""
ISSUER = """\
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {{name: {name}}}
spec: {{acme: {{server: "https://{server}/directory", privateKeySecretRef: {{name: account}}}}}}
"""
STAGING = ISSUER.format(name="staging", server="acme-staging-v02.api.letsencrypt.org")
PRODUCTION = ISSUER.format(name="production", server="acme-v02.api.letsencrypt.org")
SECOND = ISSUER.format(name="second", server="acme.zerossl.com/v2/DV90")
MESH = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "shop:1"}]}
"""
PERMISSIVE = """\
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: PERMISSIVE}}
"""
# An ingress controller out of the mesh, whose requests are plain.
PLAIN = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: ingress}
spec:
  selector: {matchLabels: {app: ingress}}
  template:
    metadata: {labels: {app: ingress, sidecar.istio.io/inject: "false"}}
    spec: {containers: [{name: controller, image: "registry.k8s.io/ingress-nginx/controller:v1.15.1"}]}
"""


def finding(folder: Path, rule: str, manifests: str, **options: object) -> Finding:
    (folder / "shop.yaml").write_text(manifests)
    inventory = Inventory((collect(FilesRequest(paths=(folder,), repository=folder)),))
    selection = Selection(RULES[rule], RULES[rule].declaration.severity, options)
    (found,) = [each for outcome in judge((selection,), inventory) for each in outcome.findings]
    return found


def edits(fix: Fix | None, *, safe: bool = False) -> list[tuple[str, object]]:
    assert fix is not None
    assert fix.safe is safe
    return [(edit.place.field, edit.value) for edit in fix.edits]


@pytest.mark.parametrize("annotations", ["", "cert-manager.io/cluster-issuer: staging"])
def test_an_ingress_is_proposed_the_one_issuer_that_is_trusted(tmp_path: Path, annotations: str) -> None:
    found = finding(
        tmp_path, "network/certificate-issuer", INGRESS.format(annotations=annotations) + STAGING + PRODUCTION
    )
    assert edits(found.fix) == [('metadata.annotations["cert-manager.io/cluster-issuer"]', "production")]


@pytest.mark.parametrize("issuers", ["", STAGING, PRODUCTION + SECOND])
def test_without_one_trusted_issuer_there_is_nothing_to_propose(tmp_path: Path, issuers: str) -> None:
    found = finding(tmp_path, "network/certificate-issuer", INGRESS.format(annotations="") + issuers)
    assert found.fix is None


def test_a_permissive_policy_is_made_strict_where_all_that_runs_is_in_the_mesh(tmp_path: Path) -> None:
    found = finding(tmp_path, "network/mesh-mtls", MESH + PERMISSIVE, required=True)
    assert found.place.resource.kind == "PeerAuthentication"
    assert edits(found.fix, safe=True) == [("spec.mtls.mode", "STRICT")]


def test_a_permissive_policy_is_proposed_to_be_strict_where_something_speaks_plainly(tmp_path: Path) -> None:
    found = finding(tmp_path, "network/mesh-mtls", MESH + PERMISSIVE + PLAIN, required=True)
    assert edits(found.fix) == [("spec.mtls.mode", "STRICT")]


def test_a_policy_that_does_not_exist_is_a_new_file_and_no_fix(tmp_path: Path) -> None:
    assert finding(tmp_path, "network/mesh-mtls", MESH, required=True).fix is None
