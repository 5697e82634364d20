"""A thing of an account that Terraform records or plans: what each side says of the other's findings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.joining import join
from readycheck.model import Status
from readycheck.sources.recorded import recordings_in
from tests.sources.terraform.written import change, plan, resource, state

ARN = "arn:aws:eks:eu-west-1:111122223333:cluster/prod"
ALL = ["api", "audit", "authenticator", "controllerManager", "scheduler"]


def cluster(logs: list[str], **more: Any) -> dict[str, Any]:
    return {"id": "prod", "arn": ARN, "name": "prod", "version": "1.35", "enabled_cluster_log_types": logs, **more}


def account(*clusters: Mapping[str, Any]) -> dict[str, Any]:
    things = [{"type": "aws_eks_cluster", "values": each} for each in clusters]
    return {"account": "111122223333", "regions": ["eu-west-1"], "resources": things}


def told(folder: Path, **documents: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Of each finding on the logs of clusters: its source, its relation to the other side, which that is, and where."""
    for name, document in documents.items():
        file = folder / {"aws": "aws.json", "plan": "plan.json", "state": "state.tfstate"}[name]
        file.write_text(json.dumps(document, indent=2))
    sides = Inventory.sides([read(file) for file, read in recordings_in(folder).items()])
    rule = next(each for each in packs.load() if each.id == "cluster/control-plane-logs")
    outcomes = judge([Selection.default(rule)], *sides)
    counterparts = join(sides, outcomes)
    found = []
    for outcome in outcomes:
        for finding in outcome.findings if outcome.status is Status.FAIL else ():
            other = counterparts.get(id(finding))
            where = other.place.location if other is not None and other.place is not None else None
            found.append(
                (
                    outcome.resource.origin.source,
                    other.relation.value if other is not None else "",
                    other.source if other is not None else "",
                    where.uri if where is not None else "",
                )
            )
    return sorted(found)


def recorded(logs: list[str]) -> dict[str, Any]:
    return state(resource("aws_eks_cluster", "prod", cluster(logs)))


def test_both_sides_fail(tmp_path: Path) -> None:
    assert told(tmp_path, state=recorded(["api"]), aws=account(cluster(["api"]))) == [
        ("aws", "same", "terraform", "state.tfstate"),
        ("terraform", "same", "aws", ARN),
    ]


def test_what_was_recorded_right_and_changed_since_has_drifted(tmp_path: Path) -> None:
    assert told(tmp_path, state=recorded(ALL), aws=account(cluster(["api"]))) == [
        ("aws", "drifted-live", "terraform", "state.tfstate")
    ]


def test_what_was_recorded_wrong_and_mended_in_the_console_holds_live(tmp_path: Path) -> None:
    assert told(tmp_path, state=recorded(["api"]), aws=account(cluster(ALL))) == [
        ("terraform", "holds-live", "aws", ARN)
    ]


def test_what_a_plan_has_right_is_not_applied_yet(tmp_path: Path) -> None:
    planned = plan(change("aws_eks_cluster.prod", "update", before=cluster(["api"]), after=cluster(ALL)))
    assert told(tmp_path, plan=planned, aws=account(cluster(["api"]))) == [
        ("aws", "fixed-in-git", "terraform", "plan.json")
    ]


def test_what_is_only_planned_is_not_there_yet(tmp_path: Path) -> None:
    after = {"name": "next", "version": "1.35", "enabled_cluster_log_types": ["api"]}
    planned = plan(change("aws_eks_cluster.next", "create", after=after, after_unknown={"arn": True, "id": True}))
    assert told(tmp_path, plan=planned, aws=account(cluster(ALL))) == [("terraform", "not-live", "aws", "")]


def test_what_no_state_records_is_in_no_code(tmp_path: Path) -> None:
    assert told(tmp_path, state=state(), aws=account(cluster(["api"]))) == [("aws", "unrecorded", "terraform", "")]


def test_what_is_recorded_and_not_there_is_gone(tmp_path: Path) -> None:
    assert told(tmp_path, state=recorded(["api"]), aws=account()) == [("terraform", "gone", "aws", "")]


def test_the_same_name_without_the_same_arn_or_id_is_another_thing(tmp_path: Path) -> None:
    other = cluster(["api"], arn=ARN.replace("eu-west-1", "eu-central-1"), id="prod-2")
    assert told(tmp_path, state=recorded(ALL), aws=account(other)) == [("aws", "unrecorded", "terraform", "")]
