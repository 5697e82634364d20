"""What rules can ask of the names in a tree."""

from __future__ import annotations

from pathlib import Path

from readycheck.sources.files.tree import walk
from tests.trees import write


def test_a_link_is_listed_with_what_is_written_in_it_and_where_that_leads(tmp_path: Path) -> None:
    write(tmp_path, {"common/main.tf": "", "envs/dev/config.yaml": "a: 1\n"})
    (tmp_path / "envs/dev/main.tf").symlink_to("../../common/main.tf")
    (tmp_path / "envs/dev/modules").symlink_to("../../common")
    (tmp_path / "envs/dev/gone.tf").symlink_to("../nothing.tf")
    listing = walk([tmp_path]).listing
    link = listing.entries["envs/dev/main.tf"]
    assert (link.link, link.target, link.folder, link.dangling) == (
        "../../common/main.tf",
        "common/main.tf",
        False,
        False,
    )
    assert listing.entries["envs/dev/modules"].folder
    assert listing.entries["envs/dev/gone.tf"].dangling
    assert listing.entries["common/main.tf"].link is None


def test_folders_know_what_stands_in_them_and_below(tmp_path: Path) -> None:
    write(tmp_path, {"a/b/c.txt": "", "a/d.sh": "", "e.txt": ""})
    listing = walk([tmp_path]).listing
    assert listing.folders == {"": ("a", "e.txt"), "a": ("b", "d.sh"), "a/b": ("c.txt",)}
    assert [entry.uri for entry in listing.files_in("")] == ["e.txt"]
    assert list(listing.folders_in("")) == ["a"]
    assert {entry.uri for entry in listing.below("a")} == {"a/d.sh", "a/b/c.txt"}


def test_what_may_be_executed_and_which_hidden_folders_stand_there_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"run.sh": "", "notes.txt": "", "tf/.terraform/lock": ""})
    (tmp_path / "run.sh").chmod(0o755)
    listing = walk([tmp_path]).listing
    assert [entry.uri for entry in listing.entries.values() if entry.executable] == ["run.sh"]
    assert listing.hidden == {"tf/.terraform"}


def test_a_folder_of_a_repository_is_not_the_whole_unless_it_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, {"deploy/a.txt": ""})
    assert walk([tmp_path]).listing.whole
    assert not walk([tmp_path / "deploy"]).listing.whole
    assert walk([tmp_path / "deploy"], repository=tmp_path / "deploy").listing.whole
