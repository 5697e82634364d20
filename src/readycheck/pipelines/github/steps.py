"""The steps of a job: shells, actions, and the composite actions of the repository in place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.documents.yaml import parse
from readycheck.pipelines import shell
from readycheck.pipelines.acts.doing import from_root
from readycheck.pipelines.github.expression import STATUS_FUNCTION, condition_of
from readycheck.pipelines.github.scope import Scope, surest
from readycheck.pipelines.github.situation import Situation
from readycheck.pipelines.model import Command, Files, Run, Step, Use
from readycheck.pipelines.node import Node
from readycheck.pipelines.shell.calls import with_flags

_DEEPEST = 9
"""Composite actions in composite actions; GitHub's own limit is nine."""
_ACTION_FILES = ("action.yml", "action.yaml")
_SHELLS = ("bash", "sh")
_WINDOWS = ("pwsh", "powershell")
_PLAIN_LINE = re.compile(r"\s*(?:#.*|[\w./\\:-]+(?:[ \t]+[^{}()|;&`<>]*)?)?")
"""A program with its arguments, and nothing that is PowerShell's own."""
_SETTING = re.compile(r"([A-Za-z_][\w-]*)=(.*)", re.DOTALL)
_PATH_FILTERS = ("dorny/paths-filter", "AurorNZ/paths-filter")


Readings: TypeAlias = dict[tuple[object, ...], shell.Reading]
"""What shells made of texts: the jobs of a matrix run most of their steps alike."""


class Around(Struct, frozen=True, eq=False):
    """What the steps of a job, or of a composite action, stand in.

    Args:
        when: how the job runs in each of the situations.
        scope: what expressions see.
        variables: the environment.
        shell: the shell that runs what names none; "" for the runner's own.
        folder: the folder that it runs in.
        step: the step of the job that they belong to, where they are a composite action's.
        depth: how many composite actions they stand in.
    """

    when: Sequence[Run | None]
    scope: Scope
    variables: Mapping[str, str] = field(default_factory=dict)
    shell: str = ""
    folder: str = ""
    step: Step | None = None
    depth: int = 0


class StepReader:
    """Reads the steps of one job.

    Args:
        files: finds actions, scripts and Makefiles.
        situations: the ways in which the workflow comes to run.
        readings: what was read already.
    """

    def __init__(self, files: Files, situations: Sequence[Situation], readings: Readings) -> None:
        self._files = files
        self._situations = situations
        self._readings = readings

    def steps(self, nodes: Sequence[Node], around: Around) -> tuple[list[Step], Scope]:
        """The steps, and what is known behind them.

        Args:
            nodes: the steps as they are written.
            around: what they stand in.
        """
        made: list[Step] = []
        for node in nodes:
            own = around.scope.texts(node["env"])
            found = list(self._read(node, _with_variables(around, own) if own else around))
            made += found
            around = _behind(node, found, around)
        return made, around.scope

    def _read(self, node: Node, around: Around) -> Iterator[Step]:
        step = self._outline(node, around)
        if node["uses"]:
            yield from self._uses(node, step, around)
        else:
            yield self._shell(node, step, around)

    def _outline(self, node: Node, around: Around) -> Step:
        """A step without what it does."""
        scope, outer = around.scope, around.step
        condition = condition_of(node["if"].text)
        name = scope.text(node["name"]) or scope.text(node["uses"])
        if not name:
            name = next(iter(node["run"].text.strip().splitlines()), "")
        step = Step(name, node.place, variables=around.variables)
        if scope.is_true(node["continue-on-error"]):
            step = replace(step, may_fail="`continue-on-error: true`")
        if outer is not None:
            step = replace(
                step,
                name=f"{outer.name} / {step.name}",
                may_fail=step.may_fail or outer.may_fail,
                skipped=outer.skipped,
                condition=outer.condition,
                in_spite=outer.in_spite,
                runs=outer.runs,
            )
        return self._under(condition, step, around) if condition else step

    def _under(self, condition: str, step: Step, around: Around) -> Step:
        """A step under its own condition."""
        scope = around.scope
        when = [
            scope.run_under(condition, base, situation)
            for base, situation in zip(around.when, self._situations, strict=True)
        ]
        never = all(scope.holds(condition, None, failed=failed) is False for failed in (False, True))
        lets_run = ""
        if STATUS_FUNCTION.search(condition):
            asked: list[Situation | None] = [
                situation for base, situation in zip(around.when, self._situations, strict=True) if base
            ]
            if any(scope.holds(condition, situation, failed=True) is not False for situation in asked or [None]):
                lets_run = f"`if: {condition}`"
        return replace(
            step,
            condition=f"{step.condition} && {condition}" if step.condition else condition,
            skipped=step.skipped or (f"`if: {condition}`" if never else ""),
            in_spite=step.in_spite or lets_run,
            runs=surest(when),
        )

    # Shells ----------------------------------------------------------------------------------------------------

    def _shell(self, node: Node, step: Step, around: Around) -> Step:
        scope = around.scope
        named = scope.text(node["shell"]) or around.shell
        start, text = shell_start(named), scope.text(node["run"])
        if start is None and named.startswith(_WINDOWS) and all(map(_PLAIN_LINE.fullmatch, text.splitlines())):
            # Of programs that PowerShell runs, the last one alone can fail the step.
            start, text = shell.Start(), text.replace("\\", "/")
        if start is None:
            return replace(step, unread=f"its shell is `{named}`, which is not read")
        folder = from_root(scope.text(node["working-directory"])) if node["working-directory"] else around.folder
        place = node["run"].place
        start = replace(start, variables=around.variables, folder=folder)
        key = (text, place.resource.name, place.path, folder, start.errexit, start.pipefail, *around.variables.items())
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = shell.read(text, lambda _: place, start, self._files)
        return replace(step, commands=reading.commands, unread="; ".join(reading.unread))

    # Actions ---------------------------------------------------------------------------------------------------

    def _uses(self, node: Node, step: Step, around: Around) -> Iterator[Step]:
        written = around.scope.text(node["uses"])
        asked = [situation for base, situation in zip(around.when, self._situations, strict=True) if base is not None]
        inputs = {name: around.scope.settled(text, asked) for name, text in around.scope.texts(node["with"]).items()}
        if not written.startswith("./"):
            name, _, version = written.rpartition(":") if written.startswith("docker://") else written.partition("@")
            use = Use(name or written, version if name else "", inputs, node["uses"].place)
            yield replace(step, uses=use)
            return
        action = self._action(from_root(written))
        if action is None:
            use = Use(written, "", inputs, node["uses"].place)
            yield replace(step, uses=use, unread=f"the action `{written}` could not be found in the tree")
        elif action["runs"]["using"].text != "composite" or around.depth >= _DEEPEST:
            yield replace(step, uses=Use(written, "", inputs, node["uses"].place))
        else:
            yield from self._composite(action, inputs, step, around)

    def _action(self, folder: str) -> Node | None:
        for name in _ACTION_FILES:
            found = self._files.file(f"{folder}/{name}" if folder else name)
            if found is not None and found.kind == "Action":
                return Node.of(found)
        return None

    def _composite(self, action: Node, inputs: Mapping[str, str], step: Step, around: Around) -> Iterator[Step]:
        given = {
            name: inputs.get(name, declared["default"].text) for name, declared in action["inputs"].entries.items()
        }
        folder = action.resource.name.rpartition("/")[0]
        scope = Scope({path: value for path, value in around.scope.values.items() if not path.startswith("inputs.")})
        inner = replace(
            around,
            scope=scope.with_values("inputs", given).with_values("github", {"action_path": folder}),
            step=step,
            depth=around.depth + 1,
            when=around.when if step.runs is None else self._narrowed(around, step),
        )
        inner = _with_variables(inner, {"GITHUB_ACTION_PATH": folder})
        steps, _ = self.steps(action["runs"]["steps"].items, inner)
        yield from steps

    def _narrowed(self, around: Around, step: Step) -> Sequence[Run | None]:
        return [
            around.scope.run_under(step.condition, base, situation)
            for base, situation in zip(around.when, self._situations, strict=True)
        ]


