"""Policies of IAM that grant what is asked of an account, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable

_WITHOUT_PERMISSION = frozenset({"sts:GetCallerIdentity"})
"""What everybody may do, and no policy grants."""


def iam_policy(actions: Iterable[str], *, sid: str = "Readycheck") -> str:
    """A policy document that allows some actions, as JSON.

    Args:
        actions: the actions: `eks:ListClusters`.
        sid: what its statement is called.
    """
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(set(actions) - _WITHOUT_PERMISSION),
        # Most of them list, and lists are granted on everything or not at all.
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2) + "\n"
