"""What is published: whether it leaves the run at all, and whether its name is one that nobody uses unasked."""

from __future__ import annotations

import re

from readycheck.pipelines.acts import Act, Push
from readycheck.pipelines.model import Command, Use

_OWN_REGISTRIES = ("localhost", "127.0.0.1", "kind-registry", "k3d-")
_COMMIT = re.compile(
    r"(?i)sha|commit|rev[-_]?parse|pipeline_i?id|run_(?:id|number)|build_?(?:id|number|num)|git_?hash|short_?hash|digest"
)
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}")
_TRANSPORT = re.compile(r"\A(?:docker|docker-daemon|containers-storage|podman|registry):(?://)?(?=.*[:/])")
"""How Skopeo and Grype say where an image lies."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_ARCHIVES = (".tar", ".tar.gz", ".tgz")


def stays_here(push: Push) -> bool:
    """Whether a push goes to a registry of the run itself.

    Args:
        push: the push.
    """
    variables = push.cause.variables if isinstance(push.cause, Command) else {}
    if push.what.startswith("ko ") and variables.get("KO_DOCKER_REPO", "").endswith(".local"):
        return True
    return bool(push.images) and all(image.startswith(_OWN_REGISTRIES) for image in push.images)


def names_its_commit(act: Act) -> bool:
    """Whether all that is pushed is named by its commit, its run or its digest: nobody uses it unasked.

    Args:
        act: a push, or what else publishes.
    """
    if not isinstance(act, Push):
        return False
    if isinstance(act.cause, Use) and "push-by-digest=true" in act.cause.inputs.get("outputs", ""):
        return True
    return bool(act.images) and all(_COMMIT.search(_tag(image)) for image in act.images)


def _tag(image: str) -> str:
    """What follows the last colon outside of an expression; "" where nothing does."""
    return _last_part(image).partition(":")[2]


def _last_part(image: str) -> str:
    """What follows the last slash outside of an expression."""
    return _EXPRESSION.sub(lambda match: match[0].replace("/", "."), image).rpartition("/")[2]


def name_of(image: str) -> str:
    """The last part of an image's name, whatever its tag, where that is decided; "" where a variable may be in it.

    Args:
        image: the reference, or an archive of an image.
    """
    if image.endswith(_ARCHIVES):
        return ""
    last = _last_part(_TRANSPORT.sub("", image))
    name = last.partition("@")[0].partition(":")[0]
    return name if _NAME.fullmatch(name) else ""