def shell_start(named: str) -> shell.Start | None:
    """How a shell is started that a step names; None for one that is none.

    Args:
        named: what stands in `shell`; "" for nothing, which is `bash -e {0}`.
    """
    words = named.split() or ["bash", "-e", "{0}"]
    program = words[0].rpartition("/")[2]
    if program not in _SHELLS:
        return None
    if len(words) == 1:
        return shell.Start(errexit=True, pipefail=program == "bash")
    return with_flags(shell.Start(), words[1:])


# What steps leave behind ---------------------------------------------------------------------------------------


def _behind(node: Node, steps: Sequence[Step], around: Around) -> Around:
    """What later steps stand in: what was written to `$GITHUB_ENV` and `$GITHUB_OUTPUT` is known there."""
    name = node["id"].text
    settings = [setting for step in steps for command in step.commands for setting in _settings(command)]
    variables = {key: value for kind, key, value in settings if kind == "GITHUB_ENV"}
    if variables:
        around = _with_variables(around, variables)
    if not name:
        return around
    outputs = {f"{name}.outputs.{key}": value for kind, key, value in settings if kind == "GITHUB_OUTPUT"}
    return replace(around, scope=around.scope.with_values("steps", outputs).with_changes(_changes(name, steps)))


def _with_variables(around: Around, variables: Mapping[str, str]) -> Around:
    """The same with more in the environment, which expressions see as `env`."""
    known = {**around.variables, **variables}
    return replace(around, scope=around.scope.with_values("env", known), variables=known)


def _settings(command: Command) -> Iterator[tuple[str, str, str]]:
    """What a command writes to the files that the runner reads: which file, the name and the value."""
    kind = next((kind for kind in ("GITHUB_ENV", "GITHUB_OUTPUT") if kind in command.output), "")
    if not kind or command.words[0] != "echo" or command.conditional:
        return
    match = _SETTING.fullmatch(" ".join(word for word in command.words[1:] if word not in ("-n", "-e")))
    if match and "$(" not in match[2] and "`" not in match[2]:
        yield kind, match[1], match[2]


def _changes(name: str, steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """The outputs of a step that tell whether files have changed, each with its globs."""
    use = next((step.uses for step in steps if step.uses is not None), None)
    if use is None:
        return {}
    if use.name in _PATH_FILTERS:
        documents, _ = parse(use.inputs.get("filters", ""), templated=False)
        body = documents[0].body if documents else {}
        filters = body if isinstance(body, dict) else {}
        return {f"steps.{name}.outputs.{key}".lower(): tuple(_globs(value)) for key, value in filters.items()}
    if use.name == "tj-actions/changed-files" and use.inputs.get("files"):
        globs = tuple(use.inputs["files"].split())
        return {f"steps.{name}.outputs.{key}".lower(): globs for key in ("any_changed", "any_modified")}
    return {}


def _globs(value: object) -> Iterator[str]:
    """The globs of a filter: texts, in lists or behind the kind of change."""
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, list):
        for item in value:
            yield from (
                _globs(item)
                if isinstance(item, list | str)
                else _globs(list(item.values()) if isinstance(item, dict) else [])
            )
