"""GitHub Actions: workflows, and the actions and reusable workflows of the same repository."""

from __future__ import annotations

import re
from dataclasses import replace

from readycheck.model import Resource
from readycheck.pipelines.github.situation import events, follows, situations
from readycheck.pipelines.github.workflow import Call, WorkflowReader
from readycheck.pipelines.model import Files, Flow
from readycheck.pipelines.node import Node

_WORKFLOW = re.compile(r"\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_SYSTEMS = {"github": "GitHub Actions", "gitea": "Gitea Actions", "forgejo": "Forgejo Actions"}


def is_workflow(uri: str) -> bool:
    """Whether a path from the root of the repository is that of a workflow."""
    return bool(_WORKFLOW.fullmatch(uri))


def read(pipeline: Resource, files: Files) -> Flow:
    """What a workflow comes to.

    Args:
        pipeline: the workflow.
        files: finds the actions, workflows, scripts and Makefiles that it calls.
    """
    root = Node.of(pipeline)
    match = _WORKFLOW.fullmatch(pipeline.name)
    reader = WorkflowReader(root, files, tuple(situations(root["on"], files)), Call(chain=(pipeline.name,)))
    jobs = tuple(reader.jobs())
    in_spite = "" if reader.asks_success() else "it asks for no `conclusion == 'success'`"
    return Flow(
        system=_SYSTEMS[match[1] if match else "github"],
        name=root["name"].text or pipeline.name,
        jobs=jobs,
        unread=tuple(reader.unread),
        follows=tuple(replace(follow, in_spite=in_spite) for follow in follows(root["on"])),
        called_only=set(events(root["on"])) == {"workflow_call"},
    )
