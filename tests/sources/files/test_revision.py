"""Which repository and commit a tree is of, held against what git says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck.sources.files.revision import Revision, read_revision

Git = Callable[..., str]
pytestmark = pytest.mark.slow


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Git in a fresh repository with two commits, apart from whoever runs the test."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "me")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "me@example.com")
    repository = tmp_path / "shop"
    repository.mkdir()

    def run(*arguments: str, folder: Path = repository) -> str:
        return subprocess.check_output(["git", *arguments], cwd=folder, text=True, stderr=subprocess.DEVNULL).strip()

    run("init", "--quiet", "--initial-branch", "feature/one")
    for message in ("first", "second"):
        run("commit", "--quiet", "--allow-empty", "--message", message)
    return run


@pytest.fixture
def repository(git: Git) -> Path:
    return Path(git("rev-parse", "--show-toplevel"))


def test_a_branch_a_packed_branch_and_no_branch(git: Git, repository: Path) -> None:
    (repository / "deploy").mkdir()
    assert read_revision(repository / "deploy").commit == git("rev-parse", "HEAD")
    git("pack-refs", "--all")
    assert not (repository / ".git" / "refs" / "heads" / "feature" / "one").exists()
    assert read_revision(repository).commit == git("rev-parse", "HEAD")
    git("checkout", "--quiet", "--detach", "HEAD~1")
    assert read_revision(repository).commit == git("rev-parse", "HEAD")


def test_a_worktree_has_its_own_commit_and_the_address_of_the_repository(git: Git, tmp_path: Path) -> None:
    git("remote", "add", "origin", "git@example.com:acme/shop.git")
    other = tmp_path / "other"
    git("worktree", "add", "--quiet", "-b", "two", str(other), "HEAD~1")
    assert read_revision(other) == Revision("example.com/acme/shop", git("rev-parse", "HEAD", folder=other))
    assert git("rev-parse", "HEAD", folder=other) != git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/acme/Shop.git",
        "https://me:hunter2@example.com/acme/shop",
        "https://me:hunt@er2@example.com/acme/shop/",
        "ssh://git@example.com/acme/shop.git",
        "git@example.com:acme/shop.git",
    ],
)
def test_the_project_goes_by_one_name_without_a_password(git: Git, repository: Path, address: str) -> None:
    git("remote", "add", "upstream", "https://example.com/elsewhere")
    git("remote", "add", "origin", address)
    git("config", "branch.main.remote", "upstream")
    assert read_revision(repository).project == "example.com/acme/shop"


def test_what_was_never_cloned_goes_by_its_path(repository: Path, tmp_path: Path) -> None:
    assert read_revision(repository).project == str(repository)
    (tmp_path / "plain").mkdir()
    assert read_revision(tmp_path / "plain") == Revision(str((tmp_path / "plain").resolve()), "")


@pytest.mark.parametrize("head", ["ref: refs/../../secret", "ref: /etc/passwd", "ref: refs/heads/none", "hello", ""])
def test_a_head_that_is_none_tells_no_commit(repository: Path, head: str) -> None:
    (repository / "secret").write_text("c" * 40, encoding="utf-8")
    (repository / ".git" / "HEAD").write_text(head, encoding="utf-8")
    assert read_revision(repository).commit == ""


def test_a_head_that_never_ends_is_not_waited_for(repository: Path) -> None:
    (repository / ".git" / "HEAD").unlink()
    os.mkfifo(repository / ".git" / "HEAD")
    assert read_revision(repository).commit == ""
