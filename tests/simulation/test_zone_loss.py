"""Zone loss on clusters small enough to work out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from readycheck.simulation.zone_loss import ZoneLoss
from tests.simulation.clusters import HOSTNAME, ZONE, Body, inventory_of, node, pod

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def loss_of(zone: str, *bodies: Body) -> ZoneLoss:
    inventory = inventory_of(*bodies)
    return inventory.loss_of(next(each for each in inventory.of("Zone") if each.name == zone))


def moves(loss: ZoneLoss) -> dict[str, str]:
    return {move.occupant.pod.name: move.to.name for move in loss.moves}


def reasons(loss: ZoneLoss) -> list[str]:
    return [each.why for each in loss.unplaced]


def with_containers(body: Body, **containers: Any) -> Body:
    return {**body, "spec": {**body["spec"], **containers}}


def asking(cpu: str, **also: Any) -> Body:
    return {"name": f"c-{cpu}", "image": "main:1", "resources": {"requests": {"cpu": cpu}}, **also}


@pytest.mark.parametrize(
    ("spec", "fits"),
    [
        # Containers run side by side: 1 + 1 of 2.
        ({"containers": [asking("1"), asking("1")]}, True),
        ({"containers": [asking("1"), asking("1"), asking("1m")]}, False),
        # Init containers run before them, one after the other.
        ({"containers": [asking("1")], "initContainers": [asking("2"), asking("1500m")]}, True),
        ({"containers": [asking("1")], "initContainers": [asking("2001m")]}, False),
        # A native sidecar runs on beside the containers, and beside the init containers that come after it.
        ({"containers": [asking("1")], "initContainers": [asking("1", restartPolicy="Always")]}, True),
        ({"containers": [asking("1500m")], "initContainers": [asking("1", restartPolicy="Always")]}, False),
        ({"containers": [], "initContainers": [asking("1", restartPolicy="Always"), asking("1500m")]}, False),
        ({"containers": [], "initContainers": [asking("1500m"), asking("1", restartPolicy="Always")]}, True),
        # What the pod says counts in place of what its containers say, and its overhead comes on top.
        ({"containers": [asking("3")], "resources": {"requests": {"cpu": "2"}}}, True),
        ({"containers": [asking("2")], "overhead": {"cpu": "1m"}}, False),
        ({"containers": [{"name": "free", "image": "main:1"}]}, True),
    ],
)
def test_a_pod_asks_for_the_most_that_runs_at_a_time(spec: dict[str, Any], *, fits: bool) -> None:
    body = with_containers(pod("web-0", "a-0"), **spec)
    assert loss_of("a", node("a-0", "a", cpu="8"), node("b-0", "b", cpu="2"), body).room is fits


def test_a_pod_whose_containers_start_in_turn_is_not_one_whose_containers_run_side_by_side() -> None:
    in_turn = with_containers(pod("in-turn", "a-0", app="one"), containers=[asking("1")], initContainers=[asking("1")])
    side_by_side = with_containers(pod("side", "a-0", app="other"), containers=[asking("1"), asking("1")])
    nodes = [node("a-0", "a", cpu="8"), node("b-0", "b", cpu="2")]
    assert loss_of("a", *nodes, in_turn, side_by_side).room is False
    assert loss_of("a", *nodes, in_turn, in_turn).room is True


@pytest.mark.parametrize(
    ("asked", "there", "fits"),
    [
        ({"nvidia.com/gpu": "1"}, {}, False),
        ({"nvidia.com/gpu": "1"}, {"nvidia.com/gpu": "1"}, True),
        ({"ephemeral-storage": "2Gi"}, {"ephemeral-storage": "1Gi"}, False),
        ({"memory": "8Gi"}, {}, True),
        ({"memory": "8193Mi"}, {}, False),
    ],
)
def test_whatever_is_asked_for_has_to_be_there(asked: Body, there: dict[str, Any], *, fits: bool) -> None:
    container = {"name": "main", "image": "main:1", "resources": {"requests": asked}}
    body = with_containers(pod("web-0", "a-0"), containers=[container])
    assert loss_of("a", node("a-0", "a"), node("b-0", "b", **there), body).room is fits


TAINT = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("other", "spec", "fits"),
    [
        ({"taints": [TAINT]}, {}, False),
        ({"taints": [TAINT]}, {"tolerations": [{"key": "dedicated", "value": "db", "effect": "NoSchedule"}]}, True),
        ({"taints": [TAINT]}, {"tolerations": [{"key": "dedicated", "value": "web"}]}, False),
        ({"taints": [TAINT]}, {"tolerations": [{"key": "dedicated", "operator": "Exists"}]}, True),
        ({"taints": [TAINT]}, {"tolerations": [{"operator": "Exists"}]}, True),
        ({"taints": [TAINT]}, {"tolerations": [{"operator": "Exists", "effect": "NoExecute"}]}, False),
        ({"taints": [{**TAINT, "effect": "PreferNoSchedule"}]}, {}, True),
        ({"ready": False}, {}, False),
        ({"labels": {"eks.amazonaws.com/compute-type": "fargate"}}, {}, False),
        ({"labels": {"size": "5"}}, {"nodeSelector": {"size": "5"}}, True),
        ({"labels": {"size": "5"}}, {"nodeSelector": {"size": "6"}}, False),
    ],
)
def test_a_node_takes_what_it_may(other: dict[str, Any], spec: dict[str, Any], *, fits: bool) -> None:
    assert loss_of("a", node("a-0", "a"), node("b-0", "b", **other), pod("web-0", "a-0", **spec)).room is fits


@pytest.mark.parametrize(
    ("term", "fits"),
    [
        ({"matchExpressions": [{"key": "size", "operator": "In", "values": ["5", "6"]}]}, True),
        ({"matchExpressions": [{"key": "size", "operator": "NotIn", "values": ["5"]}]}, False),
        ({"matchExpressions": [{"key": "age", "operator": "NotIn", "values": ["5"]}]}, True),
        ({"matchExpressions": [{"key": "size", "operator": "Gt", "values": ["4"]}]}, True),
        ({"matchExpressions": [{"key": "size", "operator": "Lt", "values": ["5"]}]}, False),
        ({"matchExpressions": [{"key": "age", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "age", "operator": "DoesNotExist"}]}, True),
        ({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["b-0"]}]}, True),
        ({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a-0"]}]}, False),
        ({}, False),
    ],
)
def test_node_affinity_is_met(term: Body, *, fits: bool) -> None:
    affinity = {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [term]}}}
    body = pod("web-0", "a-0", affinity=affinity)
    assert loss_of("a", node("a-0", "a"), node("b-0", "b", labels={"size": "5"}), body).room is fits


def apart_from(**term: Any) -> Body:
    return {"podAntiAffinity": {REQUIRED: [{"topologyKey": ZONE, **term}]}}


BILLS = {"labelSelector": {"matchLabels": {"app": "bills"}}}


@pytest.mark.parametrize(
    ("term", "fits"),
    [
        # Only its own namespace, where no bills are, unless it says another one.
        (BILLS, True),
        ({**BILLS, "namespaces": ["bank"]}, False),
        ({**BILLS, "namespaceSelector": {}}, False),
        ({**BILLS, "namespaceSelector": {"matchLabels": {"team": "money"}}}, False),
        ({**BILLS, "namespaceSelector": {"matchLabels": {"team": "goods"}}}, True),
        ({"namespaces": ["bank"]}, True),
        ({"labelSelector": {}, "namespaces": ["bank"]}, False),
    ],
)
def test_anti_affinity_looks_where_it_says(term: Body, *, fits: bool) -> None:
    bank = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bank", "labels": {"team": "money"}}}
    bills = pod("bills-0", "b-0", app="bills", namespace="bank")
    web = pod("web-0", "a-0", affinity=apart_from(**term))
    assert loss_of("a", bank, node("a-0", "a"), node("b-0", "b"), bills, web).room is fits


def test_what_stands_there_keeps_others_away() -> None:
    guard = pod("guard-0", "b-0", app="guard", affinity=apart_from(labelSelector={"matchLabels": {"app": "web"}}))
    loss = loss_of("a", node("a-0", "a"), node("b-0", "b"), node("c-0", "c"), guard, pod("web-0", "a-0"))
    assert moves(loss) == {"web-0": "c-0"}


def test_pods_that_want_to_be_together_move_together() -> None:
    together = {
        "podAffinity": {REQUIRED: [{"topologyKey": HOSTNAME, "labelSelector": {"matchLabels": {"app": "web"}}}]}
    }
    pods = [pod(f"web-{number}", "a-0", cpu="1", affinity=together) for number in range(3)]
    small, large = node("b-0", "b", cpu="2"), node("c-0", "c", cpu="3")
    assert set(moves(loss_of("a", node("a-0", "a"), small, large, *pods)).values()) == {"c-0"}


def test_a_follower_waits_for_the_one_that_it_follows() -> None:
    follows = {"podAffinity": {REQUIRED: [{"topologyKey": HOSTNAME, "labelSelector": {"matchLabels": {"app": "web"}}}]}}
    follower = pod("cache-0", "a-0", app="cache", cpu="2", affinity=follows)
    loss = loss_of("a", node("a-0", "a"), node("b-0", "b"), node("c-0", "c"), follower, pod("web-0", "a-0", cpu="1"))
    assert loss.room is True
    assert len(set(moves(loss).values())) == 1


def test_without_the_one_that_it_follows_it_finds_no_place() -> None:
    follows = {"podAffinity": {REQUIRED: [{"topologyKey": HOSTNAME, "labelSelector": {"matchLabels": {"app": "web"}}}]}}
    loss = loss_of("a", node("a-0", "a"), node("b-0", "b"), pod("cache-0", "a-0", app="cache", affinity=follows))
    assert loss.room is False


@pytest.mark.parametrize(("address", "fits"), [("", False), ("10.0.0.2", True), ("10.0.0.1", False)])
def test_a_port_of_the_node_is_taken_once(address: str, *, fits: bool) -> None:
    def with_port(body: Body, **port: Any) -> Body:
        ports = [{"containerPort": 80, "hostPort": 80, **port}]
        return with_containers(body, containers=[{"name": "main", "image": "main:1", "ports": ports}])

    there = with_port(pod("one-0", "b-0", app="one"), hostIP="10.0.0.1")
    coming = with_port(pod("web-0", "a-0"), **({"hostIP": address} if address else {}))
    assert loss_of("a", node("a-0", "a"), node("b-0", "b"), there, coming).room is fits


@pytest.mark.parametrize(
    "gone",
    [
        {"status": {"phase": "Succeeded"}},
        {"status": {"phase": "Failed"}},
        {"metadata": {"name": "old-0", "namespace": "shop", "deletionTimestamp": "2026-11-25T12:00:00Z"}},
    ],
)
def test_what_is_finished_or_leaves_takes_no_room(gone: Body) -> None:
    old = {**pod("old-0", "b-0", cpu="4"), **gone}
    assert loss_of("a", node("a-0", "a"), node("b-0", "b"), old, pod("web-0", "a-0", cpu="1")).room is True


def test_placeholders_give_way_and_need_no_place() -> None:
    holders = [pod(f"pause-{name}", name, app="pause", cpu="3", priority=-10) for name in ("a-0", "b-0")]
    loss = loss_of("a", node("a-0", "a"), node("b-0", "b"), *holders, pod("web-0", "a-0", cpu="1"))
    assert (loss.room, moves(loss)) == (True, {"web-0": "b-0"})


def test_pods_that_fit_only_in_one_way_are_put_so() -> None:
    # First fit puts the 3 with the 2 and leaves 1 and 3 free where 4 is wanted; 4 and 3 + 2 fit 4 and 5.
    pods = [
        pod("x-0", "a-0", app="x", cpu="3"),
        pod("y-0", "a-0", app="y", cpu="2"),
        pod("z-0", "a-0", app="z", cpu="4"),
    ]
    loss = loss_of("a", node("a-0", "a", cpu="9"), node("b-0", "b", cpu="5"), node("c-0", "c", cpu="4"), *pods)
    assert moves(loss) == {"x-0": "b-0", "y-0": "b-0", "z-0": "c-0"}


def test_pieces_that_fit_in_sum_and_not_one_by_one() -> None:
    pods = [pod(f"web-{number}", "a-0", cpu="3") for number in range(3)]
    loss = loss_of("a", node("a-0", "a", cpu="9"), node("b-0", "b", cpu="5"), node("c-0", "c", cpu="5"), *pods)
    assert loss.room is False
    assert reasons(loss) == [
        "3 pods ask for 3 cpu or more each, and the 2 nodes that they may stand on have room for 2 of them"
    ]


def test_what_nobody_can_tell_is_neither_room_nor_none() -> None:
    # Sizes of 26 to 49 to be put in threes into 100: a puzzle without an argument that is cheap, and too many ways.
    sizes = [26 + number * 7 % 24 for number in range(90)]
    pods = [pod(f"p-{number}", "a-0", app=f"p{number}", cpu=f"{size}") for number, size in enumerate(sizes)]
    each = -(-sum(sizes) // 30)
    nodes = [node(f"b-{number}", "b", cpu=str(each)) for number in range(30)]
    loss = loss_of("a", node("a-0", "a", cpu="9999", pods=200), *nodes, *pods)
    assert loss.room is None
    assert loss.untold == "no placement was found, and none was ruled out"
