"""`make bench`: what a scan costs, as ratios against a floor and a peer that are measured in the same run.

The floor is libyaml composing the same bytes in this process, or, in one of its own, each file being parsed by the
library that a scan has for its format.
The peer is checkov, in a virtual environment of its own; `--peer` names its command.
"""

from __future__ import annotations

import argparse
import gc
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import mending
import monorepo
import repository
import yaml
import zone_loss

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.sources.files import FilesRequest, collect

READYCHECK = [sys.executable, "-m", "readycheck"]
# What keeping a scan costs is measured by itself: bench/history.py.
SCAN = [*READYCHECK, "scan", "--no-history"]
ROOT = Path(__file__).parents[1]
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - what is put there is in a folder of its own


def main() -> int:
    """Measure, print a table, and fail where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large", type=int, default=10_000, help="workloads of the large repository")
    parser.add_argument("--peer", default="", help="the command that runs checkov; left out where not given")
    parser.add_argument("--manifests", type=Path, help="a folder of real manifests to compare with the peer on")
    options = parser.parse_args()
    table = Table()
    if _IN_MEMORY.is_dir():
        # Of a disk, each run would measure how full it is.
        os.environ["TMPDIR"] = tempfile.tempdir = str(_IN_MEMORY)
    with tempfile.TemporaryDirectory(prefix="readycheck-bench-") as name:
        small, large = Path(name, "small"), Path(name, "large")
        small_documents = repository.write(small, options.large // 10)
        large_documents = repository.write(large, options.large)
        times = {}
        for folder, documents, most in ((small, small_documents, 4.0), (large, large_documents, 2.5)):
            scans, floors, memory = paired(folder, options.runs)
            times[folder] = statistics.median(scans)
            ratios = [scan / floor for scan, floor in zip(scans, floors, strict=True)]
            table.ratio(f"scan of {documents} documents / floor", statistics.median(ratios), most)
            table.ratio(f"peak memory a document, kB ({documents} documents)", memory / documents, 25.0)
        table.ratio("a scan that is kept / one that is not", kept(large, options.runs), 1.5)
        table.ratio("--new-since of an untouched tree / scan", untouched(large, options.runs), 1.3)
        files, over_data, over_nodes = mixed(Path(name, "mixed"), options.runs)
        table.ratio(f"scan of {files} files of all kinds / floor", over_data, 3.0)
        table.figure("the same / a floor without data of YAML", over_nodes)
        fixes = mending.ratio(Path(name, "mending"), options.runs)
        table.ratio("fix of 1,000 findings in 500 files / scan", fixes, 3.0)
        table.ratio("10 x the documents / 1 x", times[large] / times[small], 11.0)
        table.ratio("--version / python -c ''", start_up(options.runs * 2), 5.0)
        table.ratio("median verdict, us", verdict_microseconds(small), 10.0)
        table.ratio("loss of 3 zones, 10,000 pods on 200 nodes, s of CPU", zone_loss.seconds(), 5.0)
        table.ratio("the same on 100 nodes, where there is no room", zone_loss.seconds(nodes=100), 5.0)
        if options.peer:
            for folder in filter(None, (options.manifests, small)):
                table.ratio(f"checkov / scan of {folder.name}", peer(options.peer, folder), 15.0, least=True)
    print(table)
    return 1 if table.broken else 0


class Table:
    """Figures beside what is promised of them."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, float, str, bool]] = []

    def ratio(self, name: str, figure: float, promised: float, *, least: bool = False) -> None:
        """Add a figure that may be at most (or must be at least) what is promised."""
        kept = figure >= promised if least else figure <= promised
        self._rows.append((name, figure, f"{'>=' if least else '<='} {promised:g}", kept))

    def figure(self, name: str, figure: float) -> None:
        """Add a figure of which nothing is promised."""
        self._rows.append((name, figure, "", True))

    @property
    def broken(self) -> bool:
        """Whether any promise is."""
        return not all(kept for *_, kept in self._rows)

    def __str__(self) -> str:
        return "\n".join(
            f"{'ok  ' if kept else 'MISS'}  {name:55}{figure:10.2f}   {promised}"
            for name, figure, promised, kept in self._rows
        )


