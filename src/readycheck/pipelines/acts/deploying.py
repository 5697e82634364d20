"""Which commands deploy something, and how."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from readycheck.pipelines.acts.doing import Doing
from readycheck.pipelines.acts.nouns import Deploy, Way
from readycheck.pipelines.acts.testing import TESTING
from readycheck.pipelines.acts.words import CONTAINER_TOOLS, Call, compose_verbs, names, segments

_VALUED = names(
    "-n --namespace --context --kubeconfig --kube-context -f --filename --file -k -l --selector -e --environment -p",
    "--profile --region --project -C -chdir -var -var-file --set --values --timeout --version -o --output -s --server",
    "--cluster --as --token --patch --type --image-url -a --app -c --config --stack -i --inventory -g --resource-group",
    "--name --subscription --env --repo -r --revision --stage --field-manager -H --host -d",
)


def deploys(doing: Doing) -> Iterator[Deploy]:
    """What a command deploys.

    Args:
        doing: the command.
    """
    call = doing.call
    if call.remote:
        yield from _on_a_host(doing, call)
        return
    tells = _TOOLS.get(call.program)
    found = tells(call) if tells else None
    for verbs, way in _VERBS.get(call.program, {}).items():
        if found is None and tuple(call.plain(_VALUED)[: len(verbs.split())]) == tuple(verbs.split()):
            found = f"{call.program} {verbs}".rstrip(), way
    if found is None:
        found = _by_name(call)
    if found is not None and not _only_shows(call):
        what, way = found
        yield doing.act(Deploy, what, way=way, images=_images(call))


def is_under_test(doing: Doing) -> bool:
    """Whether what a command deploys is there to be tested: its job is called after tests, or the files are theirs.

    Args:
        doing: the command.
    """
    for_tests = doing.purpose & TESTING and not doing.purpose & _TO_DEPLOY
    return bool(for_tests or _TESTS.search(" ".join(doing.call.arguments)))


_TESTS = re.compile(r"(?:^|[\s=@\"'/])(?:tests|e2e)/")


def _only_shows(call: Call) -> bool:
    """Whether it says what it would do, and does nothing (`helm upgrade --dry-run`)."""
    dry = (call.option("--dry-run") or "").strip() not in ("", "none") or call.has("--dry-run")
    return dry or call.has("--check", "--syntax-check", "--noop", "--preview", "--help", "--no-execute-changeset")


def _images(call: Call) -> tuple[str, ...]:
    """The images of `kubectl set image deployment/web web=acme/web:1`, `kustomize edit set image acme/web=...:1`."""
    words = call.plain(_VALUED)
    if words[:2] == ["set", "image"]:
        return tuple(word.partition("=")[2] for word in words[2:] if "=" in word)
    return ()


Told: TypeAlias = tuple[str, Way] | None

_VERBS: Mapping[str, Mapping[str, Way]] = {
    "helmfile": {"apply": Way.CLUSTER, "sync": Way.CLUSTER},
    "werf": {"converge": Way.CLUSTER, "helm upgrade": Way.CLUSTER, "bundle apply": Way.CLUSTER},
    "kapp": {"deploy": Way.CLUSTER},
    "kpt": {"live apply": Way.CLUSTER},
    "tk": {"apply": Way.CLUSTER},
    "timoni": {"apply": Way.CLUSTER, "bundle apply": Way.CLUSTER},
    "skaffold": {"run": Way.CLUSTER, "deploy": Way.CLUSTER, "apply": Way.CLUSTER},
    "ko": {"apply": Way.CLUSTER},
    "devspace": {"deploy": Way.CLUSTER},
    "garden": {"deploy": Way.CLUSTER},
    "okteto": {"deploy": Way.CLUSTER},
    "nomad": {"job run": Way.CLUSTER, "run": Way.CLUSTER},
    "flux": {"reconcile": Way.GITOPS, "push artifact": Way.GITOPS, "tag artifact": Way.GITOPS},
    "argocd": {"app sync": Way.GITOPS, "app set": Way.GITOPS, "app create": Way.GITOPS, "app actions run": Way.GITOPS},
    "pulumi": {"up": Way.INFRASTRUCTURE, "update": Way.INFRASTRUCTURE},
    "cdk": {"deploy": Way.INFRASTRUCTURE},
    "cdktf": {"deploy": Way.INFRASTRUCTURE},
    "sam": {"deploy": Way.PLATFORM},
    "serverless": {"deploy": Way.PLATFORM},
    "sls": {"deploy": Way.PLATFORM},
    "copilot": {"deploy": Way.PLATFORM, "svc deploy": Way.PLATFORM, "job deploy": Way.PLATFORM},
    "eb": {"deploy": Way.PLATFORM},
    "gcloud": {
        "run deploy": Way.PLATFORM,
        "beta run deploy": Way.PLATFORM,
        "run services update": Way.PLATFORM,
        "run services replace": Way.PLATFORM,
        "run jobs deploy": Way.PLATFORM,
        "app deploy": Way.PLATFORM,
        "functions deploy": Way.PLATFORM,
        "deploy releases create": Way.PLATFORM,
    },
    "az": {
        "webapp deploy": Way.PLATFORM,
        "webapp deployment": Way.PLATFORM,
        "webapp config container set": Way.PLATFORM,
        "webapp up": Way.PLATFORM,
        "containerapp update": Way.PLATFORM,
        "containerapp up": Way.PLATFORM,
        "containerapp create": Way.PLATFORM,
        "functionapp deployment": Way.PLATFORM,
        "deployment group create": Way.INFRASTRUCTURE,
        "deployment sub create": Way.INFRASTRUCTURE,
    },
    "aws": {
        "ecs update-service": Way.PLATFORM,
        "ecs deploy": Way.PLATFORM,
        "lambda update-function-code": Way.PLATFORM,
        "cloudformation deploy": Way.INFRASTRUCTURE,
        "cloudformation update-stack": Way.INFRASTRUCTURE,
        "deploy create-deployment": Way.PLATFORM,
        "elasticbeanstalk update-environment": Way.PLATFORM,
        "apprunner start-deployment": Way.PLATFORM,
        "cloudfront create-invalidation": Way.PLATFORM,
    },
    "ecs-deploy": {"": Way.PLATFORM},
    "ecs": {"deploy": Way.PLATFORM},
    "fly": {"deploy": Way.PLATFORM},
    "flyctl": {"deploy": Way.PLATFORM},
    "heroku": {"container:release": Way.PLATFORM},
    "vercel": {"deploy": Way.PLATFORM, "": Way.PLATFORM},
    "netlify": {"deploy": Way.PLATFORM},
    "firebase": {"deploy": Way.PLATFORM},
    "wrangler": {"deploy": Way.PLATFORM, "publish": Way.PLATFORM},
    "railway": {"up": Way.PLATFORM},
    "cf": {"push": Way.PLATFORM},
    "doctl": {"apps create-deployment": Way.PLATFORM, "apps update": Way.PLATFORM},
    "kamal": {"deploy": Way.PLATFORM, "redeploy": Way.PLATFORM},
    "dep": {"deploy": Way.PLATFORM},
    "docker": {"stack deploy": Way.PLATFORM, "service update": Way.PLATFORM},
    "oc": {"rollout latest": Way.CLUSTER, "start-deploy": Way.CLUSTER},
    "ansible-playbook": {"": Way.PLATFORM},
    "cap": {"": Way.PLATFORM},
}
"""Subcommands that deploy, by program; "" for a program that does whatever follows."""


def _kubectl(call: Call) -> Told:
    words = call.plain(_VALUED)
    verb = " ".join(words[:2]) if words[:1] in (["set"], ["rollout"]) else "".join(words[:1])
    if words[:3] in (["argo", "rollouts", "set"], ["argo", "rollouts", "promote"], ["argo", "rollouts", "restart"]):
        return f"{call.program} {' '.join(words[:3])}", Way.CLUSTER
    changes = verb in ("apply", "replace", "set image", "rollout restart") or (
        verb == "create" and call.option("-f", "--filename", "-k") is not None
    )
    patches = verb == "patch" and any("image" in word for word in call.arguments)
    return (f"{call.program} {verb}", Way.CLUSTER) if changes or patches else None


def _helm(call: Call) -> Told:
    words = [word for word in call.plain(_VALUED) if word != "secrets"]
    return (f"{call.program} {words[0]}", Way.CLUSTER) if words[:1] in (["upgrade"], ["install"]) else None


def _terraform(call: Call) -> Told:
    words = call.plain(_VALUED)
    applies = "apply" in words[:3] or words[:1] == ["apply-all"]
    if not applies or call.has("-destroy", "--destroy"):
        return None
    return f"{call.program} {' '.join(words[: words.index('apply') + 1] if 'apply' in words else words[:1])}", (
        Way.INFRASTRUCTURE
    )


def _git(call: Call) -> Told:
    words = call.plain(names("-C -c -o --push-option"))
    known = names("heroku dokku caprover piku")
    pushed_to = "".join(words[1:2]) if words[:1] == ["push"] else ""
    return (f"git push {pushed_to}", Way.PLATFORM) if pushed_to in known else None


def _curl(call: Call) -> Told:
    """A web hook that deploys: its address or the variable that holds it says so."""
    word = next((word for word in call.arguments if _HOOK.search(word)), "")
    return (f"curl {word}", Way.UNTOLD) if word else _dispatch(call)


def _dispatch(call: Call) -> Told:
    """A call of GitHub's API that starts workflows of another repository, whose name or payload tells of a deploy."""
    match = next((match for word in call.arguments if (match := _DISPATCHES.search(word))), None)
    if match is None:
        return None
    if takes_gitops_repository(match[1]):
        return f"a dispatch to {match[1]}", Way.GITOPS
    tells = _named_a_deploy(match[2] or "") or re.search(r"(?i)\bdeploy", " ".join(call.arguments))
    return (f"a dispatch to {match[1]}", Way.UNTOLD) if tells else None


