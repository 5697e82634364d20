"""A symbolic edit whose place in a file is known."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from readycheck.model import Path
from readycheck.sources.files.targets import Target


class Aim(Struct, frozen=True, eq=False):
    """A value that should stand at a place of a file.

    Args:
        file: the absolute path of the file, without links.
        target: the place.
        value: what should stand there.
    """

    file: str
    target: Target
    value: Any

    @property
    def place(self) -> tuple[str, int, Path]:
        """What tells places apart."""
        return self.file, self.target.document, self.target.path
