"""Which commands, and which parts of a job, make an environment that is thrown away after use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from readycheck.pipelines.acts.doing import Doing
from readycheck.pipelines.acts.nouns import Throwaway
from readycheck.pipelines.acts.words import CONTAINER_TOOLS, Call, compose_verbs, names
from readycheck.pipelines.model import Job, Occasion

_VERBS: Mapping[str, Mapping[tuple[str, ...], str]] = {
    "kind": {("create", "cluster"): "a kind cluster"},
    "k3d": {("cluster", "create"): "a k3d cluster"},
    "minikube": {("start",): "a minikube cluster"},
    "vcluster": {("create",): "a virtual cluster"},
    "microk8s": {("start",): "a MicroK8s cluster"},
    "colima": {("start",): "a Colima cluster"},
    "ctlptl": {("create",): "a local cluster", ("apply",): "a local cluster"},
    "k0s": {("install",): "a k0s cluster"},
    "talosctl": {("cluster", "create"): "a Talos cluster"},
    "sam": {("local",): "a local Lambda"},
    "localstack": {("start",): "LocalStack"},
    "supabase": {("start",): "a local Supabase"},
    "setup-envtest": {("use",): "envtest's API server"},
    "tilt": {("ci",): "what Tilt starts"},
    "okteto": {("preview",): "an Okteto preview"},
    "ct": {
        ("install",): "a namespace of its own for each chart",
        ("lint-and-install",): "a namespace of its own for each chart",
    },
}
CLUSTERS = names("kind k3d minikube vcluster microk8s colima ctlptl k0s talosctl k3s")
"""Programs that make a cluster: what is applied after that, in the same job, is applied to it."""


def throwaways(doing: Doing) -> Iterator[Throwaway]:
    """The environments that a command makes to be thrown away.

    Args:
        doing: the command.
    """
    call = doing.call
    if call.remote:
        return
    words = call.plain(names("--name --config --image -n --wait -p --profile"))
    for verbs, of in _VERBS.get(call.program, {}).items():
        if tuple(words[: len(verbs)]) == verbs:
            yield doing.act(Throwaway, " ".join((call.program, *verbs)), of=of)
    if any("get.k3s.io" in word for word in doing.words):
        yield doing.act(Throwaway, "the installer of k3s", of="a k3s cluster")
    what = _started_containers(call)
    if what:
        yield doing.act(Throwaway, what, of="containers beside the test")


def _started_containers(call: Call) -> str:
    """`docker compose up`, `docker run -d`."""
    verbs = compose_verbs(call)
    if verbs is not None:
        return "docker compose up" if verbs[:1] in (["up"], ["start"]) and not _elsewhere(call) else ""
    if call.program in CONTAINER_TOOLS and call.arguments[:1] == ("run",) and not _elsewhere(call):
        detached = call.has("--detach") or any(re.fullmatch(r"-[a-z]*d[a-z]*", word) for word in call.arguments[1:])
        return f"{call.program} run" if detached else ""
    return ""


def _elsewhere(call: Call) -> bool:
    """Whether a Docker client talks to another machine."""
    return call.option("-H", "--host", "--context") is not None


def compose_elsewhere(call: Call, variables: frozenset[str] = frozenset()) -> bool:
    """Whether a call brings up a compose file on another machine, which deploys it.

    Args:
        call: the program and its arguments.
        variables: the names of the variables that it is run with.
    """
    verbs = compose_verbs(call)
    return verbs is not None and verbs[:1] == ["up"] and (_elsewhere(call) or "DOCKER_HOST" in variables)


def destroys(call: Call) -> str:
    """What a call takes down again, in the word for the tool that put it up; "" where it takes nothing down.

    Args:
        call: the program and its arguments.
    """
    words = call.plain(names("-n --namespace --context --kube-context -chdir -f --file -s --stack --stage"))
    verb = "".join(words[:1]) if words[:1] != ["run-all"] else "".join(words[1:2])
    takes_down = verb in ("destroy", "uninstall", "down", "remove") or (verb == "apply" and call.has("-destroy"))
    return _SAME_TOOL.get(call.program, call.program) if takes_down and call.program in _TOOLS_THAT_DESTROY else ""


_SAME_TOOL = {"tofu": "terraform", "terragrunt": "terraform", "helm3": "helm", "sls": "serverless"}
_TOOLS_THAT_DESTROY = names("terraform tofu terragrunt helm helm3 helmfile pulumi cdk cdktf serverless sls")


def puts_up(call: Call) -> str:
    """The tool that a call puts something up with, by the word that `destroys` has for it.

    Args:
        call: the program and its arguments.
    """
    return _SAME_TOOL.get(call.program, call.program)


def for_one_request(call: Call) -> str:
    """The namespace or release of one pull request that a call deploys to; "" where it deploys elsewhere.

    Args:
        call: the program and its arguments.
    """
    releases = call.plain(names("-n --namespace -f --values --set"))[1:2] if call.program == "helm" else []
    places = (call.option("-n", "--namespace") or "", *releases)
    return next((place for place in places if _REVIEW.search(place) or _PER_REQUEST.search(place)), "")


def made_namespace(call: Call) -> str:
    """The namespace that a call makes; "" where it makes none.

    Args:
        call: the program and its arguments.
    """
    words = call.plain(names("--context --kubeconfig -o --output"))
    if call.program in ("kubectl", "oc") and words[:2] in (["create", "namespace"], ["create", "ns"], ["new-project"]):
        return next(iter(words[2:]), "")
    if call.program == "helm" and call.has("--create-namespace"):
        return call.option("-n", "--namespace") or ""
    return ""


def deleted_namespace(call: Call) -> str:
    """The namespace that a call deletes; "" where it deletes none.

    Args:
        call: the program and its arguments.
    """
    words = call.plain(names("--context --kubeconfig -o --output --timeout"))
    if call.program not in ("kubectl", "oc") or words[:1] != ["delete"]:
        return ""
    kind, _, name = next(iter(words[1:]), "").partition("/")
    return (name or next(iter(words[2:]), "")) if kind in ("ns", "namespace", "project") else ""


def throwaways_of_job(job: Job) -> Iterator[Throwaway]:
    """The environments that a job has beside it, or that it is: service containers, a review app.

    Args:
        job: the job.
    """
    services = [image for image in job.images if not _builds_images(image)]
    if services:
        yield Throwaway(
            what=f"service container {services[0]}", step=None, cause=None, place=job.place, of="service containers"
        )
    if is_review_app(job):
        name = f"environment {job.environment}"
        yield Throwaway(what=name, step=None, cause=None, place=job.place, of="a review app", review_app=True)


def _builds_images(image: str) -> bool:
    """Whether a service container is there to build images and not to be tested against."""
    return bool(re.search(r"(?:^|/)(?:docker|buildkit|dind)(?::|@|$)|dind", image))


def is_review_app(job: Job) -> bool:
    """Whether a job's environment is one for each branch or pull request.

    Args:
        job: the job.
    """
    name = job.environment
    if not name or job.stops_environment:
        return False
    # An environment that has the branch's name is the main branch's own there; one without a variable is everybody's.
    varies = "$" in name or "/" in name
    return (varies and bool(_REVIEW.search(name))) or (bool(_BRANCH.search(name)) and job.run(Occasion.MAIN) is None)


_REVIEW = re.compile(
    r"(?i)(?:^|[/_-])(?:review|preview|ephemeral|pr|mr)(?:[/_-]|$)"
    r"|CI_MERGE_REQUEST_IID|github\.(?:head_ref|event\.(?:number|pull_request\.number))"
)
_PER_REQUEST = re.compile(
    r"(?i)(?:^|[/_-])(?:pr|mr|pull|review|preview)[_-]?(?:\$|\{)|\$\{?(?:PR|MR)_?(?:NUMBER|ID|IID)?\b"
)
_BRANCH = re.compile(r"CI_COMMIT_(?:REF_SLUG|REF_NAME|BRANCH)|CI_ENVIRONMENT_SLUG|github\.ref_name")
