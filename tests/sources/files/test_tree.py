from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck.sources.files.tree import Tree, walk


def _write(root: Path, *uris: str) -> Path:
    for uri in uris:
        file = root / uri
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("kind: Service\n")
    return root


def _repository(root: Path, ignored: str = "", *uris: str) -> Path:
    (root / ".git").mkdir(parents=True)
    if ignored:
        (root / ".gitignore").write_text(ignored)
    return _write(root, *uris)


def _uris(tree: Tree) -> list[str]:
    return [file.uri for file in tree.files if file.name != ".gitignore"]


def test_every_file_comes_once_in_order_with_its_path_from_the_scan_root(tmp_path: Path) -> None:
    _write(tmp_path, "b/web.yaml", "a.yaml", "b/a/Dockerfile", ".sops.yaml")
    tree = walk([tmp_path])
    assert [(file.uri, file.name, Path(file.path)) for file in tree.files] == [
        (".sops.yaml", ".sops.yaml", tmp_path / ".sops.yaml"),
        ("a.yaml", "a.yaml", tmp_path / "a.yaml"),
        ("b/a/Dockerfile", "Dockerfile", tmp_path / "b/a/Dockerfile"),
        ("b/web.yaml", "web.yaml", tmp_path / "b/web.yaml"),
    ]
    assert (tree.root, tree.problems, dict(tree.skipped)) == (str(tmp_path), [], {})


def test_folders_that_are_not_production_are_skipped_and_counted(tmp_path: Path) -> None:
    _write(tmp_path, "app.yaml", "vendor/a.yaml", "x/node_modules/b/c.yaml", "x/vendor/d.yaml")
    _write(tmp_path, "testdata/e.yaml", "_archived/f.yaml")
    tree = walk([tmp_path])
    assert _uris(tree) == ["app.yaml"]
    assert dict(tree.skipped) == {"vendor/": 2, "node_modules/": 1, "testdata/": 1, "_archived/": 1}


def test_which_folders_are_skipped_can_be_chosen(tmp_path: Path) -> None:
    _write(tmp_path, "vendor/a.yaml", "old/b.yaml")
    tree = walk([tmp_path], skip={"old"})
    assert _uris(tree) == ["vendor/a.yaml"]
    assert dict(tree.skipped) == {"old/": 1}


def test_hidden_folders_are_skipped_but_for_those_of_pipelines_and_tools(tmp_path: Path) -> None:
    _repository(tmp_path, "", ".github/workflows/ci.yaml", ".gitlab/deploy.yml", ".cache/a.yaml", ".venv/b.yaml")
    _write(tmp_path, ".git/config", ".tekton/run.yaml")
    tree = walk([tmp_path])
    assert _uris(tree) == [".github/workflows/ci.yaml", ".gitlab/deploy.yml", ".tekton/run.yaml"]
    assert dict(tree.skipped) == {"hidden folders": 2}


def test_what_git_ignores_is_skipped_and_counted(tmp_path: Path) -> None:
    _repository(tmp_path, "build/\n*.tmp.yaml\n!keep.tmp.yaml\n/top.yaml\n")
    _write(tmp_path, "build/a.yaml", "build/b.yaml", "x.tmp.yaml", "keep.tmp.yaml", "top.yaml", "in/top.yaml")
    tree = walk([tmp_path])
    assert _uris(tree) == ["in/top.yaml", "keep.tmp.yaml"]
    assert dict(tree.skipped) == {"ignored by git": 3}


def test_ignore_files_of_inner_folders_of_folders_above_and_of_git_itself_count(tmp_path: Path) -> None:
    _repository(tmp_path, "*.gen.yaml\n", "deploy/a.yaml", "deploy/b.gen.yaml", "deploy/in/c.yaml", "deploy/d.yaml")
    _write(tmp_path, "deploy/in/e.gen.yaml", ".git/info/exclude")
    (tmp_path / ".git/info/exclude").write_text("d.yaml\n")
    (tmp_path / "deploy/in/.gitignore").write_text("/c.yaml\n!e.gen.yaml\n")
    tree = walk([tmp_path / "deploy"])
    assert _uris(tree) == ["a.yaml", "in/e.gen.yaml"]
    assert tree.boundary == str(tmp_path)


