"""An environment may name a cluster: what configuration takes, and what a scan says and exits with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from click.testing import CliRunner, Result

from readycheck.cli import main
from readycheck.config import load
from readycheck.section import ConfigError
from tests.sources.cluster.api import Api, pod, status


def configured(folder: Path, text: str) -> Path:
    file = folder / "readycheck.yaml"
    file.write_text(f"environments:\n  prod:\n    cluster:\n{text}", "utf-8")
    return file


def scanned(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["scan", "--env", "prod", "--config", str(folder / "readycheck.yaml"), *arguments])


@pytest.fixture
def api() -> Iterator[Api]:
    held = {"pods": [pod("bare")], "services": [], "deployments.apps": []}
    with Api(held) as server:
        yield server


def test_the_kubeconfig_lies_where_it_leads_from_the_configuration(tmp_path: Path) -> None:
    file = configured(tmp_path, "      kubeconfig: keys/prod\n      timeout_seconds: 5\n      deadline_seconds: 50\n")
    cluster = load(file).environments["prod"].cluster
    assert cluster is not None
    assert cluster.kubeconfig == tmp_path / "keys" / "prod"
    assert (cluster.timeout_seconds, cluster.deadline_seconds, cluster.concurrency) == (5, 50, 8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "      contxt: prod\n",
            ":4: `contxt` is not a known key: did you mean `context`? (in `environments.prod.cluster`)",
        ),
        ("      concurrency: 0\n", ":4: `concurrency` must be 1 or more"),
        ("      kubeconfig: ~nobody-of-this-name/config\n", ":4: `~nobody-of-this-name/config` begins in a home"),
        ("      timeout_seconds: soon\n", ":4: `timeout_seconds` is a string where an integer is wanted"),
        ("      context: prod\n      in_cluster: true\n", ":5: `in_cluster` takes the service account of the pod"),
    ],
)
def test_what_configuration_gets_wrong_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    file = configured(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load(file)
    assert str(error.value).startswith(f"{file}{message}")


def test_an_environment_of_a_cluster_alone_reads_no_files(api: Api, tmp_path: Path) -> None:
    configured(tmp_path, f"      kubeconfig: {api.kubeconfig(tmp_path).name}\n")
    (tmp_path / "broken.yaml").write_text("{", "utf-8")
    result = scanned(tmp_path)
    assert result.exit_code in (0, 1)
    assert "read       2 objects from cluster" in result.output
    assert "shop/Pod/bare" in result.output


def test_a_right_that_is_missing_is_shown_with_the_role_that_grants_it(api: Api, tmp_path: Path) -> None:
    api.fail("limit=", status(403))
    configured(tmp_path, f"      kubeconfig: {api.kubeconfig(tmp_path).name}\n")
    result = scanned(tmp_path)
    assert result.exit_code == 3
    _, _, shown = result.output.partition("Rights that are missing (3)\n")
    assert [line.split() for line in shown.splitlines()[:3]] == [
        ["Deployment", "list", "deployments.apps"],
        ["Pod", "list", "pods"],
        ["Service", "list", "services"],
    ]
    role = yaml.safe_load(dedent(shown[shown.index("  apiVersion:") : shown.index("\n\nSummary")]))
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["list"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list"]},
    ]
    # Of what was refused each is said once.
    assert result.output.count("list deployments.apps") == 1


def test_a_cluster_that_cannot_be_asked_does_not_keep_files_from_being_judged(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec: {}\n", "utf-8")
    configured(tmp_path, "      kubeconfig: gone\n    files: {paths: [pod.yaml]}\n")
    result = scanned(tmp_path, "--fail-on", "none")
    assert result.exit_code == 3
    assert "Pod/bare" in result.output
    assert f"there is no kubeconfig at {tmp_path}/gone" in " ".join(result.output.split())


@pytest.mark.slow
def test_without_the_client_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    configured(tmp_path, "      context: prod\n")
    code = (
        "import sys; sys.modules['urllib3'] = None; sys.argv = ['readycheck', 'scan', '--env', 'prod'];"
        "from readycheck.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 3
    assert "pip install 'readycheck-audit[cluster]'" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_a_scan_of_files_waits_for_nothing_that_clusters_need(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec: {}\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "readycheck", "scan", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "readycheck.sources.cluster" in imported
    assert imported & {"kubernetes", "urllib3", "readycheck.sources.cluster.reading"} == set()
