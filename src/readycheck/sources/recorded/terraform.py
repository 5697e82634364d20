"""A state or a plan of Terraform beside the files of a case: it is read as the terraform source reads it."""

from __future__ import annotations

from pathlib import Path

from readycheck.model import Collected
from readycheck.sources.terraform import TerraformRequest
from readycheck.sources.terraform import collect as collect_terraform


def collect(file: Path) -> Collected:
    """Read a recording.

    Args:
        file: where it stands.
    """
    return collect_terraform(TerraformRequest(states=(file,), bases=(file.parent,)))
