"""Travis CI: `.travis.yml` (Travis CI docs: Job Lifecycle, Conditional Builds, Deployment, Build Stages)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from readycheck.model import Resource
from readycheck.pipelines.filters import NAMES, passes, run_if
from readycheck.pipelines.model import Files, Flow, Job, Need, Occasion, Run, Step, Use
from readycheck.pipelines.node import Node
from readycheck.pipelines.scripts import Script
from readycheck.pipelines.values import MAIN_BRANCHES, all_of

SYSTEM = "Travis CI"
_BEFORE = ("before_install", "install", "before_script")
"""The phases that a failure ends the job in; in `script` the next command is run all the same."""
_AFTER = ("after_success", "after_failure", "after_deploy", "after_script")
"""The phases that cannot fail the job."""
_STAGE = "test"
_RUNS_FOR = (Occasion.PULL_REQUEST, Occasion.MAIN, Occasion.BRANCH, Occasion.TAG, Occasion.SCHEDULE, Occasion.MANUAL)
_USUAL: Mapping[str, str] = {
    "go": "go test ./...",
    "java": "mvn test -B",
    "node_js": "npm test",
    "ruby": "bundle exec rake",
    "rust": "cargo test --verbose",
}
"""What a language's jobs run where the file does not say."""


def read(resource: Resource, files: Files) -> Flow:
    """What a configuration comes to: the jobs of each stage wait for those of the stages before.

    Args:
        resource: the file.
        files: finds scripts that jobs call.
    """
    root = Node.of(resource)
    included = [item for item in (root["jobs"] or root["matrix"])["include"].items if item.is_mapping]
    allowed = [item for item in (root["jobs"] or root["matrix"])["allow_failures"].items if item.is_mapping]
    nodes = [root.with_entries({**root.entries, **item.entries}) for item in included] or [root]
    made: dict[str, list[Job]] = {}
    stage = _STAGE
    for position, (node, own) in enumerate(zip(nodes, included or [root], strict=True), 1):
        stage = (own["stage"]["name"] if own["stage"].is_mapping else own["stage"]).text or stage
        place = own if included else root["script"] or root
        job = _job(f"{stage}/{position}", node, place, files)
        may_fail = "`allow_failures`" if included and any(_alike(own, item) for item in allowed) else ""
        made.setdefault(stage, []).append(replace(job, may_fail=may_fail))
        made[stage] += _deploys(job, node, files)
    return Flow(SYSTEM, resource.name, tuple(_in_order(made, root)))


def _alike(job: Node, allowed: Node) -> bool:
    return bool(allowed.entries) and all(job[key].text == value.text for key, value in allowed.entries.items())


def _in_order(stages: Mapping[str, list[Job]], root: Node) -> Iterator[Job]:
    named = [(stage["name"] if stage.is_mapping else stage).text for stage in root["stages"].items]
    needs: tuple[Need, ...] = ()
    for stage in sorted(stages, key=lambda name: named.index(name) if name in named else -1):
        yield from (replace(job, needs=(*needs, *job.needs)) for job in stages[stage])
        needs = (*needs, *(Need(job.id, job.may_fail) for job in stages[stage]))


def _job(id_: str, node: Node, place: Node, files: Files) -> Job:
    return Job(
        id_,
        node["name"].text or id_,
        place.place,
        tuple(_steps(node, files)),
        tuple(_runs(node)),
        images=tuple(node["services"].texts),
    )


def _runs(node: Node) -> Iterator[Run]:
    branches = node["branches"]
    condition = node["if"].text
    for occasion in _RUNS_FOR:
        name = NAMES.get(occasion, NAMES[Occasion.MAIN])
        answer = passes(name, branches["only"].texts, branches["except"].texts, pattern=_pattern)
        told = f"if: {condition}" if condition else "branches: " + ", ".join(branches["only"].texts)
        yield from run_if(occasion, all_of(answer, None if condition else True), told)


def _steps(node: Node, files: Files) -> Iterator[Step]:
    variables = _variables(node)
    for phase in _BEFORE:
        if node[phase].items and node[phase].value is not False:
            yield Script(phase, node[phase].place, node[phase].items, variables).step(files)
    usual = _USUAL.get(node["language"].text, "")
    script = node["script"] or Node(usual or None, node.resource, ("language",))
    for line in script.items:
        step = Script("script", line.place, (line,), variables, errexit=False).step(files)
        yield replace(step, in_spite="`script` goes on though a command of it fails")
    for phase in _AFTER:
        if node[phase].items:
            step = Script(phase, node[phase].place, node[phase].items, variables).step(files)
            skipped = "an earlier command failed" if phase == "after_failure" else ""
            yield replace(step, may_fail=f"`{phase}` cannot fail the job", condition=skipped)


def _deploys(job: Job, node: Node, files: Files) -> Iterator[Job]:
    """What is deployed once a job has succeeded: under conditions of its own, so it is a job here."""
    for position, deploy in enumerate(node["deploy"].items, 1):
        provider = deploy["provider"].text or deploy.text
        inputs = {key: value.text for key, value in deploy.entries.items() if value.text}
        use = Use(f"travis-ci/deploy/{provider}", "", inputs, deploy.place)
        step = Step("deploy", deploy.place, uses=use)
        if provider == "script":
            step = Script("deploy", deploy.place, deploy["script"].items, _variables(node)).step(files)
        yield Job(
            f"{job.id}/deploy {position}",
            f"deploy by {provider}",
            deploy.place,
            (step,),
            tuple(_deploy_runs(deploy["on"], job.runs)),
            (Need(job.id, job.may_fail),),
        )


def _deploy_runs(on: Node, runs: Sequence[Run]) -> Iterator[Run]:
    """When a deployment runs: never for pull requests, and for the main branch alone where nothing else is said."""
    only = () if on["all_branches"].flag else on["branch"].texts or MAIN_BRANCHES
    doubt = "on: " + ", ".join(on["condition"].texts) if on["condition"] else ""
    for run in runs:
        if run.occasion is Occasion.PULL_REQUEST:
            continue
        if run.occasion is Occasion.TAG:
            answer: bool | None = on["tags"].flag or on["all_branches"].flag
        else:
            answer = not on["tags"].flag and passes(NAMES.get(run.occasion, NAMES[Occasion.MAIN]), only)
        if answer is not False:
            unsure = run.unsure or doubt or ("" if answer else "on: " + ", ".join(only))
            yield replace(run, unsure=unsure)


def _variables(node: Node) -> dict[str, str]:
    """The variables of all jobs; those of a matrix have several values and are left open."""
    env = node["env"]
    lines = env["global"].texts if env.is_mapping else env.texts if len(env.items) == 1 else ()
    pairs = (part.partition("=") for line in lines for part in line.split())
    return {name: value.strip("\"'") for name, equals, value in pairs if equals and "$" not in value}


def _pattern(written: str) -> str:
    if len(written) > 1 and written.startswith("/") and written.endswith("/"):
        return written[1:-1]
    return rf"\A{written}\Z"
