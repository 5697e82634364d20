"""What the steps of a job do, one after the other, and what they do only together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readycheck.pipelines.acts import uses
from readycheck.pipelines.acts.building import builds
from readycheck.pipelines.acts.deploying import (
    deploys,
    edits_manifest,
    is_under_test,
    publishes_commit,
    takes_gitops_repository,
)
from readycheck.pipelines.acts.doing import Doing, from_root
from readycheck.pipelines.acts.nouns import Act, Build, Deploy, Push, Test, Throwaway, Way
from readycheck.pipelines.acts.pushing import pushes
from readycheck.pipelines.acts.testing import breadth_of, tests, tests_by_name
from readycheck.pipelines.acts.throwing_away import (
    CLUSTERS,
    compose_elsewhere,
    deleted_namespace,
    destroys,
    for_one_request,
    is_review_app,
    made_namespace,
    puts_up,
    throwaways,
    throwaways_of_job,
)
from readycheck.pipelines.acts.words import segments
from readycheck.pipelines.model import Command, Job, Step, Use


def acts_of(job: Job) -> Iterator[Act]:
    """Everything that a job does, in the order in which it does it; a command that does two things gives two acts.

    Steps that never run (`if: false`) and failures that are swallowed are in it: `act.skipped` and `act.swallowed`
    tell. What a job applies to a cluster that it made itself or takes down again is no deploy, and neither
    is a review app.

    Args:
        job: the job.
    """
    yield from throwaways_of_job(job)
    doings = [doing for step in job.steps for doing in _doings(job, step)]
    tested: list[Test] = []
    temporary = is_review_app(job) or job.stops_environment
    own_cluster = False
    for index, doing in enumerate(doings):
        own_cluster = own_cluster or _makes_cluster(doing)
        for act in _acts(doing, doings[:index]):
            if isinstance(act, Test):
                tested.append(act)
            if not isinstance(act, Deploy):
                yield act
            elif place := for_one_request(doing.call) or _request_of(doing):
                yield doing.act(Throwaway, f"{act.what} to {place}", of="a review app", review_app=True)
            elif _is_taken_down(doing, doings[index + 1 :]):
                yield doing.act(Throwaway, act.what, of="what the run makes and destroys")
            elif not (temporary or is_under_test(doing) or (own_cluster and act.way in (Way.CLUSTER, Way.UNTOLD))):
                yield act
    yield from tests_by_name(doings, tested)


def _doings(job: Job, step: Step) -> Iterator[Doing]:
    if step.uses is not None:
        yield Doing(job, step, step.uses)
        yield from (Doing(job, step, step.uses, words) for words in uses.commands_of(step.uses))
    for command in step.commands:
        yield Doing(job, step, command, command.words)


def _makes_cluster(doing: Doing) -> bool:
    if doing.words:
        return doing.call.program in CLUSTERS and next(throwaways(doing), None) is not None
    return isinstance(doing.cause, Use) and doing.cause.name.lower() in uses.CLUSTER_MAKERS


def _request_of(doing: Doing) -> str:
    """The job that a command deploys in, where that is called after pull requests and not after tests; else ""."""
    called = segments(f"{doing.job.id} {doing.job.name}") & _FOR_REQUESTS
    return doing.job.name if called and not is_under_test(doing) else ""


_FOR_REQUESTS = frozenset(("pr", "review", "preview"))


def _is_taken_down(doing: Doing, after: Sequence[Doing]) -> bool:
    """Whether the job takes down again what a command put up: it was there to be tested."""
    tool = puts_up(doing.call)
    return bool(tool) and any(destroys(later.call) == tool for later in after)


def _acts(doing: Doing, before: Sequence[Doing]) -> Iterator[Act]:
    if not doing.words:
        if isinstance(doing.cause, Use):
            yield from _of_use(doing, doing.cause, before)
        return
    yield from builds(doing)
    yield from pushes(doing)
    yield from _deploys(doing, before)
    yield from tests(doing)
    yield from _made(doing, before)


# Deploys ---------------------------------------------------------------------------------------------------------


def _deploys(doing: Doing, before: Sequence[Doing]) -> Iterator[Act]:
    command = doing.cause
    variables = frozenset(command.variables) if isinstance(command, Command) else frozenset()
    if compose_elsewhere(doing.call, variables) or (_starts_compose(doing) and _is_deploy(doing.job)):
        yield doing.act(Deploy, "docker compose up", way=Way.PLATFORM)
    elif not _applies_only_secrets(doing, before):
        yield from deploys(doing)
    published = publishes_commit(doing.call)
    if published:
        yield from _commit(doing, before, published)


def _starts_compose(doing: Doing) -> bool:
    return any(act.what == "docker compose up" for act in throwaways(doing))


def _is_deploy(job: Job) -> bool:
    """Whether a job is called after a deploy, or names the environment that it deploys to."""
    return bool(segments(f"{job.id} {job.name}") & {"deploy", "deployment", "production", "prod", "staging"}) or bool(
        job.environment
    )


def _applies_only_secrets(doing: Doing, before: Sequence[Doing]) -> bool:
    """`kubectl create secret ... --dry-run=client -o yaml | kubectl apply -f -` prepares a deploy and is none."""
    fed = before[-1] if before and before[-1].step is doing.step else None
    if fed is None or not isinstance(fed.cause, Command) or doing.call.option("-f", "--filename") != "-":
        return False
    words = fed.call.plain()
    return fed.cause.output.startswith(doing.call.program) and words[:1] == ["create"] and "--dry-run" in fed.cause.text


def _commit(doing: Doing, before: Sequence[Doing], published: str) -> Iterator[Act]:
    """A commit that changes the image which manifests name, or one to a repository of manifests, deploys."""
    edit = next((how for earlier in reversed(before) if (how := edits_manifest(earlier.call))), "")
    cloned = next((where for earlier in reversed(before) if (where := _gitops_checkout(earlier))), "")
    if edit or cloned:
        what = f"{edit} and {published}" if edit else f"{published} to {cloned}"
        images = _set_images(before)
        yield doing.act(Deploy, what, way=Way.GITOPS, images=images)


def _set_images(before: Sequence[Doing]) -> tuple[str, ...]:
    """What `kustomize edit set image` was given: `web=acme/web:1`, `acme/web:1`."""
    return tuple(
        word.rpartition("=")[2]
        for earlier in before
        if edits_manifest(earlier.call) == "kustomize edit set image"
        for word in earlier.call.plain()[3:]
    )


def _gitops_checkout(doing: Doing) -> str:
    """The other repository that a command or action checks out, where its name says that it holds manifests."""
    if isinstance(doing.cause, Use):
        other = doing.cause.inputs.get("repository", "") if doing.cause.name == "actions/checkout" else ""
        return other if takes_gitops_repository(other) else ""
    words = doing.call.plain(("-b", "--branch", "--depth", "-c"))
    cloned = words[1] if doing.call.program == "git" and words[:1] == ["clone"] and words[1:] else ""
    return cloned if takes_gitops_repository(cloned.removesuffix(".git")) else ""


# Environments ------------------------------------------------------------------------------------------------------


def _made(doing: Doing, before: Sequence[Doing]) -> Iterator[Act]:
    compose = _is_deploy(doing.job) and _starts_compose(doing)
    if not compose and not compose_elsewhere(doing.call):
        yield from throwaways(doing)
    deleted = deleted_namespace(doing.call)
    maker = next((earlier for earlier in before if deleted and made_namespace(earlier.call) == deleted), None)
    if maker is not None:
        yield maker.act(Throwaway, f"namespace {deleted}", of="a namespace that the run makes and deletes")


# Ready-made steps --------------------------------------------------------------------------------------------------


def _of_use(doing: Doing, use: Use, before: Sequence[Doing]) -> Iterator[Act]:
    name = use.name.lower()
    yield from _use_builds(doing, use, name, before)
    yield from _use_deploys(doing, use, name, before)
    if name in uses.THROWAWAYS:
        yield doing.act(Throwaway, use.name, of=uses.THROWAWAYS[name])
    if name not in uses.TESTERS and uses.named_a_test(use):
        yield doing.act(Test, use.name, breadth=breadth_of(segments(use.name), doing.title))


def _use_builds(doing: Doing, use: Use, name: str, before: Sequence[Doing]) -> Iterator[Act]:
    build = None
    builder = uses.builder_of(use)
    if builder is not None:
        build = doing.act(
            Build,
            use.name,
            context=builder.context_of(use),
            dockerfile=builder.dockerfile_of(use),
            images=_images(uses.lines(use, *builder.images), before),
            target=use.inputs.get("target", ""),
            pushes=builder.pushes(use),
        )
    elif name in uses.BAKERS:
        files = uses.lines(use, "files")
        build = doing.act(
            Build,
            use.name,
            definition=from_root(files[0] if files else "docker-bake.hcl", use.inputs.get("workdir", "")),
            parts=tuple(part for part in uses.lines(use, "targets") if part != "default"),
            pushes=uses.true(use, "push") or "output=type=registry" in use.inputs.get("set", ""),
        )
    elif name == "docker" and _AZURE_DOCKER & {key.lower() for key in use.inputs}:
        yield from _azure_docker(doing, use)
    if build is not None:
        yield build
        if build.pushes:
            yield doing.act(Push, build.what, images=build.images)
    if name in uses.PUSHERS:
        yield doing.act(Push, use.name, images=uses.lines(use, *uses.PUSHERS[name]))


def _images(written: tuple[str, ...], before: Sequence[Doing]) -> tuple[str, ...]:
    """The names of images; where an earlier step of `docker/metadata-action` makes them, those that it is given."""
    if not any(".outputs.tags" in image for image in written):
        return written
    made = [
        image
        for earlier in before
        if isinstance(earlier.cause, Use) and earlier.cause.name.lower() == "docker/metadata-action"
        for image in uses.lines(earlier.cause, "images")
    ]
    return tuple(made) or written


_AZURE_DOCKER = frozenset({"containerregistry", "repository", "dockerfile", "buildcontext", "tags"})
"""Inputs of the Docker task: plugins of other systems are called `docker` too."""


def _azure_docker(doing: Doing, use: Use) -> Iterator[Act]:
    """The Docker task of Azure Pipelines: `command: buildAndPush`."""
    command = use.inputs.get("command", "buildAndPush").lower()
    dockerfile = use.inputs.get("Dockerfile") or use.inputs.get("dockerfile")
    context = use.inputs.get("buildContext", "**")
    images = uses.lines(use, "repository")
    if command.startswith("build"):
        folder = dockerfile.rpartition("/")[0] if dockerfile and "**" in context else context.replace("**", "")
        yield doing.act(
            Build,
            "Docker task",
            context=from_root(folder) if dockerfile or "**" not in context else None,
            dockerfile=from_root(dockerfile) if dockerfile and "**" not in dockerfile else None,
            images=images,
            pushes=command == "buildandpush",
        )
    if command in ("buildandpush", "push"):
        yield doing.act(Push, "Docker task", images=images)


def _use_deploys(doing: Doing, use: Use, name: str, before: Sequence[Doing]) -> Iterator[Act]:
    way = next((way for known, way in _USES_DEPLOY if name in known), None)
    if way is not None:
        if use.inputs.get("action", "deploy") in _DEPLOYING_ACTIONS:
            yield doing.act(Deploy, use.name, way=way, images=uses.lines(use, "images", "image"))
    elif name == "peter-evans/repository-dispatch":
        other = use.inputs.get("repository", "")
        if takes_gitops_repository(other):
            yield doing.act(Deploy, f"a dispatch to {other}", way=Way.GITOPS)
        elif segments(use.inputs.get("event-type", "")) & {"deploy", "deployment", "release"}:
            yield doing.act(Deploy, f"a dispatch to {other or 'this repository'}", way=Way.UNTOLD)
    elif name in uses.COMMITTERS:
        yield from _commit(doing, before, use.name)
    elif next(uses.commands_of(use), None) is None and uses.named_a_deploy(use):
        yield doing.act(Deploy, use.name, way=Way.UNTOLD)


_DEPLOYING_ACTIONS = ("deploy", "promote")
"""What steps that can do several things (`azure/k8s-deploy`) are told where they deploy."""
_USES_DEPLOY = (
    (uses.CLUSTER_DEPLOYS, Way.CLUSTER),
    (uses.GITOPS_DEPLOYS, Way.GITOPS),
    (uses.PLATFORM_DEPLOYS, Way.PLATFORM),
    (uses.INFRASTRUCTURE_DEPLOYS, Way.INFRASTRUCTURE),
)
