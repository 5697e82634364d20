"""Google Cloud Build: `cloudbuild.yaml` (Cloud Build docs: Build configuration file schema).

Each step is a container that waits for others, so it is a job here. What starts a build is kept outside the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from readycheck.model import Resource
from readycheck.pipelines.model import Command, Files, Flow, Job, Need, Occasion, Run, Step
from readycheck.pipelines.node import Node
from readycheck.pipelines.plugins import name_and_version
from readycheck.pipelines.scripts import Script, expanded

SYSTEM = "Google Cloud Build"
_FILE = re.compile(r"(?:.*/)?[^/]*cloudbuild[^/]*\.(?:ya?ml|json)|\.cloudbuild/(?:[^/]+/)*[^/]+\.ya?ml")
_AT_ONCE = "-"
"""What a step waits for that waits for nothing."""
_SHELLS = ("bash", "sh", "/bin/bash", "/bin/sh")
_RUNS = tuple(
    Run(occasion, unsure="its trigger, which is kept in Cloud Build")
    for occasion in (Occasion.PULL_REQUEST, Occasion.MAIN, Occasion.BRANCH, Occasion.TAG, Occasion.MANUAL)
)


def is_configuration(uri: str) -> bool:
    """Whether a path from the root of the repository is that of a build's configuration."""
    return bool(_FILE.fullmatch(uri))


def read(resource: Resource, files: Files) -> Flow:
    """What a configuration comes to: a job for each step, and one that pushes the images.

    Args:
        resource: the file.
        files: finds scripts that steps call.
    """
    root = Node.of(resource)
    variables = {name: value.text for name, value in root["substitutions"].entries.items()}
    return Flow(SYSTEM, resource.name, tuple(_jobs(root, variables, files)))


def _jobs(root: Node, variables: Mapping[str, str], files: Files) -> Iterator[Job]:
    before: tuple[Need, ...] = ()
    for position, node in enumerate(root["steps"].items, 1):
        id_ = node["id"].text or f"step {position}"
        waits = node["waitFor"].texts
        known = {need.job: need for need in before}
        needs = tuple(known[id_] for id_ in waits if id_ in known) if waits else before
        fails = "`allowFailure: true`" if node["allowFailure"].flag or node["allowExitCodes"] else ""
        image = expanded(node["name"].text, variables)
        step = _step(node, id_, image, variables, files)
        yield Job(id_, id_, node.place, (step,), _RUNS, () if _AT_ONCE in waits else needs, fails, image=image)
        before = (*before, Need(id_, fails))
    images = root["images"]
    if images.items:
        commands = tuple(
            Command(("docker", "push", expanded(item.text, variables)), item.place) for item in images.items
        )
        yield Job("images", "images", images.place, (Step("images", images.place, commands),), _RUNS, before)


def _step(node: Node, id_: str, image: str, variables: Mapping[str, str], files: Files) -> Step:
    environment = dict(part.partition("=")[::2] for part in node["env"].texts)
    known = {**variables, **environment}
    folder = node["dir"].text
    if node["script"]:
        script = node["script"]
        return Script(id_, script.place, (script,), known, errexit=_stops(script.text), folder=folder).step(files)
    words = tuple(expanded(word, variables) for word in node["args"].texts)
    program = expanded(node["entrypoint"].text, variables) or name_and_version(image)[0].rpartition("/")[2]
    if program in _SHELLS and len(words) > 1 and words[0].startswith("-") and "c" in words[0]:
        written = node["args"].items[1]
        line = Node(written.text.replace("$$", "$"), written.resource, written.path)
        stops = "e" in words[0]
        step = Script(id_, line.place, (line,), known, errexit=stops, folder=folder).step(files)
        return replace(step, place=node.place)
    command = Command((program, *words), node.place, variables=known, folder=folder)
    return Step(id_, node.place, (command,), variables=known)


def _stops(script: str) -> bool:
    """Whether the first line of a script sets `-e`; without a first line of its own, Cloud Build's does."""
    first = script.lstrip().partition("\n")[0]
    return " -e" in first if first.startswith("#!") else True
