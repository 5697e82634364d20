"""The CronJob of deploy/ on a real API server."""

from __future__ import annotations

import copy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.client import Refused
from tests.cluster.servers import ApiServer

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

BASE = Path(__file__).parents[2] / "deploy" / "kubernetes" / "base"


@pytest.fixture(scope="module")
def manifests(bare: ApiServer) -> list[dict[str, Any]]:
    """What kustomize makes of the base, with its namespace on the server."""
    kustomize = shutil.which("kustomize")
    if kustomize is None:
        pytest.skip("kustomize is not installed: `make tools` builds it")
    built = subprocess.run([kustomize, "build", BASE], capture_output=True, text=True, timeout=60, check=True).stdout
    made: list[dict[str, Any]] = list(yaml.safe_load_all(built))
    bare.client.apply(*(manifest for manifest in made if manifest["kind"] == "Namespace"))
    return made


def ask_strictly(server: ApiServer, manifest: dict[str, Any]) -> Any:
    """Have the server judge a new object, unknown fields too, and keep nothing of it."""
    metadata = manifest["metadata"]
    path = server.client.path(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""))
    return server.client.ask("POST", f"{path}?dryRun=All&fieldValidation=Strict", manifest)


def test_the_server_takes_every_object(bare: ApiServer, manifests: list[dict[str, Any]]) -> None:
    for manifest in manifests:
        if manifest["kind"] != "Namespace":
            assert ask_strictly(bare, manifest)["metadata"]["name"].startswith("readycheck")


def test_its_pod_may_run_in_a_restricted_namespace(bare: ApiServer, manifests: list[dict[str, Any]]) -> None:
    (job,) = (manifest for manifest in manifests if manifest["kind"] == "CronJob")
    template = job["spec"]["jobTemplate"]["spec"]["template"]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "readycheck", "namespace": "readycheck", "labels": template["metadata"]["labels"]},
        "spec": template["spec"],
    }
    assert ask_strictly(bare, pod)["metadata"]["name"] == "readycheck"
    # The namespace does refuse what is less careful.
    careless = copy.deepcopy(pod)
    del careless["spec"]["containers"][0]["securityContext"]["capabilities"]
    with pytest.raises(Refused, match="violates PodSecurity"):
        ask_strictly(bare, careless)