def test_a_gitignore_file_overrules_what_git_keeps_for_itself(tmp_path: Path) -> None:
    _repository(tmp_path, "!a.yaml\n", "a.yaml", "b.yaml", ".git/info/exclude")
    (tmp_path / ".git/info/exclude").write_text("*.yaml\n")
    assert _uris(walk([tmp_path])) == ["a.yaml"]


def test_the_answer_about_ignored_files_is_gits_own(tmp_path: Path) -> None:
    patterns = "a/**/z.yaml\nb/*\n!b/keep/\n*.log.yaml\nc d.yaml\n\\#e.yaml\nf.yaml \n**/g\nh[0-9].yaml\n"
    _repository(tmp_path, patterns, "a/z.yaml", "a/1/2/z.yaml", "a/y.yaml", "b/x.yaml", "b/keep/w.yaml", "c d.yaml")
    _write(tmp_path, "#e.yaml", "f.yaml", "k/g/v.yaml", "h1.yaml", "hx.yaml", "m/n.log.yaml")
    (tmp_path / ".git").rmdir()
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    listed = ["git", "-C", str(tmp_path), "ls-files", "-z", "--others", "--exclude-standard"]
    by_git = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")
    assert sorted(file.uri for file in walk([tmp_path]).files) == sorted(filter(None, by_git))


def test_a_path_that_is_given_is_read_whatever_ignores_it(tmp_path: Path) -> None:
    _repository(tmp_path, "build/\n", "build/a.yaml", "build/in/b.yaml", "build/in/vendor/c.yaml", "vendor/d.yaml")
    (tmp_path / "build/.gitignore").write_text("a.yaml\n")
    assert _uris(walk([tmp_path / "build"])) == ["in/b.yaml"]
    assert _uris(walk([tmp_path / "build/a.yaml"])) == ["a.yaml"]
    assert _uris(walk([tmp_path / "build/in/vendor"])) == ["c.yaml"]
    assert _uris(walk([tmp_path / "build"], exclude=["build/"], exclude_base=tmp_path)) == ["in/b.yaml"]


def test_a_broken_line_of_an_ignore_file_costs_only_itself(tmp_path: Path) -> None:
    _repository(tmp_path, "!\n[z-a]\na.yaml\n", "a.yaml", "b.yaml")
    assert _uris(walk([tmp_path])) == ["b.yaml"]


def test_an_ignore_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    _repository(tmp_path, "", "a.yaml")
    (tmp_path / ".gitignore").write_bytes(b"ok\ncaf\xe9\n")
    tree = walk([tmp_path])
    assert _uris(tree) == ["a.yaml"]
    assert [(problem.uri, problem.line) for problem in tree.problems] == [(".gitignore", 2)]


def test_a_pipe_in_the_place_of_an_ignore_file_does_not_block(tmp_path: Path) -> None:
    _repository(tmp_path, "", "a.yaml")
    os.mkfifo(tmp_path / ".gitignore")
    tree = walk([tmp_path])
    assert _uris(tree) == ["a.yaml"]
    assert [problem.reason for problem in tree.problems] == ["is not a regular file"]


def test_configured_exclusions_start_at_their_own_folder(tmp_path: Path) -> None:
    _write(tmp_path, "deploy/a.yaml", "deploy/legacy/b.yaml", "deploy/c.yaml")
    tree = walk([tmp_path / "deploy"], exclude=["/deploy/legacy/", "c.yaml"], exclude_base=tmp_path)
    assert _uris(tree) == ["a.yaml"]
    assert dict(tree.skipped) == {"excluded": 2}


