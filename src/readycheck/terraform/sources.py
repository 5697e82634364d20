"""Where modules come from (Terraform language documentation: Module Sources)."""

from __future__ import annotations

import posixpath


def is_local(source: str) -> bool:
    """Whether a module's source is a folder beside what calls it.

    Args:
        source: the source as it is written.
    """
    return source.startswith(("./", "../")) or source in (".", "..")


def folder_from(source: str, folder: str) -> str:
    """The folder of a local module, from the scan root; starts with `..` where that is outside.

    Args:
        source: the source as it is written; `//` in it parts what Terragrunt copies.
        folder: the folder of what calls it.
    """
    path = posixpath.normpath(posixpath.join(folder, source.replace("//", "/")))
    return "" if path == "." else path


def is_git(source: str) -> bool:
    """Whether a module is taken from a git repository, by the look of its source.

    Args:
        source: the source as it is written.
    """
    return source.startswith(("git::", "git@", "github.com/", "bitbucket.org/")) or ".git" in source
