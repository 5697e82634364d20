"""Starts a real Kubernetes on loopback: etcd and the API server, and the controllers and scheduler where asked for.

There is no kubelet: `tests.cluster.nodes` makes nodes and answers for what would run on them.
"""

from __future__ import annotations

import base64
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import urllib3
import yaml

from tests.cluster.authority import Authority, signing_key
from tests.cluster.client import Client, Refused

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
START_SECONDS = 60.0

_ADMIN_TOKEN = "admin-of-the-tests"  # noqa: S105 - of a server that lives for seconds on loopback
_ADMISSION_OFF = ("MutatingAdmissionWebhook", "ValidatingAdmissionWebhook")
"""Webhooks that manifests declare would be asked, and nobody answers."""

_CONTROLLERS_OFF = (
    "node-lifecycle-controller",  # no kubelet tells it that a node lives
    "taint-eviction-controller",
    "node-ipam-controller",
    "persistentvolume-attach-detach-controller",
    "root-ca-certificate-publisher-controller",
    "service-lb-controller",
)


class ApiServer:
    """A running API server and who may ask it.

    Args:
        url: where it listens.
        folder: where its files lie, and the kubeconfigs that it gives.
        authority: who signed its certificate, and whom it believes.
    """

    def __init__(self, url: str, folder: Path, authority: Authority) -> None:
        self.url = url
        self.folder = folder
        self.authority = authority
        self.client = Client(url, authority.pem, _ADMIN_TOKEN)

    def admin(self, *, context: str = "test", url: str = "") -> Path:
        """A kubeconfig of one who may do everything.

        Args:
            context: what its context is called.
            url: where to ask, when not the server itself.
        """
        return self.kubeconfig("admin", {"token": _ADMIN_TOKEN}, context=context, url=url)

    def user(self, name: str, rules: Sequence[Mapping[str, Any]] = (), *, groups: Sequence[str] = ()) -> Path:
        """A kubeconfig of a user who shows a certificate.

        Args:
            name: of the user.
            rules: what the user may do everywhere, as in a ClusterRole; nothing when empty.
            groups: that the user is in.
        """
        self._grant(name, rules, {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name})
        shown = self.authority.user(name, groups)
        return self.kubeconfig(
            name,
            {"client-certificate-data": _base64(shown.certificate), "client-key-data": _base64(shown.key)},
        )

    def service_account(
        self, name: str, rules: Sequence[Mapping[str, Any]] = (), *, namespace: str = "default", url: str = ""
    ) -> Path:
        """A kubeconfig with the token of a service account.

        Args:
            name: of the account.
            rules: what it may do everywhere, as in a ClusterRole; nothing when empty.
            namespace: of the account.
            url: where to ask, when not the server itself.
        """
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}
        self.client.apply(account)
        self._grant(name, rules, {"kind": "ServiceAccount", "name": name, "namespace": namespace})
        path = self.client.path("v1", "ServiceAccount", namespace, name)
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
        answer = self.client.ask("POST", f"{path}/token", asked)
        return self.kubeconfig(name, {"token": answer["status"]["token"]}, url=url)

    def kubeconfig(self, name: str, user: Mapping[str, Any], *, context: str = "test", url: str = "") -> Path:
        """Write a kubeconfig with one context.

        Args:
            name: of the user, and of the file.
            user: how it proves who it is.
            context: what the context is called.
            url: where to ask, when not the server itself.
        """
        cluster = {"server": url or self.url, "certificate-authority-data": _base64(self.authority.pem)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": name, "user": dict(user)}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": name}}],
            "current-context": context,
        }
        file = self.folder / f"{name}-{context}{'-elsewhere' if url else ''}.kubeconfig"
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        return file

    def _grant(self, name: str, rules: Sequence[Mapping[str, Any]], subject: Mapping[str, str]) -> None:
        if not rules:
            return
        api, kind = "rbac.authorization.k8s.io", "ClusterRole"
        role = {"apiVersion": f"{api}/v1", "kind": kind, "metadata": {"name": name}, "rules": list(rules)}
        binding = {
            "apiVersion": f"{api}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": api, "kind": kind, "name": name},
            "subjects": [subject],
        }
        self.client.apply(role, binding)


