"""What the live cases of rules record, an API server could answer: no field in them is one that it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.client import Refused
from tests.cluster.servers import ApiServer

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

CASES = Path(__file__).parents[2] / "fixtures" / "rules"
SET_BY_THE_SERVER = ("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "generation")
NO_KINDS = ("ServerVersion",)
"""What stands in a recording and comes from another place of the API than a list."""
OF_KUBERNETES = (
    "",
    "admissionregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "discovery.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
)
"""The groups whose kinds have a schema here."""


def recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of every recording that is of Kubernetes itself, with where it stands."""
    for file in sorted(CASES.rglob("*cluster.yaml")):
        for document in yaml.safe_load_all(file.read_text("utf-8")):
            if not document or document["kind"] in NO_KINDS:
                continue
            if document["apiVersion"].rpartition("/")[0] in OF_KUBERNETES:
                yield str(file.relative_to(CASES)), document


def tried(server: ApiServer, document: dict[str, Any]) -> str:
    """What the server says of the fields that it does not know; what else it finds wrong a case may leave out."""
    metadata = {key: value for key, value in document["metadata"].items() if key not in SET_BY_THE_SERVER}
    asked = {**document, "metadata": metadata}
    if document["kind"] == "Secret":
        # Reading leaves markers of the values alone.
        asked.pop("data", None)
    path = server.client.path(
        document["apiVersion"], document["kind"], metadata.get("namespace", "default"), metadata["name"]
    )
    try:
        server.client.ask("PATCH", f"{path}?fieldManager=tests&dryRun=All", asked, form="application/apply-patch+yaml")
    except Refused as refused:
        said = str(refused)
        return said if "schema" in said or refused.status == 404 else ""
    return ""


def test_no_recording_holds_a_field_that_no_server_answers_with(bare: ApiServer) -> None:
    objects = list(recorded())
    assert len(objects) > 200
    for namespace in sorted({body["metadata"].get("namespace", "default") for _, body in objects}):
        bare.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    unreal = [(where, body["kind"], said) for where, body in objects if (said := tried(bare, body))]
    assert unreal == []
