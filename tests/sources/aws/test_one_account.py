"""One infrastructure, as the account shows it, as a state records it and as a plan intends it: one verdict."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from readycheck import packs
from readycheck.cli import main
from tests.sources.aws.estate import ACCOUNT_FIXTURE, renamed, write
from tests.sources.aws.server import Aws

pytestmark = pytest.mark.slow

NOW = "1795651200"  # 2026-11-26
# What is not the same, and why not.
APART = {
    # Its dates are as old as the state's last refresh.
    "network/certificate-expiry": ("not-applicable", "unknown"),
    # What stands before a site may be another state's, or another network's: an account shows all of its own.
    "network/cdn": ("fail", "unknown"),
    # Compares the two, and judges what is recorded.
    "terraform/drift": None,
    # The backend stands in the code: that the account is asked about it makes no verdict on a state.
    "terraform/state-backend": None,
}
COMPARED = {
    *("cluster/control-plane-logs", "cluster/no-fargate", "cluster/node-zones", "cluster/secrets-encryption"),
    *("cluster/spot-nodes", "cluster/subnet-zones", "cluster/supported-version"),
    *("network/load-balancer", "network/load-balancer-tls", "network/load-balancer-zones"),
    *("image/immutable-tags", "image/registry-scan"),
    "secret/kms-rotation",
}

Verdicts = Mapping[tuple[str, str], Mapping[str, str]]


def verdicts(folder: Path, given: Mapping[str, str]) -> Verdicts:
    """For each rule and thing what is said of it, by source; things of Terraform by what AWS calls them."""
    report = folder / "report.json"
    arguments = ["scan", "--env", "prod", "--config", str(folder / "readycheck.yaml"), "-o", f"json={report}"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1, result.output
    state = json.loads(renamed((ACCOUNT_FIXTURE / "terraform.tfstate").read_text("utf-8"), given))
    names = {
        f"{each['type']}.{each['name']}": attributes.get("arn") or attributes["id"]
        for each in state["resources"]
        for attributes in (instance["attributes"] for instance in each["instances"])
    }
    told: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for outcome in json.loads(report.read_text())["outcomes"]:
        resource = outcome["resource"]
        if resource["source"] in ("aws", "terraform"):
            name = names.get(resource["name"], resource["name"])
            told[outcome["rule"], name][resource["source"]] = outcome["status"]
    return told


@pytest.mark.parametrize("plan", [False, True], ids=["state", "plan"])
def test_an_account_and_its_state_get_the_same_verdicts(
    account: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, plan: bool
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOW)
    told = verdicts(tmp_path, write(tmp_path, account, plan=plan))
    both = {rule.id for rule in packs.load() if {"aws", "terraform"} <= set(rule.declaration.sources)}
    compared = {key: sides for key, sides in told.items() if key[0] in both and APART.get(key[0], "") is not None}
    different = {
        key: sides
        for key, sides in compared.items()
        if (sides.get("aws"), sides.get("terraform")) not in ((sides.get("aws"),) * 2, APART.get(key[0]))
    }
    assert different == {}
    seen: dict[str, set[str]] = defaultdict(set)
    for (rule, _), sides in compared.items():
        seen[rule] |= set(sides.values())
    # Each of them says yes to one thing and no to another: that nothing was judged is no agreement.
    assert {rule for rule, statuses in seen.items() if {"pass", "fail"} <= statuses} >= COMPARED - _WITHOUT_FAILURE


_WITHOUT_FAILURE = {"network/load-balancer"}
"""No Classic load balancer can be made any more."""


def test_nothing_has_drifted_between_the_account_and_its_state(
    account: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOW)
    told = verdicts(tmp_path, write(tmp_path, account))
    drift = {
        name: sides["terraform"]
        for (rule, name), sides in told.items()
        if rule == "terraform/drift" and "terraform" in sides
    }
    assert len(drift) > 20
    assert set(drift.values()) == {"pass"}
    account.client("eks").update_nodegroup_config(
        # What an autoscaler does all day long.
        clusterName="prod",
        nodegroupName="blue",
        scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 3},
    )
    account.client("ecr").put_image_tag_mutability(repositoryName="shop/web", imageTagMutability="MUTABLE")
    changed = verdicts_again(tmp_path)
    assert changed == {"aws_ecr_repository.web"}


def verdicts_again(folder: Path) -> set[str]:
    """What has drifted, by address."""
    report = folder / "again.json"
    arguments = ["scan", "--env", "prod", "--config", str(folder / "readycheck.yaml"), "-o", f"json={report}"]
    CliRunner().invoke(main, arguments)
    return {
        outcome["resource"]["name"]
        for outcome in json.loads(report.read_text())["outcomes"]
        if outcome["rule"] == "terraform/drift" and outcome["status"] == "fail"
    }
