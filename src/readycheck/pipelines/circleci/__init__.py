"""CircleCI: `.circleci/config.yml`."""

from __future__ import annotations

from readycheck.model import Resource
from readycheck.pipelines.circleci.reader import ConfigurationReader
from readycheck.pipelines.model import Files, Flow
from readycheck.pipelines.node import Node

SYSTEM = "CircleCI"


def read(resource: Resource, files: Files) -> Flow:
    """What a configuration comes to: the jobs of its workflows, each called `workflow/job`.

    Args:
        resource: the file.
        files: finds scripts that jobs call.
    """
    root = Node.of(resource)
    reader = ConfigurationReader(root, files)
    jobs = tuple(reader.jobs())
    return Flow(SYSTEM, resource.name, jobs, tuple(reader.allowance.unread(root.place)))
