"""`readycheck init` looks at a tree and writes a configuration that works."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from readycheck.cli import main
from readycheck.config import load
from readycheck.packs import load as load_rules

ESTATE = Path(__file__).parents[2] / "fixtures" / "estate"
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
KUSTOMIZATION = "resources: [settings.yaml]\n"


def tree(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def init(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["init", str(folder), *arguments])


def written(folder: Path) -> dict[str, Any]:
    """What `readycheck init` writes for a folder, which also loads as a configuration."""
    result = init(folder)
    assert result.exit_code == 0, result.output
    load(folder / "readycheck.yaml", load_rules())
    environments: dict[str, Any] = yaml.safe_load((folder / "readycheck.yaml").read_text("utf-8"))["environments"]
    assert all(set(environment) == {"files"} for environment in environments.values())
    return {name: environment["files"] for name, environment in environments.items()}


def test_overlays_and_plain_folders_named_after_environments_make_them(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "deploy/base/kustomization.yaml": KUSTOMIZATION,
            "deploy/base/settings.yaml": MANIFEST,
            "deploy/overlays/Production/kustomization.yaml": "resources: [../../base]\n",
            "deploy/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
            "clusters/staging/apps/settings.yaml": MANIFEST,
            "clusters/staging/flux/settings.yaml": MANIFEST,
            "terraform/prod/main.tf": "",
        },
    )
    assert written(tmp_path) == {
        "prod": {"paths": ["deploy/overlays/Production"]},
        "staging": {"paths": ["clusters/staging"]},
        "dev": {"paths": ["deploy/overlays/dev"]},
    }


def test_what_no_environment_owns_is_in_each_as_the_widest_folder(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "apps/prod/settings.yaml": MANIFEST,
            "apps/dev/settings.yaml": MANIFEST,
            "apps/common.yaml": MANIFEST,
            "platform/database/settings.yaml": MANIFEST,
            "platform/settings.yaml": MANIFEST,
            "on/settings.yaml": MANIFEST,
            "namespace.json": '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}',
            "package.json": "{}",
            "compose.yaml": "services: {}\n",
        },
    )
    shared = ["apps/common.yaml", "namespace.json", "on", "platform"]
    assert written(tmp_path) == {"prod": {"paths": ["apps/prod", *shared]}, "dev": {"paths": ["apps/dev", *shared]}}


def test_charts_come_with_the_values_file_named_after_the_environment(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "charts/web/values.yaml": "",
            "charts/web/values-prod.yaml": "",
            "charts/web/values.stg.yaml": "",
            "charts/web/templates/deployment.yaml": "apiVersion: v1\nkind: {{ .Values.kind }}\n",
            "charts/job/Chart.yaml": "apiVersion: v2\nname: job\nversion: 1.0.0\n",
        },
    )
    assert written(tmp_path) == {
        "prod": {"helm": [{"chart": "charts/web", "values": ["values-prod.yaml"]}, {"chart": "charts/job"}]},
        "staging": {"helm": [{"chart": "charts/web", "values": ["values.stg.yaml"]}, {"chart": "charts/job"}]},
    }


def test_where_nothing_names_an_environment_everything_is_one(tmp_path: Path) -> None:
    tree(tmp_path, {"k8s/settings.yaml": MANIFEST})
    assert written(tmp_path) == {"prod": {"paths": ["."]}}


def test_it_says_what_it_found_and_what_to_do_next(tmp_path: Path) -> None:
    tree(tmp_path, {"k8s/prod/settings.yaml": MANIFEST, "k8s/dev/settings.yaml": MANIFEST})
    assert init(tmp_path).output == (
        f"prod: k8s/prod\ndev: k8s/dev\nWrote {tmp_path / 'readycheck.yaml'}. Next: readycheck scan --env prod\n"
    )


def test_what_is_there_is_written_over_only_when_asked_to(tmp_path: Path) -> None:
    file = tmp_path / "readycheck.yaml"
    file.write_text("fail_on: low\n", encoding="utf-8")
    refused = init(tmp_path)
    assert (refused.exit_code, refused.stderr) == (2, f"Error: {file} is there already; --force writes over it\n")
    assert file.read_text("utf-8") == "fail_on: low\n"
    assert init(tmp_path, "--force").exit_code == 0
    assert "environments:" in file.read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["readycheck.yaml"]


@pytest.mark.slow
def test_the_estate_gets_the_environments_that_its_own_configuration_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = tmp_path / "estate"
    shutil.copytree(ESTATE, estate)
    own = yaml.safe_load((estate / "readycheck.yaml").read_text("utf-8"))["environments"]
    (estate / "readycheck.yaml").unlink()
    found = written(estate)
    assert found["prod"]["paths"] == own["prod"]["files"]["paths"]
    assert found["dev"]["paths"] == [*own["dev"]["files"]["paths"], "platform"]
    assert found["prod"]["helm"] == [{"chart": "charts/gift-cards", "values": ["values-prod.yaml"]}]
    monkeypatch.chdir(estate)
    scanned = CliRunner().invoke(main, ["scan", "--env", "prod", "--fail-on", "none", "--allow-incomplete"])
    assert scanned.exit_code == 4, scanned.output  # the estate has one exemption that has expired
