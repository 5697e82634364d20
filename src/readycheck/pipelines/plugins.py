"""Ready-made steps that are container images: pipes, plugins, builders."""

from __future__ import annotations

from readycheck.model import Place
from readycheck.pipelines.model import Use
from readycheck.pipelines.node import Node


def name_and_version(reference: str) -> tuple[str, str]:
    """What an image or a pipe is called, and the tag or digest that it is taken at."""
    path, at, digest = reference.removeprefix("docker://").partition("@")
    folder, slash, last = path.rpartition("/")
    name, _, tag = last.partition(":")
    # The registry that images come from unless another one is named.
    folder = folder.removeprefix("index.").removeprefix("docker.io/")
    return folder + slash + name, digest if at else tag


def plugin(reference: str, inputs: Node, place: Place) -> Use:
    """The use of a plugin.

    Args:
        reference: the image or the pipe.
        inputs: what it is given: a mapping.
        place: where it stands.
    """
    name, version = name_and_version(reference)
    return Use(name, version, {key: _as_text(value) for key, value in inputs.entries.items()}, place)


def _as_text(value: Node) -> str:
    return ",".join(value.texts) if value.is_list else value.text
