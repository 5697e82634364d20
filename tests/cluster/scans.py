"""Scans of the cluster of a kubeconfig, as a user starts them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Scan:
    """What a scan gave.

    Args:
        code: its exit code.
        text: what it printed.
        report: its report as JSON.
    """

    code: int
    text: str
    report: dict[str, Any]

    @property
    def problems(self) -> dict[str, str]:
        """The reasons of what could not be read, by where it stands."""
        (source,) = self.report["sources"]
        return {problem["uri"]: problem["reason"] for problem in source["problems"]}

    def statuses(self, rule: str) -> dict[str, str]:
        """What a rule says, by the name of the thing."""
        return {
            outcome["resource"]["name"]: outcome["status"]
            for outcome in self.report["outcomes"]
            if outcome["rule"] == rule
        }


def scan_of(kubeconfig: Path, folder: Path, **settings: object) -> Scan:
    """Scan the cluster that a kubeconfig leads to.

    Args:
        kubeconfig: its current context is asked.
        folder: where files may be put.
        settings: of the cluster, as its section of the configuration says them.
    """
    cluster = {"context": "test", "kubeconfig": str(kubeconfig), **settings}
    config = folder / "readycheck.yaml"
    config.write_text(yaml.safe_dump({"environments": {"prod": {"cluster": cluster}}}), "utf-8")
    written = folder / "report.json"
    command = [sys.executable, "-m", "readycheck", "scan", "--env", "prod", "--config", str(config)]
    done = subprocess.run(
        [*command, "-o", "terminal", "-o", f"json={written}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert written.is_file(), done.stdout + done.stderr
    return Scan(done.returncode, done.stdout + done.stderr, json.loads(written.read_text("utf-8")))
