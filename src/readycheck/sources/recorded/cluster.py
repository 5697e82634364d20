"""A cluster as a file recorded it: the objects that its API server would answer with, one YAML document each.

The cases of rules show live clusters so, with a line for everything that is said of them. What a cluster would refuse
to list stands in a comment of its own: `# unread: PodDisruptionBudget: forbidden`.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from readycheck.documents.text import SourceText, read_text
from readycheck.documents.yaml import parse
from readycheck.model import Collected, Problem, Resource
from readycheck.sources.files.manifests import read_objects
from readycheck.sources.files.origins import FileOrigin

CLUSTER_FILE = "cluster.yaml"
"""What a recording is called that lies beside files, or ends in after a dot where it stands alone."""

_UNREAD = re.compile(r"^# unread: ([\w.]+): (.+?)\s*$", re.MULTILINE)


class _RecordedOrigin(FileOrigin, Struct, frozen=True, eq=False):
    """A document of a recording."""

    @property
    def source(self) -> str:
        """The source that would have read it."""
        return "cluster"


def collect(file: Path, uri: str = "") -> Collected:
    """Read a recording.

    Args:
        file: where it stands.
        uri: what it is called in locations; its name where none is given.

    Raises:
        Unreadable: the file cannot be read.
    """
    text = SourceText(uri or file.name, read_text(file))
    documents, faults = parse(text.text, decided=True)
    resources: list[Resource] = []
    problems = [Problem(text.uri, fault.reason, fault.line) for fault in faults]
    for document in documents:
        manifests = read_objects(document.body, _RecordedOrigin(text, document.offset))
        resources += manifests.resources
        problems += manifests.problems
    unread = {match[1]: match[2] for match in _UNREAD.finditer(text.text)}
    return Collected("cluster", resources, problems=problems, unread=unread)
