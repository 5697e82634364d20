"""What fixes make of manifests is what a real API server takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from readycheck.fix import Fixed, fix
from readycheck.fixes.choice import Choice
from readycheck.scan import ScanRequest
from tests.cluster.client import Client, Refused
from tests.cluster.servers import ApiServer

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

ESTATE = Path(__file__).parents[2] / "fixtures" / "estate"
GIVEN = {
    "requests.cpu": "100m",
    "requests.memory": "128Mi",
    "limits.cpu": "500m",
    "limits.memory": "1Gi",
    "hostname": "shop.example.com",
}


def documents(text: str) -> Iterator[dict[str, Any]]:
    for document in yaml.safe_load_all(text):
        if isinstance(document, dict) and {"apiVersion", "kind", "metadata"} <= document.keys():
            yield document


def taken(client: Client, manifest: dict[str, Any]) -> bool:
    """Whether the server would make an object; it makes none."""
    here = {**manifest, "metadata": {**manifest["metadata"], "namespace": "default"}}
    try:
        path = client.path(here["apiVersion"], here["kind"], "default")
        client.ask("POST", f"{path}?dryRun=All", here)
    except (Refused, KeyError):
        return False
    return True


def weighed(fixed: Fixed, client: Client) -> tuple[int, list[tuple[str, str, str]]]:
    """How many changed or new manifests the server is asked about, and which it took before and does not take now."""
    compared = 0
    refused = []
    for change in fixed.changes:
        if not change.path.endswith((".yaml", ".yml")) or "{{" in change.after:
            continue
        before = list(documents(change.before.text)) if change.before else []
        after = list(documents(change.after))
        for index, manifest in enumerate(after):
            new = index >= len(before)
            changed = new or before[index] != manifest
            if changed and manifest["kind"] != "Kustomization" and (new or taken(client, before[index])):
                compared += 1
                if not taken(client, manifest):
                    refused.append((change.path, manifest["kind"], manifest["metadata"]["name"]))
    return compared, refused


def mended(*paths: Path, config: Path | None = None) -> Fixed:
    return fix(ScanRequest(paths=paths, found_config=config), Choice(unsafe=True, values=GIVEN))


def test_every_manifest_of_the_estate_that_it_took_before_it_takes_when_it_is_fixed(bare: ApiServer) -> None:
    compared, refused = weighed(mended(ESTATE, config=ESTATE / "readycheck.yaml"), bare.client)
    assert refused == []
    assert compared > 15


@pytest.mark.parametrize(
    ("place", "least"),
    [
        ("microservices-demo/kubernetes-manifests", 20),
        ("microservices-demo/kustomize", 20),
        ("kubernetes-goat/scenarios", 18),
        ("podinfo/deploy", 18),
        ("podinfo/kustomize", 2),
    ],
)
def test_manifests_of_public_repositories_that_it_took_before_it_takes_when_they_are_fixed(
    bare: ApiServer, corpora: Path, place: str, least: int
) -> None:
    compared, refused = weighed(mended(corpora / place), bare.client)
    assert refused == []
    assert compared >= least
