"""Which regions, keys, states and images of an account files and clusters name."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.model import Collected, Resource
from readycheck.sources.aws.naming import named_by
from readycheck.sources.cluster.objects import ClusterOrigin
from readycheck.sources.files import FilesRequest, collect

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1a2b"
ALIAS = "arn:aws:kms:us-west-2:111122223333:alias/sops"


def write(folder: Path, **files: str) -> Collected:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return collect(FilesRequest(paths=(folder,)))


def node(context: str, **labels: str) -> Collected:
    body = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n", "labels": labels},
        "spec": {"providerID": "aws:///eu-west-1a/i-0abc"},
    }
    return Collected("cluster", [Resource("Node", "n", "", body, ClusterOrigin(context))])


def test_the_keys_of_sops_are_named_by_rules_and_by_files(tmp_path: Path) -> None:
    (tmp_path / ".sops.yaml").write_text(f"creation_rules:\n  - kms: {KEY}+arn:aws:iam::111122223333:role/x\n")
    text = f"a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops:\n  mac: m\n  kms: [{{arn: '{ALIAS}'}}]\n"
    found = write(tmp_path, values__enc__yaml=text)
    assert sorted(named_by([found]).keys) == [KEY, ALIAS]


def test_the_region_of_a_cluster_is_told_by_its_nodes(tmp_path: Path) -> None:
    labels = {"topology.kubernetes.io/region": "eu-west-1"}
    assert named_by([node("prod", **labels)]).regions == (("", "eu-west-1"),)
    arn = "arn:aws:eks:eu-north-1:111122223333:cluster/prod"
    assert named_by([node(arn)]).regions == (("111122223333", "eu-north-1"),)
    assert named_by([write(tmp_path, a__yaml="kind: Node\napiVersion: v1\nmetadata: {name: n}\n")]).regions == ()


def test_the_buckets_of_states_and_their_locks_are_named_by_backends(tmp_path: Path) -> None:
    text = """
terraform {
  backend "s3" {
    bucket         = "acme-state"
    key            = "prod.tfstate"
    region         = "eu-west-1"
    dynamodb_table = "locks"
  }
}
"""
    found = named_by([write(tmp_path, main__tf=text)])
    assert found.states == (("eu-west-1", "acme-state", "prod.tfstate"),)
    assert found.lock_tables == (("eu-west-1", "locks"),)


def test_a_backend_that_variables_decide_names_nothing(tmp_path: Path) -> None:
    found = named_by([write(tmp_path, main__tf='terraform {\n  backend "s3" {\n    key = "a"\n  }\n}\n')])
    assert found.states == ()


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1.4", True),
        ("ghcr.io/shop/web:1.4", False),
    ],
)
def test_images_of_ecr_are_named_by_what_runs_them(tmp_path: Path, image: str, *, expected: bool) -> None:
    text = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  template:
    spec:
      containers: [{{name: web, image: "{image}"}}]
"""
    assert named_by([write(tmp_path, web__yaml=text)]).images == ((image,) if expected else ())
