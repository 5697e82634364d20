"""Azure Pipelines: `azure-pipelines.yml` and its templates."""

from __future__ import annotations

from readycheck.model import Resource
from readycheck.pipelines.azure.pipeline import SYSTEM, PipelineReader
from readycheck.pipelines.model import Files, Flow
from readycheck.pipelines.node import Node

_TRIGGERS = ("trigger", "pr", "schedules", "resources", "extends")


def read(resource: Resource, files: Files) -> Flow:
    """What a file comes to; a template alone comes to no jobs.

    Args:
        resource: the file.
        files: finds templates and scripts.
    """
    root = Node.of(resource)
    is_named = resource.name.rpartition("/")[2].startswith("azure-pipeline")
    if not any(key in root.entries for key in _TRIGGERS) and ("parameters" in root or not is_named):
        return Flow(SYSTEM, resource.name, called_only=True)
    return PipelineReader(root, files).flow()
