"""A first configuration for a tree: which environments its folders and files speak of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct, field

from readycheck.documents.text import Unreadable, read_text
from readycheck.sources.files.helm import find_charts
from readycheck.sources.files.kustomizations import Kustomizations
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.tree import Tree, walk

# The names that teams give to environments, under the one that the configuration gets; the first is the strictest.
_ENVIRONMENTS = {
    "prod": ("prod", "production", "prd", "live"),
    "staging": ("staging", "stage", "stg", "preprod", "uat", "acceptance"),
    "test": ("test", "testing", "qa"),
    "dev": ("dev", "development", "develop", "sandbox"),
}


_TREE = PurePosixPath()
_DATA = (".yaml", ".yml", ".json")
_MANIFEST = re.compile(r"^[\"{\s]*apiVersion[\"\s]*:", re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z][\w./-]*")
_NOT_TEXT = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})


class Proposed(Struct):
    """An environment as the tree suggests it."""

    name: str
    paths: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    """What stands in no environment's own folder."""
    charts: list[tuple[str, str]] = field(default_factory=list)
    """Charts, each with the values file that is named after the environment, from the chart's folder."""

    @property
    def seen(self) -> list[str]:
        """What it consists of, for people."""
        charts = (f"{chart} with {values}" if values else chart for chart, values in self.charts)
        return [*self.paths, *self.shared, *charts]


def propose(folder: Path) -> list[Proposed]:
    """The environments of a tree, the strictest first; one of everything where nothing tells them apart."""
    tree = walk((folder,))
    files = ParsedFiles(Path(tree.root))
    uris = [file.uri for file in tree.files]
    charts = find_charts(files, uris)
    found: dict[str, Proposed] = {}
    shared = []
    for place in sorted(_places(tree, files, [uri for uri in uris if not _inside(uri, charts)])):
        name, own = _environment_in(place.split("/"))
        if name:
            found.setdefault(name, Proposed(name)).paths.append(own)
        else:
            shared.append(place)
    for file in map(PurePosixPath, uris):
        chart = file.parent.as_posix()
        name = _environment_of_values(file) if chart in charts else ""
        if name:
            found.setdefault(name, Proposed(name)).charts.append((chart, file.name))
    own_folders = [path for proposed in found.values() for path in proposed.paths]
    shared = _outermost(_widest(place, own_folders) for place in shared if not _holds(place, own_folders))
    for proposed in found.values():
        proposed.paths = _outermost(proposed.paths)
        proposed.shared = shared
        proposed.charts += [(chart, "") for chart in charts if chart not in dict(proposed.charts)]
    return [found[name] for name in _ENVIRONMENTS if name in found] or [Proposed("prod", ["."])]


def _places(tree: Tree, files: ParsedFiles, uris: Sequence[str]) -> set[str]:
    """The folders of kustomizations that nothing else uses, and the manifests that no kustomization names."""
    graph = Kustomizations(files, uris)
    loose = {uri for uri in uris if uri not in graph.covered and uri.endswith(_DATA)}
    manifests = {file.uri for file in tree.files if file.uri in loose and _is_manifest(file.path)}
    return {files.uri(root.folder) for root in graph.roots} | manifests


def _widest(place: str, others: Sequence[str]) -> str:
    """The outermost folder around a place that is not the whole tree and holds nothing of some others."""
    for folder in reversed(PurePosixPath(place).parents):
        if folder != _TREE and not _holds(folder.as_posix(), others):
            return folder.as_posix()
    return place


def _holds(folder: str, places: Iterable[str]) -> bool:
    return any(_inside(place, [folder]) for place in places)


def _is_manifest(path: str) -> bool:
    try:
        return _MANIFEST.search(read_text(path)) is not None
    except Unreadable:
        # A scan will say what is wrong with it.
        return True


def _environment_in(parts: Sequence[str]) -> tuple[str, str]:
    """The environment that the last telling part of a path names, and the path up to there."""
    for index in reversed(range(len(parts))):
        for name, aliases in _ENVIRONMENTS.items():
            if parts[index].lower() in aliases:
                return name, "/".join(parts[: index + 1])
    return "", ""


def _environment_of_values(file: PurePosixPath) -> str:
    if not file.stem.startswith("values") or file.suffix not in {".yaml", ".yml"}:
        return ""
    return _environment_in([file.stem.removeprefix("values").strip("-._")])[0]


def _inside(path: str, folders: Iterable[str]) -> bool:
    return any(folder in (".", path) or path.startswith(f"{folder}/") for folder in folders)


def _outermost(paths: Iterable[str]) -> list[str]:
    distinct = sorted(set(paths))
    return [path for path in distinct if not _inside(path, [other for other in distinct if other != path])]


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
        if environment.paths or environment.shared:
            lines.append("      paths:")
            lines += [f"        - {_scalar(path)}" for path in environment.paths]
            lines += [
                f"        - {_scalar(path)}  # in no environment's own folder: keep it where it belongs"
                for path in environment.shared
            ]
        if environment.charts:
            lines.append("      helm:")
        for chart, values in environment.charts:
            lines.append(f"        - chart: {_scalar(chart)}")
            if values:
                lines.append(f"          values: [{_scalar(values)}]")
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


def _scalar(text: str) -> str:
    """A text as YAML that is read back as the same text."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT else json.dumps(text)
