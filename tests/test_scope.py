"""What keeps rules from judging: pipelines out of sight, nothing to build."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from readycheck.inventory import Inventory
from readycheck.model import Collected
from readycheck.scope import nothing_to_build, pipelines_out_of_sight
from readycheck.sources.files import FilesRequest, collect
from tests.trees import collected_from, write

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"


def reason(root: Path, files: Mapping[str, str]) -> str | None:
    inventory = Inventory((collected_from(root, files),))
    return nothing_to_build(inventory.environment, inventory)


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": "FROM scratch\n"},
        {"services/web/Dockerfile.prod": "FROM scratch\n"},
        {"main.go": "package main\n"},
        {"src/app/index.ts": "export {}\n"},
        {"kustomization.yaml": "resources: []\n", "main.py": "print()\n"},
        {"web/Chart.yaml": "name: web\n", "web/package.json": "{}\n", "web/index.js": "1\n"},
    ],
    ids=", ".join,
)
def test_a_dockerfile_or_source_code_is_something_to_build(tmp_path: Path, files: dict[str, str]) -> None:
    assert reason(tmp_path, files) is None


@pytest.mark.parametrize(
    "files",
    [
        {"web.yaml": CONFIG_MAP},
        {"main.tf": "", "web.yaml": CONFIG_MAP},
        {"scripts/new-environment.py": "print()\n", "web.yaml": CONFIG_MAP},
        {"hack/tools/gen.go": "package main\n", "web.yaml": CONFIG_MAP},
        {"apps/web/kustomization.yaml": "resources: []\n", "apps/web/resources/shim.py": "print()\n"},
        {"infra/Pulumi.yaml": "name: infra\n", "infra/go.mod": "module infra\n", "infra/main.go": "package main\n"},
    ],
    ids=", ".join,
)
def test_manifests_and_what_keeps_them_up_are_nothing_to_build(tmp_path: Path, files: dict[str, str]) -> None:
    assert reason(tmp_path, files) == "nothing to build: no Dockerfile and no source code in the tree"


def test_the_pipelines_of_a_repository_are_out_of_sight_from_a_folder_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"services/web/main.go": "package main\n"})
    folder = collect(FilesRequest(paths=(tmp_path / "services",), repository=tmp_path))
    whole = collect(FilesRequest(paths=(tmp_path,), repository=tmp_path))
    assert pipelines_out_of_sight(Inventory((folder,))) == (
        "only a folder of a repository was scanned: its pipelines stand above"
    )
    assert pipelines_out_of_sight(Inventory((whole,))) is None


def test_a_scan_of_no_files_sees_no_pipelines() -> None:
    assert pipelines_out_of_sight(Inventory((Collected("cluster", []),))) == "no source: files"
