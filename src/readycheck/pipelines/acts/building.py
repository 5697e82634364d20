"""Which commands build container images, and from what."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from readycheck.pipelines.acts import building_from_code
from readycheck.pipelines.acts.doing import Doing, from_root
from readycheck.pipelines.acts.nouns import Act, Build, Push
from readycheck.pipelines.acts.words import CONTAINER_TOOLS, compose_verbs, names, segments

_BUILD_VALUED = names(
    "-t --tag -f --file --build-arg --target --platform --cache-from --cache-to --label --secret --ssh --network -o",
    "--output --progress --build-context --iidfile --metadata-file -m --memory --shm-size --add-host --ulimit",
    "--cgroup-parent --builder --attest --annotation --allow --no-cache-filter --isolation --security-opt --format",
    "--arch --os --authfile --layers --manifest -r --registry --project --token --log-level",
)
_BUILDERS = (
    *((tool, words) for tool in CONTAINER_TOOLS for words in (("build",), ("buildx", "build"), ("image", "build"))),
    ("docker", ("buildx", "b")),
    ("docker", ("builder", "build")),
    ("buildah", ("bud",)),
    ("buildah", ("build",)),
    ("buildah", ("build-using-dockerfile",)),
    ("img", ("build",)),
    ("depot", ("build",)),
    ("docker-buildx", ("build",)),
    ("finch", ("build",)),
)
"""Programs that take what `docker build` takes, with the subcommand."""


def builds(doing: Doing) -> Iterator[Act]:
    """The images that a command builds, each followed by its push where the same command pushes it.

    Args:
        doing: the command.
    """
    call = doing.call
    told = _TOOLS.get(call.program)
    for build in (*_like_docker(doing), *(told(doing) if told else ())):
        yield build
        if build.pushes:
            yield doing.act(Push, build.what, images=build.images)


def _like_docker(doing: Doing) -> Iterator[Build]:
    call = doing.call
    plain = call.plain(_BUILD_VALUED)
    for program, verbs in _BUILDERS:
        if call.program == program and tuple(plain[: len(verbs)]) == verbs:
            contexts = plain[len(verbs) :]
            output = " ".join(call.options("-o", "--output"))
            yield doing.act(
                Build,
                f"{program} {' '.join(verbs)}",
                context=doing.context(contexts[-1] if contexts else "."),
                dockerfile=_dockerfile(doing, call.option("-f", "--file")),
                images=tuple(call.options("-t", "--tag")) or _named_in(output),
                target=call.option("--target") or "",
                pushes=call.has("--push") or "push=true" in output or "type=registry" in output,
            )
            return
    if call.program in (*CONTAINER_TOOLS, "docker-buildx", "depot") and "bake" in plain[:2]:
        yield _bake(doing, plain[plain.index("bake") + 1 :])
    elif (verbs_of := compose_verbs(call)) is not None:
        yield from _compose(doing, verbs_of)


def _dockerfile(doing: Doing, written: str | None) -> str | None:
    return None if written in (None, "-") else doing.path(str(written))


def _named_in(output: str) -> tuple[str, ...]:
    """The names in `--output type=image,name=...`."""
    return tuple(re.findall(r'name="?([^,"\s]+)', output))


def _bake(doing: Doing, parts: list[str]) -> Build:
    call = doing.call
    return doing.act(
        Build,
        "docker buildx bake",
        definition=doing.path(call.option("-f", "--file") or "docker-bake.hcl"),
        parts=tuple(part for part in parts if part != "default"),
        pushes=call.has("--push") or any(".output=type=registry" in word for word in call.options("--set")),
    )


def _compose(doing: Doing, verbs: list[str]) -> Iterator[Build]:
    call = doing.call
    if verbs[:1] == ["build"] or (verbs[:1] in (["up"], ["run"]) and call.has("--build")):
        yield doing.act(
            Build,
            f"docker compose {verbs[0]}",
            definition=doing.path(call.option("-f", "--file") or ""),
            parts=tuple(verbs[1:]) if verbs[0] == "build" else (),
            pushes=verbs[0] == "build" and call.has("--push"),
        )


def _kaniko(doing: Doing) -> Iterator[Build]:
    call = doing.call
    if call.option("--context", "-c") is None and not call.options("--destination", "-d") and not call.has("--no-push"):
        return
    context = doing.context(call.option("--context", "-c") or ".")
    inner = call.option("--context-sub-path")
    if context is not None and inner:
        context = posixpath.normpath(posixpath.join(context, inner))
    written = call.option("--dockerfile", "-f")
    dockerfile = None if written is None else from_root(written, context or "")
    if written is not None and ("$" in written or written.startswith("/")):
        dockerfile = doing.path(written)
    yield doing.act(
        Build,
        "kaniko",
        context=context,
        dockerfile=dockerfile,
        images=tuple(call.options("--destination", "-d")),
        target=call.option("--target") or "",
        pushes=not call.has("--no-push", "--no-push=1"),
    )


def _buildctl(doing: Doing) -> Iterator[Build]:
    call = doing.call
    if call.plain(("--addr",))[:1] != ["build"]:
        return
    local = dict(word.split("=", 1) for word in call.options("--local") if "=" in word)
    output = " ".join(call.options("--output", "-o"))
    filename = next((word.split("=", 1)[1] for word in call.options("--opt") if word.startswith("filename=")), None)
    yield doing.act(
        Build,
        "buildctl build",
        context=doing.path(local.get("context", ".")),
        dockerfile=from_root(filename, doing.path(local.get("dockerfile", "."))) if filename else None,
        images=_named_in(output),
        pushes="push=true" in output,
    )


def _gcloud(doing: Doing) -> Iterator[Build]:
    call = doing.call
    plain = call.plain(names("--tag -t --config --project --region --substitutions --timeout --gcs-log-dir --source"))
    words = [word for word in plain if word not in ("beta", "alpha")]
    if words[:2] == ["builds", "submit"]:
        config = call.option("--config")
        yield doing.act(
            Build,
            "gcloud builds submit",
            context=doing.context(words[2] if len(words) > 2 else "."),  # noqa: PLR2004 - after the two verbs
            images=tuple(call.options("--tag", "-t")),
            definition=doing.path(config) if config else "",
            pushes=True,
        )
    elif words[:2] == ["run", "deploy"] and call.option("--source"):
        yield doing.act(Build, "gcloud run deploy", context=doing.path(str(call.option("--source"))), pushes=True)


def _az(doing: Doing) -> Iterator[Build]:
    call = doing.call
    plain = call.plain(_BUILD_VALUED | names("--image -g --resource-group --subscription --agent-pool"))
    if plain[:2] == ["acr", "build"]:
        yield doing.act(
            Build,
            "az acr build",
            context=doing.context(plain[2] if len(plain) > 2 else "."),  # noqa: PLR2004 - after the two verbs
            dockerfile=_dockerfile(doing, call.option("-f", "--file")),
            images=tuple(call.options("-t", "--image")),
            target=call.option("--target") or "",
            pushes=not call.has("--no-push"),
        )


def _skaffold(doing: Doing) -> Iterator[Build]:
    call = doing.call
    plain = call.plain(names("-f --filename -p --profile -m --module -d --default-repo -t --tag -b --build-image -n"))
    if plain[:1] in (["build"], ["run"]):
        yield doing.act(
            Build,
            f"skaffold {plain[0]}",
            definition=doing.path(call.option("-f", "--filename") or "skaffold.yaml"),
            parts=tuple(call.options("-b", "--build-image")),
            pushes=not call.off("--push"),
        )


def _monorepo(doing: Doing) -> Iterator[Build]:
    """`nx affected --targets=container`, `turbo run docker`: the images of projects, by targets called after them."""
    call = doing.call
    plain = call.plain(names("-t --target --targets -p --projects --base --head --parallel --exclude --tags --filter"))
    targets = {*plain, *(call.option("-t", "--target", "--targets") or "").split(",")}
    named = sorted(target for target in targets if segments(target) & _IMAGE_TARGETS)
    if named:
        projects = () if "run-many" in plain or "affected" in plain or call.program != "nx" else tuple(plain[1:2])
        definition = doing.path(f"{call.program}.json")
        pushes = call.has("--push") or call.option("--push") == "true"
        what = f"{call.program} {named[0]}"
        yield doing.act(Build, what, definition=definition, parts=projects, pushes=pushes)


_IMAGE_TARGETS = names("container containers docker image images")


def _openshift(doing: Doing) -> Iterator[Build]:
    call = doing.call
    plain = call.plain(names("-n --namespace --from-dir --from-file --from-archive --from-repo --context"))
    if plain[:1] == ["start-build"]:
        folder = call.option("--from-dir")
        context = doing.path(folder) if folder else None
        yield doing.act(Build, "oc start-build", context=context, images=tuple(plain[1:2]), pushes=True)


_TOOLS: Mapping[str, Callable[[Doing], Iterator[Build]]] = {
    **building_from_code.TOOLS,
    "executor": _kaniko,
    "kaniko": _kaniko,
    "buildctl": _buildctl,
    "buildctl-daemonless.sh": _buildctl,
    "gcloud": _gcloud,
    "az": _az,
    "skaffold": _skaffold,
    "oc": _openshift,
    "nx": _monorepo,
    "turbo": _monorepo,
}
