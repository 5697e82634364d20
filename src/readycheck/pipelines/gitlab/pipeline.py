"""The jobs of a GitLab pipeline, in the order of their stages and needs, those of child pipelines in place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readycheck.pipelines.allowance import Allowance
from readycheck.pipelines.gitlab.configuration import Configuration, variables_in
from readycheck.pipelines.gitlab.rules import Rules, Timing
from readycheck.pipelines.gitlab.situation import Situation
from readycheck.pipelines.matrix import MOST_COMBINATIONS, combinations
from readycheck.pipelines.model import Files, Job, Need, Run, Step, Unread
from readycheck.pipelines.node import Node
from readycheck.pipelines.scripts import Script, expanded, settled

_STAGES = ("build", "test", "deploy")
"""The stages where none are named."""
_STAGE = "test"
"""The stage of a job that names none."""
_MOST_LINES = 20_000
_DEEPEST = 3
"""Pipelines below pipelines; GitLab's own limit is two levels of children."""


class Child(Struct, frozen=True, eq=False):
    """Where a child pipeline comes from.

    Args:
        prefix: what the ids of its jobs start with.
        after: what all its jobs wait for.
        runs: when it is started at all.
        variables: what it is given.
    """

    prefix: str = ""
    after: tuple[Need, ...] = ()
    runs: tuple[Run, ...] | None = None
    variables: Mapping[str, str] | None = None


class _Draft(Struct, eq=False):
    """A job before it is known what it waits for."""

    name: str
    node: Node
    stage: int
    timing: Timing
    made: list[Job]
    children: tuple[Job, ...] = ()
    """The jobs of the pipeline that it starts."""

    @property
    def awaited(self) -> Iterator[Job]:
        """The jobs that must have ended before what needs this one begins."""
        yield from self.made
        if self.node["trigger"]["strategy"].text in {"depend", "mirror"}:
            yield from self.children

    def needs(self, in_spite: str) -> Iterator[Need]:
        return (Need(job.id, in_spite or job.may_fail) for job in self.awaited)