_DISPATCHES = re.compile(r"repos/([\w.-]+/[\w.-]+)/(?:actions/workflows/([\w.-]+)/)?dispatches\b")


_HOOK = re.compile(r"(?i)(?:^|[/._${-])deploy(?:ment)?s?[/_-]?(?:web)?_?hook|webhooks?/deploy|/hooks/\S*deploy")


def _github(call: Call) -> Told:
    """`gh workflow run deploy.yml`, `gh api repos/acme/gitops/dispatches`."""
    words = call.plain(names("-f -F --field --raw-field -R --repo --ref -X -H --method"))
    if words[:2] == ["workflow", "run"] and words[2:] and _named_a_deploy(words[2]):
        return f"gh workflow run {words[2]}", Way.UNTOLD
    return _dispatch(call)


_TOOLS: Mapping[str, Callable[[Call], Told]] = {
    "kubectl": _kubectl,
    "oc": _kubectl,
    "k3s": _kubectl,
    "helm": _helm,
    "helm3": _helm,
    "terraform": _terraform,
    "tofu": _terraform,
    "terragrunt": _terraform,
    "git": _git,
    "curl": _curl,
    "gh": _github,
}

_DEPLOYING = names("deploy deploys deployment rollout promote redeploy")
_TO_DEPLOY = names("deploy deploys rollout promote redeploy")
"""What a job is for that deploys, tests or not: `deploy-test` does, `deployment-tests` does not."""
_NO_DEPLOY = names(
    "undeploy test tests check lint validate plan diff dry predeploy preview docs doc site pages status wait destroy",
    "delete remove rollback stop setup key keys tool tools verify image build local dev-cluster kind minikube",
)
_APPLIED = names("terraform tf tofu infra k8s kubernetes manifests prod production")
_RUNNERS = names("make gmake just task rake invoke inv npm yarn pnpm mage poe composer fab mvn gradle gradlew nx turbo")
_INTERPRETERS = names("bash sh zsh dash ash python python3 node ruby perl php tsx pwsh source .")


