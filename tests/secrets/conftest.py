"""Real SOPS and age, for tests that hold what is read and printed against them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest


@pytest.fixture
def sops(require_tool: Callable[[str], Path]) -> Callable[..., str]:
    """Runs SOPS and gives what it prints; the test fails where SOPS does."""
    program = require_tool("sops")

    def run(*arguments: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def new_key(require_tool: Callable[[str], Path]) -> Callable[[], str]:
    """Makes an age key, whose public half it gives; the private half is nobody's."""
    program = require_tool("age-keygen")

    def make() -> str:
        done = subprocess.run([program], capture_output=True, text=True, check=True, timeout=60)
        found = re.search(r"age1\w+", done.stdout)
        assert found is not None
        return found[0]

    return make
