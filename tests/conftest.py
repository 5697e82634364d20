"""What every test may ask for, and when a skip is a failure.

Where READYCHECK_REQUIRE_TOOLS is 1, as on CI, everything that a test can need is there, so that a skipped test is a
hole and fails. The corpora lie beside the project and not in it: where they are absent, their tests may skip.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILT_TOOLS = ROOT / ".cache" / "tools" / "bin"
CORPORA = ROOT.parent / "shared" / "corpora"
SKIPS_FAIL = os.environ.get("READYCHECK_REQUIRE_TOOLS") == "1"

# No test adds to the history of whoever runs it.
os.environ["READYCHECK_HISTORY"] = "off"

if BUILT_TOOLS.is_dir():
    os.environ["PATH"] = f"{BUILT_TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"


@pytest.fixture
def require_tool() -> Callable[[str], Path]:
    """A function that finds a real program, and skips the test where there is none."""

    def find(name: str) -> Path:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"{name} is not installed: `make tools` builds it")
        return Path(found)

    return find


@pytest.fixture
def corpora() -> Path:
    """The folder of public repositories' data, outside the project; skips the test where it is absent."""
    if not CORPORA.is_dir():
        pytest.skip("the corpora do not lie beside the project")
    return CORPORA


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _forbid_skip(report)
    return report


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (SKIPS_FAIL and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if "corpora" in reason and not CORPORA.is_dir():
        return
    report.outcome = "failed"
    report.longrepr = f"skipped where nothing that it needs may be missing: {reason}"
