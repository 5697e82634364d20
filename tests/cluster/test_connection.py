"""The ways to prove to a real API server who asks, and to be sure of whom one asks."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from readycheck.model import Collected
from readycheck.sources.cluster import ClusterRequest, collect
from tests.cluster.authority import Authority
from tests.cluster.servers import ApiServer

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

MAY_LIST_NAMESPACES = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list"]}]


def read(kubeconfig: Path) -> Collected:
    return collect(ClusterRequest(kubeconfig=kubeconfig))


def namespaces(collected: Collected) -> set[str]:
    return {each.name for each in collected.resources if each.kind == "Namespace"}


def changed(api: ApiServer, folder: Path, name: str, **cluster: Any) -> Path:
    """The administrator's kubeconfig with other words on the cluster; None takes one away."""
    config = yaml.safe_load(api.admin().read_text("utf-8"))
    said = {**config["clusters"][0]["cluster"], **cluster}
    config["clusters"][0]["cluster"] = {key: value for key, value in said.items() if value is not None}
    file = folder / name
    file.write_text(yaml.safe_dump(config), "utf-8")
    return file


def reason(kubeconfig: Path) -> str:
    collected = read(kubeconfig)
    assert collected.failed
    (problem,) = collected.problems
    return problem.reason


def test_a_client_certificate_is_taken(bare: ApiServer) -> None:
    collected = read(bare.user("with-certificate", MAY_LIST_NAMESPACES))
    assert "kube-system" in namespaces(collected)
    assert "Pod" in collected.unread


def test_the_token_of_a_service_account_is_taken(bare: ApiServer) -> None:
    collected = read(bare.service_account("with-token", MAY_LIST_NAMESPACES))
    assert "kube-system" in namespaces(collected)
    assert "Pod" in collected.unread


def test_in_a_pod_the_service_account_is_taken(
    bare: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubernetes.config import incluster_config  # noqa: PLC0415 - an extra

    config = yaml.safe_load(bare.service_account("in-pod", MAY_LIST_NAMESPACES).read_text("utf-8"))
    (tmp_path / "token").write_text(config["users"][0]["user"]["token"], "utf-8")
    (tmp_path / "ca.crt").write_bytes(bare.authority.pem)
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", bare.url.rpartition(":")[2])
    collected = collect(ClusterRequest(in_cluster=True))
    assert "kube-system" in namespaces(collected)
    assert collected.resources[0].locate().uri.startswith("cluster://in-cluster/")


def test_a_certificate_of_another_authority_is_not_trusted(bare: ApiServer, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(Authority().pem)
    file = changed(bare, tmp_path, "other", **{"certificate-authority-data": None, "certificate-authority": str(other)})
    assert reason(file).startswith("the API server shows a certificate that is not trusted: ")
    assert reason(file).endswith("(its authority belongs into the kubeconfig: certificate-authority-data)")


def test_without_an_authority_those_of_the_system_count(bare: ApiServer, tmp_path: Path) -> None:
    file = changed(bare, tmp_path, "none", **{"certificate-authority-data": None})
    assert reason(file).startswith("the API server shows a certificate that is not trusted: ")


def test_a_certificate_of_another_name_is_not_trusted_unless_that_name_is_asked_for(
    bare: ApiServer, tmp_path: Path
) -> None:
    wrong = changed(bare, tmp_path, "wrong", **{"tls-server-name": "elsewhere.example"})
    assert "elsewhere.example" in reason(wrong)
    assert "tls-server-name" in reason(wrong)
    right = changed(bare, tmp_path, "right", **{"tls-server-name": "localhost"})
    assert "kube-system" in namespaces(read(right))


def test_who_asks_not_to_be_sure_is_not_kept_from_it(bare: ApiServer, tmp_path: Path) -> None:
    file = changed(bare, tmp_path, "insecure", **{"certificate-authority-data": None, "insecure-skip-tls-verify": True})
    assert "kube-system" in namespaces(read(file))


def test_plain_requests_to_a_server_of_tls_are_told(bare: ApiServer, tmp_path: Path) -> None:
    file = changed(bare, tmp_path, "plain", server=bare.url.replace("https://", "http://"))
    assert "HTTP request to an HTTPS server" in reason(file)


def test_acting_as_another_takes_the_rights_of_the_other(bare: ApiServer, tmp_path: Path) -> None:
    config = yaml.safe_load(bare.admin().read_text("utf-8"))
    config["users"][0]["user"] |= {"as": "somebody", "as-groups": ["one", "two"]}
    file = tmp_path / "acting"
    file.write_text(yaml.safe_dump(config), "utf-8")
    assert read(file).problems[0].reason.startswith("nothing may be listed")


def test_several_groups_to_act_as_are_several(bare: ApiServer, tmp_path: Path) -> None:
    config = yaml.safe_load(bare.admin().read_text("utf-8"))
    config["users"][0]["user"] |= {"as": "somebody", "as-groups": ["nobodys", "system:masters"]}
    file = tmp_path / "acting"
    file.write_text(yaml.safe_dump(config), "utf-8")
    assert not read(file).problems


def test_the_certificate_of_a_plug_in_is_taken(bare: ApiServer, tmp_path: Path) -> None:
    version = "client.authentication.k8s.io/v1"
    shown = bare.authority.user("of-the-plug-in", ["system:masters"])
    given = {"clientCertificateData": shown.certificate.decode(), "clientKeyData": shown.key.decode()}
    answer = tmp_path / "answer"
    answer.write_text(json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": given}), "utf-8")
    plugin = {"apiVersion": version, "command": "cat", "args": [str(answer)], "interactiveMode": "IfAvailable"}
    assert not read(bare.kubeconfig("of-a-plug-in", {"exec": plugin})).problems


@contextmanager
def tunnel() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that lets through what CONNECT asks for: its URL, and what it was asked."""
    asked: list[bytes] = []

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def serve(client: socket.socket) -> None:
        with suppress(OSError), client:
            head = piece = client.recv(65536)
            while piece and b"\r\n\r\n" not in head:
                head += (piece := client.recv(65536))
            asked.append(head.lower())
            host, _, port = head.split()[1].decode().partition(":")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=pump, args=(server, client), daemon=True)
                back.start()
                pump(client, server)
                back.join()

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepting = threading.Thread(target=accept, args=(listening,), daemon=True)
        accepting.start()
        try:
            yield f"http://me:word@127.0.0.1:{listening.getsockname()[1]}", asked
        finally:
            # Closing alone leaves the thread in accept(), with a descriptor that others get next.
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


def test_a_proxy_of_the_kubeconfig_is_a_tunnel_to_the_server(bare: ApiServer, tmp_path: Path) -> None:
    with tunnel() as (url, asked):
        assert "kube-system" in namespaces(read(changed(bare, tmp_path, "proxied", **{"proxy-url": url})))
        assert {head.split()[0] for head in asked} == {b"connect"}
        assert all(b"proxy-authorization: basic bwu6d29yza==" in head for head in asked)
