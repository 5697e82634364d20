"""CircleCI: `.circleci/config.yml` (CircleCI docs: Configuration reference, Reusing config, Pipeline values)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from readycheck.model import TaggedSeq
from readycheck.pipelines.allowance import Allowance
from readycheck.pipelines.circleci.conditions import PARAMETER, Conditions, let_through
from readycheck.pipelines.filters import run_if
from readycheck.pipelines.matrix import MOST_COMBINATIONS, combinations
from readycheck.pipelines.model import Files, Job, Need, Occasion, Run, Step, Use
from readycheck.pipelines.node import Node, Rewrite
from readycheck.pipelines.scripts import Script
from readycheck.pipelines.values import all_of, negated

_DEEPEST = 10
"""Levels of commands that call commands."""
_MOST_STEPS = 5_000
_BUILT_IN = frozenset(
    (
        *("add_ssh_keys", "attach_workspace", "checkout", "deploy", "persist_to_workspace", "restore_cache"),
        *("save_cache", "setup_remote_docker", "store_artifacts", "store_test_results"),
    )
)
"""Steps of CircleCI itself that run nothing of the project's."""


class ConfigurationReader:
    """Reads the jobs of one configuration.

    Args:
        root: the file.
        files: finds scripts that jobs call.
    """

    def __init__(self, root: Node, files: Files) -> None:
        self.allowance = Allowance(_MOST_STEPS, "steps")
        self._root = root
        self._files = files
        self._parameters = {
            f"pipeline.parameters.{name}": parameter["default"]
            for name, parameter in root["parameters"].entries.items()
        }
        self._conditions = Conditions(self._parameters)

    def jobs(self) -> Iterator[Job]:
        """The jobs of its workflows."""
        workflows = {name: node for name, node in self._root["workflows"].entries.items() if node.is_mapping}
        for name, workflow in workflows.items():
            yield from self._of_workflow(name, workflow)
        if not workflows and self._root["jobs"]["build"]:  # the form before workflows
            runs = tuple(Run(occasion) for occasion in (Occasion.MAIN, Occasion.BRANCH))
            yield self._job("build", "build", self._root["jobs"]["build"], {}, runs, ())

    # Workflows -------------------------------------------------------------------------------------------------

    def _of_workflow(self, name: str, workflow: Node) -> Iterator[Job]:
        asked: dict[str, tuple[str, Node]] = {}
        for item in workflow["jobs"].items:
            job, given = next(iter(item.entries.items()), ("", item)) if item.is_mapping else (item.text, item)
            asked[given["name"].text or job] = job, given
        made = {
            called: {f"{name}/{called}{suffix}": parameters for suffix, parameters in self._instances(given)}
            for called, (_, given) in asked.items()
        }
        own = {called: tuple(self._runs(workflow, given)) for called, (_, given) in asked.items()}
        required = {
            called: [each for each in self._required(given) if each in own] for called, (_, given) in asked.items()
        }
        for called, (job, given) in asked.items():
            runs = _runs_behind(called, own, required)
            needs = tuple(Need(id_) for each in required[called] for id_ in made[each])
            for id_, parameters in made[called].items():
                yield self._job(id_, job, self._root["jobs"][job] or given, parameters, runs, needs)

    @staticmethod
    def _required(given: Node) -> Iterator[str]:
        for item in given["requires"].items:
            yield next(iter(item.entries), "") if item.is_mapping else item.text

    @staticmethod
    def _instances(given: Node) -> Iterator[tuple[str, Mapping[str, Node]]]:
        """The parameters of each job that a matrix makes of one, and what is added to its name."""
        parameters = dict(given.entries)
        chosen = combinations(given["matrix"]["parameters"], MOST_COMBINATIONS)
        if not chosen or len(chosen) > MOST_COMBINATIONS:
            yield "", parameters
            return
        for one in chosen:
            values = {name: Node(value, given.resource, given.path) for name, value in one.items()}
            yield f"-{'-'.join(one.values())}", parameters | values

    def _runs(self, workflow: Node, given: Node) -> Iterator[Run]:
        filters, manual = given["filters"], given["type"].text == "approval"
        schedules = [trigger["schedule"] for trigger in workflow["triggers"].items if trigger["schedule"]]
        if schedules:
            yield Run(Occasion.SCHEDULE, manual=manual)
            return
        for occasion in Occasion:
            passed = let_through(filters, occasion)
            asked = self._conditions.let_run(workflow, occasion)
            told = [f"filters: {', '.join(filters['branches']['only'].texts)}"] if passed is None else []
            told += [_WHEN] if asked is None else []
            yield from run_if(occasion, all_of(passed, asked), " and ".join(told), manual=manual)

    # Jobs ------------------------------------------------------------------------------------------------------

    def _job(
        self,
        called: str,
        job: str,
        node: Node,
        given: Mapping[str, Node],
        runs: tuple[Run, ...],
        needs: tuple[Need, ...],
    ) -> Job:
        definition = self._root["jobs"][job]
        here = self._with_parameters(definition, given)
        executor = here["executor"]
        machine = self._root["executors"][(executor["name"] if executor.is_mapping else executor).text]
        images = [image["image"].text for image in (here["docker"] or machine["docker"]).items]
        variables = {name: value.text for name, value in here["environment"].entries.items()}
        steps = [*given["pre-steps"].items] if "pre-steps" in given else []
        steps += [*here["steps"].items, *(given["post-steps"].items if "post-steps" in given else ())]
        made = Job(
            called,
            called.rpartition("/")[2],
            node.place,
            tuple(step for item in steps for step in self._steps(item, here, variables)),
            runs,
            needs,
            images=tuple(images[1:]),
            image=images[0] if images else "",
        )
        approval = given["type"].text == "approval" if "type" in given else False
        if definition or approval or self._is_built_in(job):
            return made
        use = self._orb(job, node, given)
        if use is None:
            return replace(made, unread=f"the job `{job}` could not be found in the configuration")
        return replace(made, steps=(Step(job, node.place, uses=use),))

    @staticmethod
    def _is_built_in(job: str) -> bool:
        return job == "no-op"

    def _with_parameters(self, definition: Node, given: Mapping[str, Node]) -> Node:
        """A job or command with its parameters put in."""
        values: dict[str, Node] = {
            f"parameters.{name}": given.get(name) or parameter["default"]
            for name, parameter in definition["parameters"].entries.items()
        }
        values |= {f"matrix.{name}": value for name, value in given.items()}
        return Node(definition.value, definition.resource, definition.path, _putting_in(self._parameters | values))

    def _steps(self, item: Node, job: Node, variables: Mapping[str, str], depth: int = 0) -> Iterator[Step]:
        if not self.allowance.take():
            return
        name, given = next(iter(item.entries.items()), ("", item)) if item.is_mapping else (item.text, item)
        if name in {"run", "deploy"} and given:
            yield self._run(given, job, variables)
        elif name in {"when", "unless"}:
            answer = self._conditions.holds(given["condition"], Occasion.MAIN)
            answer = answer if name == "when" else negated(answer)
            for inner in given["steps"].items if depth < _DEEPEST else ():
                for step in self._steps(inner, job, variables, depth + 1):
                    skipped = "its condition does not hold" if answer is False else step.skipped
                    yield replace(step, skipped=skipped, condition="" if answer else _WHEN)
        elif name in self._root["commands"].entries:
            command = self._with_parameters(self._root["commands"][name], given.entries)
            for inner in command["steps"].items if depth < _DEEPEST else ():
                yield from self._steps(inner, job, variables, depth + 1)
        elif name and name not in _BUILT_IN:
            use = self._orb(name, item, given.entries)
            unread = "" if use else f"the command `{name}` could not be found in the configuration"
            yield Step(name, item.place, uses=use, unread=unread)

    def _run(self, given: Node, job: Node, variables: Mapping[str, str]) -> Step:
        command = given["command"] if given.is_mapping else given
        environment = {name: value.text for name, value in given["environment"].entries.items()}
        # The usual shell is `bash -eo pipefail` (CircleCI docs: Configuration reference, Default shell options).
        shell = (given["shell"] or job["shell"] or job["executor"]["shell"]).text
        name = given["name"].text or "run"
        if "powershell" in shell or "pwsh" in shell:
            return Step(name, command.place, unread="PowerShell, which is not read")
        script = Script(
            name,
            command.place,
            command.items,
            {**variables, **environment},
            errexit=not shell or "-e" in shell,
            pipefail=not shell or "pipefail" in shell,
            folder=_from_root(given["working_directory"].text, job["working_directory"].text),
        )
        step = script.step(self._files)
        when = given["when"].text
        background = "it runs in the background" if given["background"].flag else ""
        return replace(
            step,
            in_spite=f"`when: {when}`" if when in {"always", "on_fail"} else "",
            condition="`when: on_fail`" if when == "on_fail" else "",
            may_fail=background,
        )

    def _orb(self, name: str, item: Node, given: Mapping[str, Node]) -> Use | None:
        """What an orb brings, by the orb's own name without its author."""
        alias, slash, part = name.partition("/")
        orb = self._root["orbs"][alias]
        if not slash or not orb:
            return None
        full, _, version = orb.text.partition("@")
        name = (full or alias).rpartition("/")[2]
        inputs = {key: value.text for key, value in given.items() if value.text}
        return Use(f"{name}/{part}", version, inputs, item.place)


