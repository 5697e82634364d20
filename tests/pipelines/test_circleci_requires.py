"""When CircleCI runs a job that requires others."""

from __future__ import annotations

from pathlib import Path

from tests.pipelines.flows import BRANCH, MAIN, jobs_of, sure_runs

JOBS = """
    version: 2.1
    jobs:
      lint: {docker: [{image: x}], steps: [{run: golangci-lint run}]}
      deploy: {docker: [{image: x}], steps: [{run: helm upgrade web charts/web}]}
"""


def test_a_job_does_not_run_where_one_that_it_requires_is_filtered_out(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            ".circleci/config.yml": JOBS
            + """
    workflows:
      pr:
        jobs:
          - lint: {filters: {branches: {ignore: main}}}
          - deploy: {requires: [lint]}
"""
        },
    )
    assert BRANCH in sure_runs(jobs["pr/deploy"])
    assert jobs["pr/deploy"].run(MAIN) is None


def test_a_job_behind_an_approval_waits_for_somebody(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            ".circleci/config.yml": JOBS
            + """
    workflows:
      main:
        jobs:
          - hold: {type: approval}
          - lint: {requires: [hold]}
          - deploy: {requires: [lint]}
"""
        },
    )
    run = jobs["main/deploy"].run(MAIN)
    assert run is not None
    assert run.manual
