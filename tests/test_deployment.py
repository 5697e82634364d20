"""The templates in deploy/: each holds before the tool that reads it, and before readycheck itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from readycheck.cli import main
from readycheck.kubernetes.apis import APIS, cluster_role

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "kubernetes" / "base"

Find = Callable[[str], Path]


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_the_cluster_role_is_what_rules_ask_about() -> None:
    assert (BASE / "clusterrole.yaml").read_text("utf-8") == cluster_role(APIS), "`make docs` writes it anew"


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize("file", sorted(file.relative_to(DEPLOY).as_posix() for file in DEPLOY.rglob("*.y*ml")))
def test_every_command_in_a_template_is_one_that_readycheck_knows(file: str) -> None:
    for name, arguments in re.findall(r"readycheck (scan|report) ([^|;\n]*)", (DEPLOY / file).read_text("utf-8")):
        asked = set(re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", arguments))
        assert asked <= options_of(main.commands[name]), arguments


@pytest.mark.slow
def test_the_workflow_is_one_for_actionlint(require_tool: Find) -> None:
    done = run(require_tool("actionlint"), DEPLOY / "github" / "readycheck.yml")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.slow
def test_the_dockerfile_is_one_for_hadolint() -> None:
    # It is installed with the tests, where PATH need not lead.
    done = run(Path(sysconfig.get_path("scripts")) / "hadolint", DEPLOY / "container" / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_what_the_dockerfile_copies_is_what_the_build_may_see() -> None:
    dockerfile, ignored = (
        (DEPLOY / "container" / f"Dockerfile{end}").read_text("utf-8") for end in ("", ".dockerignore")
    )
    wanted = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    seen = re.findall(r"^!(.+)$", ignored, re.MULTILINE)
    for source in " ".join(wanted).split():
        assert (ROOT / source).exists(), source
        assert any(source == kept or source.startswith(f"{kept}/") for kept in seen), source


@pytest.mark.slow
def test_the_base_of_kustomize_holds_whole_objects_of_one_namespace(require_tool: Find) -> None:
    built = run(require_tool("kustomize"), "build", BASE)
    assert built.returncode == 0, built.stderr
    kinds = re.findall(r"^kind: (\S+)$", built.stdout, re.MULTILINE)
    assert sorted(kinds) == sorted(
        [
            *("Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy"),
            *("ConfigMap", "PersistentVolumeClaim", "CronJob"),
        ]
    )
    # The configuration that the CronJob mounts is the one that was generated, by its hash.
    (generated,) = re.findall(r"name: (readycheck-[a-z0-9]{10})\n  namespace", built.stdout)
    assert re.search(rf"configMap:\s+name: {generated}", built.stdout)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository that took over all templates."""
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    shutil.copy(DEPLOY / "github" / "readycheck.yml", tmp_path / ".github" / "workflows")
    shutil.copy(DEPLOY / "gitlab" / "readycheck.gitlab-ci.yml", tmp_path / ".gitlab-ci.yml")
    shutil.copytree(DEPLOY / "container", tmp_path / "container")
    shutil.copytree(DEPLOY / "kubernetes", tmp_path / "kubernetes")
    return tmp_path


@pytest.mark.slow
def test_readycheck_has_nothing_to_say_against_them(tree: Path) -> None:
    done = CliRunner().invoke(main, ["scan", str(tree), "-o", "json", "--no-history"])
    found = {
        (finding["rule"], finding["location"]["uri"] if finding["location"] else "")
        for finding in json.loads(done.stdout)["findings"]
    }
    # A tree of templates alone has no service to build, test and deploy.
    assert {(rule, uri) for rule, uri in found if not rule.startswith("delivery/")} == set()
    assert {rule for rule, _ in found} <= {
        *("delivery/build-on-change", "delivery/deploy-on-main", "delivery/smoke-tests"),
        *("delivery/ephemeral-environment", "delivery/regression-tests"),
    }
