"""Google Cloud Build: `cloudbuild.yaml` (Cloud Build docs: Build configuration file schema).

Each step is a container that waits for others, so it is a job here. What starts a build is kept outside the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readycheck.model import Resource
from readycheck.pipelines.containers import Container, stops_at_failure
from readycheck.pipelines.model import Command, Files, Flow, Job, Need, Occasion, Run, Step
from readycheck.pipelines.node import Node
from readycheck.pipelines.scripts import Script, expanded

SYSTEM = "Google Cloud Build"
_AT_ONCE = "-"
"""What a step waits for that waits for nothing."""
_RUNS = tuple(
    Run(occasion, unsure="its trigger, which is kept in Cloud Build")
    for occasion in (Occasion.PULL_REQUEST, Occasion.MAIN, Occasion.BRANCH, Occasion.TAG, Occasion.MANUAL)
)


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
    known = {**variables, **dict(part.partition("=")[::2] for part in node["env"].texts)}
    folder, script = node["dir"].text, node["script"]
    if script:
        stops = stops_at_failure(script.text, usually=True)
        return Script(id_, script.place, (script,), known, errexit=stops, folder=folder).step(files)
    # What stands as `$$NAME` is left to the shell.
    arguments = [Node(item.text.replace("$$", "$"), item.resource, item.path) for item in node["args"].items]
    return Container(id_, node.place, image, node["entrypoint"].items, arguments, known, folder).step(files)
