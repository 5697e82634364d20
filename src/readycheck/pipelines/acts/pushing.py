"""Which commands bring container images into a registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from readycheck.pipelines.acts.doing import Doing
from readycheck.pipelines.acts.nouns import Push
from readycheck.pipelines.acts.words import CONTAINER_TOOLS, compose_verbs, names

_PUSH_VALUED = names("--authfile --creds --cert-dir --format -f --digestfile --platform --tls-verify --sign-by --index")
_COPY_VALUED = names(
    "--authfile --src-creds --dest-creds --src-authfile --dest-authfile --override-arch --override-os --platform -j",
    "--src-tls-verify --dest-tls-verify --format -f --retry-times --multi-arch --sign-by",
    "--src-cert-dir --dest-cert-dir",
)


def pushes(doing: Doing) -> Iterator[Push]:
    """The images that a command pushes, or copies from one name to another.

    Args:
        doing: the command.
    """
    verbs = compose_verbs(doing.call)
    if verbs is not None:
        if verbs[:1] == ["push"]:
            yield doing.act(Push, "docker compose push")
    elif doing.call.program in _TOOLS:
        yield from _TOOLS[doing.call.program](doing)


def _aws(doing: Doing) -> Iterator[Push]:
    call = doing.call
    if call.plain(names("--region --profile --output"))[:2] == ["ecr", "put-image"]:
        repository = call.option("--repository-name") or ""
        tag = call.option("--image-tag")
        yield doing.act(Push, "aws ecr put-image", images=(f"{repository}:{tag}" if tag else repository,))


def _java(doing: Doing) -> Iterator[Push]:
    goals = ("docker:push", "dockerfile:push", "k8s:push", "fabric8:push", "dockerPush", "dockerPushImage")
    for word in doing.call.plain():
        if word.lstrip(":") in goals or word.rpartition(":")[2] in goals:
            yield doing.act(Push, f"{doing.call.program} {word}")


def _bazel(doing: Doing) -> Iterator[Push]:
    for target in doing.call.plain()[1:] if doing.call.arguments[:1] == ("run",) else ():
        if re.search(r"(?i)push|publish", target.partition(":")[2]):
            yield doing.act(Push, f"bazel run {target}")


def _docker(doing: Doing) -> Iterator[Push]:
    call = doing.call
    plain = call.plain(_PUSH_VALUED)
    for verbs in (["push"], ["image", "push"], ["manifest", "push"]):
        if plain[: len(verbs)] == verbs:
            named = plain[len(verbs) :]
            # buildah and podman name a second place where it should go.
            images = named[-1:] if call.program in ("buildah", "podman") else named
            clean = tuple(image.removeprefix("docker://") for image in images)
            yield doing.act(Push, f"{call.program} {' '.join(verbs)}", images=clean)
    if plain[:3] == ["buildx", "imagetools", "create"]:
        tags = tuple(call.options("-t", "--tag"))
        sources = tuple(word for word in call.plain(names("-t --tag -f --file --builder --annotation"))[3:])
        if not call.has("--dry-run"):
            yield doing.act(Push, "docker buildx imagetools create", images=tags, sources=sources)


def _skopeo(doing: Doing) -> Iterator[Push]:
    plain = doing.call.plain(_COPY_VALUED)
    if plain[:1] not in (["copy"], ["sync"]) or len(plain) < 3:  # noqa: PLR2004 - the verb, from, to
        return
    source, target = plain[1], plain[2]
    if plain[0] == "sync":
        yield doing.act(Push, "skopeo sync", images=(target,), sources=(source,))
    elif target.startswith("docker://"):
        # From a folder or archive it is a push of what was built; from a registry it is a copy.
        copied = (source.removeprefix("docker://"),) if source.startswith("docker://") else ()
        yield doing.act(Push, "skopeo copy", images=(target.removeprefix("docker://"),), sources=copied)


def _copying(doing: Doing) -> Iterator[Push]:
    call = doing.call
    plain = call.plain(names("--platform -p -t --tag -u --username --image-refs --index"))
    words = plain[1:] if call.program == "regctl" else plain
    verb, rest = (words[0], words[1:]) if words else ("", [])
    what = f"{call.program} {verb}"
    if verb in ("copy", "cp"):
        yield doing.act(Push, what, images=tuple(rest[1:2]), sources=tuple(rest[:1]))
    elif verb == "tag" and call.program != "oras":
        name = rest[0].rpartition(":")[0] or rest[0] if rest else ""
        yield doing.act(Push, what, images=tuple(f"{name}:{tag}" for tag in rest[1:2]), sources=tuple(rest[:1]))
    elif verb == "push" and call.program in ("crane", "gcrane"):
        yield doing.act(Push, what, images=tuple(rest[1:2]))


_TOOLS: Mapping[str, Callable[[Doing], Iterator[Push]]] = {
    **dict.fromkeys((*CONTAINER_TOOLS, "buildah", "img", "finch"), _docker),
    **dict.fromkeys(("crane", "gcrane", "regctl", "oras"), _copying),
    **dict.fromkeys(("mvn", "mvnw", "gradle", "gradlew"), _java),
    **dict.fromkeys(("bazel", "bazelisk"), _bazel),
    "skopeo": _skopeo,
    "aws": _aws,
}
