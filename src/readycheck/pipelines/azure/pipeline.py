"""The jobs of an Azure pipeline (Azure Pipelines docs: YAML schema, Stages, Jobs, Deployment jobs, Conditions)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from readycheck.pipelines.azure.templates import Part, Templates, defaults, putting_in
from readycheck.pipelines.azure.trigger import in_spite, runs_of, under
from readycheck.pipelines.hands import behind_hands
from readycheck.pipelines.matrix import MOST_COMBINATIONS
from readycheck.pipelines.model import Files, Flow, Job, Need, Run, Step, Use
from readycheck.pipelines.node import Node
from readycheck.pipelines.scripts import Script

SYSTEM = "Azure Pipelines"
_MACRO = re.compile(r"\$\(([\w.-]+)\)")
_SHELLS = ("script", "bash")
_POWERSHELLS = ("pwsh", "powershell")
_SHELL_TASKS: Mapping[str, tuple[str, ...]] = {
    "bash": ("script",),
    "cmdline": ("script",),
    "azurecli": ("inlineScript",),
}
"""Tasks that run a shell, and where their script is."""
_QUIET = ("checkout", "download", "downloadBuild", "getPackage", "publish", "reviewApp")
_HOOKS = ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic")
_AFTERWARDS = ("success", "failure")


class _Stage(Struct, frozen=True, eq=False):
    """A stage with what its jobs have in common."""

    id: str
    node: Node
    runs: tuple[Run, ...]
    needs: tuple[Need, ...]
    variables: Mapping[str, str]
    parameters: Mapping[str, Node]


class PipelineReader:
    """Reads the jobs of one file.

    Args:
        root: the file.
        files: finds templates and scripts.
    """

    def __init__(self, root: Node, files: Files) -> None:
        self._files = files
        self._templates = Templates(files)
        self._parameters: Mapping[str, Node] = defaults(root["parameters"])
        self._root = Node(root.value, root.resource, (), putting_in(self._parameters))
        extended = self._root["extends"]
        if extended:
            # What a template is extended with stays the file's own; the template gives the rest.
            found = self._templates.template(extended)
            if found is not None:
                template, self._parameters = found
                self._root = self._root.with_entries({**template.entries, **self._root.entries})

    def flow(self) -> Flow:
        """What the file comes to."""
        runs = tuple(runs_of(self._root))
        jobs = behind_hands(self._of_stages(runs) if "stages" in self._root else self._alone(runs))
        name = self._root["name"].text
        told = name if name and "$" not in name else self._root.resource.name
        return Flow(SYSTEM, told, jobs, (*self._templates.unread, *self._templates.allowance.unread(self._root.place)))

    # Stages and jobs -------------------------------------------------------------------------------------------

    def _alone(self, runs: tuple[Run, ...]) -> Iterator[Job]:
        stage = _Stage("", self._root, runs, (), _variables(self._root), self._parameters)
        if "jobs" in self._root:
            yield from self._jobs(stage)
        elif "steps" in self._root:
            yield from self._job(Part(self._root, self._parameters), "job", stage, "")

    def _of_stages(self, runs: tuple[Run, ...]) -> Iterator[Job]:
        made: dict[str, list[Job]] = {}
        before = ""
        for position, part in enumerate(self._templates.parts(self._root["stages"], "stages", self._parameters), 1):
            node, id_ = part.node, part.node["stage"].text or f"stage {position}"
            waits = node["dependsOn"].texts if "dependsOn" in node.entries else (before,)
            condition = node["condition"].text
            variables = {**_variables(self._root), **_variables(node)}
            here = tuple(_doubted(under(runs, condition, variables), part.unsure))
            spite = in_spite(condition)
            needs = tuple(Need(job.id, spite or job.may_fail) for stage in waits for job in made.get(stage, ()))
            made[id_] = list(self._jobs(_Stage(id_, node, here, needs, variables, part.parameters)))
            yield from made[id_]
            before = id_

    def _jobs(self, stage: _Stage) -> Iterator[Job]:
        parts = list(self._templates.parts(stage.node["jobs"], "jobs", stage.parameters))
        named = [(part.node["job"] or part.node["deployment"]).text or f"job {at}" for at, part in enumerate(parts, 1)]
        prefix = f"{stage.id}/" if stage.id else ""
        made = [list(self._job(part, name, stage, prefix)) for name, part in zip(named, parts, strict=True)]
        of_name = dict(zip(named, made, strict=True))
        for jobs, part in zip(made, parts, strict=True):
            spite = in_spite(part.node["condition"].text)
            awaited = (job for need in part.node["dependsOn"].texts for job in of_name.get(need, ()))
            waits = [Need(job.id, spite or job.may_fail) for job in awaited]
            yield from (replace(job, needs=(*job.needs, *waits)) for job in jobs)

    def _job(self, part: Part, name: str, stage: _Stage, prefix: str) -> Iterator[Job]:
        node = part.node
        matrix = node["strategy"]["matrix"].entries
        told_apart = 0 < len(matrix) <= MOST_COMBINATIONS and not any("${{" in key for key in matrix)
        chosen = matrix if told_apart else {}
        variables = {**stage.variables, **(_variables(node) if node is not self._root else {})}
        environment = node["environment"]
        container = node["container"]
        condition = node["condition"].text if node is not self._root else ""
        job = Job(
            prefix + name,
            node["displayName"].text or name,
            node.place,
            runs=tuple(_doubted(under(stage.runs, condition, variables), part.unsure)),
            needs=stage.needs,
            may_fail="`continueOnError: true`" if node["continueOnError"].flag else "",
            environment=(environment["name"] if environment.is_mapping else environment).text,
            images=tuple(service.text for service in node["services"].entries.values()),
            image=(container["image"] if container.is_mapping else container).text,
        )
        if any(step["task"].text.startswith("ManualValidation@") for step in node["steps"].items):
            job = replace(job, runs=tuple(replace(run, manual=True) for run in job.runs))
        if not chosen:
            left_open = {key for values in matrix.values() for key in values.entries}
            known = {key: value for key, value in variables.items() if key not in left_open}
            yield replace(job, steps=tuple(self._steps_of(part, known)))
        for key, values in chosen.items():
            known = {**variables, **{name: value.text for name, value in values.entries.items()}}
            yield replace(job, id=f"{job.id} {key}", steps=tuple(self._steps_of(part, known)))

    # Steps -----------------------------------------------------------------------------------------------------

    def _steps_of(self, part: Part, variables: Mapping[str, str]) -> Iterator[Step]:
        node = part.node
        yield from self._steps(node["steps"], part, variables)
        for strategy in node["strategy"].entries.values():
            for hook in _HOOKS:
                yield from self._steps(strategy[hook]["steps"], part, variables)
            for hook in _AFTERWARDS:
                for step in self._steps(strategy["on"][hook]["steps"], part, variables):
                    yield replace(step, condition=f"on: {hook}", in_spite="on: failure" if hook == "failure" else "")

    def _steps(self, steps: Node, job: Part, variables: Mapping[str, str]) -> Iterator[Step]:
        for part in self._templates.parts(steps, "steps", job.parameters):
            step = self._step(part.node, variables)
            if step is not None:
                yield self._with_control(step, part)

    def _step(self, node: Node, variables: Mapping[str, str]) -> Step | None:
        shell = next((key for key in _SHELLS if key in node), "")
        if shell:
            return self._script(node, node[shell], variables)
        if any(key in node for key in _POWERSHELLS):
            return Step("PowerShell", node.place, unread="PowerShell, which is not read")
        if "task" in node:
            return self._task(node, variables)
        if any(key in node for key in _QUIET):
            return None
        return Step("step", node.place, unread="a step of a kind that is not known")

    def _task(self, node: Node, variables: Mapping[str, str]) -> Step:
        name, _, version = node["task"].text.partition("@")
        inputs = node["inputs"]
        script = next((inputs[key] for key in _SHELL_TASKS.get(name.lower(), ()) if key in inputs), None)
        if script is not None and not inputs["scriptType"].text.startswith(("ps", "pscore", "batch")):
            return self._script(node, script, variables)
        path = inputs["filePath"] or inputs["scriptPath"]
        if name.lower() in _SHELL_TASKS and path:
            return self._script(node, path, variables)
        given = {key: _put_in(value.text, variables) for key, value in inputs.entries.items() if value.text}
        return Step(name, node.place, uses=Use(name, version, given, node.place), variables=variables)

    def _script(self, node: Node, script: Node, variables: Mapping[str, str]) -> Step:
        environment = {key: _put_in(value.text, variables) for key, value in node["env"].entries.items()}
        folder = (node["workingDirectory"] or node["inputs"]["workingDirectory"]).text
        line = Node(_put_in(script.text, variables), script.resource, script.path)
        # Azure starts its shells without `-e`: only the last command of a script counts.
        own = {key.upper().replace(".", "_"): value for key, value in variables.items()}
        shell = Script(
            "script",
            script.place,
            (line,),
            own | environment,
            errexit=False,
            folder=_from_root(_put_in(folder, variables)),
        )
        return shell.step(self._files)

    @staticmethod
    def _with_control(step: Step, part: Part) -> Step:
        node = part.node
        condition = node["condition"].text
        return replace(
            step,
            name=node["displayName"].text or step.name,
            place=node.place,
            may_fail="`continueOnError: true`" if node["continueOnError"].flag else "",
            skipped="`enabled: false`" if node["enabled"].text == "false" else "",
            condition=condition or part.unsure,
            in_spite=in_spite(condition),
        )


def _doubted(runs: Iterator[Run], unsure: str) -> Iterator[Run]:
    return (replace(run, unsure=run.unsure or unsure) for run in runs)


def _variables(node: Node) -> dict[str, str]:
    """The variables that a file, stage or job gives values; groups and templates are kept elsewhere."""
    variables = node["variables"]
    if variables.is_list:
        return {item["name"].text: item["value"].text for item in variables.items if "name" in item}
    return {name: value.text for name, value in variables.entries.items() if not value.is_mapping}


def _put_in(text: str, variables: Mapping[str, str]) -> str:
    """A text with `$(name)` put in where it is known; what the system knows alone becomes an expression of it.

    A name that no file gives a value may be a command of the shell: `$(pwd)`.
    """
    known = {name.lower(): value for name, value in variables.items()}

    def put(match: re.Match[str]) -> str:
        value = known.get(match[1].lower())
        if value is not None and "$" not in value:
            return value
        return f"${{{{ {match[1]} }}}}" if value is not None or "." in match[1] else match[0]

    return _MACRO.sub(put, text)


def _from_root(folder: str) -> str:
    """A folder from the root of the repository."""
    return re.sub(r"^\$\{\{ (Build\.SourcesDirectory|System\.DefaultWorkingDirectory) \}\}/?", "", folder)
