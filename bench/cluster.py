"""`make bench-cluster`: what a scan of a large cluster costs, against a floor that is measured in the same run.

The cluster is a real API server that holds what controllers would have made; the floor fetches the same lists with as
many requests at once, parses and keeps them. What is asked of the server is counted by a proxy, in a run of its own.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
import yaml
from population import Size, fill
from run import SCAN, Table, peak, seconds, whole

from tests.cluster.definitions import define
from tests.cluster.faults import FaultyProxy
from tests.cluster.servers import ApiServer, api_server

LISTS = [sys.executable, str(Path(__file__).with_name("lists.py"))]
DISCOVERY = 4
"""Requests that are no page of a list: the version, the core API, the groups, and what the caller may do."""


def main() -> int:
    """Measure, print a table, and fail where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--workloads", type=int, default=2_000)
    parser.add_argument("--pods", type=int, default=10_000)
    options = parser.parse_args()
    size = Size(options.nodes, options.workloads, options.pods)
    with tempfile.TemporaryDirectory(prefix="readycheck-bench-") as name:
        folder = Path(name)
        with api_server(folder, _program, admission_off=("ServiceAccount",)) as server:
            define(server.client)
            start = time.perf_counter()
            fill(server.client, size)
            print(f"made {size.pods} pods of {size.workloads} workloads in {time.perf_counter() - start:.0f} s")
            table = measured(server, folder, options.runs, size)
    print(table)
    return 1 if table.broken else 0


def measured(server: ApiServer, folder: Path, runs: int, size: Size) -> Table:
    """Every figure about one cluster.

    Args:
        server: its API server.
        folder: where files may be put.
        runs: how often scan and floor are measured in turn.
        size: of the cluster.
    """
    table = Table()
    with FaultyProxy(server.url, server.authority) as proxy:
        whole(_scan(_configured(folder, "counted", server.admin(url=proxy.url))))
    pages = sum(_pages(server, target) for target in _first_pages(proxy))
    table.ratio(f"requests of a scan, besides {pages} pages of lists", len(proxy.asked) - pages, DISCOVERY)
    scan = _scan(_configured(folder, "direct", server.admin()))
    floor = [*LISTS, str(_asked_by_the_floor(server, proxy, folder))]
    scans, floors = [], []
    for _ in range(runs):
        scans.append(seconds(lambda: whole(scan)))
        floors.append(seconds(lambda: whole(floor)))
    table.ratio("scan of a cluster / floor", statistics.median(scans) / statistics.median(floors), 1.6)
    above = peak(scan) - peak(floor)
    table.ratio(f"peak memory above the floor, kB a pod ({size.pods} pods)", above / size.pods, 6.0)
    print(f"scan {statistics.median(scans):.2f} s, floor {statistics.median(floors):.2f} s")
    return table


def _scan(config: Path) -> list[str]:
    return [*SCAN, "--env", "bench", "--config", str(config)]


def _configured(folder: Path, name: str, kubeconfig: Path) -> Path:
    config = folder / f"{name}.yaml"
    cluster = {"context": "test", "kubeconfig": str(kubeconfig)}
    config.write_text(yaml.safe_dump({"environments": {"bench": {"cluster": cluster}}}), encoding="utf-8")
    return config


def _first_pages(proxy: FaultyProxy) -> list[str]:
    queries = ((target, parse_qs(urlsplit(target).query)) for target in proxy.asked)
    return [target for target, query in queries if "limit" in query and "continue" not in query]


def _pages(server: ApiServer, target: str) -> int:
    """How many pages of the size that was asked for the list of a first page takes."""
    path, _, query = target.partition("?")
    asked = parse_qs(query)
    limit = int(asked.pop("limit")[0])
    objects = server.client.get(f"{path}?{urlencode(asked, doseq=True)}")["items"]
    return max(1, math.ceil(len(objects) / limit))


def _asked_by_the_floor(server: ApiServer, proxy: FaultyProxy, folder: Path) -> Path:
    user = yaml.safe_load(server.admin().read_text("utf-8"))["users"][0]["user"]
    file = folder / "floor.json"
    file.write_bytes(
        orjson.dumps(
            {
                "url": server.url,
                "authority": server.authority.pem.decode(),
                "token": user["token"],
                "at_once": proxy.most_at_once,
                "targets": _first_pages(proxy),
            }
        )
    )
    return file


def _program(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed: `make tools-cluster` builds it")
    return Path(found)


if __name__ == "__main__":
    sys.exit(main())
