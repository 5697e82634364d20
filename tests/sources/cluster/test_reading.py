"""What is read of a cluster, in how many requests, and what becomes of a server that fails."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from readycheck.model import Collected
from readycheck.sources.cluster import ClusterRequest, collect
from tests.sources.cluster.api import Answer, Api, hanging, pod, status

HELD: Mapping[str, list[Any]] = {
    "pods": [pod(f"web-{number}") for number in range(7)],
    "services": [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {}}],
    "deployments.apps": [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 2}}],
    "scaledobjects.keda.sh": [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {}}],
    "leases.coordination.k8s.io": [{"metadata": {"name": "of-no-interest"}}],
}


@pytest.fixture
def api() -> Iterator[Api]:
    with Api(HELD, page=3) as server:
        yield server


def read(api: Api, folder: Path, **request: Any) -> Collected:
    return collect(ClusterRequest(kubeconfig=api.kubeconfig(folder), **request))


def names(collected: Collected, kind: str) -> list[str]:
    return [each.name for each in collected.resources if each.kind == kind]


def test_each_kind_is_listed_once_page_by_page_and_nothing_else_is_asked(api: Api, tmp_path: Path) -> None:
    collected = read(api, tmp_path)
    assert names(collected, "Pod") == [f"web-{number}" for number in range(7)]
    assert api.lists("pods") == ["limit=500", "limit=500&continue=3", "limit=500&continue=6"]
    # Both roots of discovery, three pages of pods, three other kinds, the version; no lease.
    assert len(api.asked) == 2 + 3 + 3 + 1
    assert (collected.problems, collected.unread, collected.failed, collected.remedy) == ([], {}, False, "")
    assert collected.targets == ("test",)


def test_objects_are_what_they_are_without_what_nobody_reads(tmp_path: Path) -> None:
    last_applied = "kubectl.kubernetes.io/last-applied-configuration"
    annotated = pod("web", annotations={last_applied: "{}", "team": "pay"}, managedFields=[{"manager": "kubectl"}])
    with Api({"pods": [annotated]}) as api:
        (found,) = [each for each in read(api, tmp_path).resources if each.kind == "Pod"]
    assert found.body == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "annotations": {"team": "pay"}},
        "spec": {"containers": []},
    }
    assert (found.scope, found.locate(("spec",)).uri) == ("shop", "cluster://test/Pod/shop/web")


def test_the_values_of_secrets_do_not_come_in(tmp_path: Path) -> None:
    def encoded(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    secret = {
        "metadata": {"name": "db", "namespace": "shop", "annotations": {"objectset.rio.cattle.io/applied": "H4sI"}},
        "type": "Opaque",
        "data": {
            "password": encoded("hunter2"),
            "tls.crt": encoded("a certificate"),
            "tls.key": encoded("its key"),
            "left-encrypted": encoded("ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]"),
        },
    }
    with Api({"secrets": [secret]}) as api:
        (found,) = [each for each in read(api, tmp_path).resources if each.kind == "Secret"]
        assert api.lists("secrets") == [
            "limit=500&fieldSelector=type%21%3Dhelm.sh%2Frelease.v1%2Ctype%21%3Dkubernetes.io%2Fservice-account-token"
        ]
    assert found.body["data"] == {
        "password": "",
        "tls.crt": encoded("a certificate"),
        "tls.key": "",
        "left-encrypted": "ENC[AES256_GCM,...]",
    }
    assert found.annotations == {}


def test_the_version_of_the_server_is_a_thing_of_its_own(api: Api, tmp_path: Path) -> None:
    (version,) = [each for each in read(api, tmp_path).resources if each.kind == "ServerVersion"]
    assert (version.name, version.body["gitVersion"]) == ("v1.36.3", "v1.36.3")


def test_two_kinds_of_one_name_are_told_apart_by_their_group(tmp_path: Path) -> None:
    held = {
        "gateways.gateway.networking.k8s.io": [{"metadata": {"name": "of-gateway-api", "namespace": "shop"}}],
        "gateways.networking.istio.io": [{"metadata": {"name": "of-istio", "namespace": "shop"}}],
    }
    with Api(held) as api:
        api.fail("networking.istio.io/", status(403))
        collected = read(api, tmp_path)
    assert names(collected, "Gateway") == ["of-gateway-api"]
    assert list(collected.unread) == ["Gateway.networking.istio.io"]


def test_what_a_server_leaves_empty_may_be_null(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", (200, {}, b'{"items": null, "metadata": null}'))
    api.fail("/services", (200, {}, b'{"items": [{"metadata": {"name": "web"}}], "metadata": {"continue": null}}'))
    collected = read(api, tmp_path)
    assert (names(collected, "Pod"), names(collected, "Service"), collected.unread) == ([], ["web"], {})


def test_one_kind_that_two_groups_serve_is_read_of_both(tmp_path: Path) -> None:
    def routes(group: str) -> list[Any]:
        return [{"metadata": {"name": f"{group}-{number}", "namespace": "shop"}} for number in range(5)]

    former, present = "traefik.containo.us", "traefik.io"
    with Api({f"ingressroutes.{group}": routes(group) for group in (former, present)}, page=2) as api:
        collected = read(api, tmp_path)
        assert names(collected, "IngressRoute") == sorted(
            each["metadata"]["name"] for each in routes(former) + routes(present)
        )
        api.fail(former, status(403))
        refused = read(api, tmp_path)
    assert len(names(refused, "IngressRoute")) == 5
    assert list(refused.unread) == ["IngressRoute"]


def test_a_server_without_aggregated_discovery_tells_the_same(tmp_path: Path) -> None:
    with Api(HELD, old=True) as api:
        collected = read(api, tmp_path)
        # The group of leases is asked about by nobody.
        assert not any("coordination" in path for path in api.asked)
    assert len(names(collected, "Pod")) == 7
    assert names(collected, "ScaledObject") == ["web"]
    assert collected.problems == []


def test_a_group_whose_server_is_down_is_unread_and_not_absent(api: Api, tmp_path: Path) -> None:
    api.stale.add("keda.sh")
    collected = read(api, tmp_path)
    assert list(collected.unread) == ["ScaledObject"]
    assert "keda.sh" in collected.unread["ScaledObject"]
    assert names(collected, "Deployment") == ["web"]


def test_a_refused_kind_is_unread_with_the_right_that_is_missing_and_the_role_that_grants_it(
    api: Api, tmp_path: Path
) -> None:
    api.fail("/deployments", status(403, 'deployments.apps is forbidden: User "x" cannot list resource'))
    collected = read(api, tmp_path)
    assert collected.unread == {
        "Deployment": "forbidden: list deployments.apps (grant the verb list on deployments in API group apps)"
    }
    assert [problem.uri for problem in collected.problems] == ["cluster://test/Deployment"]
    assert len(names(collected, "Pod")) == 7
    assert "resources: [deployments]" in collected.remedy
    assert "pods" not in collected.remedy


def test_who_may_list_nothing_has_read_nothing(api: Api, tmp_path: Path) -> None:
    api.fail("limit=", status(403))
    collected = read(api, tmp_path)
    assert collected.failed
    assert collected.resources == []
    assert collected.problems[0].reason == "nothing may be listed: each of 4 kinds was refused"
    assert sorted(collected.unread) == ["Deployment", "Pod", "ScaledObject", "Service"]


@pytest.mark.parametrize("left", [(404, {}, b"404 page not found"), (200, {}, b'{"resources": []}')])
def test_a_kind_that_goes_away_meanwhile_is_absent(api: Api, tmp_path: Path, left: Answer) -> None:
    api.fail("/scaledobjects", (404, {}, b"404 page not found"))
    api.fail("/apis/keda.sh/v1", left)
    collected = read(api, tmp_path)
    assert (names(collected, "ScaledObject"), collected.unread) == ([], {})


@pytest.mark.parametrize("path", ["/pods", "/scaledobjects"])
def test_a_kind_that_is_served_and_not_found_is_unread(api: Api, tmp_path: Path, path: str) -> None:
    api.fail(path, (404, {}, b"nothing here"))
    (reason,) = read(api, tmp_path).unread.values()
    assert reason.endswith("could not be listed: the API server answers with HTTP 404: nothing here")


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/apis", b'{"kind": "Status"}'),
        ("/apis", b'{"kind": "APIGroupDiscoveryList"}'),
        ("/apis", b'{"kind": "APIGroupDiscoveryList", "items": null}'),
        ("/api", b"{}"),
    ],
)
def test_who_does_not_say_what_is_served_has_not_said_that_nothing_is(
    api: Api, tmp_path: Path, path: str, answer: bytes
) -> None:
    api.fail(f"{path}/", lambda *_: None)
    api.fail(path, (200, {}, answer))
    (problem,) = read(api, tmp_path).problems
    assert problem.reason == "the API server does not say which kinds it serves in a way that can be read"


def test_a_group_of_an_old_server_that_is_no_list_is_unread(tmp_path: Path) -> None:
    with Api(HELD, old=True) as api:
        api.fail("/apis/keda.sh/v1", (200, {}, b'{"kind": "Status"}'))
        assert list(read(api, tmp_path).unread) == ["ScaledObject"]


def test_credentials_that_end_with_the_last_list_take_nothing_away(api: Api, tmp_path: Path) -> None:
    api.fail("/version", status(401))
    collected = read(api, tmp_path)
    assert (len(names(collected, "Pod")), collected.failed) == (7, False)


def test_a_list_that_takes_longer_than_there_is_time_is_said_to(api: Api, tmp_path: Path) -> None:
    def going_on(api: Api, _path: str, _headers: Mapping[str, str]) -> Answer:
        return 200, {}, b'{"items": [], "metadata": {"continue": "%d"}}' % len(api.asked)

    api.fail("/pods", going_on)
    assert read(api, tmp_path, timeout_seconds=1).unread == {
        "Pod": "pods could not be listed: the API server gave only a part of the list in the time there is"
    }


def test_a_list_whose_rest_is_forgotten_is_begun_anew(api: Api, tmp_path: Path) -> None:
    api.fail("continue=3", status(410, "The provided continue parameter is too old"), lambda *_: None)
    collected = read(api, tmp_path)
    assert names(collected, "Pod") == [f"web-{number}" for number in range(7)]
    assert api.lists("pods").count("limit=500") == 2


def test_a_list_whose_rest_is_forgotten_again_and_again_is_unread(api: Api, tmp_path: Path) -> None:
    api.fail("continue=3", status(410, "The provided continue parameter is too old"))
    assert list(read(api, tmp_path).unread) == ["Pod"]
    assert api.lists("pods").count("limit=500") == 3


def test_who_is_throttled_waits_as_long_as_the_server_says(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", status(429, "slow down", {"Retry-After": "1"}), lambda *_: None)
    begin = time.monotonic()
    assert len(names(read(api, tmp_path), "Pod")) == 7
    assert time.monotonic() - begin >= 1


def test_who_is_to_wait_longer_than_there_is_time_does_not_wait(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", status(429, "slow down", {"Retry-After": "3600"}))
    begin = time.monotonic()
    assert read(api, tmp_path).unread == {
        "Pod": "pods could not be listed: the API server answers with HTTP 429: slow down"
    }
    assert time.monotonic() - begin < 8


def test_a_time_to_wait_that_is_no_number_is_none(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", status(429, "slow down", {"Retry-After": "²"}), lambda *_: None)
    assert len(names(read(api, tmp_path), "Pod")) == 7


def test_what_breaks_once_is_asked_for_again(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", status(500, "etcdserver: request timed out"), (0, {}, b""), lambda *_: None)
    assert len(names(read(api, tmp_path), "Pod")) == 7


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}, b'{"kind": "PodList", "items": [{"metada'), "answers with what is no whole JSON"),
        ((200, {}, b'{"items": [' + b"[" * 5000 + b"]" * 5000 + b"]}"), "answers with what is no whole JSON"),
        ((200, {}, b'{"items": [], "metadata": {"continue": "\xff"}}'), "answers with what is no whole JSON"),
        ((200, {}, b'{"items": [{"metadata": {"name": "\xff"}}]}'), "answers with what is no whole JSON"),
        ((200, {}, b'"PodList"'), "answers with something that is no list of objects"),
        ((200, {}, b'{"kind": "ServiceList", "items": []}'), "answers with something else: ServiceList"),
        (
            (200, {}, b'{"items": [], "metadata": {"remainingItemCount": 7}}'),
            "gives no way to the rest of the list",
        ),
        ((200, {}, b'{"hello": "I am a proxy"}'), "answers with something that is no list of objects"),
        ((200, {"Content-Encoding": "gzip"}, b"plain"), "answers with what is no gzip, though it says so"),
        ((200, {"Content-Length": "1000"}, b'{"items": []}'), "broke off the connection in the middle"),
        ((418, {}, b"<html>a teapot</html>"), "answers with HTTP 418"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_problem_of_its_kind_alone(
    api: Api, tmp_path: Path, answer: Answer, said: str
) -> None:
    if "Content-Length" in answer[1]:
        answer = (answer[0], {**answer[1], "Connection": "close"}, answer[2])
    api.fail("/pods", answer)
    collected = read(api, tmp_path, timeout_seconds=2)
    assert collected.unread == {"Pod": f"pods could not be listed: the API server {said}"}
    assert names(collected, "Deployment") == ["web"]


def test_a_kind_that_is_not_answered_in_time_does_not_hold_the_others_up(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", hanging)
    begin = time.monotonic()
    collected = read(api, tmp_path, timeout_seconds=1)
    assert collected.unread == {"Pod": "pods could not be listed: the API server gave no answer within 1 seconds"}
    assert names(collected, "Deployment") == ["web"]
    assert time.monotonic() - begin < 8


@pytest.mark.parametrize("slow", ["X-Drip", "X-Slow-Head"])
def test_a_server_that_answers_byte_by_byte_is_not_waited_for(api: Api, tmp_path: Path, slow: str) -> None:
    api.fail("/pods", (200, {slow: "0.2"}, b'{"items": [' + b" " * 100 + b"]}"))
    begin = time.monotonic()
    assert "Pod" in read(api, tmp_path, timeout_seconds=1).unread
    assert time.monotonic() - begin < 8


def test_all_kinds_together_have_a_deadline_too(api: Api, tmp_path: Path) -> None:
    api.fail("limit=", hanging)
    begin = time.monotonic()
    collected = read(api, tmp_path, timeout_seconds=60, deadline_seconds=1, concurrency=1)
    assert sorted(collected.unread) == ["Deployment", "Pod", "ScaledObject", "Service"]
    assert collected.failed
    assert collected.problems[0].reason.startswith("nothing could be listed; ")
    assert time.monotonic() - begin < 8


def test_credentials_that_are_not_taken_fail_the_source_and_are_not_shown(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", status(401, "Unauthorized"))
    api.fail("/version", status(401, "Unauthorized"))
    collected = read(api, tmp_path)
    assert collected.failed
    (problem,) = collected.problems
    assert problem.uri == "cluster://test"
    assert "401" in problem.reason
    assert "let-me-in" not in problem.reason


def test_credentials_that_one_group_alone_does_not_take_leave_the_others(api: Api, tmp_path: Path) -> None:
    api.fail("/scaledobjects", status(401, "Unauthorized"))
    collected = read(api, tmp_path)
    assert collected.unread == {
        "ScaledObject": "scaledobjects.keda.sh could not be listed: the API server does not take the credentials for"
        " them (401 Unauthorized), though it does for others"
    }
    assert (len(names(collected, "Pod")), collected.failed) == (7, False)


def test_credentials_that_expire_are_had_anew_once(api: Api, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("of the first hour", "utf-8")

    def expired(_: Api, _path: str, headers: Mapping[str, str]) -> Answer | None:
        token.write_text("of the second", "utf-8")
        return status(401) if headers["Authorization"] == "Bearer of the first hour" else None

    api.fail("/pods", expired)
    kubeconfig = api.kubeconfig(tmp_path, {"tokenFile": "token"})
    collected = collect(ClusterRequest(kubeconfig=kubeconfig))
    assert (len(names(collected, "Pod")), collected.failed) == (7, False)


def test_hostile_items_break_nothing(tmp_path: Path) -> None:
    with Api({"pods": [None, "pod", {"metadata": "none"}, {"metadata": {"name": 7}}, pod("web")]}) as api:
        assert names(read(api, tmp_path), "Pod") == ["7", "web"]


def test_a_discovery_that_cannot_be_read_fails_the_source(api: Api, tmp_path: Path) -> None:
    api.fail("/apis", (200, {}, b'{"kind": "APIGroupDiscoveryList", "items": [{"versions": 3}]}'))
    (problem,) = read(api, tmp_path).problems
    assert problem.reason == "the API server does not say which kinds it serves in a way that can be read"


def test_who_is_refused_does_not_wait_for_what_is_on_its_way(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", hanging)
    api.fail("/deployments", status(401))
    api.fail("/version", status(401))
    begin = time.monotonic()
    assert read(api, tmp_path).failed
    assert time.monotonic() - begin < 8


def test_a_server_that_never_comes_to_the_end_of_a_list_is_left(api: Api, tmp_path: Path) -> None:
    api.fail("/pods", (200, {}, b'{"metadata": {"continue": "again"}, "items": [{"metadata": {"name": "one"}}]}'))
    assert read(api, tmp_path).unread == {
        "Pod": "pods could not be listed: the API server gives the same page again and again"
    }
    assert len(api.lists("pods")) == 2


def test_a_context_with_slashes_makes_no_more_parts_of_an_address(api: Api, tmp_path: Path) -> None:
    name = "arn:aws:eks:eu-west-1:111122223333:cluster/prod"
    kubeconfig = api.kubeconfig(tmp_path)
    kubeconfig.write_text(kubeconfig.read_text("utf-8").replace("test", name), "utf-8")
    api.fail("/pods", status(403))
    collected = collect(ClusterRequest(kubeconfig=kubeconfig, context=name))
    cluster = "cluster://arn:aws:eks:eu-west-1:111122223333:cluster%2Fprod"
    assert [problem.uri for problem in collected.problems] == [f"{cluster}/Pod"]
    assert collected.resources[0].locate().uri == f"{cluster}/Deployment/shop/web"


def test_a_server_without_any_kind_that_is_known_is_no_empty_cluster(tmp_path: Path) -> None:
    with Api({"leases.coordination.k8s.io": []}) as api:
        collected = read(api, tmp_path)
    assert collected.failed
    assert collected.problems[0].reason.endswith("is it one of Kubernetes?")
