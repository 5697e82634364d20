"""Pipelines: a file seen as what it makes a system run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module

from msgspec import field

from readycheck.documents import yaml
from readycheck.documents.yaml import Document, Fault
from readycheck.model import Listing, Resource
from readycheck.pipelines.model import Files, Flow

KIND = "Pipeline"


class Reader:
    """What understands the files of one system: a module that is imported once there is such a file.

    Args:
        module: the module of this package whose `read` turns a file into what it runs.
        names: what paths of that system's files look like from the scan root, a regular expression.
        parser: the module whose `parse` reads its text; "" for plain YAML.
        endings: what the names of those files have behind their last dot; nothing where that may be anything.
    """

    def __init__(self, module: str, names: str, parser: str = "", endings: tuple[str, ...] = ("yaml", "yml")) -> None:
        self.module = module
        self.endings = endings
        self._names = re.compile(names)
        self._parser = parser

    def matches(self, uri: str) -> bool:
        """Whether a file is one of that system's, by its path from the scan root."""
        return self._names.fullmatch(uri) is not None

    def parse(self, text: str) -> tuple[Sequence[Document], Sequence[Fault]]:
        """The documents of a text, and what is wrong with it."""
        if not self._parser:
            return yaml.parse(text, templated=False)
        parsed: tuple[Sequence[Document], Sequence[Fault]] = import_module(self._parser).parse(text)
        return parsed


READERS: tuple[Reader, ...] = (
    Reader("github", r"\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml"),
    Reader(
        "gitlab",
        r"(?:.*/)?[^/]*\.gitlab-ci\.ya?ml"
        r"|(?:\.gitlab/(?!agents/)|\.?gitlab-ci/)(?:[^/]+/)*[^/]+\.ya?ml",
        "readycheck.documents.gitlab",
    ),
    Reader(
        "azure",
        r"(?:.*/)?azure-pipelines?[^/]*\.ya?ml"
        r"|\.(?:azure-pipelines|azuredevops|pipelines|azure)/(?:[^/]+/)*[^/]+\.ya?ml",
    ),
    Reader("bitbucket", r"bitbucket-pipelines\.ya?ml"),
    Reader("buildkite", r"\.buildkite/(?:[^/]+/)*[^/]*pipeline[^/]*\.ya?ml"),
    Reader("circleci", r"\.circleci/[^/]+\.ya?ml"),
    Reader(
        "cloud_build",
        r"(?:.*/)?[^/]*cloudbuild[^/]*\.(?:ya?ml|json)|(?:.*/)?\.?cloudbuild/(?:[^/]+/)*[^/]+\.ya?ml",
        endings=("yaml", "yml", "json"),
    ),
    Reader("drone", r"\.drone\.ya?ml|\.woodpecker\.ya?ml|\.woodpecker/(?:[^/]+/)*[^/]+\.ya?ml"),
    Reader(
        "jenkins",
        r"(?:.*/)?(?:Jenkinsfile(?:[._-][^/]*)?|[^/]+\.Jenkinsfile|[^/]+\.jenkinsfile)",
        "readycheck.documents.jenkinsfile",
        endings=(),
    ),
    Reader("travis", r"\.travis\.ya?ml"),
)
"""A row for each system whose pipelines are files of their own."""

_OBJECTS: Mapping[tuple[str, str], str] = {
    ("tekton.dev", "Pipeline"): "tekton",
    ("tekton.dev", "PipelineRun"): "tekton",
    ("argoproj.io", "ClusterWorkflowTemplate"): "argo_workflows",
    ("argoproj.io", "CronWorkflow"): "argo_workflows",
    ("argoproj.io", "Workflow"): "argo_workflows",
    ("argoproj.io", "WorkflowTemplate"): "argo_workflows",
}
"""Kubernetes objects that are pipelines, by group and kind: the module of this package that reads them."""
_KINDS = frozenset({KIND, *(kind for _, kind in _OBJECTS)})


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


class Pipeline(Resource, frozen=True):
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
        if resource.kind not in _KINDS:
            return None
        known = (resource.group, resource.kind) in _OBJECTS if resource.api_version else resource.kind == KIND
        if not known:
            return None
        return cls(KIND, resource.name, resource.scope, resource.body, resource.origin, files=files)

    @cached_property
    def flow(self) -> Flow:
        """What it comes to; one that nothing here understands has no jobs and says so in `unread`."""
        if self.api_version:
            module = _OBJECTS.get((self.group, str(self.body.get("kind"))), "")
        else:
            module = next((reader.module for reader in READERS if reader.matches(self.name)), "")
        if not module:
            return Flow("", self.name)
        flow: Flow = import_module(f"{__package__}.{module}").read(self, self.files)
        return flow
