"""Pipelines that would multiply without end are read as far as a real one may go."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.pipelines.flows import flow_of

_REFERENCES = "".join(
    f".l{level}: {{script: [{', '.join([f'!reference [.l{level - 1}, script]'] * 10)}]}}\n" for level in range(1, 11)
)
_INCLUDES = "".join(f"  - {{template: azure-pipelines.yml, parameters: {{n: {number}}}}}\n" for number in range(10))
HOSTILE = {
    "references to references": (".gitlab-ci.yml", f".l0: {{script: [make]}}\n{_REFERENCES}job: {{extends: .l10}}\n"),
    "references to nothing": (".gitlab-ci.yml", f".l0: {{script: []}}\n{_REFERENCES}job: {{extends: .l10}}\n"),
    "one script in many jobs": (
        ".gitlab-ci.yml",
        f"a: &a {{script: [{', '.join(['make'] * 1000)}]}}\n" + "".join(f"j{n}: *a\n" for n in range(900)),
    ),
    "extends without end": (
        ".gitlab-ci.yml",
        "".join(f".e{n}: {{extends: [.e{n + 1}, .e{n + 1}]}}\n" for n in range(2000)) + "job: {extends: .e0}\n",
    ),
    "a condition of conditions": (
        ".gitlab-ci.yml",
        f"job: {{script: [make], rules: [{{if: '{'(' * 5000}$A{')' * 5000}'}}]}}\n",
    ),
    "variables of variables": (
        ".gitlab-ci.yml",
        "variables:\n  A0: x\n"
        + "".join(f"  A{n}: '{f'$A{n - 1}' * 10}'\n" for n in range(1, 30))
        + "job: {script: [make $A29]}\n",
    ),
    "commands of commands": (
        ".circleci/config.yml",
        "commands: {c: {steps: [c, c, c, c, {run: make}]}}\njobs: {j: {steps: [c]}}\nworkflows: {w: {jobs: [j]}}\n",
    ),
    "templates of themselves": ("azure-pipelines.yml", f"trigger: [main]\nsteps:\n{_INCLUDES}"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("uri", "text"), HOSTILE.values(), ids=HOSTILE)
def test_what_multiplies_comes_to_an_end(uri: str, text: str, tmp_path: Path) -> None:
    began = time.process_time()
    flow = flow_of(tmp_path, {uri: text})
    assert flow.jobs
    assert time.process_time() - began < 20