def _named_a_deploy(name: str) -> bool:
    words = segments(name)
    applies = "apply" in words and (words == {"apply"} or bool(words & _APPLIED))
    return (bool(words & _DEPLOYING) or applies) and not words & _NO_DEPLOY


def _by_name(call: Call) -> Told:
    """A target or script that was not followed and is called after a deploy: `make deploy`, `./deploy.sh prod`."""
    words = call.plain(names("-C -f --file --prefix -w --workspace --filter"))
    if call.program in _RUNNERS:
        target = next((word for word in words if "=" not in word and _named_a_deploy(word)), "")
        # Maven's and Gradle's own deploy brings an artefact into a repository.
        if target and call.program in ("mvn", "gradle", "gradlew") and target in ("deploy", "deploy:deploy"):
            return None
        return (f"{call.program} {target}", Way.UNTOLD) if target else None
    script = call.path
    if call.program in _INTERPRETERS:
        script = next(iter(words), "")
    elif "/" not in script and not script.endswith((".sh", ".py")):
        return None
    return (script, Way.UNTOLD) if _named_a_deploy(script.rpartition("/")[2]) else None


def _on_a_host(doing: Doing, call: Call) -> Iterator[Deploy]:
    """`ssh host docker compose up -d`: what is started on another machine is deployed there."""
    text = " ".join(call.arguments)
    verbs = compose_verbs(call)
    started = (
        (verbs is not None and verbs[:1] in (["up"], ["pull"], ["restart"]))
        or (call.program in CONTAINER_TOOLS and call.arguments[:1] in (("run",), ("pull",), ("stack",), ("service",)))
        or (call.program in ("systemctl", "supervisorctl", "pm2") and re.search(r"\b(restart|reload|start)\b", text))
        or call.program in ("kubectl", "helm")
        or (call.program in ("cd", "git") and re.search(r"\b(docker|podman|pm2|systemctl|kubectl|git pull)\b", text))
        or _by_name(call) is not None
        or (call.program == "git" and call.arguments[:1] == ("pull",))
    )
    if started:
        yield doing.act(Deploy, f"ssh {call.remote} {call.program}", way=Way.PLATFORM)


