"""A first configuration for a tree: which environments its folders and files speak of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from readycheck.sources.files.helm import find_charts
from readycheck.sources.files.kustomizations import Kustomizations
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.tree import walk

# The names that teams give to environments, under the one that the configuration gets; the first is the strictest.
_ENVIRONMENTS = {
    "prod": ("prod", "production", "prd", "live"),
    "staging": ("staging", "stage", "stg", "preprod", "uat", "acceptance"),
    "test": ("test", "testing", "qa"),
    "dev": ("dev", "development", "develop", "sandbox"),
}


@dataclass(slots=True)
class Proposed:
    """An environment as the tree suggests it."""

    name: str
    paths: list[str] = field(default_factory=list)
    charts: list[tuple[str, str]] = field(default_factory=list)
    """Charts, each with the values file that is named after the environment, from the chart's folder."""

    @property
    def seen(self) -> list[str]:
        """What it consists of, for people."""
        return [*self.paths, *(f"{chart} with {values}" if values else chart for chart, values in self.charts)]


def propose(folder: Path) -> list[Proposed]:
    """The environments of a tree, the strictest first; one of everything where nothing tells them apart."""
    tree = walk((folder,))
    files = ParsedFiles(Path(tree.root))
    uris = [file.uri for file in tree.files]
    found: dict[str, Proposed] = {}
    for root in Kustomizations(files, uris).roots:
        uri = files.uri(root.folder)
        name = _environment_in(uri.split("/"))
        if name:
            found.setdefault(name, Proposed(name)).paths.append(uri)
    charts = find_charts(files, uris)
    for file in map(PurePosixPath, uris):
        chart = file.parent.as_posix()
        if chart in charts and (name := _environment_of_values(file)):
            found.setdefault(name, Proposed(name)).charts.append((chart, file.name))
    for proposed in found.values():
        proposed.paths = [path for path in proposed.paths if not _inside(path, proposed.paths)]
        proposed.charts += [(chart, "") for chart in charts if chart not in dict(proposed.charts)]
    return [found[name] for name in _ENVIRONMENTS if name in found] or [Proposed("prod", ["."])]


def _environment_in(parts: Sequence[str]) -> str | None:
    for part in reversed(parts):
        for name, aliases in _ENVIRONMENTS.items():
            if part.lower() in aliases:
                return name
    return None


def _environment_of_values(file: PurePosixPath) -> str | None:
    if not file.stem.startswith("values") or file.suffix not in {".yaml", ".yml"}:
        return None
    return _environment_in([file.stem.removeprefix("values").strip("-._")])


def _inside(path: str, paths: Sequence[str]) -> bool:
    return any(path.startswith(f"{other}/") for other in paths)


def written(environments: Sequence[Proposed]) -> str:
    """The configuration file of some environments, with comments."""
    lines = [
        "# What readycheck is told about this tree. Paths are relative to this file; docs/configuration.md and",
        "# docs/rules.md say what else can stand here.",
        "",
        "# The least severity that fails a scan: critical, high, medium, low, info or none.",
        "fail_on: high",
        "",
        "environments:",
    ]
    for environment in environments:
        lines += [f"  {environment.name}:", "    files:"]
        if environment.paths:
            lines.append(f"      paths: [{', '.join(map(json.dumps, environment.paths))}]")
        if environment.charts:
            lines.append("      helm:")
        for chart, values in environment.charts:
            lines.append(f"        - chart: {json.dumps(chart)}")
            if values:
                lines.append(f"          values: [{json.dumps(values)}]")
        lines += [
            "    # Rules can be switched off, weigh more or less, and take options (readycheck rules show ID):",
            "    # rules:",
            "    #   workload/replicas: {minimum: 3, severity: critical}",
            "    #   workload/resource-limits: {cpu: false}",
            "    #   workload/right-size: off",
        ]
    lines += [
        "",
        "# What may stay as it is for a while: by whom, why and until when (180 days at most).",
        "# exemptions:",
        "#   - rule: workload/replicas",
        "#     match: {kind: Deployment, namespace: shop, name: batch-*}",
        "#     reason: single-writer queue",
        "#     owner: team-pay",
        "#     until: 2027-03-01",
    ]
    return "\n".join(lines) + "\n"
