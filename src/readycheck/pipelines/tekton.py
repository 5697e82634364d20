"""Tekton: `PipelineRun` and `Pipeline` objects, started by hand, by triggers, or by Pipelines as Code.

The facts are from Tekton docs: Pipelines, Tasks, and Pipelines as Code docs: Matching a PipelineRun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from readycheck.model import Resource, TaggedSeq
from readycheck.pipelines.containers import Container, stops_at_failure
from readycheck.pipelines.filters import NAMES, passes, run_if
from readycheck.pipelines.model import Files, Flow, Job, Need, Occasion, Run, Step, Use
from readycheck.pipelines.node import Node, Rewrite
from readycheck.pipelines.scripts import Script
from readycheck.pipelines.values import all_of, equal

SYSTEM = "Tekton"
_VARIABLE = re.compile(r"\$\(([\w.-]+)((?:\[[^\]]*\])?[\w.-]*)\)")
_RESULT = re.compile(r"(?:\$\(|\$\{\{ )tasks\.([\w-]+)\.")
_ON = "pipelinesascode.tekton.dev/on-"
_COMPARISON = re.compile(r"\s*(event|target_branch)\s*==\s*[\"']([^\"']*)[\"']\s*")
_EVENTS: Mapping[Occasion, str] = {
    Occasion.PULL_REQUEST: "pull_request",
    Occasion.MAIN: "push",
    Occasion.BRANCH: "push",
    Occasion.TAG: "push",
}
_UNTOLD = "what starts it, which is not told where it stands"


def read(resource: Resource, files: Files) -> Flow:
    """What a pipeline comes to, or a run of one.

    Args:
        resource: the `Pipeline` or `PipelineRun`.
        files: finds what it names, or what names it.
    """
    return (_read_run if resource.body.get("kind") == "PipelineRun" else _read_pipeline)(resource, files)


def _read_run(resource: Resource, files: Files) -> Flow:
    root = Node.of(resource)
    spec = root["spec"]
    name = spec["pipelineRef"]["name"].text
    pipeline = spec["pipelineSpec"] or _spec_of(spec["pipelineRef"], ("Pipeline",), name, files)
    runs = tuple(_runs(root["metadata"]["annotations"]))
    told = root["metadata"]["name"].text or root["metadata"]["generateName"].text
    if not pipeline:
        unread = f"it runs the pipeline `{name}`, which could not be found in the tree"
        return Flow(SYSTEM, told, (Job(name or told, name or told, spec.place, runs=runs, unread=unread),))
    return Flow(SYSTEM, told, tuple(_jobs(pipeline, spec["params"], runs, files)))


def _read_pipeline(resource: Resource, files: Files) -> Flow:
    """What a pipeline comes to by itself; one that runs of the tree name is judged there."""
    root = Node.of(resource)
    runs = (Node.of(run)["spec"]["pipelineRef"]["name"].text for run in files.of("Pipeline") if run is not resource)
    if resource.name in runs:
        return Flow(SYSTEM, resource.name, called_only=True)
    unsure = tuple(Run(occasion, unsure=_UNTOLD) for occasion in Occasion)
    return Flow(SYSTEM, resource.name, tuple(_jobs(root["spec"], Node(None, resource), unsure, files)))


def _spec_of(reference: Node, kinds: Sequence[str], name: str, files: Files) -> Node:
    """What the object says that a reference names; an absent node where there is no such object."""
    found = next((one for one in files.of(*kinds) if one.name == name and one.group == "tekton.dev"), None)
    return Node.of(found)["spec"] if found is not None else Node(None, reference.resource, reference.path)


# When it runs -------------------------------------------------------------------------------------------------------


def _runs(annotations: Node) -> Iterator[Run]:
    expression = annotations[_ON + "cel-expression"].text
    events = _listed(annotations[_ON + "event"])
    if not expression and not events:
        yield Run(Occasion.MANUAL)
        return
    paths = _listed(annotations[_ON + "path-change"])
    for occasion, event in _EVENTS.items():
        if expression:
            answer, told = _of_expression(expression, occasion), expression
        else:
            branches = _listed(annotations[_ON + "target-branch"])
            answer, told = event in events and _of_branches(branches, occasion), ", ".join(branches)
        yield from run_if(occasion, answer, " ".join(told.split()), paths=paths)


def _listed(annotation: Node) -> tuple[str, ...]:
    """The names in an annotation: `[main, release-*]`."""
    return tuple(name.strip(" \"'") for name in annotation.text.strip("[] ").split(",") if name.strip())


def _of_branches(branches: Sequence[str], occasion: Occasion) -> bool | None:
    kind = "refs/tags/" if occasion is Occasion.TAG else "refs/heads/"
    other = "refs/heads/" if occasion is Occasion.TAG else "refs/tags/"
    names = tuple(name.removeprefix(kind) for name in branches if not name.startswith(other))
    if occasion is Occasion.TAG:
        names = tuple(name.removeprefix(kind) for name in branches if name.startswith(kind))
    return passes(NAMES[occasion], names) if names else not branches


def _of_expression(expression: str, occasion: Occasion) -> bool | None:
    """What can be told of an expression: comparisons that must all hold."""
    answers: list[bool | None] = []
    for part in expression.split("&&"):
        compared = _COMPARISON.fullmatch(part)
        if compared is None:
            answers.append(None)
        elif compared[1] == "event":
            answers.append(compared[2] == _EVENTS[occasion])
        elif occasion is Occasion.TAG:
            answers.append(False)
        else:
            answers.append(equal(NAMES[occasion], compared[2]))
    return all_of(*answers)


# Jobs ---------------------------------------------------------------------------------------------------------------


def _jobs(pipeline: Node, given: Node, runs: tuple[Run, ...], files: Files) -> Iterator[Job]:
    here = Node(pipeline.value, pipeline.resource, pipeline.path, _putting_in(_parameters(pipeline["params"], given)))
    names = {task["name"].text for task in here["tasks"].items}
    for task in here["tasks"].items:
        texts = (text for item in task["params"].items for text in item["value"].texts)
        results = (name for text in texts for name in _RESULT.findall(text))
        waits = dict.fromkeys((*task["runAfter"].texts, *results))
        yield _job(task, tuple(Need(name) for name in waits if name in names), runs, files)
    for task in here["finally"].items:
        spite = "`finally` is run whatever came of the tasks"
        yield _job(task, tuple(Need(name, spite) for name in names), runs, files)


def _job(task: Node, needs: tuple[Need, ...], runs: tuple[Run, ...], files: Files) -> Job:
    name, reference = task["name"].text, task["taskRef"]
    called = reference["name"].text or next(
        (item["value"].text for item in reference["params"].items if item["name"].text == "name"), ""
    )
    spec = task["taskSpec"] or _spec_of(reference, ("Task", "ClusterTask"), called, files)
    if task["when"].items:
        runs = tuple(replace(run, unsure=run.unsure or "the condition of its `when`") for run in runs)
    may_fail = "`onError: continue`" if task["onError"].text == "continue" else ""
    job = Job(name, name, task.place, runs=runs, needs=needs, may_fail=may_fail)
    if not spec:
        inputs = {item["name"].text: item["value"].text for item in task["params"].items}
        use = Use(called, reference["resolver"].text, inputs, task.place)
        return replace(
            job,
            steps=(Step(name, task.place, uses=use),),
            unread=f"it runs the task `{called}`, which could not be found in the tree",
        )
    here = Node(spec.value, spec.resource, spec.path, _putting_in(_parameters(spec["params"], task["params"])))
    steps = tuple(_step(item, here["stepTemplate"], files) for item in here["steps"].items)
    sidecars = tuple(item["image"].text for item in here["sidecars"].items)
    return replace(job, steps=steps, images=sidecars)


def _step(node: Node, template: Node, files: Files) -> Step:
    name = node["name"].text or node["image"].text
    variables = {
        item["name"].text: item["value"].text
        for item in (*template["env"].items, *node["env"].items)
        if "value" in item
    }
    folder = _in_workspace((node["workingDir"] or template["workingDir"]).text)
    script = node["script"]
    if script:
        stops = stops_at_failure(script.text, usually=True)
        step = Script(name, script.place, (script,), variables, errexit=stops, folder=folder).step(files)
    elif node["ref"]:
        step = Step(name, node.place, unread=f"the step action `{node['ref']['name'].text}`")
    else:
        image, command = node["image"].text, node["command"].items
        step = Container(name, node.place, image, command, node["args"].items, variables, folder).step(files)
    return replace(step, may_fail="`onError: continue`" if node["onError"].text == "continue" else "")


def _in_workspace(folder: str) -> str:
    """A folder from the root of the repository, which a workspace holds."""
    return re.sub(r"^\$\{\{ workspaces\.[\w-]+\.path \}\}/?", "", folder)


# Parameters ---------------------------------------------------------------------------------------------------------


def _parameters(declared: Node, given: Node) -> dict[str, Node]:
    values = {item["name"].text: item["default"] for item in declared.items if "default" in item}
    return values | {item["name"].text: item["value"] for item in given.items if "value" in item}


def _putting_in(parameters: Mapping[str, Node]) -> Rewrite:
    """Puts parameters in; what only Tekton knows becomes an expression that no shell takes for a command."""

    def one(match: re.Match[str]) -> str:
        name = match[1].removeprefix("inputs.").removeprefix("params.") if "params." in match[1] else ""
        found = parameters.get(name)
        if found is not None and not found.is_list and not found.is_mapping:
            return found.text
        known = match[1].split(".")[0] in _HOLDERS
        return f"${{{{ {match[1]}{match[2]} }}}}" if known else match[0]

    def rewrite(node: Node, value: str | TaggedSeq) -> Node | str | None:
        del node
        text = "" if isinstance(value, TaggedSeq) else str(value)
        whole = _VARIABLE.fullmatch(text)
        if whole and whole[1].startswith("params.") and whole[2] == "[*]":
            return parameters.get(whole[1].removeprefix("params."))
        return _VARIABLE.sub(one, text) if "$(" in text else None

    return rewrite


_HOLDERS = ("context", "inputs", "outputs", "params", "results", "steps", "tasks", "workspaces")