def test_an_exclusion_that_is_no_pattern_is_a_problem(tmp_path: Path) -> None:
    tree = walk([_write(tmp_path, "a.yaml")], exclude=["!"])
    assert [problem.reason for problem in tree.problems] == ["`!` is no pattern to exclude by"]


def test_links_are_followed_inside_the_repository_and_never_out_of_it(tmp_path: Path) -> None:
    outside = _write(tmp_path / "outside", "secret.yaml", "folder/a.yaml")
    repository = _repository(tmp_path / "repo", "", "shared/base.yaml", "deploy/web.yaml")
    (repository / "deploy/base.yaml").symlink_to("../shared/base.yaml")
    (repository / "deploy/shared").symlink_to("../shared")
    (repository / "deploy/out.yaml").symlink_to(outside / "secret.yaml")
    (repository / "deploy/out").symlink_to(outside / "folder")
    tree = walk([repository / "deploy"])
    assert _uris(tree) == ["base.yaml", "web.yaml"]
    assert dict(tree.skipped) == {"links out of the repository": 2, "reached twice": 1}


def test_without_a_repository_nothing_outside_of_the_scan_root_is_read(tmp_path: Path) -> None:
    _write(tmp_path, "deploy/web.yaml", "shared/base.yaml")
    (tmp_path / "deploy/base.yaml").symlink_to("../shared/base.yaml")
    tree = walk([tmp_path / "deploy"])
    assert _uris(tree) == ["web.yaml"]
    assert dict(tree.skipped) == {"links out of the repository": 1}


def test_a_link_and_its_target_are_one_file_called_by_its_own_name(tmp_path: Path) -> None:
    _write(tmp_path, "z/real.yaml")
    (tmp_path / "a").symlink_to("z")
    (tmp_path / "b.yaml").symlink_to("z/real.yaml")
    assert _uris(walk([tmp_path])) == ["z/real.yaml"]


def test_loops_of_links_end(tmp_path: Path) -> None:
    _write(tmp_path, "a/b/web.yaml")
    (tmp_path / "a/b/up").symlink_to("../..")
    (tmp_path / "a/self").symlink_to("self")
    (tmp_path / "ping.yaml").symlink_to("pong.yaml")
    (tmp_path / "pong.yaml").symlink_to("ping.yaml")
    tree = walk([tmp_path])
    assert _uris(tree) == ["a/b/web.yaml"]
    assert [problem.uri for problem in tree.problems] == ["ping.yaml", "pong.yaml"]


@pytest.mark.parametrize("name", ["web.yaml", "Dockerfile", "Jenkinsfile", "Makefile", "main.tf", "run.sh"])
def test_a_link_to_nothing_is_a_problem_where_its_name_says_that_it_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("gone.yaml")
    (tmp_path / "bin").symlink_to("gone")
    tree = walk([tmp_path])
    assert [(problem.uri, problem.reason) for problem in tree.problems] == [
        (name, "is a link to something that cannot be read: No such file or directory")
    ]
    assert dict(tree.skipped) == {"links to nothing": 1}


def test_a_root_that_is_a_link_names_its_files_from_itself(tmp_path: Path) -> None:
    _write(tmp_path / "real", "in/a.yaml")
    (tmp_path / "link").symlink_to("real")
    assert _uris(walk([tmp_path / "link"])) == ["in/a.yaml"]


def test_several_paths_are_named_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "work/deploy/a.yaml", "work/deploy/in/b.yaml", "work/c.yaml", "other/d.yaml")
    monkeypatch.chdir(tmp_path / "work")
    tree = walk([Path("deploy"), Path("deploy/in"), Path("c.yaml"), Path("../other")])
    assert _uris(tree) == ["../other/d.yaml", "c.yaml", "deploy/a.yaml", "deploy/in/b.yaml"]
    assert Path(tree.files[1].path).read_text() == "kind: Service\n"