def _runs_behind(
    called: str, own: Mapping[str, Sequence[Run]], required: Mapping[str, Sequence[str]]
) -> tuple[Run, ...]:
    """When a job runs that waits for others: only when they all do, and not before somebody has approved those."""
    behind, waiting = {called}, [called]
    while waiting:
        for each in required[waiting.pop()]:
            if each not in behind:
                behind.add(each)
                waiting.append(each)
    return tuple(run for each in own[called] if (run := _narrowed(each, [own[other] for other in behind])) is not None)


def _narrowed(run: Run, others: Sequence[Sequence[Run]]) -> Run | None:
    """A run, as far as jobs run on the same occasion that it waits for; None where one of them does not."""
    for runs in others:
        same = next((each for each in runs if each.occasion is run.occasion), None)
        if same is None:
            return None
        run = replace(run, manual=run.manual or same.manual, unsure=run.unsure or same.unsure)
    return run


def _from_root(folder: str, checkout: str) -> str:
    """A step's folder from the root of the repository, which is checked out into the job's own folder."""
    for root in (checkout, "~/project", "/home/circleci/project"):
        if root and (folder == root or folder.startswith(f"{root}/")):
            return folder.removeprefix(root).lstrip("/")
    return folder


_WHEN = "the condition of its `when` or `unless`"


def _putting_in(values: Mapping[str, Node]) -> Rewrite:
    """Puts parameters in: a text that is nothing else becomes the value itself, with its own place."""

    def rewrite(node: Node, value: str | TaggedSeq) -> Node | str | None:
        del node
        text = "" if isinstance(value, TaggedSeq) else str(value)
        if "<<" not in text:
            return None
        whole = PARAMETER.fullmatch(text.strip())
        if whole and values.get(whole[1]):
            return values[whole[1]]
        return PARAMETER.sub(lambda match: values[match[1]].text if values.get(match[1]) else match[0], text)

    return rewrite
