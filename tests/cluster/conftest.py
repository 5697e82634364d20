"""A real Kubernetes for tests: started once, on loopback, from programs that `make tools-cluster` builds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.faults import FaultyProxy
from tests.cluster.nodes import storage_class, three_zones
from tests.cluster.servers import PROGRAMS, ApiServer, api_server, controllers

Find = Callable[[str], Path]


@pytest.fixture(scope="session")
def find() -> Find:
    """A function that gives the path of a program of the cluster; skips where they are not built."""
    found = {name: shutil.which(name) for name in PROGRAMS}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: `make tools-cluster` builds them")
    return lambda name: Path(str(found[name]))


@pytest.fixture(scope="session")
def bare(find: Find, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server alone: what is put there stays as it is put, pods and their status too."""
    with api_server(tmp_path_factory.mktemp("bare"), find, admission_off=("ServiceAccount",)) as server:
        yield server


@pytest.fixture(scope="session")
def cluster(find: Find, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server with controllers and a scheduler, two nodes in each of three zones, and a class of storage."""
    with api_server(tmp_path_factory.mktemp("cluster"), find) as server, controllers(server, find):
        three_zones(server.client)
        storage_class(server.client)
        yield server


@pytest.fixture
def proxy(bare: ApiServer) -> Iterator[FaultyProxy]:
    """What stands in front of the bare API server and fails as it is told to."""
    with FaultyProxy(bare.url, bare.authority) as proxy:
        yield proxy
