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


def mended() -> Fixed:
    request = ScanRequest(paths=(ESTATE,), found_config=ESTATE / "readycheck.yaml")
    return fix(request, Choice(unsafe=True, values=GIVEN))


def test_every_manifest_of_the_estate_that_it_took_before_it_takes_when_it_is_fixed(bare: ApiServer) -> None:
    fixed = mended()
    compared = 0
    refused = []
    for change in fixed.changes:
        if not change.path.endswith(".yaml"):
            continue
        before = list(documents(change.before.text)) if change.before else []
        after = list(documents(change.after))
        for index, manifest in enumerate(after):
            new = index >= len(before)
            if (new or taken(bare.client, before[index])) and manifest["kind"] != "Kustomization":
                compared += 1
                if not taken(bare.client, manifest):
                    refused.append((change.path, manifest["kind"], manifest["metadata"]["name"]))
    assert refused == []
    assert compared > 15
