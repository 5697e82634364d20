"""The gate of a pull request, in a real git repository: what is new fails, what stood there before does not."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from readycheck.cli import main
from readycheck.scan import ScanRequest
from readycheck.scan import scan as run_scan
from tests.trees import only, write

pytestmark = pytest.mark.slow

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: []}
"""
ENVIRONMENT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
IDENTITY = ("-c", "user.name=A Person", "-c", "user.email=person@example.com", "-c", "protocol.file.allow=always")
Git = Callable[..., str]


def web(name: str = "web") -> str:
    return WEB.replace("NAME", name)


@pytest.fixture
def git(require_tool: Callable[[str], Path]) -> Git:
    """Run git in a folder, and give what it says."""
    program = require_tool("git")

    def run(folder: Path, *arguments: str) -> str:
        done = subprocess.run(
            [program, "-C", folder, *IDENTITY, *arguments],
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout.strip()

    return run


def commit(git: Git, folder: Path, files: dict[str, str], message: str = "Change") -> str:
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def shop(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose main branch has a violation already, with a branch of a pull request checked out."""
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(git, folder, {"readycheck.yaml": only("workload/replicas"), "deploy/web.yaml": web()})
    git(folder, "checkout", "--quiet", "-b", "change")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")
    return folder


def scan(*arguments: str, since: str = "main") -> Result:
    result = CliRunner().invoke(main, ["scan", "--no-history", "--new-since", since, *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def new(result: Result) -> list[str]:
    """The names of what is in a finding that counts."""
    report: dict[str, Any] = json.loads(result.stdout)
    return [each["resource"]["name"] for each in report["findings"] if "tolerated" not in each]


# A pull request ------------------------------------------------------------------------------------------------------


def test_a_change_that_adds_one_violation_fails_with_that_one_named(shop: Path, git: Git) -> None:
    commit(git, shop, {"deploy/basket.yaml": web("basket")})
    result = scan()
    assert result.exit_code == 1
    assert "shop/Deployment/basket  deploy/basket.yaml" in result.stdout
    assert "shop/Deployment/web" not in result.stdout
    assert result.stdout.splitlines()[-1] == (
        "Not ready: 1 new violation at or above high (1 high); 1 finding not counted (1 stood there at main)."
        " Exit code 1."
    )
    assert new(scan("-o", "json")) == ["basket"]


def test_a_change_that_only_moves_lines_passes(shop: Path, git: Git) -> None:
    commit(git, shop, {"deploy/web.yaml": f"# Sells things.\n\n{web()}"})
    result = scan()
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (
        0,
        "Ready: no new violation at or above high; 1 finding not counted (1 stood there at main). Exit code 0.",
    )
    git(shop, "mv", "deploy", "platform")
    assert scan().exit_code == 0


def test_a_change_that_touches_nothing_passes_and_reads_the_tree_once(shop: Path) -> None:
    told: list[str] = []
    request = ScanRequest(found_config=Path("readycheck.yaml"), new_since="main")
    report = run_scan(request, told.append)
    assert (int(report.gate.exit_code), len(report.findings), told.count("reading files")) == (0, 1, 1)
    write(shop, {"deploy/web.yaml": f"# Sells things.\n{web()}"})
    told.clear()
    run_scan(request, told.append)
    assert told.count("reading files") == 2


def test_a_link_is_the_same_as_it_is_written(shop: Path, git: Git) -> None:
    (shop / "prod").symlink_to("deploy/")
    before = commit(git, shop, {})
    told: list[str] = []
    run_scan(ScanRequest(found_config=Path("readycheck.yaml"), new_since=before), told.append)
    assert told.count("reading files") == 1


def test_line_ends_that_git_converts_are_no_difference(shop: Path, git: Git) -> None:
    (shop / "deploy" / "web.yaml").write_bytes(web().replace("\n", "\r\n").encode())
    before = commit(git, shop, {".gitattributes": "* text=auto eol=lf\n"})
    assert b"\r\n" in (shop / "deploy" / "web.yaml").read_bytes()
    told: list[str] = []
    run_scan(ScanRequest(found_config=Path("readycheck.yaml"), new_since=before), told.append)
    assert told.count("reading files") == 1


def test_what_is_not_committed_yet_counts_too(shop: Path) -> None:
    write(shop, {"deploy/basket.yaml": web("basket")})
    assert new(scan("-o", "json")) == ["basket"]
    (shop / "deploy" / "basket.yaml").unlink()
    (shop / "deploy" / "web.yaml").unlink()
    assert scan().exit_code == 0


def test_what_is_worse_than_it_was_fails(shop: Path, git: Git) -> None:
    config = (shop / "readycheck.yaml").read_text()
    commit(git, shop, {"readycheck.yaml": f"{config}  workload/replicas: {{severity: critical}}\n"})
    # The bar that is set now is set for both: it makes nothing worse by itself.
    assert scan().exit_code == 0
    ignored = web().replace(
        "replicas: 1", 'replicas: 1  # readycheck: ignore[workload/replicas] until=2027-01-01 reason="a"'
    )
    before = commit(git, shop, {"deploy/web.yaml": ignored})
    commit(git, shop, {"deploy/web.yaml": web()})
    assert scan(since=before).exit_code == 1


def test_what_could_not_be_read_before_either_is_nothing_new(shop: Path, git: Git) -> None:
    before = commit(git, shop, {"broken.yaml": "a: ["})
    write(shop, {"deploy/web.yaml": f"# moved\n{web()}"})
    assert scan(since=before).exit_code == 0
    assert scan().exit_code == 3
    write(shop, {"other.yaml": "a: ["})
    assert scan(since=before).exit_code == 3


# What the revision's tree is made of ---------------------------------------------------------------------------------


def test_the_work_tree_and_the_index_are_as_they_were_and_nothing_is_left(
    shop: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(shop, {"deploy/web.yaml": f"# moved\n{web()}", "untracked.yaml": web("untracked")})

    def state() -> list[tuple[str, float, bytes]]:
        files = (file for file in sorted(shop.rglob("*")) if file.is_file())
        return [(str(file), file.stat().st_ctime_ns, file.read_bytes()) for file in files]

    before = state()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert new(scan("-o", "json")) == ["untracked"]
    assert state() == before
    assert list(scratch.iterdir()) == []
    assert git(shop, "status", "--porcelain").splitlines() == ["M deploy/web.yaml", "?? untracked.yaml"]


def test_attributes_that_keep_files_from_archives_hide_nothing(shop: Path, git: Git) -> None:
    before = commit(git, shop, {".gitattributes": "deploy export-ignore\n*.yaml filter=none export-subst\n"})
    write(shop, {"deploy/web.yaml": f"# moved\n{web()}"})
    assert scan(since=before).exit_code == 0


def test_links_are_followed_as_they_were(shop: Path, git: Git) -> None:
    (shop / "prod").mkdir()
    (shop / "prod" / "web.yaml").symlink_to("../deploy/web.yaml")
    before = commit(git, shop, {"deploy/other.yaml": web("other")})
    write(shop, {"deploy/web.yaml": f"# moved\n{web()}"})
    assert scan("prod", since=before).exit_code == 0
    (shop / "prod" / "web.yaml").unlink()
    (shop / "prod" / "web.yaml").symlink_to("../deploy/other.yaml")
    assert new(scan("prod", "-o", "json", since=before)) == ["other"]


def test_submodules_are_read_at_the_commit_that_belongs_to_them(shop: Path, git: Git, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "--quiet", "--initial-branch", "main")
    commit(git, library, {"base.yaml": web("base")})
    git(shop, "submodule", "--quiet", "add", str(library), "library")
    before = commit(git, shop, {})
    write(shop, {"deploy/web.yaml": f"# moved\n{web()}"})
    assert scan(since=before).exit_code == 0
    commit(git, shop / "library", {"more.yaml": web("more")})
    assert new(scan("-o", "json", since=before)) == ["more"]


def test_a_submodule_that_lacks_its_commit_is_told(shop: Path, git: Git, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "--quiet", "--initial-branch", "main")
    commit(git, library, {"base.yaml": web("base")})
    git(shop, "submodule", "--quiet", "add", str(library), "library")
    git(shop, "update-index", "--cacheinfo", f"160000,{'1' * 40},library")
    git(shop, "commit", "--quiet", "--message", "Point at what is not there")
    result = scan(since="HEAD")
    assert result.exit_code == 2
    assert "the submodule library lacks the commit 111111111111" in result.stderr


def test_several_paths_and_folders_below_keep_the_names_of_things(
    shop: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlay = {
        "kustomize/base/kustomization.yaml": "resources: [web.yaml]\n",
        "kustomize/base/web.yaml": web("based"),
        "kustomize/dev/kustomization.yaml": "resources: [../base]\n",
        "kustomize/prod/kustomization.yaml": "resources: [../base]\n",
    }
    before = commit(git, shop, overlay)
    write(shop, {"kustomize/base/web.yaml": f"# moved\n{web('based')}"})
    monkeypatch.chdir(shop / "kustomize")
    config = ("--config", "../readycheck.yaml")
    assert scan("dev", "prod", *config, since=before).exit_code == 0
    assert scan("--config", "../readycheck.yaml", since=before).exit_code == 0
    write(
        shop,
        {
            "kustomize/prod/kustomization.yaml": "resources: [../base, more.yaml]\n",
            "kustomize/prod/more.yaml": web("more"),
        },
    )
    assert new(scan("dev", "prod", "-o", "json", *config, since=before)) == ["more"]


def test_an_environment_is_compared_with_what_it_was(shop: Path, git: Git) -> None:
    config = (shop / "readycheck.yaml").read_text() + (
        "environments:\n  prod:\n    files:\n      paths: [deploy, more]\n"
        "      helm: [{chart: charts/web, release: web, namespace: shop}]\n"
    )
    chart = {
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/web.yaml": web("charted"),
    }
    write(shop, {"readycheck.yaml": config, "more/basket.yaml": web("basket"), **chart})
    # The chart and a path did not exist at all.
    assert sorted(new(scan("--env", "prod", "-o", "json"))) == ["basket", "charted"]
    before = commit(git, shop, {})
    write(shop, {"charts/web/templates/web.yaml": f"# moved\n{web('charted')}"})
    assert scan("--env", "prod", since=before).exit_code == 0


# Which revision ------------------------------------------------------------------------------------------------------


def test_three_dots_mean_the_merge_base(shop: Path, git: Git) -> None:
    commit(git, shop, {"deploy/other.yaml": web("other")})
    git(shop, "checkout", "--quiet", "main")
    commit(git, shop, {"deploy/web.yaml": web().replace("replicas: 1", "replicas: 2")})
    git(shop, "checkout", "--quiet", "change")
    # main has mended what the branch still has, and did not make worse.
    assert sorted(new(scan("-o", "json"))) == ["other", "web"]
    assert new(scan("-o", "json", since="main...")) == ["other"]


@pytest.mark.parametrize(
    ("since", "line"),
    [
        ("nowhere", "--new-since nowhere: there is no commit `nowhere` here"),
        ("--output=x", "--new-since --output=x: there is no commit `--output=x` here"),
        ("main:deploy", "--new-since main:deploy: there is no commit `main:deploy` here"),
    ],
)
def test_what_is_no_revision_is_one_line(shop: Path, since: str, line: str) -> None:
    result = scan(since=since)
    assert (result.exit_code, shop.is_dir()) == (2, True)
    assert result.stderr.startswith(f"Error: {line}")
    assert result.stderr.count("\n") == 1


def test_a_shallow_clone_says_how_to_fetch_more(
    shop: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, shop, {"deploy/other.yaml": web("other")})
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{shop}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    result = scan()
    assert result.exit_code == 2
    assert "`fetch-depth: 0`" in result.stderr


def test_without_a_repository_there_is_nothing_to_compare_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path, {"web.yaml": web()}))
    result = scan()
    assert (result.exit_code, "is in no git repository" in result.stderr) == (2, True)


def test_a_tree_that_was_made_by_hand_writes_nothing_outside(shop: Path, git: Git, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    blob = git(shop, "hash-object", "-w", "deploy/web.yaml")
    (tmp_path / "target").write_text(str(outside))
    link = git(shop, "hash-object", "-w", str(tmp_path / "target"))
    inner = subprocess.run(
        ["git", "-C", shop, "mktree"],
        input=f"100644 blob {blob}\tweb.yaml\n",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    tree = subprocess.run(
        ["git", "-C", shop, "mktree"],
        input=f"120000 blob {link}\ta\n040000 tree {inner}\ta\n040000 tree {inner}\t..\n040000 tree {inner}\t.GIT\n",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    made = git(shop, "commit-tree", tree, "-m", "Hostile")
    scan(since=made)
    assert list(outside.iterdir()) == []
