"""An account of AWS as a file recorded it: what the aws source would hand over.

    {"account": "111122223333", "regions": ["eu-west-1"],
     "resources": [{"type": "aws_eks_cluster", "values": {"arn": "arn:aws:eks:...", "version": "1.33"}}],
     "unread": {"aws_acm_certificate": "AWS refuses acm:ListCertificates"}}

Values are those of Terraform's types, by which the account's things are known too. `{"__unknown__": REASON}` stands for
what could not be asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from readycheck.documents.text import read_text
from readycheck.model import Collected, Problem, Resource, Unresolved
from readycheck.sources.aws.origin import AwsOrigin

_UNKNOWN = "__unknown__"


def collect(file: Path) -> Collected:
    """Read a recording.

    Args:
        file: where it stands.

    Raises:
        Unreadable: the file cannot be read.
    """
    try:
        recorded = json.loads(read_text(file))
        resources = [_resource(each["type"], each["values"]) for each in recorded["resources"]]
        unread = dict(recorded.get("unread", {}))
        areas = [f"{recorded['account']}/{region}" for region in (*recorded.get("regions", ()), "global")]
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        reason = f"is no recording of an account: {type(wrong).__name__}: {wrong}"
        return Collected("aws", (), problems=(Problem(file.name, reason),), failed=True)
    return Collected("aws", resources, unread=unread, areas=areas, targets=areas)


def _resource(kind: str, values: Mapping[str, Any]) -> Resource:
    name = str(values.get("arn") or values["id"])
    return Resource(kind, name, "", _decided(values, kind), AwsOrigin(name))


def _decided(value: Any, key: str) -> Any:
    """A value with what could not be asked as that."""
    if isinstance(value, dict):
        if _UNKNOWN in value:
            return Unresolved(key, str(value[_UNKNOWN]), same=False)
        return {name: _decided(each, name) for name, each in value.items()}
    return [_decided(each, key) for each in value] if isinstance(value, list) else value
