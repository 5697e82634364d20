"""`make bench-aws`: what a scan of a large account costs, against the same calls made bare, measured in the same run.

The account is moto's, behind HTTP in a process of its own. The floor makes the same calls with botocore, as many at
once, and does nothing with what they answer; that they are the same is counted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, cast

import yaml
from run import READYCHECK, Table, seconds, whole

from readycheck.sources.aws import AwsRequest

HERE = Path(__file__).parent
MOST = 1.5
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CONFIG_FILE": os.devnull}


class Account:
    """A large account in a process of its own.

    Args:
        size: how many clusters, node groups, load balancers and certificates.
    """

    def __init__(self, *size: int) -> None:
        command = [sys.executable, str(HERE / "account.py"), *map(str, size)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._to, self._from = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        self.close = process.communicate
        self.url = self._from.readline().strip()

    def asked(self) -> dict[str, int]:
        """What it was asked since the last question, by call."""
        print(file=self._to, flush=True)
        found: dict[str, int] = json.loads(self._from.readline())
        return found


def main() -> int:
    """Measure, print a table, and fail where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--clusters", type=int, default=20)
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--balancers", type=int, default=500)
    parser.add_argument("--certificates", type=int, default=2_000)
    options = parser.parse_args()
    os.environ.update(CREDENTIALS)
    account = Account(options.clusters, options.groups, options.balancers, options.certificates)
    try:
        with tempfile.TemporaryDirectory(prefix="readycheck-bench-") as folder:
            table = measured(account, Path(folder), options.runs)
    finally:
        account.close()
    print(table)
    return 1 if table.broken else 0


def measured(account: Account, folder: Path, runs: int) -> Table:
    """Every figure about one account.

    Args:
        account: the account.
        folder: where files may be put.
        runs: how often scan and floor are measured in turn.
    """
    config = folder / "readycheck.yaml"
    aws = {"regions": ["eu-west-1"], "endpoint_url": account.url}
    config.write_text(yaml.safe_dump({"environments": {"bench": {"aws": aws}}}), encoding="utf-8")
    scan = [*READYCHECK, "scan", "--env", "bench", "--config", str(config)]
    floor = [sys.executable, str(HERE / "calls.py"), account.url, str(AwsRequest().concurrency)]
    whole(scan)
    of_scan = account.asked()
    whole(floor)
    of_floor = account.asked()
    table = Table()
    calls = sum(of_scan.values())
    more = {call for call in of_scan | of_floor if of_scan.get(call) != of_floor.get(call)}
    print(f"{calls} calls; other numbers of: {', '.join(sorted(more)) or 'none'}")
    table.ratio(f"calls of a scan / those of the floor ({calls})", calls / sum(of_floor.values()), 1.0)
    scans, floors = [], []
    for _ in range(runs):
        scans.append(seconds(lambda: whole(scan)))
        floors.append(seconds(lambda: whole(floor)))
    table.ratio("scan of an account / floor", statistics.median(scans) / statistics.median(floors), MOST)
    print(f"scan {statistics.median(scans):.2f} s, floor {statistics.median(floors):.2f} s")
    return table


if __name__ == "__main__":
    sys.exit(main())
