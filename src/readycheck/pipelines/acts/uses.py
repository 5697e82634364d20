"""What ready-made steps do, by their names and inputs: actions of GitHub, tasks of Azure, orbs' commands, plugins.

A step that only runs a command which it is given is read as that command.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from msgspec import Struct

from readycheck.pipelines.acts.doing import from_root
from readycheck.pipelines.acts.words import names, segments, split, split_commands
from readycheck.pipelines.model import Use


def lines(use: Use, *inputs: str) -> tuple[str, ...]:
    """The values of the first input that is given, one a line or after a comma, as actions take lists.

    Args:
        use: the use.
        inputs: names that the input may have.
    """
    for name in inputs:
        text = use.inputs.get(name, "")
        found = [part.strip() for line in text.splitlines() for part in line.split(",")]
        if any(found):
            return tuple(part for part in found if part)
    return ()


def true(use: Use, *inputs: str) -> bool:
    """Whether an input is switched on; one that an expression decides may be.

    Args:
        use: the use.
        inputs: names that the input may have.
    """
    return any(_on(use.inputs.get(name, "")) for name in inputs)


def _on(text: str) -> bool:
    return text.strip().lower() not in ("", "false", "no", "0")


class Builder(Struct, frozen=True):
    """How a ready-made step that builds an image is told what to build.

    Args:
        context: the input that names the folder, or several that may.
        dockerfile: the input that names the Dockerfile.
        images: the inputs that name the image.
        push: the input that makes it push; "always" where it always does, "" where it never does.
        inside: whether the Dockerfile is named from the context and not from the root.
    """

    context: tuple[str, ...] = ("context",)
    dockerfile: tuple[str, ...] = ("dockerfile",)
    images: tuple[str, ...] = ("image",)
    push: str = "always"
    inside: bool = False

    def context_of(self, use: Use) -> str | None:
        """The folder; None for what is no folder of the tree."""
        written = next((use.inputs[name] for name in self.context if use.inputs.get(name)), ".")
        # A context of Git is the commit that the pipeline runs for; what follows the colon is a folder in it.
        if written.startswith(("{{defaultContext}}", "{{ defaultContext }}")):
            written = written.partition("}}")[2].removeprefix(":") or "."
        if "://" in written and written.startswith(("http", "git")):
            _, hash_, inner = written.partition("#")
            written = inner.partition(":")[2] or "." if hash_ else "."
            return from_root(written) if "github.repository" in use.inputs.get("context", "") else None
        return from_root(written)

    def dockerfile_of(self, use: Use) -> str | None:
        """The Dockerfile; None where none is named."""
        written = next((use.inputs[name] for name in self.dockerfile if use.inputs.get(name)), None)
        if written is None or "**" in written:
            return None
        return from_root(written, (self.context_of(use) or "") if self.inside else "")

    def pushes(self, use: Use) -> bool:
        """Whether it pushes."""
        outputs = use.inputs.get("outputs", "")
        if use.inputs.get("dry_run", "").lower() == "true":
            return False
        return (
            self.push == "always"
            or (bool(self.push) and true(use, self.push))
            or "push=true" in outputs
            or "type=registry" in outputs
        )


_ORB = Builder(("build_path", "build-path", "path", "docker-context"), ("dockerfile",), ("repo", "image"), inside=True)
_PLUGIN = Builder(("context",), ("dockerfile",), ("repo",))
_BUILD_PUSH = Builder(("context", "path"), ("file", "dockerfile"), ("tags", "repository"), "push")

_BUILDERS: Mapping[str, Builder] = {
    "docker/build-push-action": _BUILD_PUSH,
    "depot/build-push-action": _BUILD_PUSH,
    "useblacksmith/build-push-action": _BUILD_PUSH,
    "redhat-actions/buildah-build": Builder(dockerfile=("containerfiles", "dockerfiles"), push=""),
    "elgohr/publish-docker-github-action": Builder(("context", "workdir"), images=("name",)),
    "mr-smithers-excellent/docker-build-push": Builder(("directory",)),
    "whoan/docker-build-with-cache-action": Builder(images=("image_name",), push="push_image_and_stages"),
    "aevea/action-kaniko": Builder(("path",), ("build_file",), inside=True),
    "int128/kaniko-action": Builder(dockerfile=("file",), images=("tags",), push="push"),
    "macbre/push-to-ghcr": Builder(images=("image_name",)),
    "google-github-actions/deploy-cloudrun": Builder(("source",)),
    "aws-ecr/build-and-push-image": _ORB,
    "aws-ecr/build_and_push_image": _ORB,
    "gcp-gcr/build-and-push-image": _ORB,
    "gcp-gcr/build-image": Builder(("docker-context", "path"), push="", inside=True),
    "azure-acr/build-and-push-image": _ORB,
    "docker/publish": _ORB,
    "docker/build": Builder(("docker-context", "path"), push="", inside=True),
    "plugins/docker": _PLUGIN,
    "plugins/ecr": _PLUGIN,
    "plugins/gcr": _PLUGIN,
    "plugins/kaniko": _PLUGIN,
    "woodpeckerci/plugin-docker-buildx": _PLUGIN,
    "woodpeckerci/plugin-docker": _PLUGIN,
    "woodpeckerci/plugin-kaniko": _PLUGIN,
}
"""Ready-made steps that build an image, in lower case."""

BAKERS = names("docker/bake-action depot/bake-action")
PUSHERS: Mapping[str, tuple[str, ...]] = {
    "redhat-actions/push-to-registry": ("image",),
    "gcp-gcr/push-image": ("image",),
    "aws-ecr/push-image": ("repo",),
    "docker/push": ("image",),
    "akhilerm/tag-push-action": ("dst",),
}
"""Ready-made steps that push an image, with the inputs that name it."""

CLUSTER_DEPLOYS = names(
    "azure/k8s-deploy deliverybot/helm bitovi/github-actions-deploy-eks-helm koslib/helm-eks-action glopezep/helm",
    "wyrihaximus/github-action-helm3 vimeda/helm craftech-io/eks-helm-deploy-action kubernetesmanifest",
    "google-github-actions/create-cloud-deploy-release helm/upgrade-helm-chart helm/install-helm-chart",
    "kubernetes/create-or-update-resource aws-eks/update-container-image gcp-gke/rollout-image",
)
GITOPS_DEPLOYS = names("clowdhaus/argo-cd-action omegion/argocd-actions yannh/argocd-sync argocd/sync")
PLATFORM_DEPLOYS = names(
    "google-github-actions/deploy-cloudrun google-github-actions/deploy-appengine",
    "google-github-actions/deploy-cloud-functions azure/webapps-deploy azure/container-apps-deploy-action",
    "azure/functions-action azure/static-web-apps-deploy azure/appservice-settings",
    "aws-actions/amazon-ecs-deploy-task-definition aws-actions/amazon-ecs-deploy-express-service",
    "aws-actions/aws-lambda-deploy aws-ecs/update-service aws-ecs/deploy-service-update",
    "aws-ecs/deploy_service_update digitalocean/app_action digitalocean/app_action/deploy akhileshns/heroku-deploy",
    "amondnet/vercel-action cloudflare/wrangler-action cloudflare/pages-action firebaseextended/action-hosting-deploy",
    "einaregilsson/beanstalk-deploy azurewebapp azurewebappcontainer azurerwebappdeployment azurefunctionapp",
    "azurecontainerapps azurermwebappdeployment heroku/deploy-via-git nwtgck/actions-netlify easingthemes/ssh-deploy",
    "burnett01/rsync-deployments bluefireteam/railway-deploy",
)
INFRASTRUCTURE_DEPLOYS = names(
    "dflook/terraform-apply dflook/tofu-apply aws-actions/aws-cloudformation-github-deploy azure/arm-deploy",
    "hashicorp/tfc-workflows-github/actions/apply-run terraform/apply",
)
COMMITTERS = names(
    "peter-evans/create-pull-request stefanzweifel/git-auto-commit-action endbug/add-and-commit",
    "ad-m/github-push-action",
)
"""Ready-made steps that bring a change of files to where others see it."""

TESTERS: Mapping[str, str] = {
    "cypress-io/github-action": "cypress run",
    "cypress/run": "cypress run",
    "grafana/k6-action": "k6 run",
    "grafana/run-k6-action": "k6 run",
    "matt-ball/newman-action": "newman run",
    "anthonyvscode/newman-action": "newman run",
    "plexsystems/container-structure-test-action": "container-structure-test test",
    "nodejs/test": "npm test",
    "node/test": "npm test",
    "python/test": "pytest",
    "cloudposse/github-action-terratest": "go test integration",
    "robotframework": "robot",
    "vstest": "dotnet test",
    "hurl-dev/hurl-action": "hurl --test",
}
"""Ready-made steps that test, each with the command that it comes to."""

THROWAWAYS: Mapping[str, str] = {
    "helm/kind-action": "a kind cluster",
    "engineerd/setup-kind": "a kind cluster",
    "container-tools/kind-action": "a kind cluster",
    "chainguard-dev/actions/setup-kind": "a kind cluster",
    "absaoss/k3d-action": "a k3d cluster",
    "absaoss/k3s-action": "a k3s cluster",
    "nolar/setup-k3d-k3s": "a k3d cluster",
    "rinx/setup-k3d": "a k3d cluster",
    "debianmaster/actions-k3s": "a k3s cluster",
    "jupyterhub/action-k3s-helm": "a k3s cluster",
    "insightsengineering/k3d-action": "a k3d cluster",
    "medyagh/setup-minikube": "a minikube cluster",
    "manusa/actions-setup-minikube": "a minikube cluster",
    "opsgang/ga-setup-minikube": "a minikube cluster",
    "balchua/microk8s-actions": "a MicroK8s cluster",
    "replicatedhq/compatibility-actions/create-cluster": "a cluster of its own",
    "replicatedhq/replicated-actions/create-cluster": "a cluster of its own",
    "hoverkraft-tech/compose-action": "what the compose file starts",
    "isbang/compose-action": "what the compose file starts",
    "okteto/deploy-preview": "an Okteto preview",
    "supercharge/mongodb-github-action": "a database container",
    "supercharge/redis-github-action": "a database container",
    "ankane/setup-postgres": "a database",
    "ikalnytskyi/action-setup-postgres": "a database",
    "localstack/setup-localstack": "LocalStack",
}
"""Ready-made steps that make an environment to be thrown away."""
CLUSTER_MAKERS = frozenset(name for name, of in THROWAWAYS.items() if "cluster" in of)

_COMMANDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "nick-fields/retry": ("", ("command",)),
    "nick-invision/retry": ("", ("command",)),
    "wandalen/wretry.action": ("", ("command",)),
    "gradle/gradle-build-action": ("gradle", ("arguments",)),
    "actions-rs/cargo": ("cargo", ("command", "args")),
    "clechasseur/rs-cargo": ("cargo", ("command", "args")),
    "borales/actions-yarn": ("yarn", ("cmd",)),
    "actions-hub/kubectl": ("kubectl", ("args",)),
    "steebchen/kubectl": ("kubectl", ("args", "command")),
    "kodermax/kubectl-aws-eks": ("kubectl", ("args",)),
    "stefanprodan/kube-tools": ("", ("command",)),
    "superfly/flyctl-actions": ("flyctl", ("args",)),
    "helmfile/helmfile-action": ("helmfile", ("helmfile-args",)),
    "serverless/github-action": ("serverless", ("args",)),
    "pulumi/actions": ("pulumi", ("command",)),
    "azure/cli": ("", ("inlineScript", "inlinescript")),
    "azure/powershell": ("", ("inlineScript", "inlinescript")),
    "azurecli": ("", ("inlineScript", "inlinescript")),
    "coactions/setup-xvfb": ("", ("run",)),
    "gabrielbb/xvfb-action": ("", ("run",)),
    "reactivecircus/android-emulator-runner": ("", ("script",)),
    "ansible/ansible-playbook": ("ansible-playbook", ("playbook",)),
    "dawidd6/action-ansible-playbook": ("ansible-playbook", ("playbook",)),
    "dagger/dagger-for-github": ("dagger", ("verb", "args", "call")),
    "goreleaser/goreleaser-action": ("goreleaser", ("args",)),
    "dotnetcorecli": ("dotnet", ("command", "arguments")),
    "maven": ("mvn", ("goals", "options")),
    "gradle": ("gradle", ("tasks", "options")),
    "npm": ("npm", ("command", "customCommand", "customcommand")),
    "kubernetes": ("kubectl", ("command", "arguments")),
    "helmdeploy": ("helm", ("command",)),
    "terraformtask": ("terraform", ("command",)),
    "terraformtaskv4": ("terraform", ("command",)),
    "terraformcli": ("terraform", ("command",)),
}
"""Ready-made steps that run a command: the program, and the inputs that hold its arguments, one after the other."""

_REMOTE = names("appleboy/ssh-action fifsky/ssh-action garygrossgarten/github-action-ssh")
"""Ready-made steps that run a script on another machine."""


def commands_of(use: Use) -> Iterator[tuple[str, ...]]:
    """The commands that a ready-made step is given to run.

    Args:
        use: the use.
    """
    name = use.name.lower()
    if name in _REMOTE:
        script = use.inputs.get("script") or use.inputs.get("command", "")
        yield from (("ssh", "host", shlex.join(words)) for words in split_commands(script))
    if name.startswith("docker://"):
        program = use.inputs.get("entrypoint") or re.split(r"[:@]", name.rpartition("/")[2])[0]
        yield (program, *split(use.inputs.get("args", "")))
    if TESTERS.get(name):
        yield tuple(TESTERS[name].split())
    if name in _COMMANDS:
        program, inputs = _COMMANDS[name]
        text = " ".join(use.inputs[each] for each in inputs if use.inputs.get(each))
        for words in split_commands(text):
            yield (program, *words) if program else tuple(words)


def named_a_deploy(use: Use) -> bool:
    """Whether a step that is not known here is called after a deploy (`acme/deploy-action`), other than of pages.

    Args:
        use: the use.
    """
    words = segments(use.name.rpartition("/")[2])
    return bool(words & {"deploy", "deployer"}) and not words & names(
        "pages page gh docs doc site preview setup status book key test"
    )


_BY_NAME = Builder(
    ("context", "build_context", "build-context", "path", "directory", "package", "working-directory"),
    ("dockerfile", "build_file", "file"),
    ("tags", "image", "image_name", "image-name", "repository"),
    "push",
)


def builder_of(use: Use) -> Builder | None:
    """How a step is told what to build; None for one that builds no image.

    One that is not known here builds where its name says so (`acme/docker-build`), told as most of them are.

    Args:
        use: the use.
    """
    name = use.name.lower().removeprefix("docker.io/")
    if name in _BUILDERS:
        # This one deploys, and builds only where it is given code.
        return None if name.endswith("/deploy-cloudrun") and "source" not in use.inputs else _BUILDERS[name]
    words = segments(name.rpartition("/")[2])
    builds = words & names("build builder builds") and words & names(
        "docker image images container ghcr ecr gcr kaniko"
    )
    return _BY_NAME if builds and not words & names("setup cache login tags metadata record cloud") else None


def named_a_test(use: Use) -> bool:
    """Whether a step that is not known here is called after tests (`acme/run-e2e-tests`).

    Args:
        use: the use.
    """
    words = segments(use.name.rpartition("/")[2])
    return bool(words & names("test tests e2e smoke pytest")) and not words & names(
        "report reporter results result summary setup upload publish coverage comment splitter annotations xunit junit"
    )
