"""GitLab CI: `.gitlab-ci.yml` and what it includes."""

from __future__ import annotations

from readycheck.model import Resource
from readycheck.pipelines.gitlab.configuration import Configuration
from readycheck.pipelines.gitlab.pipeline import PipelineReader
from readycheck.pipelines.gitlab.situation import SITUATIONS
from readycheck.pipelines.hands import behind_hands
from readycheck.pipelines.model import Files, Flow

SYSTEM = "GitLab CI"
ROOT = ".gitlab-ci.yml"


def read(resource: Resource, files: Files) -> Flow:
    """What a file of GitLab CI comes to; one that is only included by others comes to no jobs of its own.

    Args:
        resource: the file.
        files: finds what it includes and what its jobs call.
    """
    if resource.name != ROOT:
        return Flow(SYSTEM, resource.name, called_only=True)
    configuration = Configuration.of(resource, files)
    reader = PipelineReader(configuration, files, SITUATIONS)
    jobs = behind_hands(reader.jobs())
    return Flow(SYSTEM, configuration["workflow"]["name"].text or resource.name, jobs, tuple(reader.unread))
