"""`readycheck simulate zone-loss`: what it shows of a cluster, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from readycheck.cli import main
from readycheck.model import Collected, Problem
from readycheck.sources import cluster
from readycheck.sources.recorded import cluster as recorded
from tests.simulation.clusters import Body, node, pod

CONFIG = """\
environments:
  prod: {cluster: {context: prod}}
  tree: {files: {paths: [deploy]}}
"""


def service(name: str, *pods: Body) -> list[Body]:
    """A StatefulSet and its pods."""
    template = {"metadata": {"labels": {"app": name}}, "spec": pods[0]["spec"]}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"replicas": len(pods), "template": template},
        },
        *pods,
    ]


def member(name: str, on: str, cpu: str = "1") -> Body:
    return pod(name, on, app=name.partition("-")[0], owner="StatefulSet", cpu=cpu)


SHOP = [
    node("a-0", "eu-west-1a"),
    node("b-0", "eu-west-1b"),
    node("b-1", "eu-west-1b", cpu="2"),
    *service("basket", member("basket-0", "a-0")),
    *service("web", member("web-0", "a-0"), member("web-1", "b-0", "3")),
    pod("shell", "a-0", owner=""),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "readycheck.yaml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["simulate", "zone-loss", *arguments])


def holds(here: Path, monkeypatch: pytest.MonkeyPatch, bodies: list[Body], **also: Any) -> None:
    """Let the cluster of `prod` answer with these objects."""
    file = here / "cluster.yaml"
    file.write_text("---\n".join(map(yaml.safe_dump, bodies)), "utf-8")
    told = recorded.collect(file)
    collected = Collected("cluster", told.resources, **also)
    monkeypatch.setattr(cluster, "collect", lambda *_: collected)


def test_json_says_what_dies_stays_and_moves(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(here, monkeypatch, SHOP)
    result = ask("--env", "prod", "--zone", "eu-west-1a", "-o", "json")
    assert result.exit_code == 0
    document = json.loads(result.output)
    assert list(document["zones"]) == ["eu-west-1a"]
    zone = document["zones"]["eu-west-1a"]
    assert zone["lost"] == ["shop/StatefulSet/basket", "shop/Pod/shell"]
    assert zone["stays"] == [{"workload": "shop/StatefulSet/web", "ready": 1, "of": 2}]
    assert (zone["room"], zone["reason"], zone["unplaced"]) == (True, None, [])
    # b-0 has 1 of its 4 CPUs left, b-1 both of its 2.
    assert {(move["pod"], move["from"], move["zone"]) for move in zone["moves"]} == {
        ("shop/basket-0", "a-0", "eu-west-1b"),
        ("shop/web-0", "a-0", "eu-west-1b"),
    }


def test_every_zone_is_taken_away_where_none_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(here, monkeypatch, [*SHOP, node("c-0", "eu-west-1c")])
    zones = json.loads(ask("--env", "prod", "-o", "json").output)["zones"]
    assert {name: zone["lost"] for name, zone in zones.items()} == {
        "eu-west-1a": ["shop/StatefulSet/basket", "shop/Pod/shell"],
        "eu-west-1b": [],
        "eu-west-1c": [],
    }


def test_what_finds_no_place_is_told_with_the_reason(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(here, monkeypatch, SHOP)
    result = ask("--env", "prod", "--zone", "eu-west-1b", "-o", "json")
    assert result.exit_code == 0
    zone = json.loads(result.output)["zones"]["eu-west-1b"]
    # a-0 holds two pods with a CPU each.
    assert zone["room"] is False
    assert zone["unplaced"] == [
        {
            "pod": "shop/web-1",
            "workload": "shop/StatefulSet/web",
            "from": "b-0",
            "reason": "it asks for 3 cpu, and the one node that it may stand on has 2 cpu free at most",
        }
    ]


def test_the_terminal_shows_the_same_as_a_table(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(here, monkeypatch, SHOP)
    lines = ask("--env", "prod").output.splitlines()
    assert lines[:8] == [
        "Zone eu-west-1a lost: 1 node gone (a-0)",
        "  dies      shop/StatefulSet/basket  no ready pod left",
        "  dies      shop/Pod/shell           nothing makes it again",
        "  stays     shop/StatefulSet/web     1 of 2 ready pods",
        "  moves     shop/StatefulSet/basket  1 pod to b-0",
        "  moves     shop/StatefulSet/web     1 pod to b-1",
        "  Room: pods that move: 2; nodes that remain: 2",
        "",
    ]
    assert "  No room: pods without a place: 1 of 1; nodes that remain: 1" in lines
    assert any(line.startswith("Not reckoned with: nodes that an autoscaler would add") for line in lines)


def test_a_zone_that_is_none_of_the_cluster_s_is_a_wrong_question(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(here, monkeypatch, SHOP)
    result = ask("--env", "prod", "--zone", "eu-west-1d")
    assert result.exit_code == 2
    assert "--zone eu-west-1d: no such zone in the cluster" in result.output
    assert "eu-west-1a, eu-west-1b" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--env", "tree"], "environment tree has no `cluster` in the configuration"),
        ([], "no environment was named (--env)"),
    ],
)
@pytest.mark.usefixtures("here")
def test_without_a_cluster_there_is_nothing_to_lose(arguments: list[str], said: str) -> None:
    result = ask(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_cluster_that_cannot_be_reached_is_incomplete(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("cluster://prod", "cannot be reached")
    monkeypatch.setattr(cluster, "collect", lambda *_: Collected("cluster", (), problems=(problem,), failed=True))
    assert here.is_dir()
    result = ask("--env", "prod")
    assert result.exit_code == 3
    assert "not read: cluster://prod: cannot be reached" in result.output


def test_refused_pods_leave_nothing_to_tell_and_other_refused_kinds_take_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = {"Pod": "forbidden: list pods"}
    holds(here, monkeypatch, SHOP, unread=refused, problems=(Problem("cluster://prod/Pod", refused["Pod"]),))
    result = ask("--env", "prod", "-o", "json")
    zone = json.loads(result.output)["zones"]["eu-west-1a"]
    assert (result.exit_code, zone["room"], zone["reason"]) == (3, None, "forbidden: list pods")
    holds(here, monkeypatch, SHOP, problems=(Problem("cluster://prod/Certificate", "forbidden"),))
    result = ask("--env", "prod", "-o", "json")
    assert (result.exit_code, json.loads(result.output)["problems"]) == (0, [])
