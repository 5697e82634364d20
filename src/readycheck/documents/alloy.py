"""Alloy's configuration syntax, read as the HCL that it resembles (Grafana Alloy documentation: configuration syntax).

Names of components and functions have dots, and raw strings stand in backticks; all else is HCL as far as blocks and
attributes go.
"""

from __future__ import annotations

import re

from readycheck.documents.hcl import parse_hcl
from readycheck.documents.yaml import Document, Fault

_HEADER = re.compile(r"^[ \t]*(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*(?=[ \t]*(?:\"[^\"\n]*\"[ \t]*)?\{)", re.MULTILINE)
_PACKAGES = "array|convert|encoding|file|string|sys"
_FUNCTION = re.compile(rf"\b({_PACKAGES})\.(?=\w+\()")
_FUNCTION_READ = re.compile(rf"\b({_PACKAGES})_(?=\w+\()")
_RAW = re.compile(r"`([^`]*)`")
_SPECIAL = re.compile(r"[\s\"\\$%]")


def parse_alloy(text: str) -> tuple[list[Document], list[Fault]]:
    """Read a configuration: one document in the shape of HCL, in which `loki.write` has the type `loki_write`.

    Args:
        text: the text.
    """
    # Nothing changes its place: what stands where is told by offsets.
    plain = _RAW.sub(lambda match: f'"{_SPECIAL.sub(" ", match[1])}"', text)
    plain = _HEADER.sub(lambda match: match[0].replace(".", "_"), plain)
    documents, faults = parse_hcl(_FUNCTION.sub(r"\1_", plain))
    return documents, [
        Fault(fault.line, "is no configuration of Alloy: what stands here is not read") for fault in faults
    ]


def as_written(expression: str) -> str:
    """An expression of a document as it stands in the text.

    Args:
        expression: the text of what is not decided.
    """
    return _FUNCTION_READ.sub(r"\1.", expression)
