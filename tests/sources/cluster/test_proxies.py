"""Proxies are chosen as kubectl chooses them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from readycheck.sources.cluster import ClusterRequest, collect
from readycheck.sources.cluster.proxies import proxy_for
from tests.sources.cluster.api import Api, pod

PROXY = "http://proxy.corp:3128"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("variables", "server", "proxy"),
    [
        ({}, "https://api.shop.example", ""),
        ({"HTTPS_PROXY": PROXY}, "https://api.shop.example", PROXY),
        ({"https_proxy": PROXY}, "https://api.shop.example", PROXY),
        ({"HTTPS_PROXY": "proxy.corp:3128"}, "https://api.shop.example", PROXY),
        ({"HTTP_PROXY": PROXY}, "https://api.shop.example", ""),
        ({"HTTP_PROXY": PROXY}, "http://api.shop.example", PROXY),
        ({"HTTPS_PROXY": PROXY}, "https://127.0.0.1:6443", ""),
        ({"HTTPS_PROXY": PROXY}, "https://localhost:6443", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "shop.example"}, "https://api.shop.example", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "shop.example"}, "https://shop.example", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".shop.example"}, "https://api.shop.example", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".shop.example"}, "https://shop.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "workshop.example"}, "https://shop.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "shop.example"}, "https://myshop.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, "https://api.shop.example", ""),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "10.0.0.0/8, corp"}, "https://10.20.30.40:6443", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, "https://192.0.2.1:6443", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "192.0.2.1"}, "https://192.0.2.1:6443", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "api.example:6443"}, "https://api.example:6443", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "api.example:443"}, "https://api.example:6443", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "2001:db8::1"}, "https://[2001:db8::1]:6443", ""),
    ],
)
def test_variables_name_the_proxy_and_who_goes_past_it(
    monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], server: str, proxy: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(server) == proxy


def test_what_the_kubeconfig_says_no_variable_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://other.corp")
    monkeypatch.setenv("NO_PROXY", "*")
    assert proxy_for("https://127.0.0.1:6443", PROXY) == PROXY


def test_requests_go_through_the_proxy_with_its_password(tmp_path: Path) -> None:
    # To a plain server a proxy is asked with the whole address in the first line.
    def unwrapped(api: Api, path: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        return api.usual(path.removeprefix("http://api.shop.example"), headers)

    with Api({"pods": [pod("web")]}) as api:
        api.fail("http://api.shop.example/", unwrapped)
        proxy = api.url.replace("http://", "http://me:pa%40ss@")
        kubeconfig = api.kubeconfig(tmp_path, None, **{"server": "http://api.shop.example", "proxy-url": proxy})
        collected = collect(ClusterRequest(kubeconfig=kubeconfig))
        shown = api.headers[0]
    assert [each.name for each in collected.resources if each.kind == "Pod"] == ["web"]
    assert shown["Proxy-Authorization"] == "Basic bWU6cGFAc3M="
    assert shown["Accept-Encoding"] == "gzip"


SOCKS = """
import socket
PROXY_TYPE_SOCKS4, PROXY_TYPE_SOCKS5 = 1, 2
class ProxyError(OSError): pass
def create_connection(address, *_, proxy_rdns, proxy_addr, proxy_port, **__):
    assert proxy_rdns and address == ("only.behind.the.proxy", 80)
    return socket.create_connection((proxy_addr, proxy_port))
"""


def test_names_are_for_a_proxy_of_socks_to_look_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("socks", "urllib3.contrib.socks"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "socks.py").write_text(SOCKS, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with Api({"pods": [pod("web")]}) as api:
        proxy = api.url.replace("http://", "socks5://")
        said = {"server": "http://only.behind.the.proxy", "proxy-url": proxy}
        collected = collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, None, **said)))
    assert (collected.problems, collected.failed) == ([], False)


@pytest.mark.filterwarnings("error")
def test_a_proxy_of_socks_without_its_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readycheck.sources.cluster.connection.find_spec", lambda _: None)
    with Api({}) as api:
        said = {"server": "https://only.behind.the.proxy", "proxy-url": "socks5://127.0.0.1:1"}
        (problem,) = collect(ClusterRequest(kubeconfig=api.kubeconfig(tmp_path, None, **said))).problems
    assert problem.reason == "a proxy of socks5 takes one more package: pip install PySocks"