def paired(folder: Path, runs: int) -> tuple[list[float], list[float], float]:
    """Seconds of whole scans and of the floor, in turn; and a scan's peak memory in kB above a bare interpreter."""
    files = sorted(folder.rglob("*.yaml"))
    scans, floors = [], []
    for _ in range(runs):
        scans.append(seconds(lambda: whole([*SCAN, str(folder)])))
        floors.append(floor(files))
    return scans, floors, max(0, peak([*SCAN, str(folder)]) - peak([sys.executable, "-c", ""]))


def mixed(folder: Path, runs: int) -> tuple[int, float, float]:
    """How many files of all kinds a repository has, and what a scan of it costs over reading and parsing them.

    Each is a process. The first ratio is over parsing YAML into data, as the other formats are; the second over nodes.
    """
    files = monorepo.write(folder, 20)
    data = [sys.executable, str(Path(__file__).with_name("monorepo.py")), str(folder)]
    over_data, over_nodes = [], []
    for _ in range(runs):
        scan = seconds(lambda: whole([*SCAN, str(folder)]))
        over_data.append(scan / seconds(lambda: whole(data)))
        over_nodes.append(scan / seconds(lambda: whole([*data, "--nodes"])))
    return files, statistics.median(over_data), statistics.median(over_nodes)


def kept(folder: Path, runs: int) -> float:
    """What it costs to keep a scan with tens of thousands of findings: several times what an environment has."""
    ratios = []
    scan = [*READYCHECK, "scan", str(folder)]
    with tempfile.TemporaryDirectory() as home:
        for number in range(runs):
            keeping = [*scan, "--history", str(Path(home, f"{number}.db"))]
            ratios.append(seconds(partial(whole, keeping)) / seconds(partial(whole, scan)))
    return statistics.median(ratios)


def untouched(folder: Path, runs: int) -> float:
    """What it costs to compare a tree with the commit that it is."""
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    for arguments in (["init", "--quiet"], ["add", "--all"], [*identity, "commit", "--quiet", "--message", "All"]):
        whole(["git", "-C", str(folder), *arguments])
    scan = [*READYCHECK, "scan", str(folder)]
    since = [*scan, "--new-since", "HEAD"]
    return statistics.median(seconds(partial(whole, since)) / seconds(partial(whole, scan)) for _ in range(runs))


def floor(files: Sequence[Path]) -> float:
    """Seconds that libyaml takes to compose the files."""
    texts = [file.read_bytes() for file in files]
    gc.disable()
    start = time.perf_counter()
    for text in texts:
        for _ in yaml.compose_all(text, Loader=yaml.CSafeLoader):
            pass
    return time.perf_counter() - start


def seconds(run: Callable[[], object]) -> float:
    """How long something takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def whole(command: Sequence[str]) -> None:
    """Run a command, its output thrown away; findings are no failure."""
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_as_installed(), check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"{shlex.join(command)} failed:\n{done.stderr.decode()}")


def _as_installed() -> dict[str, str]:
    """The environment: what pip installs is compiled, and a variable that forbids that has it compiled in each run."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # No measured scan goes to the history of whoever measures; keeping one has a figure of its own.
    return {**kept, "READYCHECK_HISTORY": "off"}


_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(command: Sequence[str]) -> int:
    """The most memory that a command holds, in kB."""
    return int(subprocess.check_output([sys.executable, "-c", _PEAK, *command], env=_as_installed()))


def start_up(runs: int) -> float:
    """How many times a bare interpreter's start `readycheck --version` takes."""
    ours = statistics.median(seconds(lambda: whole([*READYCHECK, "--version"])) for _ in range(runs))
    bare = statistics.median(seconds(lambda: whole([sys.executable, "-c", ""])) for _ in range(runs))
    return ours / bare


def verdict_microseconds(folder: Path) -> float:
    """The median over all verdicts of the CPU time that a verdict of its rule takes."""
    collected = collect(FilesRequest(paths=(folder,)))
    inventory = Inventory((collected,))
    costs: list[float] = []
    for rule in packs.load():
        start = time.process_time()
        outcomes = judge((Selection.default(rule),), inventory)
        costs += [(time.process_time() - start) / len(outcomes) * 1e6] * len(outcomes)
    return statistics.median(costs)


def peer(command: str, folder: Path) -> float:
    """How many times our scan the peer takes on a folder."""
    theirs = seconds(
        lambda: whole([*shlex.split(command), "--framework", "kubernetes", "--quiet", "--compact", "-d", str(folder)])
    )
    ours = statistics.median(seconds(lambda: whole([*SCAN, str(folder)])) for _ in range(3))
    return theirs / ours


if __name__ == "__main__":
    sys.exit(main())
