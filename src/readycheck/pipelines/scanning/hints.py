"""What could not be read and goes by the name of a scan, or of something that pushes images."""

from __future__ import annotations

import re

from readycheck.pipelines.acts.words import names, segments
from readycheck.pipelines.model import Command, Step

_SCANNING = names(
    "scan scans scanner scanning trivy grype anchore snyk security vulnerability vulnerabilities cve cves"
)
_NO_GATE = names(
    "setup install download upload report reporter codeql secret secrets gitleaks sbom dependency semgrep node golang",
    "python maven gradle iac code scorecard sast dast zap login configure monitor sarif review audit gosec trufflehog",
)
"""Words in the names of ready-made steps that scan something else, or nothing."""
_PUBLISHING = names("build image images docker container publish release deploy push registry")
_IMAGES = names("docker dockerfile image images container containers ghcr ecr gcr acr oci kaniko buildah")
_MAKING = names("build builds builder building push pusher publish publisher release")


def may_publish(reason: str) -> bool:
    """Whether a part of a pipeline that could not be read is called after something that pushes images.

    Args:
        reason: what was not read, and why.
    """
    return bool(_words_of(reason) & _PUBLISHING)


def hidden_scan(step: Step) -> str:
    """What in a step may be a scan and could not be read; "" where nothing may.

    Args:
        step: the step.
    """
    if step.skipped:
        return ""
    if step.unread:
        return step.unread if step.uses is not None or _words_of(step.unread) & (_SCANNING | _PUBLISHING) else ""
    if step.uses is None:
        return ""
    words = segments(step.uses.name.rpartition("/")[2])
    return f"what {step.uses.name} does is not known" if words & _SCANNING and not words & _NO_GATE else ""


def hidden_push(step: Step) -> str:
    """What in a step may push an image and could not be read; "" where nothing may.

    Args:
        step: the step.
    """
    if step.skipped:
        return ""
    if step.unread and (step.uses is not None or may_publish(step.unread)):
        return step.unread
    if step.uses is not None:
        words = segments(step.uses.name.rpartition("/")[2])
        return f"what {step.uses.name} does is not known" if words & _IMAGES and words & _MAKING else ""
    pushing = next(filter(_is_told_to_push, step.commands), None)
    return f"what `{pushing.text}` does is not known" if pushing else ""


def _is_told_to_push(command: Command) -> bool:
    return any(word == "--push" or (word.startswith("--push=") and word != "--push=false") for word in command.words)


def _words_of(reason: str) -> frozenset[str]:
    """The words of the names that a reason quotes, without the repositories and folders that they stand in."""
    quoted = re.findall(r"`([^`]+)`", reason)
    return segments(" ".join(each.partition("@")[0].rpartition("/")[2] for each in quoted))
