"""Sources as files recorded them: what a live cluster, an account or Terraform would answer with.

The cases of rules show what no tree of files holds. What a recording is of, its name tells: `cluster.yaml`, `aws.json`,
`state.tfstate` or `state.json`, `plan.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from readycheck.model import Collected
from readycheck.sources.recorded import account, cluster, terraform

COMMITTED_STATE = "terraform.tfstate"
"""What a state is called that was committed: beside HCL it is a file of the tree, elsewhere a recording."""

_READERS: Mapping[str, Callable[[Path], Collected]] = {
    cluster.CLUSTER_FILE: cluster.collect,
    "aws.json": account.collect,
    "state.tfstate": terraform.collect,
    COMMITTED_STATE: terraform.collect,
    "state.json": terraform.collect,
    "plan.json": terraform.collect,
}


def recordings_in(case: Path) -> Mapping[Path, Callable[[Path], Collected]]:
    """The files of a case that are recordings, by their names, each with what reads it.

    Args:
        case: a file, or a folder that may hold some.
    """
    if not case.is_dir():
        return {case: cluster.collect} if case.name.endswith(f".{cluster.CLUSTER_FILE}") else {}
    beside_hcl = any(case.glob("*.tf"))
    return {
        file: reader
        for name, reader in _READERS.items()
        if (file := case / name).is_file() and not (beside_hcl and name == COMMITTED_STATE)
    }
