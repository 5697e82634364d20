"""Lists of dependencies, as far as rules ask: which of the libraries that matter here they name, and where.

A list is not understood, since each language has its own: a library's name in it, outside of a comment, is enough.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readycheck.documents.text import LineCounter
from readycheck.documents.yaml import Document
from readycheck.model import Map

if TYPE_CHECKING:
    from readycheck.documents.yaml import Fault

_LISTS = re.compile(
    r"(?:^|/)(?:go\.mod|package\.json|pom\.xml|build\.gradle(?:\.kts)?|libs\.versions\.toml|pyproject\.toml|Pipfile"
    r"|requirements[^/]*\.txt|Cargo\.toml|Gemfile|mix\.exs|composer\.json|Directory\.Packages\.props|[^/]+\.(?:cs|fs)proj)\Z"
)
TESTCONTAINERS = "testcontainers"
_NAMED = re.compile(r"^(?!\s*(?://|#|<!--)).*?(testcontainers)", re.IGNORECASE | re.MULTILINE)


def is_dependency_list(uri: str) -> bool:
    """Whether a path is that of a list of dependencies.

    Args:
        uri: the path from the scan root.
    """
    return _LISTS.search(uri) is not None


def names_testcontainers(text: str) -> bool:
    """Whether a list of dependencies names Testcontainers.

    Args:
        text: the text, as read_text gives it.
    """
    return _NAMED.search(text) is not None


def parse_dependencies(text: str) -> tuple[list[Document], list[Fault]]:
    """Read which libraries a list names: a mapping of each to the line that names it first.

    Args:
        text: the text, as read_text gives it.
    """
    match = _NAMED.search(text)
    if match is None:
        return [], []
    body = Map({TESTCONTAINERS: match[0].strip()})
    body.marks = [match.start(1)]
    return [Document(body, match.start(1), LineCounter(text).line(match.start(1)))], []
