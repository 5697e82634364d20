"""Which folders are environments, by how they are called and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_NAMES = frozenset(
    {
        *(
            "acc",
            "acceptance",
            "demo",
            "dev",
            "develop",
            "development",
            "dr",
            "e2e",
            "integration",
            "int",
            "live",
            "lab",
        ),
        *("nonprod", "perf", "performance", "play", "playground", "pre", "preprod", "preproduction", "preview", "prd"),
        *("prod", "production", "qa", "sandbox", "sbx", "sit", "stage", "staging", "stg", "test", "testing", "uat"),
    }
)
_PARENTS = frozenset(
    {"env", "envs", "environment", "environments", "stage", "stages", "live", "accounts", "deployments"}
)
_TEMPLATE = re.compile(
    r"[_.-]?(?:(?:env|environment)[_-])?(?:template|skeleton|boilerplate)(?:[_-](?:env|environment))?"
)
_WORD = re.compile(r"[a-z0-9]+")
_ALIKE = 0.5


def is_template(folder: str) -> bool:
    """Whether a folder is what new environments are made from, by its name."""
    return _TEMPLATE.fullmatch(folder.rpartition("/")[2].lower()) is not None


def named_like_one(folder: str) -> bool:
    """Whether a word in a folder's name is what environments are called: `prod`, `eu-staging`."""
    words = _WORD.findall(folder.rpartition("/")[2].lower())
    return any(word.rstrip("0123456789") in _NAMES for word in words)


@dataclass(frozen=True, slots=True)
class Group:
    """Environments that stand beside each other.

    Args:
        parent: the folder that they stand in.
        folders: the folder of each.
        template: the folder that new ones are made from; None where there is none.
        names: the names of the files in each of them, the template's too.
    """

    parent: str
    folders: tuple[str, ...]
    template: str | None
    names: Mapping[str, frozenset[str]]


def group_of(parent: str, names: Mapping[str, frozenset[str]]) -> Group | None:
    """The environments among the folders that stand in another one; None where they are no environments.

    They are alike in the names of their files, and they or the folder that holds them are called like environments:
    parts of one system (`network`, `cluster`) are alike too.

    Args:
        parent: the folder that holds them.
        names: the files of each that holds Terraform, by folder.
    """
    template = next((folder for folder in sorted(names) if is_template(folder)), None)
    folders = sorted(folder for folder in names if folder != template)
    if parent.rpartition("/")[2].lower() not in _PARENTS:
        folders = [folder for folder in folders if named_like_one(folder)]
    alike = [
        folder for folder in folders if any(_alike(names[folder], names[other]) for other in folders if other != folder)
    ]
    return Group(parent, tuple(alike), template, names) if len(alike) > 1 else None


def _alike(one: Collection[str], other: Collection[str]) -> bool:
    together = {*one, *other}
    return bool(together) and len(set(one) & set(other)) / len(together) >= _ALIKE
