"""Pipelines: a file seen as what it makes a system run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from readycheck.documents import gitlab as gitlab_documents
from readycheck.documents import jenkinsfile, yaml
from readycheck.documents.yaml import Document, Fault
from readycheck.model import Listing, Resource
from readycheck.pipelines import (
    argo_workflows,
    azure,
    bitbucket,
    buildkite,
    circleci,
    cloud_build,
    drone,
    github,
    gitlab,
    jenkins,
    tekton,
    travis,
)
from readycheck.pipelines.model import Files, Flow

KIND = "Pipeline"
_parse = partial(yaml.parse, templated=False)


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """What understands the files of one system.

    Args:
        matches: whether a file is one of that system's, by its path from the scan root.
        read: turns the file into what it runs.
        parse: reads its text.
    """

    matches: Callable[[str], bool]
    read: Callable[[Resource, Files], Flow]
    parse: Callable[[str], tuple[Sequence[Document], Sequence[Fault]]] = _parse


READERS: tuple[Reader, ...] = (
    Reader(github.is_workflow, github.read),
    Reader(gitlab.is_configuration, gitlab.read, gitlab_documents.parse),
    Reader(azure.is_configuration, azure.read),
    Reader(bitbucket.is_configuration, bitbucket.read),
    Reader(buildkite.is_configuration, buildkite.read),
    Reader(circleci.is_configuration, circleci.read),
    Reader(cloud_build.is_configuration, cloud_build.read),
    Reader(drone.is_configuration, drone.read),
    Reader(jenkins.is_configuration, jenkins.read, jenkinsfile.parse),
    Reader(travis.is_configuration, travis.read),
)
"""A row for each system whose pipelines are files of their own."""

_OBJECTS: Mapping[tuple[str, str], Callable[[Resource, Files], Flow]] = {
    ("tekton.dev", "Pipeline"): tekton.read_pipeline,
    ("tekton.dev", "PipelineRun"): tekton.read_run,
    **{("argoproj.io", kind): argo_workflows.read for kind in ("CronWorkflow", "Workflow", *argo_workflows.TEMPLATES)},
}
"""Kubernetes objects that are pipelines, by group and kind."""


def may_be_pipeline(uri: str) -> bool:
    """Whether a file is called like one that a system runs jobs from.

    Args:
        uri: its path from the scan root.
    """
    return any(reader.matches(uri) for reader in READERS)


class _NoFiles:
    """A tree with nothing in it."""

    listing = Listing()

    def file(self, uri: str) -> Resource | None:
        del uri
        return None

    def of(self, *kinds: str) -> Sequence[Resource]:
        del kinds
        return ()


@dataclass(frozen=True, eq=False)
class Pipeline(Resource):
    """A file that a system runs jobs from, or an object of a cluster that does the same."""

    files: Files = field(default_factory=_NoFiles)
    """Finds what it calls."""

    @classmethod
    def of(cls, resource: Resource, files: Files) -> Pipeline | None:
        """The resource as a pipeline; None where it is none.

        Args:
            resource: any resource.
            files: finds the scripts, Makefiles and other pipelines that it calls.
        """
        known = (resource.group, resource.kind) in _OBJECTS if resource.api_version else resource.kind == KIND
        if not known:
            return None
        return cls(KIND, resource.name, resource.scope, resource.body, resource.origin, files=files)

    @cached_property
    def flow(self) -> Flow:
        """What it comes to; one that nothing here understands has no jobs and says so in `unread`."""
        read = _OBJECTS.get((self.group, str(self.body.get("kind")))) if self.api_version else None
        if read is not None:
            return read(self, self.files)
        return next(
            (reader.read(self, self.files) for reader in READERS if reader.matches(self.name)), Flow("", self.name)
        )
