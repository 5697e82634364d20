"""Writes manifests with findings that have safe fixes, always the same, and tells what fixing them costs."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

_WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: {name}
spec:
  replicas: 3  # as many as are needed
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  strategy:
    type: Recreate
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app.kubernetes.io/name: {name}
      containers:
        - name: app
          image: registry.example.com/{name}:1.4.2
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{cpu: 200m, memory: 128Mi}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
"""


def write(folder: Path, files: int) -> None:
    """Write files with two findings each that are fixed without asking: no spread over zones, Recreate."""
    folder.mkdir(parents=True)
    for number in range(files):
        name = f"service-{number:04}"
        (folder / f"{name}.yaml").write_text(_WORKLOAD.format(name=name))


def ratio(folder: Path, runs: int) -> float:
    """How many times a scan a fix takes."""
    write(folder, 500)
    ratios = []
    for _ in range(runs):
        scan, fix = _seconds("scan", folder), _seconds("fix", folder)
        ratios.append(fix / scan)
    return statistics.median(ratios)


def _seconds(command: str, folder: Path) -> float:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "readycheck", command, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"readycheck {command} failed:\n{done.stderr}")
    if command == "fix" and done.stdout.count("diff --git") != len(list(folder.iterdir())):
        raise SystemExit("readycheck fix did not change every file")
    return time.perf_counter() - start
