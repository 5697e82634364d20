"""What surrounds the code works as it says: the Makefile on a bare machine, the workflow on its host."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The Makefile on a machine that has no program on PATH but those put into its `bin`."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "bin").mkdir()
    return tmp_path


def make(target: str, machine: Path, require_tool: Callable[[str], Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [require_tool("make"), target],
        cwd=machine,
        env={"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_python_make_says_what_to_install(machine: Path, require_tool: Callable[[str], Path]) -> None:
    done = make(".venv/bin/python", machine, require_tool)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert "python3-venv" in done.stderr


def test_make_passes_over_a_python_that_is_only_a_stub(machine: Path, require_tool: Callable[[str], Path]) -> None:
    stub = machine / "bin" / "python3"
    stub.write_text("#!/bin/sh\necho 'no version is chosen' >&2\nexit 127\n")
    stub.chmod(0o755)
    (machine / "bin" / "python3.12").symlink_to(Path(sys.executable).resolve())
    done = make(".venv/bin/python", machine, require_tool)
    assert done.returncode == 0, done.stderr
    assert "Creating .venv with python3.12" in done.stdout
    assert (machine / ".venv" / "bin" / "pip").exists()


def test_without_go_make_tools_says_what_is_missing(machine: Path, require_tool: Callable[[str], Path]) -> None:
    for name in ("actionlint", "age", "helm", "kubeconform", "kustomize", "sops", "tofu"):
        shutil.copytree(ROOT / "tools" / name, machine / "tools" / name)
    done = make("tools", machine, require_tool)
    assert done.returncode != 0
    assert "needs Go" in done.stderr


def test_the_workflow_is_valid(require_tool: Callable[[str], Path]) -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    done = subprocess.run(
        [require_tool("actionlint"), *workflows], capture_output=True, text=True, timeout=60, check=False
    )
    assert workflows
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "def test_it(require_tool):\n    require_tool('no-such-program')\n",
            "no-such-program is not installed: `make tools` builds it",
        ),
        ("import pytest\npytest.importorskip('no_such_module')\n", "could not import 'no_such_module'"),
    ],
)
def test_a_skip_fails_where_everything_must_be_there(body: str, reason: str, tmp_path: Path) -> None:
    tests = tmp_path / "project" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    (tests / "test_it.py").write_text(body + "def test_other():\n    pass\n")
    lenient, strict = (
        subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", tests],
            cwd=tests.parent,
            env={"PATH": "", "READYCHECK_REQUIRE_TOOLS": required},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for required in ("0", "1")
    )
    assert "1 skipped" in lenient.stdout
    assert reason in lenient.stdout
    assert strict.returncode not in {0, 5}
    assert f"skipped where nothing that it needs may be missing: Skipped: {reason}" in strict.stdout
