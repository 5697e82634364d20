"""GitLab CI files: YAML, perhaps with a header document that declares inputs (GitLab docs: CI/CD inputs)."""

from __future__ import annotations

from collections.abc import Sequence

from readycheck.documents import yaml
from readycheck.documents.yaml import Document, Fault
from readycheck.model import Map


def parse(text: str) -> tuple[Sequence[Document], Sequence[Fault]]:
    """Read a GitLab CI file; what its header says stands beside what it is the header of.

    Args:
        text: the text, as read_text gives it.
    """
    documents, faults = yaml.parse(text, templated=False)
    header, configuration = ([document.body for document in documents[:2]] + [None, None])[:2]
    if not (
        isinstance(header, Map) and isinstance(configuration, Map) and "spec" in header.keys() - configuration.keys()
    ):
        return documents, faults
    whole = Map({**configuration, "spec": header["spec"]})
    whole.marks = [*configuration.marks, header.marks[list(header).index("spec")]]
    return [Document(whole, documents[1].offset, documents[1].line), *documents[2:]], faults
