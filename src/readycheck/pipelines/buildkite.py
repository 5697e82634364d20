"""Buildkite: `.buildkite/pipeline.yml` (Buildkite docs: Defining steps, Step dependencies, Branch configuration)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import Resource
from readycheck.pipelines.filters import NAMES, passes, run_if
from readycheck.pipelines.model import Files, Flow, Job, Need, Occasion, Run, Step, Use
from readycheck.pipelines.node import Node
from readycheck.pipelines.plugins import name_and_version
from readycheck.pipelines.scripts import Script
from readycheck.pipelines.values import all_of

SYSTEM = "Buildkite"
_WORDS = ("wait", "block", "input", "trigger", "group")


def read(resource: Resource, files: Files) -> Flow:
    """What a pipeline comes to: steps run at once unless a `wait`, a `block` or `depends_on` holds them.

    Args:
        resource: the file.
        files: finds scripts that steps call.
    """
    root = Node.of(resource)
    return Flow(SYSTEM, resource.name, tuple(_Reader(root, files).jobs()))


class _Held(Struct, eq=False):
    """What the steps that follow wait for."""

    before: tuple[Need, ...] = ()
    beside: tuple[Need, ...] = ()
    by_hand: bool = False

    def wait(self, *, by_hand: bool = False, in_spite: str = "") -> None:
        """Let what follows wait for all that came before."""
        self.before = tuple(Need(need.job, in_spite or need.in_spite) for need in (*self.before, *self.beside))
        self.beside = ()
        self.by_hand = self.by_hand or by_hand


class _Reader:
    def __init__(self, root: Node, files: Files) -> None:
        self._root = root
        self._files = files
        self._held = _Held()
        self._known: set[str] = set()

    def jobs(self) -> Iterator[Job]:
        for item in self._items(self._root["steps"]):
            if item.text in {"wait", "waiter"} or "wait" in item.entries:
                spite = "`continue_on_failure: true`" if item["continue_on_failure"].flag else ""
                self._held.wait(in_spite=spite)
            elif item.text == "block" or "block" in item or "input" in item:
                self._held.wait(by_hand="block" in item or item.text == "block")
            elif item.is_mapping:
                job = self._job(item)
                self._known.add(job.id)
                self._held.beside = (*self._held.beside, Need(job.id, job.may_fail))
                yield job

    @staticmethod
    def _items(steps: Node) -> Iterator[Node]:
        for item in steps.items:
            yield from item["steps"].items if "group" in item.entries else (item,)

    def _job(self, node: Node) -> Job:
        id_ = (node["key"] or node["id"] or node["label"] or node["name"]).text or f"step {len(self._known) + 1}"
        environment = {**self._root["env"].entries, **node["env"].entries}
        variables = {name: value.text for name, value in environment.items()}
        if "depends_on" in node.entries:
            named = ((need["step"] if need.is_mapping else need).text for need in node["depends_on"].items)
            needs = tuple(Need(need) for need in named if need in self._known)
        else:
            needs = self._held.before
        fails = "`soft_fail`" if node["soft_fail"] and node["soft_fail"].text != "false" else ""
        trigger = node["trigger"].text
        return Job(
            id_,
            (node["label"] or node["name"]).text or id_,
            node.place,
            tuple(self._steps(node, variables)),
            tuple(replace(run, manual=self._held.by_hand) for run in _runs(node)),
            needs,
            fails,
            unread=f"it starts the pipeline `{trigger}`, which is not in the tree" if trigger else "",
        )

    def _steps(self, node: Node, variables: Mapping[str, str]) -> Iterator[Step]:
        for item in node["plugins"].items:
            for reference, inputs in item.entries.items() if item.is_mapping else [(item.text, item)]:
                name, version = _plugin(reference)
                given = {key: value.text for key, value in inputs.entries.items()}
                yield Step(name, item.place, uses=Use(name, version, given, item.place))
        commands = node["commands"] or node["command"]
        if commands:
            yield Script("command", commands.place, commands.items, variables).step(self._files)


def _plugin(reference: str) -> tuple[str, str]:
    """The name of a plugin as its address gives it, and its version."""
    path, _, version = reference.partition("#")
    return name_and_version(path)[0], version


def _runs(node: Node) -> Iterator[Run]:
    """When a step runs: which builds there are at all is kept in the pipeline's settings, usually each push."""
    condition = node["if"].text
    wanted = node["branches"].text.split()
    only = tuple(name for name in wanted if not name.startswith("!"))
    but = tuple(name[1:] for name in wanted if name.startswith("!"))
    told = f"if: {condition}" if condition else "branches: " + " ".join(wanted)
    for occasion in (Occasion.MAIN, Occasion.BRANCH):
        answer = passes(NAMES[occasion], only, but)
        yield from run_if(occasion, all_of(answer, None if condition else True), told)
    for occasion in (Occasion.PULL_REQUEST, Occasion.TAG, Occasion.SCHEDULE, Occasion.MANUAL):
        yield Run(occasion, unsure="the pipeline's settings, which are not in the tree")
