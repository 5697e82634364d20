"""What a kustomization file names: manifests, components, patches, data, charts.

What the fields mean is from kustomize's reference documentation (kubernetes-sigs/kustomize).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum, auto

from msgspec import Struct

from readycheck.model import Path, Resource

KUSTOMIZATION_FILE = "KustomizationFile"
"""The kind of a kustomization that was read: its name is the uri of its file."""

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class Role(Enum):
    """What a kustomization uses something as."""

    RESOURCE = auto()
    """Manifests, or a folder with a kustomization of its own."""
    COMPONENT = auto()
    """A folder with a Component."""
    SETTING = auto()
    """A patch, a transformer, a generator: YAML that is not applied itself."""
    INPUT = auto()
    """Data of a generated ConfigMap or Secret."""
    CHART = auto()
    """A Helm chart that the build would inflate."""


_GENERATORS = ("configMapGenerator", "secretGenerator")
_ENTRIES: tuple[tuple[Role, Path], ...] = (
    (Role.RESOURCE, ("resources", "*")),
    (Role.RESOURCE, ("bases", "*")),
    (Role.COMPONENT, ("components", "*")),
    *((Role.SETTING, (name, "*")) for name in ("crds", "configurations", "transformers", "generators", "validators")),
    (Role.SETTING, ("patchesStrategicMerge", "*")),
    *((Role.SETTING, (name, "*", "path")) for name in ("patches", "patchesJson6902", "replacements")),
    (Role.SETTING, ("openapi", "path")),
    *((Role.INPUT, (name, "*", *way)) for name in _GENERATORS for way in (("files", "*"), ("envs", "*"), ("env",))),
    (Role.CHART, ("helmCharts", "*", "name")),
    (Role.CHART, ("helmChartInflationGenerator", "*", "chartName")),
)
_REMOTE = re.compile(
    r"[a-z][a-z0-9+.-]*:(/|:)|[\w.-]+@[\w.-]+:|gh:|(www\.)?github\.com[:/]|.*[?&](ref|version)=|.*\.git(/|\?|$)",
    re.IGNORECASE,
)


class Entry(Struct, frozen=True):
    """A part of a kustomization that names something else.

    Args:
        role: what it is used as.
        text: the name, without the key that a generator's file may be given.
        path: where the entry stands.
    """

    role: Role
    text: str
    path: Path

    @property
    def remote(self) -> bool:
        """Whether it names something in another repository, where no file is called so."""
        return _REMOTE.match(self.text) is not None


class Reference(Struct, frozen=True):
    """What an entry of a kustomization leads to in the scanned tree.

    Args:
        entry: the entry.
        uri: the path from the scan root of the file or folder that is meant, links followed.
        exists: whether something stands there.
    """

    entry: Entry
    uri: str
    exists: bool


class KustomizationFile(Resource, frozen=True):
    """A kustomization or a Component, with what it names."""

    references: tuple[Reference, ...] = ()

    @property
    def folder(self) -> str:
        """The folder that it stands in; "" for the scan root."""
        return self.name.rpartition("/")[0]


def entries_of(body: Mapping[str, object]) -> Iterator[Entry]:
    """Every entry of a kustomization that names something else.

    Args:
        body: what stands in its file.
    """
    for role, way in _ENTRIES:
        for path, text in _texts(body, way, ()):
            name = text.rpartition("=")[2] if role is Role.INPUT and "files" in path else text
            # A patch or a transformer can stand in place of its file's name.
            if "\n" not in name and not name.lstrip().startswith(("{", "[")):
                yield Entry(role, name, path)


def _texts(value: object, way: Path, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts that a way leads to, where `*` is every item of a list."""
    if not way:
        if isinstance(value, str):
            text = str(value)
            if text:
                yield path, text
    elif way[0] == "*":
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _texts(item, way[1:], (*path, index))
    elif isinstance(value, Mapping):
        yield from _texts(value.get(str(way[0])), way[1:], (*path, way[0]))
