"""What real OpenTofu writes is read: a state that it keeps in S3 and locks there, and what it shows in JSON."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from readycheck.model import Outcome, Status
from readycheck.scan import ScanRequest, scan
from tests.sources.aws.server import Aws, aws

pytestmark = pytest.mark.slow

_BUCKET = "acme-state"
_CONFIGURATION = """\
terraform {{
  backend "s3" {{
    bucket                      = "acme-state"
    key                         = "prod/terraform.tfstate"
    region                      = "eu-west-1"
    encrypt                     = true
    use_lockfile                = {locked}
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
    endpoints                   = {{ s3 = "{endpoint}" }}
  }}
}}

variable "token" {{
  type      = string
  sensitive = true
  default   = "q7Vb2mXw9Kc4Lz8PtR3y"
}}

resource "terraform_data" "each" {{
  for_each = toset(["eu", "us.east"])
  input    = {{ region = each.key, zones = ["a", "b"] }}
}}

resource "terraform_data" "held" {{
  input = var.token
}}

resource "terraform_data" "after" {{
  input = terraform_data.held.id
}}
"""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with aws() as server:
        yield server


class Root:
    """A root module, and OpenTofu that runs in it."""

    def __init__(self, folder: Path, program: Path, endpoint: str) -> None:
        self.folder = folder
        self._program = program
        self._endpoint = endpoint

    def write(self, *, locked: bool) -> None:
        self.folder.mkdir()
        text = _CONFIGURATION.format(locked=str(locked).lower(), endpoint=self._endpoint)
        (self.folder / "main.tf").write_text(text)

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._program, *arguments],
            cwd=self.folder,
            env={**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_CLI_CONFIG_FILE": os.devnull},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def apply(self) -> None:
        self.run("init", "-input=false", "-no-color")
        self.run("apply", "-auto-approve", "-input=false", "-no-color")


@pytest.fixture
def root(tmp_path: Path, account: Aws, require_tool: Callable[[str], Path]) -> Root:
    return Root(tmp_path / "prod", require_tool("tofu"), account.url)


def bucket(account: Aws, *, versions: bool) -> None:
    client = account.client("s3", "eu-west-1")
    client.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if versions:
        client.put_bucket_versioning(Bucket=_BUCKET, VersioningConfiguration={"Status": "Enabled"})


_ENCRYPTION = """\
terraform {
  encryption {
    key_provider "pbkdf2" "words" {
      passphrase = "correct-horse-battery-staple"
    }
    method "aes_gcm" "by_words" {
      keys = key_provider.pbkdf2.words
    }
    state {
      method = method.aes_gcm.by_words
    }
  }
}
"""


def outcomes(folder: Path, terraform: Mapping[str, Any]) -> Mapping[str, Outcome]:
    """What a scan says by each rule about the states of an environment."""
    settings = ", ".join(f"{key}: {value}" for key, value in terraform.items())
    file = folder / "readycheck.yaml"
    file.write_text(f"environments:\n  prod:\n    terraform: {{{settings}}}\n")
    report = scan(ScanRequest(environment="prod", config=file))
    assert [source.problems for source in report.sources] == [[]]
    return {outcome.rule: outcome for outcome in report.outcomes}


def in_bucket(account: Aws, **more: str) -> Mapping[str, Any]:
    return {"states": f"['s3://{_BUCKET}/prod/terraform.tfstate']", "endpoint_url": f"'{account.url}'", **more}


def test_a_state_that_tofu_locked_in_a_versioned_bucket_is_judged_live(
    tmp_path: Path, account: Aws, root: Root
) -> None:
    bucket(account, versions=True)
    root.write(locked=True)
    root.apply()
    by_address = outcomes(tmp_path, in_bucket(account))["terraform/state-backend"]
    assert (by_address.status, by_address.resource.kind) == (Status.PASS, "Environment")
    by_root = outcomes(tmp_path, in_bucket(account, root="prod"))["terraform/state-backend"]
    assert (by_root.status, by_root.resource.kind, by_root.resource.name) == (Status.PASS, "Folder", "prod")


def test_a_bucket_without_versions_fails_and_no_lock_is_open_or_fails(tmp_path: Path, account: Aws, root: Root) -> None:
    bucket(account, versions=False)
    root.write(locked=False)
    root.apply()
    by_address = outcomes(tmp_path, in_bucket(account))["terraform/state-backend"]
    assert by_address.status is Status.FAIL
    assert [finding.message for finding in by_address.findings] == ["its bucket acme-state keeps no versions"]
    by_root = outcomes(tmp_path, in_bucket(account, root="prod"))["terraform/state-backend"]
    assert [finding.message for finding in by_root.findings] == [
        "nothing locks its state (`use_lockfile = true`, or a `dynamodb_table`)",
        "its bucket acme-state keeps no versions",
    ]


def test_what_tofu_keeps_and_what_it_shows_are_the_same(tmp_path: Path, account: Aws, root: Root) -> None:
    bucket(account, versions=True)
    root.write(locked=True)
    root.apply()
    (tmp_path / "pulled.tfstate").write_text(root.run("state", "pull"))
    (tmp_path / "shown.json").write_text(root.run("show", "-json"))
    found = {}
    for name in ("pulled.tfstate", "shown.json"):
        file = tmp_path / "readycheck.yaml"
        file.write_text(f"environments: {{prod: {{terraform: {{states: [{name}]}}}}}}\n")
        (source,) = scan(ScanRequest(environment="prod", config=file)).sources
        assert source.problems == []
        found[name] = {
            each.name: (each.glimpse("input"), each.glimpse("output"), each.glimpse("id"))
            for each in source.resources
            if each.kind == "terraform_data"
        }
    assert found["pulled.tfstate"] == found["shown.json"]
    assert set(found["shown.json"]) == {
        'terraform_data.each["eu"]',
        'terraform_data.each["us.east"]',
        "terraform_data.held",
        "terraform_data.after",
    }
    assert found["shown.json"]['terraform_data.each["eu"]'][0] == {"region": "eu", "zones": ["a", "b"]}
    # The copy in `output` is a secret as much as the input that was marked.
    assert "q7Vb2mXw9Kc4Lz8PtR3y" not in str(found)
    assert "of 20 characters" in str(found["shown.json"]["terraform_data.held"][1])


def test_a_plan_of_tofu_waits_for_what_it_will_make(tmp_path: Path, account: Aws, root: Root) -> None:
    bucket(account, versions=True)
    root.write(locked=True)
    root.run("init", "-input=false", "-no-color")
    root.run("plan", "-out=plan.out", "-input=false", "-no-color")
    (tmp_path / "plan.json").write_text(root.run("show", "-json", "plan.out"))
    file = tmp_path / "readycheck.yaml"
    file.write_text("environments: {prod: {terraform: {plans: [plan.json, prod/plan.out]}}}\n")
    (source,) = scan(ScanRequest(environment="prod", config=file)).sources
    ((uri, reason),) = [(problem.uri, problem.reason) for problem in source.problems]
    assert uri == "prod/plan.out"
    assert "show -json" in reason
    things = {each.name: each for each in source.resources if each.kind == "terraform_data"}
    assert str.__str__(things["terraform_data.after"].body["input"]) == "terraform_data.held.id"
    assert str.__str__(things["terraform_data.held"].body["id"]) == "terraform_data.held.id"
    assert "q7Vb2mXw9Kc4Lz8PtR3y" not in repr([each.body for each in source.resources])


def test_a_state_that_tofu_has_encrypted_holds_no_readable_secret_and_nothing_that_can_be_judged(
    tmp_path: Path, account: Aws, root: Root
) -> None:
    bucket(account, versions=True)
    root.write(locked=True)
    (root.folder / "encryption.tf").write_text(_ENCRYPTION)
    root.apply()
    kept = account.client("s3").get_object(Bucket=_BUCKET, Key="prod/terraform.tfstate")["Body"].read()
    (tmp_path / "prod.tfstate").write_bytes(kept)
    file = tmp_path / "readycheck.yaml"
    file.write_text("environments: {prod: {terraform: {states: [prod.tfstate]}}}\n")
    report = scan(ScanRequest(environment="prod", config=file))
    by_rule = {outcome.rule: outcome for outcome in report.outcomes}
    assert by_rule["secret/state-plain-text"].status is Status.PASS
    for rule in ("cluster/secrets-encryption", "network/load-balancer-tls", "workload/replicas", "vault/not-dev-mode"):
        assert by_rule[rule].status is Status.UNKNOWN
        assert "is encrypted by OpenTofu" in (by_rule[rule].reason or "")
    assert report.gate.exit_code == 3
