"""Credential plug-ins are run as kubectl runs them, and one that fails is said to without what it may have leaked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readycheck.model import Collected
from readycheck.sources.cluster import ClusterRequest, collect
from tests.sources.cluster.api import Api, pod, status

pytestmark = pytest.mark.slow

V1 = "client.authentication.k8s.io/v1"
TOKEN = json.dumps({"apiVersion": V1, "kind": "ExecCredential", "status": {"token": "of-the-plug-in"}})


def plugin(folder: Path, script: str, **said: Any) -> dict[str, Any]:
    """A user whose credentials a shell script gives, which lies beside the kubeconfig."""
    file = folder / "get-token"
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(0o755)
    return {"exec": {"apiVersion": V1, "command": "./get-token", "interactiveMode": "Never", **said}}


def read(folder: Path, user: dict[str, Any], **cluster: Any) -> tuple[Collected, list[dict[str, str]]]:
    with Api({"pods": [pod("web")]}) as api:
        return collect(ClusterRequest(kubeconfig=api.kubeconfig(folder, user, **cluster))), api.headers


def test_the_token_of_a_plug_in_is_shown_to_the_server(tmp_path: Path) -> None:
    collected, headers = read(tmp_path, plugin(tmp_path, f"echo '{TOKEN}'"))
    assert not collected.failed
    assert {each["Authorization"] for each in headers} == {"Bearer of-the-plug-in"}


def test_a_plug_in_gets_its_arguments_its_variables_and_what_is_asked(tmp_path: Path) -> None:
    script = f'echo "$@" $PROFILE > {tmp_path}/told; echo "$KUBERNETES_EXEC_INFO" > {tmp_path}/info; echo \'{TOKEN}\''
    user = plugin(
        tmp_path,
        script,
        args=["eks", "get-token"],
        env=[{"name": "PROFILE", "value": "audit"}],
        provideClusterInfo=True,
    )
    settings = [{"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}]
    collected, _ = read(tmp_path, user, extensions=settings, **{"disable-compression": True})
    assert not collected.failed
    assert (tmp_path / "told").read_text("utf-8") == "eks get-token audit\n"
    info = json.loads((tmp_path / "info").read_text("utf-8"))
    assert (info["apiVersion"], info["kind"], info["spec"]["interactive"]) == (V1, "ExecCredential", False)
    assert info["spec"]["cluster"]["server"].startswith("http://127.0.0.1:")
    assert info["spec"]["cluster"]["config"] == {"audience": "x"}
    assert info["spec"]["cluster"]["disable-compression"] is True


def test_a_plug_in_is_run_again_where_its_token_is_no_longer_taken(tmp_path: Path) -> None:
    script = f"echo run >> {tmp_path}/runs; echo '{TOKEN}'"
    with Api({"pods": [pod("web")]}) as api:
        api.fail("/pods", status(401), lambda *_: None)
        collected = collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, plugin(tmp_path, script))))
    assert not collected.failed
    assert (tmp_path / "runs").read_text("utf-8") == "run\nrun\n"


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        ({"token": "written-down"}, "Bearer written-down"),
        ({"username": "me", "password": "p"}, "Basic bWU6cA=="),
        ({"client-certificate-data": "eA==", "client-key-data": "eA=="}, None),
    ],
)
def test_what_stands_in_the_kubeconfig_goes_before_a_plug_in(
    tmp_path: Path, user: dict[str, Any], shown: str | None
) -> None:
    _, headers = read(tmp_path, {**plugin(tmp_path, "exit 1"), **user})
    assert headers[0].get("Authorization") == shown


@pytest.mark.parametrize(
    ("script", "said", "message"),
    [
        (
            "echo 'Error: the SSO session has expired, run aws sso login' >&2; exit 255",
            {},
            "failed with exit code 255: Error: the SSO session has expired, run aws sso login",
        ),
        (
            "echo 'bad secret-of-mine and k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbS8_QWN0aW9u' >&2; exit 1",
            {"env": [{"name": "KEY", "value": "secret-of-mine"}]},
            "failed with exit code 1: bad [...] and [...]",
        ),
        (
            "echo 'AWS_SECRET_ACCESS_KEY=abc/def password=hunter2&x Authorization: Bearer abc: expired' >&2; exit 1",
            {},
            "code 1: AWS_SECRET_ACCESS_KEY=[...] password=[...]&x Authorization: Bearer [...] expired",
        ),
        (
            "echo 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY /opt/homebrew/Caskroom/gcloud/latest/sdk/bin' >&2; exit 1",
            {},
            "failed with exit code 1: [...] /opt/homebrew/Caskroom/gcloud/latest/sdk/bin",
        ),
        ("echo hello", {}, "answers with no ExecCredential"),
        ("exit 0", {"args": ["a\0b"]}, "cannot be started: embedded null byte"),
        ("echo '{\"status\": {}}'", {}, "answers in None where client.authentication.k8s.io/v1 is wanted"),
        (f"echo '{TOKEN.replace('token', 'tokens')}'", {}, "gives neither a token nor a certificate with its key"),
        (
            "exit 0",
            {"command": "aws-of-nobody", "installHint": "See https://aws.example/cli"},
            "the credential plug-in `aws-of-nobody` of the context `test` is not installed: See https://aws.example/cli",
        ),
        (
            "exit 0",
            {"apiVersion": "client.authentication.k8s.io/v1alpha1"},
            "speaks client.authentication.k8s.io/v1alpha1",
        ),
        ("exit 0", {"interactiveMode": "Always"}, "wants to ask a person"),
        ("exit 0", {"command": None}, "names no command"),
    ],
)
def test_a_plug_in_that_gives_nothing_fails_the_source_in_words(
    tmp_path: Path, script: str, said: dict[str, Any], message: str
) -> None:
    collected, headers = read(tmp_path, plugin(tmp_path, script, **said))
    assert collected.failed
    (problem,) = collected.problems
    assert message in problem.reason
    assert headers == []


def test_a_token_file_goes_before_a_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from the file\n", "utf-8")
    _, headers = read(tmp_path, {"token": "written-down", "tokenFile": "token"})
    assert headers[0]["Authorization"] == "Bearer from the file"


def test_a_token_file_that_is_not_there_leaves_the_token(tmp_path: Path) -> None:
    _, headers = read(tmp_path, {"token": "written-down", "tokenFile": "gone"})
    assert headers[0]["Authorization"] == "Bearer written-down"


def test_a_token_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    collected, _ = read(tmp_path, {"tokenFile": "gone"})
    assert collected.problems[0].reason == f"the token file {tmp_path}/gone cannot be read: No such file or directory"


def test_a_way_to_sign_in_that_is_gone_is_named_with_what_took_its_place(tmp_path: Path) -> None:
    collected, headers = read(tmp_path, {"auth-provider": {"name": "azure", "config": {}}})
    assert "its credential plug-in kubelogin takes its place" in collected.problems[0].reason
    assert headers == []