@contextmanager
def api_server(folder: Path, find: Callable[[str], Path], *, admission_off: Sequence[str] = ()) -> Iterator[ApiServer]:
    """Run etcd and an API server with RBAC for as long as the context lasts.

    Args:
        folder: where they keep their files.
        find: gives the path of a program of a name.
        admission_off: admission plug-ins that would refuse what a test makes.

    Raises:
        RuntimeError: where one of them does not start; with the end of what it wrote.
    """
    authority = Authority()
    files = {
        "authority.pem": authority.pem,
        "accounts.key": signing_key(),
        "tokens.csv": f"{_ADMIN_TOKEN},admin,admin,system:masters\n".encode(),
    }
    files["server.pem"], files["server.key"] = authority.server()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with ExitStack() as running:
        stored = f"http://127.0.0.1:{_free_port()}"
        running.enter_context(_etcd(find("etcd"), folder, stored))
        port = _free_port()
        server = ApiServer(f"https://127.0.0.1:{port}", folder, authority)
        running.callback(server.client.close)
        flags = {
            "etcd-servers": stored,
            "bind-address": "127.0.0.1",
            "secure-port": str(port),
            "client-ca-file": str(folder / "authority.pem"),
            "tls-cert-file": str(folder / "server.pem"),
            "tls-private-key-file": str(folder / "server.key"),
            "token-auth-file": str(folder / "tokens.csv"),
            "authorization-mode": "RBAC",
            "allow-privileged": "true",
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-key-file": str(folder / "accounts.key"),
            "service-account-signing-key-file": str(folder / "accounts.key"),
            "service-cluster-ip-range": "10.0.0.0/16",
            "disable-admission-plugins": ",".join((*_ADMISSION_OFF, *admission_off)),
            # It tells the cluster so where it is, and that may be no address of loopback.
            "advertise-address": "192.0.2.1",
        }
        program = running.enter_context(_program(find("kube-apiserver"), flags, folder))
        _await(program, lambda: server.client.get("/readyz") == "ok")
        yield server


@contextmanager
def controllers(server: ApiServer, find: Callable[[str], Path]) -> Iterator[None]:
    """Run the controllers and the scheduler of a cluster for as long as the context lasts.

    Args:
        server: the API server that they work for.
        find: gives the path of a program of a name.

    Raises:
        RuntimeError: where one of them does not start; with the end of what it wrote.
    """
    admin = str(server.admin(context="controllers"))
    shared = {"kubeconfig": admin, "leader-elect": "false", "secure-port": "0"}
    rates = {"kube-api-qps": "2000", "kube-api-burst": "4000"}
    managed = {
        "controllers": ",".join(("*", *(f"-{name}" for name in _CONTROLLERS_OFF))),
        "use-service-account-credentials": "false",
        "service-account-private-key-file": str(server.folder / "accounts.key"),
        "horizontal-pod-autoscaler-sync-period": "1s",
        "concurrent-deployment-syncs": "10",
        "concurrent-replicaset-syncs": "10",
    }
    with ExitStack() as running:
        for name, flags in (("kube-controller-manager", managed), ("kube-scheduler", {})):
            program = running.enter_context(_program(find(name), {**shared, **rates, **flags}, server.folder))
        _await(program, lambda: _has_account(server, "default"))
        yield


class _Program:
    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    def end_of_log(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-15:])


@contextmanager
def _program(path: Path, flags: Mapping[str, str], folder: Path) -> Iterator[_Program]:
    log = folder / f"{path.name}.log"
    command = [str(path), *(f"--{name}={value}" for name, value in flags.items())]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        yield _Program(path.name, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _etcd(path: Path, folder: Path, url: str) -> Iterator[None]:
    flags = {
        "data-dir": str(folder / "etcd"),
        "listen-client-urls": url,
        "advertise-client-urls": url,
        "listen-peer-urls": "http://127.0.0.1:0",
        "log-level": "error",
        "unsafe-no-fsync": "true",
    }
    with _program(path, flags, folder) as program, urllib3.PoolManager(retries=False) as pool:
        _await(program, lambda: pool.request("GET", f"{url}/health").status == 200)
        yield


def _await(program: _Program, started: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while program.process.poll() is None and time.monotonic() < deadline:
        with suppress(urllib3.exceptions.HTTPError, Refused):
            if started():
                return
        time.sleep(0.05)
    raise RuntimeError(f"{program.name} did not start:\n{program.end_of_log()}")


def _has_account(server: ApiServer, namespace: str) -> bool:
    return bool(server.client.get(server.client.path("v1", "ServiceAccount", namespace, "default")))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
