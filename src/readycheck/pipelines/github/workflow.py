"""The jobs of a workflow, those of reusable workflows of the same repository in place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.pipelines.acts.doing import from_root
from readycheck.pipelines.github.expression import STATUS_FUNCTION, condition_of
from readycheck.pipelines.github.matrix import instances
from readycheck.pipelines.github.scope import Scope, surest
from readycheck.pipelines.github.situation import Situation
from readycheck.pipelines.github.steps import Around, Readings, StepReader
from readycheck.pipelines.model import Files, Job, Need, Run, Unread
from readycheck.pipelines.node import Node

_DEEPEST = 10
"""Workflows that call workflows; GitHub's own limit."""
_THOUGH_SKIPPED = re.compile(r"\b(?:always|failure|cancelled)\s*\(\s*\)")
"""What lets a job run though one that it waits for did not."""


class Call(Struct, frozen=True, eq=False):
    """How a workflow is called.

    Args:
        prefix: what the ids of its jobs start with.
        needs: what its jobs wait for.
        when: how the calling job runs in each of the situations; None where no job calls it.
        inputs: what it is given, as text.
        chain: the workflows that lead here.
        readings: what shells made of texts, kept for all that are called.
    """

    prefix: str = ""
    needs: tuple[Need, ...] = ()
    when: Sequence[Run | None] | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    chain: tuple[str, ...] = ()
    readings: Readings = field(default_factory=dict)


class _Made(Struct, eq=False):
    """What one entry of `jobs` comes to.

    Args:
        when: how it runs in each of the situations.
        jobs: the jobs: several where there is a matrix or a reusable workflow.
        scope: what those that need it may know.
    """

    when: Sequence[Run | None]
    jobs: list[Job]
    scope: Scope


