"""What the pages show as an example works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck.config import load
from readycheck.packs import load as load_rules

ROOT = Path(__file__).parents[1]


def examples(page: str) -> list[str]:
    """The configurations that a page shows."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [block for block in blocks if "\nenvironments:" in block]


@pytest.mark.parametrize("page", ["README.md", "docs/configuration.md"])
def test_the_configuration_that_a_page_shows_can_be_used(page: str, tmp_path: Path) -> None:
    for folder in ("deploy/overlays/prod", "platform", "charts/web", "house-rules", "our-look", "src/cart"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("charts/web/Chart.yaml", "charts/web/values-prod.yaml", "src/cart/Dockerfile"):
        (tmp_path / file).touch()
    (example,) = examples(page)
    (tmp_path / "readycheck.yaml").write_text(example, encoding="utf-8")
    config = load(tmp_path / "readycheck.yaml", load_rules())
    assert config.environments["prod"].rules["workload/replicas"].options == {"minimum": 3}
    assert config.exemptions[0].match["name"] == "batch-*"


@pytest.mark.slow
def test_what_the_readme_shows_is_what_a_scan_prints(require_tool: Callable[[str], Path]) -> None:
    require_tool("kustomize")
    shown = re.search(r"^```text\n(.*?)^\.\.\.\n", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert shown
    done = subprocess.run(
        [sys.executable, "-m", "readycheck", "scan", "fixtures/estate"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "SOURCE_DATE_EPOCH": "1795564800", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    for thing in shown[1].strip().split("\n\n"):
        assert f"\n{thing}\n" in done.stdout
