"""GitHub Actions: workflows, and the actions and reusable workflows of the same repository."""

from __future__ import annotations

from msgspec.structs import replace

from readycheck.model import Resource
from readycheck.pipelines.github.situation import events, follows, situations
from readycheck.pipelines.github.workflow import Call, WorkflowReader
from readycheck.pipelines.model import Files, Flow
from readycheck.pipelines.node import Node

_SYSTEMS = {".gitea": "Gitea Actions", ".forgejo": "Forgejo Actions"}


def read(pipeline: Resource, files: Files) -> Flow:
    """What a workflow comes to.

    Args:
        pipeline: the workflow.
        files: finds the actions, workflows, scripts and Makefiles that it calls.
    """
    root = Node.of(pipeline)
    reader = WorkflowReader(root, files, tuple(situations(root["on"], files)), Call(chain=(pipeline.name,)))
    jobs = tuple(reader.jobs())
    in_spite = "" if reader.asks_success() else "it asks for no `conclusion == 'success'`"
    return Flow(
        system=_SYSTEMS.get(pipeline.name.partition("/")[0], "GitHub Actions"),
        name=root["name"].text or pipeline.name,
        jobs=jobs,
        unread=tuple(reader.unread),
        follows=tuple(replace(follow, in_spite=in_spite) for follow in follows(root["on"])),
        called_only=set(events(root["on"])) == {"workflow_call"},
    )