# A commit to the GitOps repository -----------------------------------------------------------------------------


def edits_manifest(call: Call) -> str:
    """How a call changes the image that manifests name: `kustomize edit set image`; "" where it does not.

    Args:
        call: the program and its arguments.
    """
    words = call.plain(names("-C"))
    text = " ".join(call.arguments)
    if call.program == "kustomize" and words[:3] in (["edit", "set", "image"], ["edit", "add", "image"]):
        return "kustomize edit set image"
    if call.program == "kpt" and words[:2] == ["fn", "eval"] and "image" in text:
        return "kpt fn eval"
    in_place = any(re.match(r"-[a-zA-Z]*i|--in-?place", word) for word in call.arguments)
    if call.program in ("yq", "sed", "perl") and in_place and _IMAGE_FIELD.search(text):
        return f"{call.program} on {words[-1]}" if words else call.program
    return ""


_IMAGE_FIELD = re.compile(r"(?i)image|tag|version|digest|newTag|sha")


def takes_gitops_repository(text: str) -> bool:
    """Whether the name or address of a repository says that it holds what is deployed.

    Args:
        text: `https://github.com/acme/gitops.git`, `acme/k8s-manifests`.
    """
    return bool(segments(text.rpartition("/")[2]) & _GITOPS)


_GITOPS = names("gitops manifests manifest deploy deployment deployments flux argocd argo k8s kubernetes infra cluster")


def publishes_commit(call: Call) -> str:
    """How a call brings commits to where others see them: `git push`, `gh pr create`; "" where it does not.

    Args:
        call: the program and its arguments.
    """
    words = call.plain(names("-C -c -o --push-option"))
    if call.program == "git" and words[:1] == ["push"] and not call.has("--tags", "--delete", "-d"):
        return "git push"
    if call.program in ("gh", "hub", "glab") and words[:2] in (["pr", "create"], ["mr", "create"]):
        return f"{call.program} {' '.join(words[:2])}"
    return ""
