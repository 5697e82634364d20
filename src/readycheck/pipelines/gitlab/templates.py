"""Templates that GitLab itself brings, as far as rules ask what is in them (GitLab docs: Auto DevOps, Security)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CONTAINER_SCANNING: Mapping[str, Any] = {
    "container_scanning": {
        "stage": "test",
        "image": "$CI_TEMPLATE_REGISTRY_HOST/security-products/container-scanning:8",
        "allow_failure": True,
        "script": ["gtcs scan"],
        "rules": [
            {"if": "$CONTAINER_SCANNING_DISABLED == 'true' || $CONTAINER_SCANNING_DISABLED == '1'", "when": "never"},
            {"if": "$CI_COMMIT_BRANCH"},
        ],
    }
}
_BRANCH_PIPELINES: Mapping[str, Any] = {
    "workflow": {"rules": [{"if": "$CI_COMMIT_TAG"}, {"if": "$CI_COMMIT_BRANCH"}]},
}
_MERGE_REQUEST_PIPELINES: Mapping[str, Any] = {
    "workflow": {
        "rules": [
            {"if": "$CI_MERGE_REQUEST_IID"},
            {"if": "$CI_COMMIT_TAG"},
            {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"},
        ],
    },
}
_REPORTS_ONLY: Mapping[str, Any] = {}
"""Analyses of source code: every job of theirs is allowed to fail, and none builds, pushes, tests or deploys."""
_ANALYSES = (
    "API-Discovery",
    "Code-Quality",
    "Dependency-Scanning",
    "License-Scanning",
    "SAST",
    "SAST-IaC",
    "Secret-Detection",
)
_FOLDERS = ("Jobs/", "Security/", "")


def brought_by(template: str) -> Mapping[str, Any] | None:
    """What a template of GitLab brings; None where that is not known here.

    Args:
        template: its path as `include: template` names it.
    """
    name = template.removesuffix(".gitlab-ci.yml").removesuffix(".latest")
    return _KNOWN.get(name)


_KNOWN: Mapping[str, Mapping[str, Any]] = {
    **{folder + analysis: _REPORTS_ONLY for folder in _FOLDERS for analysis in _ANALYSES},
    **{folder + "Container-Scanning": _CONTAINER_SCANNING for folder in _FOLDERS},
    "Workflows/Branch-Pipelines": _BRANCH_PIPELINES,
    "Workflows/MergeRequest-Pipelines": _MERGE_REQUEST_PIPELINES,
}
