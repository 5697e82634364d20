"""What network/dns-records proposes names the annotations that the external-dns of the tree reads."""

from __future__ import annotations

from pathlib import Path

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Fix, Needed
from readycheck.sources.files import FilesRequest, collect

RULE = next(rule for rule in packs.load() if rule.id == "network/dns-records")
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: shop, namespace: shop, annotations: {{{annotations}}}}}
spec: {{type: LoadBalancer, selector: {{app: shop}}, ports: [{{port: 443}}]}}
"""
EXTERNAL_DNS = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: external-dns, namespace: dns}
spec:
  template:
    spec:
      containers:
        - name: external-dns
          image: registry.k8s.io/external-dns/external-dns:v0.22.0
          args: [--source=service, --policy=sync]
"""


HOST = Needed("hostname", "the host that Service shop is reached by", text=True)


def fix_for(folder: Path, manifests: str) -> Fix:
    (folder / "shop.yaml").write_text(manifests)
    inventory = Inventory((collect(FilesRequest(paths=(folder,), repository=folder)),))
    found = [finding for outcome in judge((Selection.default(RULE),), inventory) for finding in outcome.findings]
    assert [finding.resource.name for finding in found] == ["shop"]
    assert found[0].fix is not None
    return found[0].fix


def changes(fix: Fix) -> dict[str, object]:
    return {edit.place.field: edit.value for edit in fix.edits}


def test_a_load_balancer_is_named_under_both_prefixes_and_somebody_must_say_how(tmp_path: Path) -> None:
    fix = fix_for(tmp_path, SERVICE.format(annotations=""))

    assert changes(fix) == {
        'metadata.annotations["external-dns.alpha.kubernetes.io/hostname"]': HOST,
        'metadata.annotations["external-dns.kubernetes.io/hostname"]': HOST,
    }
    assert not fix.safe


def test_annotations_with_the_former_prefix_are_written_with_the_one_that_is_read_too(tmp_path: Path) -> None:
    former = "external-dns.alpha.kubernetes.io"
    service = SERVICE.format(annotations=f'{former}/hostname: shop.example.org, {former}/ttl: "60"')

    fix = fix_for(tmp_path, service + EXTERNAL_DNS)

    assert changes(fix) == {
        'metadata.annotations["external-dns.kubernetes.io/hostname"]': "shop.example.org",
        'metadata.annotations["external-dns.kubernetes.io/ttl"]': "60",
    }
    assert not fix.safe
