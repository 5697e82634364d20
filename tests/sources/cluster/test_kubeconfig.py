"""Kubeconfigs are merged and resolved as kubectl does, and what is wrong with one is said."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from kubernetes.config import incluster_config

from readycheck.sources.cluster import ClusterRequest, collect
from readycheck.sources.cluster.faults import ConnectionFault
from readycheck.sources.cluster.kubeconfig import load
from tests.cluster.authority import Authority
from tests.sources.cluster.api import Api, pod


def write(file: Path, **said: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(said), "utf-8")
    return file


def context(name: str, cluster: str = "c", user: str = "u") -> dict[str, Any]:
    return {"name": name, "context": {"cluster": cluster, "user": user}}


def cluster(name: str = "c", **said: Any) -> dict[str, Any]:
    return {"name": name, "cluster": {"server": "https://one.example", **said}}


def user(name: str = "u", **said: Any) -> dict[str, Any]:
    return {"name": name, "user": said}


@pytest.fixture(autouse=True)
def nobody_elses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_of_several_files_the_first_that_says_something_is_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = write(tmp_path / "first", clusters=[cluster(server="https://first.example")], contexts=[context("one")])
    second = write(
        tmp_path / "second",
        **{"current-context": "two"},
        clusters=[cluster(server="https://second.example")],
        users=[user(username="me")],
        contexts=[context("one", cluster="none"), context("two")],
    )
    third = write(tmp_path / "third", **{"current-context": "one"})
    monkeypatch.setenv("KUBECONFIG", f"{first}:{tmp_path}/missing:{second}:{third}")
    kubeconfig = load(None)
    assert kubeconfig.access("").name == "two"
    assert kubeconfig.access("one").cluster["server"] == "https://first.example"
    assert kubeconfig.access("one").user == {"username": "me"}


def test_without_a_variable_the_file_at_home_counts(tmp_path: Path) -> None:
    write(tmp_path / "home" / ".kube" / "config", clusters=[cluster()], users=[user()], contexts=[context("mine")])
    assert load(None).access("mine").name == "mine"


def test_paths_lead_from_the_file_that_names_them(tmp_path: Path) -> None:
    file = write(
        tmp_path / "conf" / "kubeconfig",
        clusters=[cluster(**{"certificate-authority": "ca.pem"})],
        users=[user(**{"client-certificate": "/etc/me.pem", "client-key": "keys/me", "tokenFile": ""})],
        contexts=[context("x")],
    )
    access = load(file).access("x")
    assert access.cluster["certificate-authority"] == str(tmp_path / "conf" / "ca.pem")
    assert access.user == {"client-certificate": "/etc/me.pem", "client-key": str(tmp_path / "conf" / "keys" / "me")}


@pytest.mark.parametrize(
    ("said", "asked", "message"),
    [
        ({"contexts": [context("prod"), context("dev")]}, "prd", "has no context `prd`: did you mean `prod`?"),
        ({"contexts": [context("prod")]}, "", "has no current context: name one with `context` (it knows prod)"),
        ({"contexts": [context("prod")], "current-context": "gone"}, "", "has no context `gone`"),
        ({"contexts": [context("prod", cluster="gone")]}, "prod", "names the cluster `gone`, which is not there"),
        (
            {"contexts": [context("prod", user="gone")], "clusters": [cluster()]},
            "prod",
            "names the user `gone`, which is not there",
        ),
        (
            {"contexts": [context("prod", user="")], "clusters": [{"name": "c", "cluster": {}}]},
            "prod",
            "names no `server`",
        ),
        ({"contexts": [{"context": {}}]}, "prod", "a context in it has no name"),
        ({"users": [{"name": "u", "user": "me"}]}, "prod", "the user `u` is no mapping"),
    ],
)
def test_what_does_not_fit_together_is_said(tmp_path: Path, said: dict[str, Any], asked: str, message: str) -> None:
    file = write(tmp_path / "kubeconfig", **said)
    with pytest.raises(ConnectionFault) as fault:
        load(file).access(asked)
    assert message in str(fault.value)
    assert str(file) in str(fault.value)


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text("clusters: [\nusers: {\n", "utf-8")
    with pytest.raises(ConnectionFault, match=r"kubeconfig:\d+: "):
        load(file)


def test_without_any_kubeconfig_the_ways_to_give_one_are_said(tmp_path: Path) -> None:
    (problem,) = collect(ClusterRequest()).problems
    assert problem.uri == "cluster://current context"
    assert f"there is no kubeconfig at {tmp_path}/home/.kube/config" in problem.reason
    assert "in_cluster: true" in problem.reason


def test_outside_of_a_pod_in_cluster_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    collected = collect(ClusterRequest(in_cluster=True))
    assert collected.failed
    assert collected.problems[0].uri == "cluster://in-cluster"
    assert "this is no pod with a service account" in collected.problems[0].reason


def test_a_token_of_a_pod_that_is_no_text_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_bytes(b"\xff")
    (tmp_path / "ca.crt").write_bytes(Authority().pem)
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "1")
    (problem,) = collect(ClusterRequest(in_cluster=True)).problems
    assert "this is no pod with a service account" in problem.reason


def jwt(**claims: Any) -> str:
    def part(said: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.c2ln"


@pytest.mark.parametrize(
    ("credentials", "shown"),
    [
        ({"token": "t"}, "Bearer t"),
        ({"username": "me", "password": "p"}, f"Basic {base64.b64encode(b'me:p').decode()}"),
        ({"username": "me", "password": "p", "token": "t"}, "Bearer t"),
        (
            {"auth-provider": {"name": "oidc", "config": {"id-token": jwt(exp=4_000_000_000)}}},
            f"Bearer {jwt(exp=4_000_000_000)}",
        ),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": "no JWT"}}, "token": "t"}, "Bearer t"),
        ({"username": "me"}, f"Basic {base64.b64encode(b'me:').decode()}"),
        ({"password": "p"}, None),
    ],
)
def test_what_proves_who_asks_is_shown(tmp_path: Path, credentials: dict[str, Any], shown: str | None) -> None:
    with Api({"pods": [pod("web")]}) as api:
        assert not collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, credentials))).failed
        assert {headers.get("Authorization") for headers in api.headers} == {shown}


def test_an_auth_provider_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    with Api({}) as api:
        provider = {"auth-provider": {"name": "oidc", "config": {}}}
        (problem,) = collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, provider))).problems
    assert problem.reason.startswith("the context `test` of the kubeconfig cannot be used: ")


@pytest.mark.parametrize(
    "user",
    [
        {"token": "sec\nret"},
        {"token": "secret\n"},
        {"as": "sec\r\nret: x"},
        {"as": "x", "as-groups": ["sec\x00ret"]},
    ],
)
def test_what_no_header_can_carry_is_told_without_a_part_of_it(tmp_path: Path, user: dict[str, Any]) -> None:
    with Api({"pods": [pod("web")]}) as api:
        collected = collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, user)))
        assert not api.asked
    (problem,) = collected.problems
    assert "holds a line break or another sign that no request can carry" in problem.reason
    assert "sec" not in problem.reason


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"as-groups": ["admins"]}, "names nobody by `as`"),
        ({"as": "me", "as-groups": [True]}, "`as-groups` holds something else than text"),
        ({"as": "me", "as-user-extra": {"floor": [3]}}, "`as-user-extra` holds something else than text"),
    ],
)
def test_another_that_nobody_can_be_is_told(tmp_path: Path, user: dict[str, Any], message: str) -> None:
    with Api({"pods": [pod("web")]}) as api:
        (problem,) = collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, user))).problems
        assert not api.asked
    assert message in problem.reason


def test_names_of_all_languages_are_sent_as_the_server_reads_them(tmp_path: Path) -> None:
    acting = {"token": "t", "as": "李", "as-user-extra": {"example.com/role 100%": ["jürgen"]}}
    with Api({"pods": [pod("web")]}) as api:
        assert not collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, acting))).failed
        shown = {name.lower(): value.encode("latin-1").decode() for name, value in api.headers[-1].items()}
    assert shown["impersonate-user"] == "李"
    assert shown["impersonate-extra-example.com%2frole%20100%25"] == "jürgen"


def through_a_proxy(api: Api, folder: Path, user: Mapping[str, Any], **cluster: Any) -> dict[str, str]:
    """What a server without TLS that is not this machine is shown."""
    server = "http://api.shop.example"
    api.fail(f"{server}/", lambda api, path, headers: api.usual(path.removeprefix(server), headers))
    kubeconfig = api.kubeconfig(folder, user, **{"server": server, "proxy-url": api.url, **cluster})
    assert not collect(ClusterRequest(kubeconfig=kubeconfig)).failed
    return api.headers[0]


def test_without_tls_no_other_machine_is_shown_credentials(tmp_path: Path) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "false", "interactiveMode": "Never"}
    for user in ({"token": "t"}, {"username": "me", "password": "p"}, {"tokenFile": "gone"}, {"exec": plugin}):
        with Api({"pods": [pod("web")]}) as api:
            assert "Authorization" not in through_a_proxy(api, tmp_path, user)


def test_answers_come_compressed_unless_the_kubeconfig_says_otherwise(tmp_path: Path) -> None:
    for said, shown in (({}, "gzip"), ({"disable-compression": True}, "identity")):
        with Api({"pods": [pod("web")]}) as api:
            assert through_a_proxy(api, tmp_path, {"token": "t"}, **said)["Accept-Encoding"] == shown


def test_an_address_may_be_a_host_and_a_port_alone(tmp_path: Path) -> None:
    with Api({"pods": [pod("web")]}) as api:
        kubeconfig = api.kubeconfig(tmp_path, server=api.url.removeprefix("http://"))
        assert not collect(ClusterRequest(kubeconfig=kubeconfig)).failed


def test_what_an_address_says_besides_where_to_ask_is_left_out(tmp_path: Path) -> None:
    with Api({"pods": [pod("web")]}) as api:
        api.fail("/k8s/c-1/", lambda api, path, headers: api.usual(path.removeprefix("/k8s/c-1"), headers))
        kubeconfig = api.kubeconfig(tmp_path, server=f"{api.url}/k8s/c-1/?tab=nodes#top")
        assert not collect(ClusterRequest(kubeconfig=kubeconfig)).failed
        assert api.asked[0] == "/k8s/c-1/api"


def test_nobody_is_asked_for_the_passphrase_of_a_key(tmp_path: Path) -> None:
    mine = Authority().user("me")
    encrypted = load_pem_private_key(mine.key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )
    (tmp_path / "me.pem").write_bytes(mine.certificate + encrypted)
    with Api({}) as api:
        kubeconfig = api.kubeconfig(tmp_path, {"client-certificate": "me.pem"}, server="https://127.0.0.1:1")
        (problem,) = collect(ClusterRequest(kubeconfig=kubeconfig)).problems
    assert "the key is encrypted" in problem.reason


def test_a_way_to_sign_in_that_nobody_knows_is_named(tmp_path: Path) -> None:
    for provider, name in (({"name": "openstack"}, "openstack"), ({}, ""), ("oidc", "")):
        with Api({"pods": [pod("web")]}) as api:
            kubeconfig = api.kubeconfig(tmp_path, {"auth-provider": provider, "token": "t"})
            (problem,) = collect(ClusterRequest(kubeconfig=kubeconfig)).problems
        assert f"signs in by the auth-provider `{name}`" in problem.reason


def test_a_kubeconfig_that_nobody_may_look_for_is_no_missing_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/{'x' * 300}:{tmp_path}/missing")
    (problem,) = collect(ClusterRequest()).problems
    assert problem.reason.endswith("cannot be read: File name too long")


def test_who_has_no_home_has_no_kubeconfig_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    (problem,) = collect(ClusterRequest()).problems
    assert problem.reason.startswith("there is no kubeconfig at ~/.kube/config: ")


def test_who_acts_as_another_says_so(tmp_path: Path) -> None:
    acting = {"token": "t", "as": "auditor", "as-groups": ["readers", "night"], "as-user-extra": {"scopes": ["view"]}}
    with Api({"pods": [pod("web")]}) as api:
        collected = collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, acting)))
        shown = api.headers[-1]
    assert not collected.failed
    assert (shown["Impersonate-User"], shown["Impersonate-Extra-Scopes"]) == ("auditor", "view")


@pytest.mark.parametrize(
    ("cluster_says", "message"),
    [
        ({"server": "ftp://here"}, "`ftp://here` is no address of an API server: https://HOST:PORT is"),
        (
            {"server": "https://127.0.0.1:1", "certificate-authority-data": "bm90aGluZw=="},
            "the certificates of the kubeconfig cannot be used",
        ),
        (
            {"server": "https://127.0.0.1:1", "certificate-authority": "gone.pem"},
            "the context `test` of the kubeconfig cannot be used: File does not exist",
        ),
        ({"server": "http://127.0.0.1:1"}, "the API server cannot be connected to: Connection refused"),
        ({"server": "http://no-such-host.invalid"}, "the API server cannot be found: its host name has no address"),
        (
            {"server": "http://one.example", "proxy-url": "ftp://u:secret@proxy"},
            "`ftp://proxy` is no address of a proxy: http://HOST:PORT is",
        ),
        (
            {"server": "http://one.example", "proxy-url": "http://u:secret@127.0.0.1:1"},
            "the API server cannot be reached through the proxy",
        ),
        ({"server": "https://[::1"}, "`https://[::1` is no address of an API server"),
        ({"server": "https://one.example:99999"}, "is no address of an API server"),
        ({"server": "http://one.example", "proxy-url": "http://[bad"}, "`http://[bad` is no address of a proxy"),
        (
            {"server": "http://one.example", "proxy-url": "http://u:x/secret@proxy"},
            "`http://proxy` is no address of a proxy",
        ),
        ({"server": 5}, "`server` of the cluster of the context `test` of "),
        ({"server": "https://127.0.0.1:1", "proxy-url": 3128}, "is no text: it takes quotes"),
        (
            {"server": "https://127.0.0.1:1", "insecure-skip-tls-verify": "false"},
            "`insecure-skip-tls-verify` of the cluster of the context `test` of",
        ),
        (
            {
                "server": "https://127.0.0.1:1",
                "insecure-skip-tls-verify": True,
                "certificate-authority-data": "bm90aGluZw==",
            },
            "`insecure-skip-tls-verify` and an authority exclude each other",
        ),
        (
            {"server": "https://127.0.0.1:1", "certificate-authority-data": "-----BEGIN CERTIFICATE-----"},
            "`certificate-authority-data` is no base64",
        ),
    ],
)
def test_why_nobody_can_be_asked_is_said_and_nothing_secret(
    tmp_path: Path, cluster_says: dict[str, Any], message: str
) -> None:
    with Api({}) as api:
        collected = collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, **cluster_says)))
    assert collected.failed
    (problem,) = collected.problems
    assert message in problem.reason
    assert "secret" not in problem.reason


def test_no_certificate_and_no_key_is_left_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with Api({}) as api:
        kubeconfig = api.kubeconfig(tmp_path, {"client-certificate-data": "eA==", "client-key-data": "eA=="})
        collect(ClusterRequest(kubeconfig=kubeconfig))
    assert list((tmp_path / "tmp").iterdir()) == []