def test_a_single_file_is_named_from_its_folder(tmp_path: Path) -> None:
    _write(tmp_path, "deploy/a.yaml", "deploy/b.yaml")
    tree = walk([tmp_path / "deploy/a.yaml"])
    assert (_uris(tree), tree.root) == (["a.yaml"], str(tmp_path / "deploy"))


def test_a_path_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    tree = walk([tmp_path / "gone.yaml"])
    assert [(problem.uri, problem.reason) for problem in tree.problems] == [
        ("gone.yaml", "is not to be read: No such file or directory")
    ]


def test_a_folder_that_cannot_be_listed_is_a_problem_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "closed/a.yaml", "open/b.yaml")
    (tmp_path / "closed").chmod(0)
    listing = os.scandir

    def denied_like_to_an_ordinary_user(path: str) -> object:
        if Path(path).name == "closed":  # the superuser, which tests may run as, would be let in
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", denied_like_to_an_ordinary_user)
    tree = walk([tmp_path])
    (tmp_path / "closed").chmod(0o700)
    assert _uris(tree) == ["open/b.yaml"]
    assert [(problem.uri, problem.reason) for problem in tree.problems] == [
        ("closed", "cannot be listed: Permission denied")
    ]


def test_pipes_and_sockets_are_skipped_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "a.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.yaml")
        tree = walk([tmp_path])
    assert _uris(tree) == ["a.yaml"]
    assert dict(tree.skipped) == {"pipes, sockets and devices": 2}


def test_a_folder_named_like_a_manifest_is_a_folder(tmp_path: Path) -> None:
    assert _uris(walk([_write(tmp_path, "web.yaml/a.yaml")])) == ["web.yaml/a.yaml"]


def test_any_name_is_read_and_can_be_reported(tmp_path: Path) -> None:
    _repository(tmp_path, "x*\n")
    names = [b"line\nbreak.yaml", b"\x1b[31mred.yaml", "größe.yaml".encode(), b"caf\xe9.yaml", b"-rf.yaml"]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_text("a: 1\n")
    tree = walk([tmp_path])
    uris = ["\x1b[31mred.yaml", "-rf.yaml", "caf\ufffd.yaml", "größe.yaml", "line\nbreak.yaml"]
    assert _uris(tree) == uris
    assert all(Path(file.path).read_text() for file in tree.files)


def test_a_tree_that_is_deeper_than_the_interpreter_recurses_is_read(tmp_path: Path) -> None:
    _repository(tmp_path, "*.tmp\n")
    folders = [str(tmp_path / ("d/" * depth)) for depth in range(1, 1201)]
    for folder in folders:
        os.mkdir(folder)  # noqa: PTH102 - pathlib recurses
    file = f"{folders[-1]}/a.yaml"
    _write(tmp_path, file)
    tree = walk([tmp_path])
    os.remove(file)  # noqa: PTH107 - so that what removes the test's folder need not recurse either
    for folder in reversed(folders):
        os.rmdir(folder)  # noqa: PTH106 - as above
    assert _uris(tree) == ["d/" * 1200 + "a.yaml"]


@pytest.mark.slow
def test_a_large_tree_takes_little_more_than_to_look_at_each_of_its_files(tmp_path: Path) -> None:
    for folder in range(500):
        _write(tmp_path, *(f"{folder % 10}/{folder}/{file}.yaml" for file in range(20)))
    assert len(walk([tmp_path]).files) == 10_000

    def looked_at() -> None:
        for folder, _, files in os.walk(tmp_path):
            for file in files:
                os.stat(os.path.join(folder, file))  # noqa: PTH116, PTH118 - the floor, which pathlib would raise

    assert _fastest(lambda: walk([tmp_path])) < 4 * _fastest(looked_at)


def _fastest(work: Callable[[], object]) -> float:
    """The least seconds of CPU that some work took: what else runs on the machine takes none of them."""
    taken = []
    for _ in range(3):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)