class PipelineReader:
    """Reads the jobs of one configuration.

    Args:
        configuration: what the pipeline is put together from.
        files: finds scripts that jobs call.
        situations: the ways in which it comes to run.
        child: how it is started where another pipeline does that.
        depth: how many pipelines it stands below.
    """

    def __init__(
        self,
        configuration: Configuration,
        files: Files,
        situations: Sequence[Situation],
        child: Child | None = None,
        depth: int = 0,
    ) -> None:
        self.unread: list[Unread] = []
        """What is not at hand of it and of its children."""
        self._configuration = configuration
        self._files = files
        self._situations = situations
        self._child = child or Child()
        self._depth = depth
        self._allowance = Allowance(_MOST_LINES, "lines of scripts")
        common = variables_in(configuration["variables"]) | dict(self._child.variables or {})
        self._rules = Rules(configuration["workflow"], common, situations, files.listing)
        names = configuration["stages"].texts or _STAGES
        self._stages = {name: position for position, name in enumerate((".pre", *names, ".post"))}

    def jobs(self) -> Iterator[Job]:
        """Its jobs, those of children behind the job that starts them."""
        drafts = {name: self._draft(name, node) for name, node in self._configuration.jobs}
        self.unread += self._configuration.unread
        of_stage: dict[int, list[_Draft]] = defaultdict(list)
        for draft in drafts.values():
            of_stage[draft.stage].append(draft)
        before: dict[int, tuple[Need, ...]] = {}
        waiting: tuple[Need, ...] = ()
        for stage in sorted(of_stage):
            before[stage] = waiting
            waiting = (*waiting, *(need for draft in of_stage[stage] for need in draft.needs("")))
        for draft in drafts.values():
            needs = self._needs(draft, drafts, before[draft.stage])
            for job in draft.made:
                yield replace(job, needs=needs)
            yield from draft.children
        self.unread += self._allowance.unread(self._configuration["stages"].place)

    def _draft(self, name: str, node: Node) -> _Draft:
        variables = self._configuration.variables_of(node) | dict(self._child.variables or {})
        under = self._configuration.conditions.get(node.resource.name)
        timing = self._rules.timing(node, [under] if under else [])
        if self._child.runs is not None:
            timing = replace(timing, runs=tuple(_started_by(self._child.runs, timing.runs)))
        stage = self._stages.get(node["stage"].text or _STAGE, len(self._stages) - 1)
        given = _settled_by_rules(variables, (self._configuration["workflow"]["rules"], node["rules"]))
        made = [
            self._job(
                name + suffix,
                node,
                timing,
                {key: value for key, value in given.items() if key not in dropped} | dict(chosen),
            )
            for suffix, chosen, dropped in _instances(node)
        ]
        draft = _Draft(name, node, stage, timing, made)
        if node["trigger"]["include"]:
            draft.children = tuple(self._started(draft, variables))
        return draft

    def _job(self, name: str, node: Node, timing: Timing, variables: Mapping[str, str]) -> Job:
        known = settled(variables)
        environment = node["environment"]
        return Job(
            id=self._child.prefix + name,
            name=name,
            place=node.place,
            steps=tuple(self._steps(node, known)),
            runs=timing.runs,
            may_fail=timing.may_fail,
            environment=expanded((environment["name"] if environment.is_mapping else environment).text, known),
            stops_environment=environment["action"].text == "stop",
            images=tuple(_image(service, known) for service in node["services"].items),
            image=_image(node["image"], known),
            unread=self._unread(name, node),
        )

    def _steps(self, node: Node, variables: Mapping[str, str]) -> Iterator[Step]:
        lines = (*node["before_script"].items, *node["script"].items)
        if lines and self._allowance.take(len(lines)):
            place = (node["script"] or node["before_script"]).place
            # The runner sets errexit, and pipefail where the shell knows it (GitLab Runner's source: shells/bash.go).
            yield Script("script", place, lines, variables, pipefail=True).step(self._files)
        after = node["after_script"]
        if after.items and self._allowance.take(len(after.items)):
            script = Script("after_script", after.place, after.items, variables, pipefail=True)
            yield replace(
                script.step(self._files),
                may_fail="`after_script` cannot fail the job",
                in_spite="`after_script` is run whatever came of the script",
            )

    def _unread(self, name: str, node: Node) -> str:
        trigger = node["trigger"]
        project = (trigger["project"] if trigger.is_mapping else trigger).text
        if project:
            return f"it starts a pipeline of the project `{project}`, which is not in the tree"
        missing = sorted(self._configuration.missing(name))
        if missing:
            return f"it extends {', '.join(f'`{parent}`' for parent in missing)}, which could not be found in the tree"
        return "it consists of CI/CD steps, which are not read" if node["run"] else ""

    # Order -----------------------------------------------------------------------------------------------------

    def _needs(self, draft: _Draft, drafts: Mapping[str, _Draft], by_stage: tuple[Need, ...]) -> tuple[Need, ...]:
        in_spite, needs = draft.timing.in_spite, draft.node["needs"]
        if not needs.is_list:
            # Jobs of one stage share what they wait for: a tuple for each would be quadratic.
            if not in_spite and not self._child.after:
                return by_stage
            found = [Need(need.job, in_spite or need.in_spite) for need in by_stage]
        else:
            names = ((need["job"] if need.is_mapping else need).text for need in needs.items if "project" not in need)
            found = [need for name in names if name in drafts for need in drafts[name].needs(in_spite)]
        return (*self._child.after, *found)

    # Children --------------------------------------------------------------------------------------------------

    def _started(self, draft: _Draft, variables: Mapping[str, str]) -> Iterator[Job]:
        """The jobs of the child pipeline that a job starts."""
        if self._depth >= _DEEPEST:
            self.unread.append(Unread(draft.node.place, "starts pipelines below more pipelines than GitLab takes"))
            return
        trigger = draft.node["trigger"]
        occasions = {run.occasion for run in draft.timing.runs}
        reader = PipelineReader(
            Configuration.included_by(trigger["include"], self._files),
            self._files,
            [situation.in_child() for situation in self._situations if situation.occasion in occasions],
            Child(
                prefix=f"{self._child.prefix}{draft.name}/",
                after=tuple(Need(job.id, job.may_fail) for job in draft.made),
                runs=draft.timing.runs,
                variables=variables,
            ),
            self._depth + 1,
        )
        yield from reader.jobs()
        self.unread += reader.unread


def _image(node: Node, variables: Mapping[str, str]) -> str:
    return expanded((node["name"] if node.is_mapping else node).text, variables)


def _settled_by_rules(variables: Mapping[str, str], all_rules: Iterable[Node]) -> dict[str, str]:
    """The variables of a job without those that a rule gives other values."""
    changed = {
        name
        for rules in all_rules
        for rule in rules.items
        for name, value in variables_in(rule["variables"]).items()
        if variables.get(name) != value
    }
    return {name: value for name, value in variables.items() if name not in changed}


def _instances(job: Node) -> Iterator[tuple[str, Mapping[str, str], frozenset[str]]]:
    """For each job that a matrix makes of one: what is added to its name, and the variables that it gets.

    Where the matrix is too large, one without the variables that the matrix sets: the third part.
    """
    matrix = job["parallel"]["matrix"]
    chosen = [one for part in matrix.items for one in combinations(part, MOST_COMBINATIONS)]
    if not chosen or len(chosen) > MOST_COMBINATIONS:
        yield "", {}, frozenset(name for part in matrix.items for name in part.entries)
        return
    for one in chosen:
        yield f": [{', '.join(one.values())}]", one, frozenset()


def _started_by(parents: Iterable[Run], runs: Iterable[Run]) -> Iterator[Run]:
    """When a job of a child pipeline runs, given when the child is started."""
    of_occasion = {run.occasion: run for run in parents}
    for run in runs:
        parent = of_occasion.get(run.occasion)
        if parent is not None:
            doubts = [run.unsure, parent.unsure]
            if run.paths and parent.paths and run.paths != parent.paths:
                doubts.append("changes: " + ", ".join(parent.paths))
            yield Run(
                run.occasion,
                run.paths or parent.paths,
                run.manual or parent.manual,
                " and ".join(dict.fromkeys(filter(None, doubts))),
            )
