"""What zone loss says agrees with trying everything, on small random clusters.

The checker here knows nothing of the engine: it puts raw pods on raw nodes, in every order, by the conditions of
kube-scheduler as they are documented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readycheck.simulation.zone_loss import ZoneLoss
from tests.simulation.clusters import HOSTNAME, ZONE, Body, inventory_of, node, pod

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
APPS = ("p", "q")
State = Mapping[str, Sequence[Body]]


def labels_of(body: Body) -> Mapping[str, str]:
    labels: Mapping[str, str] = body["metadata"]["labels"]
    return labels


def asked(body: Body) -> int:
    return int(body["spec"]["containers"][0]["resources"]["requests"]["cpu"])


def ports(body: Body) -> set[int]:
    return {port["hostPort"] for port in body["spec"]["containers"][0].get("ports", ())}


def terms(body: Body, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body["spec"].get("affinity", {}).get(kind, {}).get(REQUIRED, [])
    return found


def meant(term: Mapping[str, Any], holder: Body, other: Body) -> bool:
    wanted: str = term["labelSelector"]["matchLabels"]["app"]
    return holder["metadata"]["namespace"] == other["metadata"]["namespace"] and labels_of(other)["app"] == wanted


def tolerates(body: Body, machine: Body) -> bool:
    return not machine["spec"]["taints"] or bool(body["spec"].get("tolerations"))


def chosen(body: Body, machine: Body) -> bool:
    wanted: Mapping[str, str] = body["spec"].get("nodeSelector", {})
    return wanted.items() <= labels_of(machine).items()


def may_stand(body: Body, machine: Body, nodes: Sequence[Body], state: State) -> bool:
    here = state[machine["metadata"]["name"]]
    room = machine["status"]["allocatable"]
    if asked(body) and asked(body) + sum(map(asked, here)) > int(room["cpu"]):
        return False
    if len(here) + 1 > int(room["pods"]) or any(ports(body) & ports(other) for other in here):
        return False
    if not chosen(body, machine) or not tolerates(body, machine):
        return False
    standing = [(other, each) for each in nodes for other in state[each["metadata"]["name"]]]
    near = labels_of(machine)
    for other, its_node in standing:
        for term in terms(body, "podAntiAffinity"):
            key = term["topologyKey"]
            if meant(term, body, other) and key in near and labels_of(its_node).get(key) == near[key]:
                return False
        for term in terms(other, "podAntiAffinity"):
            key = term["topologyKey"]
            if meant(term, other, body) and key in near and labels_of(its_node).get(key) == near[key]:
                return False
    return _is_near(body, near, standing) and all(
        _is_even(body, machine, nodes, state, constraint)
        for constraint in body["spec"].get("topologySpreadConstraints", ())
    )


def _is_near(body: Body, near: Mapping[str, str], standing: Sequence[tuple[Body, Body]]) -> bool:
    wanted = terms(body, "podAffinity")
    if any(term["topologyKey"] not in near for term in wanted):
        return False
    friends = [(other, its_node) for other, its_node in standing if all(meant(term, body, other) for term in wanted)]
    there = all(
        any(labels_of(its_node).get(term["topologyKey"]) == near[term["topologyKey"]] for _, its_node in friends)
        for term in wanted
    )
    nobody = not any(term["topologyKey"] in labels_of(its_node) for term in wanted for _, its_node in friends)
    return there or (nobody and all(meant(term, body, body) for term in wanted))


def _is_even(body: Body, machine: Body, nodes: Sequence[Body], state: State, constraint: Mapping[str, Any]) -> bool:
    keys = {each["topologyKey"] for each in body["spec"]["topologySpreadConstraints"]}
    key = constraint["topologyKey"]
    if not keys <= labels_of(machine).keys():
        return False
    domains: dict[str, int] = {}
    for each in nodes:
        if not keys <= labels_of(each).keys():
            continue
        if constraint.get("nodeAffinityPolicy", "Honor") == "Honor" and not chosen(body, each):
            continue
        if constraint.get("nodeTaintsPolicy", "Ignore") == "Honor" and not tolerates(body, each):
            continue
        here = sum(meant(constraint, body, other) for other in state[each["metadata"]["name"]])
        domains[labels_of(each)[key]] = domains.get(labels_of(each)[key], 0) + here
    least = min(domains.values(), default=0)
    if len(domains) < constraint.get("minDomains", 1):
        least = 0
    own = int(meant(constraint, body, body))
    most: int = constraint["maxSkew"]
    return domains.get(labels_of(machine)[key], 0) + own - least <= most


def a_way(
    waiting: frozenset[int], evicted: Sequence[Body], nodes: Sequence[Body], state: State, seen: set[Any]
) -> bool:
    """Whether the pods that wait can be put one after the other, in some order, on some nodes."""
    if not waiting:
        return True
    key = tuple(tuple(sorted(body["metadata"]["name"] for body in state[each])) for each in sorted(state))
    if key in seen:
        return False
    seen.add(key)
    for number in sorted(waiting):
        for machine in nodes:
            if may_stand(evicted[number], machine, nodes, state):
                name = machine["metadata"]["name"]
                after = {**state, name: [*state[name], evicted[number]]}
                if a_way(waiting - {number}, evicted, nodes, after, seen):
                    return True
    return False


def fits(zone: str, nodes: Sequence[Body], pods: Sequence[Body]) -> bool:
    staying = [each for each in nodes if labels_of(each)[ZONE] != zone]
    names = {each["metadata"]["name"] for each in staying}
    evicted = [each for each in pods if each["spec"]["nodeName"] not in names]
    state = {name: [each for each in pods if each["spec"]["nodeName"] == name] for name in names}
    return a_way(frozenset(range(len(evicted))), evicted, staying, state, set())


@st.composite
def machines(draw: st.DrawFn) -> list[Body]:
    number = draw(st.sampled_from((3, 4, 4, 2)))
    taint = {"key": "dedicated", "value": "x", "effect": "NoSchedule"}
    return [
        node(
            f"n{index}",
            "a" if index == 0 else draw(st.sampled_from("bcbca")),
            cpu=str(draw(st.integers(2, 7))),
            pods=draw(st.sampled_from((3, 9, 9))),
            labels=draw(st.sampled_from(({"disk": "ssd"}, {"disk": "hdd"}, {"disk": "ssd"}, {}))),
            taints=draw(st.sampled_from(((), (), (), (), (taint,)))),
        )
        for index in range(number)
    ]


@st.composite
def terms_drawn(draw: st.DrawFn) -> list[Body]:
    keys = st.sampled_from((ZONE, ZONE, HOSTNAME, HOSTNAME, "disk"))
    return [
        {"topologyKey": draw(keys), "labelSelector": {"matchLabels": {"app": draw(st.sampled_from(APPS))}}}
        for _ in range(draw(st.integers(1, 2)))
    ]


@st.composite
def templates(draw: st.DrawFn) -> Body:
    spec: Body = {"app": draw(st.sampled_from(APPS)), "cpu": str(draw(st.sampled_from((0, 1, 1, 2, 3))))}
    if draw(st.integers(0, 6)) == 6:
        spec["nodeSelector"] = {"disk": "ssd"}
    if draw(st.integers(0, 1)) == 0:
        spec["tolerations"] = [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}]
    if draw(st.integers(0, 5)) == 0:
        spec["ports"] = [80]
    affinity = {
        kind: {REQUIRED: draw(terms_drawn())}
        for kind in ("podAffinity", "podAntiAffinity")
        if draw(st.integers(0, 3)) == 0
    }
    if affinity:
        spec["affinity"] = affinity
    if draw(st.integers(0, 1)) == 0:
        spec["topologySpreadConstraints"] = [_constraint(draw) for _ in range(draw(st.integers(1, 2)))]
    return spec


def _constraint(draw: st.DrawFn) -> Body:
    constraint: Body = {
        "maxSkew": draw(st.integers(1, 2)),
        "topologyKey": draw(st.sampled_from((ZONE, ZONE, HOSTNAME, HOSTNAME, "disk"))),
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": draw(st.sampled_from(APPS))}},
    }
    for field, values in (("nodeAffinityPolicy", ("Honor", "Ignore")), ("nodeTaintsPolicy", ("Honor", "Ignore"))):
        if draw(st.booleans()):
            constraint[field] = draw(st.sampled_from(values))
    if draw(st.integers(0, 2)) == 0:
        constraint["minDomains"] = draw(st.integers(1, 3))
    return constraint


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[Body], list[Body]]:
    nodes = draw(machines())
    kinds = draw(st.lists(templates(), min_size=1, max_size=3))
    weights = [each["metadata"]["name"] for each in nodes] + ["n0"] * 4
    pods = [
        pod(f"pod-{index}", draw(st.sampled_from(weights)), **draw(st.sampled_from(kinds)))
        for index in range(draw(st.integers(1, 6)))
    ]
    return nodes, pods


def simulated(zone: str, nodes: Sequence[Body], pods: Sequence[Body]) -> ZoneLoss:
    inventory = inventory_of(*nodes, *pods)
    return inventory.loss_of(next(each for each in inventory.of("Zone") if each.name == zone))


def agrees(drawn: tuple[list[Body], list[Body]]) -> None:
    nodes, pods = drawn
    loss = simulated("a", nodes, pods)
    assert loss.room is fits("a", nodes, pods)
    assert (loss.room is True) == (not loss.unplaced)


@settings(max_examples=40, deadline=None)
@given(clusters())
def test_room_is_said_exactly_where_trying_everything_finds_it(drawn: tuple[list[Body], list[Body]]) -> None:
    agrees(drawn)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None)
@given(clusters())
def test_room_is_said_exactly_on_many_clusters(drawn: tuple[list[Body], list[Body]]) -> None:
    agrees(drawn)


@settings(max_examples=40, deadline=None)
@given(clusters())
def test_every_move_lands_where_the_scheduler_would_let_it(drawn: tuple[list[Body], list[Body]]) -> None:
    nodes, pods = drawn
    loss = simulated("a", nodes, pods)
    assert {move.to.zone for move in loss.moves} <= {"b", "c"}
    moved = {move.occupant.pod.name: move.to.name for move in loss.moves}
    after = [
        {**each, "spec": {**each["spec"], "nodeName": moved.get(each["metadata"]["name"], each["spec"]["nodeName"])}}
        for each in pods
    ]
    for machine in nodes:
        here = [each for each in after if each["spec"]["nodeName"] == machine["metadata"]["name"]]
        arrived = [each for each in here if each["metadata"]["name"] in moved]
        if arrived:
            assert len(here) <= int(machine["status"]["allocatable"]["pods"])
            assert all(chosen(each, machine) and tolerates(each, machine) for each in arrived)
            if any(asked(each) for each in arrived):
                assert sum(map(asked, here)) <= int(machine["status"]["allocatable"]["cpu"])
