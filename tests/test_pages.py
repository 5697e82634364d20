"""What the pages show as an example works as it stands there."""

from __future__ import annotations

import re
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
    for folder in ("deploy/overlays/prod", "platform", "charts/web", "house-rules"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("Chart.yaml", "values-prod.yaml"):
        (tmp_path / "charts" / "web" / file).touch()
    (example,) = examples(page)
    (tmp_path / "readycheck.yaml").write_text(example, encoding="utf-8")
    config = load(tmp_path / "readycheck.yaml", load_rules())
    assert config.environments["prod"].rules["workload/replicas"].options == {"minimum": 3}
    assert config.exemptions[0].match["name"] == "batch-*"
