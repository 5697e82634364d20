"""Argo Workflows: `Workflow`, `CronWorkflow` and templates of workflows (Argo Workflows docs: Fields, Walk Through)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import Resource, TaggedSeq
from readycheck.pipelines.allowance import Allowance
from readycheck.pipelines.containers import Container, stops_at_failure
from readycheck.pipelines.model import Command, Files, Flow, Job, Need, Occasion, Run, Step
from readycheck.pipelines.node import Node, Rewrite
from readycheck.pipelines.scripts import Script

SYSTEM = "Argo Workflows"
TEMPLATES = ("WorkflowTemplate", "ClusterWorkflowTemplate")
_VARIABLE = re.compile(r"\{\{\s*=?\s*([^{}]+?)\s*\}\}")
_NAME = re.compile(r"[A-Za-z][\w-]*")
_DEEPEST = 20
"""Templates that call templates."""
_MOST_CALLS = 500
_UNTOLD = "what starts it, which is not told where it stands"


def read(resource: Resource, files: Files) -> Flow:
    """What a workflow comes to: a job for each container that it runs.

    Args:
        resource: the object.
        files: finds the templates of workflows that it names.
    """
    root = Node.of(resource)
    spec = root["spec"]["workflowSpec"] if root["kind"].text == "CronWorkflow" else root["spec"]
    name = root["metadata"]["name"].text or root["metadata"]["generateName"].text
    reference = spec["workflowTemplateRef"]["name"].text
    if root["kind"].text in TEMPLATES and (not spec["entrypoint"] or resource.name in _referred(resource, files)):
        return Flow(SYSTEM, name, called_only=True)
    whole = _spec_of(reference, files) if reference else spec
    runs = _RUNS.get(root["kind"].text, tuple(Run(occasion, unsure=_UNTOLD) for occasion in Occasion))
    if whole is None:
        unread = f"it runs the template `{reference}`, which could not be found in the tree"
        return Flow(SYSTEM, name, (Job(name, name, spec.place, runs=runs, unread=unread),))
    reader = _Reader(whole, spec, runs, files)
    jobs = tuple(reader.jobs())
    return Flow(SYSTEM, name, jobs, tuple(reader.allowance.unread(spec.place)))


_RUNS: Mapping[str, tuple[Run, ...]] = {
    "CronWorkflow": (Run(Occasion.SCHEDULE),),
    "Workflow": (Run(Occasion.MANUAL),),
}


def _referred(resource: Resource, files: Files) -> Iterator[str]:
    """The templates that workflows of the tree run."""
    for other in files.of("Pipeline"):
        spec = Node.of(other)["spec"]
        if other is not resource and other.group == resource.group:
            yield (spec["workflowSpec"] or spec)["workflowTemplateRef"]["name"].text


def _spec_of(name: str, files: Files) -> Node | None:
    found = (one for one in files.of("Pipeline") if one.name == name and one.body.get("kind") in TEMPLATES)
    return next((Node.of(one)["spec"] for one in found), None)


class _Call(Struct, frozen=True, eq=False):
    """That a template is called.

    Args:
        id: what the job is called, where it is one.
        template: its name.
        home: the templates among which that name is looked up: those of the workflow, or of another one.
        node: where it is called.
        given: what it is given: `arguments`.
        needs: what it waits for.
        condition: under which condition; "" for none.
        may_fail: what lets it fail.
        depth: how many templates it stands below.
    """

    id: str
    template: str
    home: Mapping[str, Node]
    node: Node
    given: Node
    needs: tuple[Need, ...] = ()
    condition: str = ""
    may_fail: str = ""
    depth: int = 0


class _Reader:
    def __init__(self, spec: Node, own: Node, runs: Sequence[Run], files: Files) -> None:
        self._spec = spec
        self._own = own
        self._runs = runs
        self._files = files
        self._templates = _by_name(spec)
        self._common = {f"workflow.{key}": value for key, value in _given(spec["arguments"]).items()}
        self._common |= {f"workflow.{key}": value for key, value in _given(own["arguments"]).items()}
        self.allowance = Allowance(_MOST_CALLS, "calls of templates")

    def jobs(self) -> Iterator[Job]:
        """The jobs, each behind those that it waits for."""
        entry = self._own["entrypoint"] or self._spec["entrypoint"]
        made = list(self._called(_Call("", entry.text, self._templates, entry, self._spec["arguments"])))
        yield from made
        leave = self._own["onExit"] or self._spec["onExit"]
        if leave:
            spite = "`onExit` is run whatever came of the workflow"
            needs = tuple(Need(job.id, spite) for job in made)
            yield from self._called(_Call("exit", leave.text, self._templates, leave, leave, needs))

    def _called(self, call: _Call) -> Iterator[Job]:
        """The jobs that the call of a template comes to."""
        if not self.allowance.take():
            return
        template = call.home.get(call.template)
        if template is None or call.depth > _DEEPEST:
            unread = f"it runs the template `{call.template}`, which could not be found in the tree"
            yield self._job(call, (), unread=unread)
            return
        inputs = {f"inputs.{key}": value for key, value in _given(template["inputs"]).items()}
        inputs |= {f"inputs.{key}": value for key, value in _given(call.given).items()}
        rewrite = _putting_in(self._common | inputs)
        here = Node(template.value, template.resource, template.path, rewrite)
        if here["steps"]:
            yield from self._in_line(here["steps"], call, rewrite)
        elif here["dag"]:
            yield from self._of_graph(here["dag"]["tasks"], call)
        else:
            yield self._job(call, (self._step(here, call),), here)

    def _in_line(self, steps: Node, call: _Call, rewrite: Rewrite) -> Iterator[Job]:
        """Groups of steps, one after the other; those of a group at once."""
        needs = call.needs
        for group, value in enumerate(steps.value if steps.is_list else ()):
            made: list[Job] = []
            for item in Node(value, steps.resource, (*steps.path, group), rewrite).items:
                made += self._called(self._call(item, call, needs))
            yield from made
            needs = (*needs, *(Need(job.id, job.may_fail) for job in made))

    def _of_graph(self, tasks: Node, call: _Call) -> Iterator[Job]:
        made: dict[str, list[Job]] = {}
        waiting = list(tasks.items)
        while waiting:
            ready = [task for task in waiting if all(name in made for name in _waits(task, tasks))] or waiting
            for task in ready:
                awaited = (job for name in _waits(task, tasks) for job in made.get(name, ()))
                needs = (*call.needs, *(Need(job.id, job.may_fail) for job in awaited))
                made[task["name"].text] = list(self._called(self._call(task, call, needs)))
                yield from made[task["name"].text]
            waiting = [task for task in waiting if task not in ready]

    def _call(self, item: Node, call: _Call, needs: tuple[Need, ...]) -> _Call:
        name, reference = item["name"].text, item["templateRef"]
        continued = item["continueOn"]["failed"].flag or item["continueOn"]["error"].flag
        home = call.home
        if reference:
            other = _spec_of(reference["name"].text, self._files)
            home = _by_name(other) if other is not None else {}
        return _Call(
            f"{call.id}/{name}" if call.id else name,
            (item["template"] or reference["template"]).text,
            home,
            item,
            item["arguments"],
            needs,
            item["when"].text or call.condition,
            "`continueOn`" if continued else call.may_fail,
            call.depth + 1,
        )

    def _job(self, call: _Call, steps: tuple[Step, ...], template: Node | None = None, unread: str = "") -> Job:
        id_ = call.id or call.template
        doubt = f"when: {call.condition}" if call.condition else ""
        sidecars = template["sidecars"].items if template is not None else ()
        return Job(
            id_,
            id_,
            call.node.place,
            steps,
            tuple(replace(run, unsure=run.unsure or doubt) for run in self._runs),
            call.needs,
            call.may_fail,
            images=tuple(item["image"].text for item in sidecars),
            unread=unread,
        )

    def _step(self, template: Node, call: _Call) -> Step:
        name = template["name"].text
        script, container = template["script"], template["container"]
        holder = script or container
        variables = {item["name"].text: item["value"].text for item in holder["env"].items if "value" in item}
        if script:
            source = script["source"]
            flags = " ".join(script["command"].texts)
            stops = stops_at_failure(source.text, usually=" -e" in flags)
            pipefail = "pipefail" in flags
            return Script(name, source.place, (source,), variables, stops, pipefail).step(self._files)
        if container:
            command, arguments = container["command"].items, container["args"].items
            image = container["image"].text
            return Container(name, container.place, image, command, arguments, variables).step(self._files)
        if template["resource"]:
            words = ("kubectl", template["resource"]["action"].text)
            return Step(name, template.place, (Command(words, template["resource"].place),))
        waits = "suspend" in template.entries
        return Step(name, call.node.place, unread="" if waits else f"what the template `{name}` runs")


def _by_name(spec: Node) -> dict[str, Node]:
    return {template["name"].text: template for template in spec["templates"].items}


def _waits(task: Node, tasks: Node) -> list[str]:
    """The tasks that a task of a graph waits for."""
    known = {other["name"].text for other in tasks.items}
    named = (*task["dependencies"].texts, *_NAME.findall(re.sub(r"\.\w+", "", task["depends"].text)))
    return [name for name in dict.fromkeys(named) if name in known]


def _given(arguments: Node) -> dict[str, str]:
    return {
        f"parameters.{item['name'].text}": (item["value"] or item["default"]).text
        for item in arguments["parameters"].items
        if "value" in item or "default" in item
    }


def _putting_in(values: Mapping[str, str]) -> Rewrite:
    """Puts parameters in; what only Argo knows becomes an expression that no shell takes for its own."""

    def one(match: re.Match[str]) -> str:
        return values.get(match[1]) or f"${{{{ {match[1]} }}}}"

    def rewrite(node: Node, value: str | TaggedSeq) -> Node | str | None:
        del node
        text = "" if isinstance(value, TaggedSeq) else str(value)
        return _VARIABLE.sub(one, text) if "{{" in text else None

    return rewrite