class WorkflowReader:
    """Reads the jobs of one workflow.

    Args:
        root: the workflow.
        files: finds what it calls.
        situations: the ways in which it comes to run.
        call: how it is called.
    """

    def __init__(self, root: Node, files: Files, situations: Sequence[Situation], call: Call | None = None) -> None:
        self.unread: list[Unread] = []
        """What it calls that is not at hand."""
        self._root = root
        self._files = files
        self._situations = situations
        self._call = call or Call()
        self._made: dict[str, _Made | None] = {}
        declared = root["on"]["workflow_call"]["inputs"].entries
        self._scope = Scope()
        if self._call.when is not None:
            given = {name: self._call.inputs.get(name, one["default"].text) for name, one in declared.items()}
            switches = {name for name, one in declared.items() if one["type"].text == "boolean"}
            self._scope = self._scope.with_values("inputs", given, switches)

    def jobs(self) -> Iterator[Job]:
        """Its jobs, in the order in which they are written."""
        for name in self._root["jobs"].entries:
            made = self._entry(name)
            yield from made.jobs if made is not None else ()

    def asks_success(self) -> bool:
        """Whether its first jobs run only where the workflow succeeded that this one follows.

        Those that run only where it failed (to say so) do not count.
        """
        failed = [
            replace(situation, contexts={**situation.contexts, "github.event.workflow_run.conclusion": "failure"})
            for situation in self._situations
        ]
        first = [condition_of(job["if"].text) for job in self._root["jobs"].entries.values() if not job["needs"]]
        return all(
            self._scope.holds(condition, failure) is False
            for condition in first
            for success, failure in zip(self._situations, failed, strict=True)
            if self._scope.holds(condition, success) is not False
        )

    def _entry(self, name: str) -> _Made | None:
        """One entry of `jobs`; None where there is none, or it leads to itself."""
        if name not in self._made:
            self._made[name] = None
            node = self._root["jobs"][name]
            if node.is_mapping:
                self._made[name] = self._read(name, node)
        return self._made[name]

    def _read(self, name: str, node: Node) -> _Made:
        needed = {id_: made for id_ in node["needs"].texts for made in [self._entry(id_)] if made is not None}
        condition = condition_of(node["if"].text)
        scope = self._scope
        for made in needed.values():
            scope = Scope({**scope.values, **made.scope.values}, {**scope.changes, **made.scope.changes})
        scope = scope.with_values("env", scope.texts(self._root["env"]))
        when = [
            scope.run_under(condition, self._base(index, condition, needed), situation)
            for index, situation in enumerate(self._situations)
        ]
        needs = [*self._needs(needed, condition, scope, when)]
        if not node["needs"]:
            needs = list(self._call.needs)
        result = _Made(when, [], Scope())
        for suffix, values in instances(node["strategy"]["matrix"], scope):
            own = scope.with_values("matrix", values)
            if node["uses"]:
                result.jobs += self._called(name + suffix, node, own, when, tuple(needs))
            else:
                job, given = self._job(name + suffix, node, own, when, tuple(needs))
                result.jobs.append(job)
                result.scope = _outputs(name, node, given)
        return result

    # When ------------------------------------------------------------------------------------------------------

    def _base(self, index: int, condition: str, needed: Mapping[str, _Made]) -> Run | None:
        """How a job runs as far as its workflow and what it waits for decide."""
        situation = self._situations[index]
        base: Run | None = Run(situation.occasion, situation.paths, unsure=situation.unsure)
        if self._call.when is not None:
            base = self._call.when[index]
        if base is None or _THOUGH_SKIPPED.search(condition):
            return base
        for made in needed.values():
            before = made.when[index]
            if before is None:
                return None
            if before.unsure and before.unsure not in base.unsure:
                base = replace(base, unsure=f"{base.unsure} and {before.unsure}" if base.unsure else before.unsure)
            base = replace(base, paths=base.paths or before.paths)
        return base

    def _needs(
        self, needed: Mapping[str, _Made], condition: str, scope: Scope, when: Sequence[Run | None]
    ) -> Iterator[Need]:
        runs_in: list[Situation | None] = [
            situation for run, situation in zip(when, self._situations, strict=True) if run is not None
        ]
        for name, made in needed.items():
            in_spite = ""
            if STATUS_FUNCTION.search(condition):
                results = {name.lower(): "failure"}
                if any(
                    scope.holds(condition, each, failed=True, results=results) is not False
                    for each in runs_in or [None]
                ):
                    in_spite = f"`if: {condition}`"
            for job in made.jobs:
                yield Need(job.id, in_spite or job.may_fail)

    # Jobs ------------------------------------------------------------------------------------------------------

    def _job(
        self, name: str, node: Node, scope: Scope, when: Sequence[Run | None], needs: tuple[Need, ...]
    ) -> tuple[Job, Scope]:
        variables = scope.texts(self._root["env"])
        variables |= scope.with_values("env", variables).texts(node["env"])
        scope = scope.with_values("env", variables)
        defaults = [each for each in (node["defaults"]["run"], self._root["defaults"]["run"]) if each]
        folder = next((scope.text(each["working-directory"]) for each in defaults if each["working-directory"]), "")
        named = next((scope.text(each["shell"]) for each in defaults if each["shell"]), "")
        if not named and any("windows" in scope.text(label).lower() for label in node["runs-on"].items):
            named = "pwsh"
        around = Around(when, scope, variables, named, from_root(folder))
        steps, behind = StepReader(self._files, self._situations, self._call.readings).steps(
            node["steps"].items, around
        )
        environment = node["environment"]
        job = Job(
            id=self._call.prefix + name,
            name=scope.text(node["name"]) or name,
            place=node.place,
            steps=tuple(steps),
            runs=surest(when),
            needs=needs,
            may_fail="`continue-on-error: true`" if scope.is_true(node["continue-on-error"]) else "",
            environment=scope.text(environment["name"] if environment.is_mapping else environment),
            images=tuple(scope.text(service["image"]) for service in node["services"].entries.values()),
            image=scope.text(node["container"]["image"] if node["container"].is_mapping else node["container"]),
        )
        return job, behind

    def _called(
        self, name: str, node: Node, scope: Scope, when: Sequence[Run | None], needs: tuple[Need, ...]
    ) -> Iterator[Job]:
        """The jobs of a reusable workflow."""
        written = node["uses"].text
        uri = from_root(written) if written.startswith("./") else ""
        found = self._files.file(uri) if uri else None
        if found is None or uri in self._call.chain or len(self._call.chain) >= _DEEPEST:
            where = "is not in the tree"
            if uri:
                where = "could not be found in the tree" if found is None else "leads back to this one"
            reason = f"it calls the reusable workflow `{written}`, which {where}"
            self.unread.append(Unread(node.place, reason))
            title = scope.text(node["name"]) or name
            yield Job(self._call.prefix + name, title, node.place, runs=surest(when), needs=needs, unread=reason)
            return
        reader = WorkflowReader(
            Node.of(found),
            self._files,
            self._situations,
            Call(
                prefix=f"{self._call.prefix}{name}/",
                needs=needs,
                when=when,
                inputs=scope.texts(node["with"]),
                chain=(*self._call.chain, uri),
                readings=self._call.readings,
            ),
        )
        yield from reader.jobs()
        self.unread += reader.unread


def _outputs(name: str, node: Node, behind: Scope) -> Scope:
    """What those that need a job know of its outputs."""
    values: dict[str, str] = {}
    changes: dict[str, tuple[str, ...]] = {}
    for key, output in node["outputs"].entries.items():
        asked = condition_of(output.text).lower()
        if asked in behind.changes:
            changes[f"needs.{name}.outputs.{key}".lower()] = behind.changes[asked]
            continue
        text = behind.text(output)
        if "${{" not in text:
            values[f"{name}.outputs.{key}"] = text
    return Scope().with_values("needs", values).with_changes(changes)
