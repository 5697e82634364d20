"""GitHub Actions: workflows, and the actions and reusable workflows of the same repository."""

from __future__ import annotations

import re

from readycheck.model import Resource
from readycheck.pipelines.model import Files, Flow

_WORKFLOW = re.compile(r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")


def is_workflow(uri: str) -> bool:
    """Whether a path from the root of the repository is that of a workflow."""
    return bool(_WORKFLOW.fullmatch(uri))


def read(pipeline: Resource, files: Files) -> Flow:
    """What a workflow comes to.

    Args:
        pipeline: the workflow.
        files: finds the actions, workflows, scripts and Makefiles that it calls.
    """
    del files
    return Flow("GitHub Actions", pipeline.name)
