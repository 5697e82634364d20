"""Which commands build container images of code without a Dockerfile: tools of one language, buildpacks, Nix, Bazel."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from readycheck.pipelines.acts.doing import Doing
from readycheck.pipelines.acts.nouns import Build
from readycheck.pipelines.acts.words import Call, names

_MAVEN_IMAGE_GOALS = {
    "jib:build": True,
    "jib:dockerBuild": False,
    "spring-boot:build-image": False,
    "docker:build": False,
    "k8s:build": False,
    "fabric8:build": False,
    "dockerfile:build": False,
}
_GRADLE_IMAGE_TASKS = {"jib": True, "jibDockerBuild": False, "bootBuildImage": False, "dockerBuild": False}


def _built(doing: Doing, what: str, **more: Any) -> Build:
    return doing.act(Build, what, from_code=True, **more)


def _ko(doing: Doing) -> Iterator[Build]:
    call = doing.call
    plain = call.plain(names("-f --filename -t --tags --platform --image-label --sbom --tag --image-refs -n"))
    if plain[:1] not in (["build"], ["publish"], ["resolve"], ["apply"], ["create"]):
        return
    sources = plain[1:] if plain[0] in ("build", "publish") else []
    local = call.has("-L", "--local") or call.off("--push")
    for source in sources or [""]:
        yield _built(doing, f"ko {plain[0]}", context=doing.path(source.removesuffix("/...") or "."), pushes=not local)


def _pack(doing: Doing) -> Iterator[Build]:
    call = doing.call
    plain = call.plain(names("-p --path -B --builder -b --buildpack -e --env --tag -t --descriptor -d --cache-image"))
    if plain[:1] == ["build"]:
        yield _built(
            doing,
            "pack build",
            context=doing.context(call.option("-p", "--path") or "."),
            images=tuple(plain[1:2]),
            pushes=call.has("--publish"),
        )


def _maven(doing: Doing) -> Iterator[Build]:
    call = doing.call
    module = (call.option("-pl", "--projects") or "").partition(",")[0]
    pom = call.option("-f", "--file")
    folder = module or (posixpath.dirname(pom) if pom and pom.endswith(".xml") else pom or "")
    for word in call.plain(names("-pl --projects -f --file -P -s --settings -T")):
        goal = next((goal for goal in _MAVEN_IMAGE_GOALS if word == goal or _long_goal(word) == goal), None)
        if goal:
            publishes = any("build-image.publish=true" in argument for argument in call.arguments)
            yield _built(
                doing,
                f"{call.program} {goal}",
                context=doing.path(folder or "."),
                images=tuple(_property(call, "image", "jib.to.image", "spring-boot.build-image.imageName")),
                pushes=_MAVEN_IMAGE_GOALS[goal] or publishes,
            )


def _long_goal(word: str) -> str:
    """`com.google.cloud.tools:jib-maven-plugin:3.4.0:build` as `jib:build`."""
    parts = word.split(":")
    plugin = next((part for part in parts if part.endswith("-maven-plugin")), "")
    return f"{plugin.removesuffix('-maven-plugin')}:{parts[-1]}" if plugin else ""


def _property(call: Call, *keys: str) -> Iterator[str]:
    for word in call.arguments:
        for key in keys:
            if word.startswith(f"-D{key}="):
                yield word.partition("=")[2]


def _gradle(doing: Doing) -> Iterator[Build]:
    call = doing.call
    for word in call.plain(names("-p --project-dir -x --exclude-task -P -b -c")):
        project, _, task = word.rpartition(":")
        if task in _GRADLE_IMAGE_TASKS:
            folder = project.strip(":").replace(":", "/") or call.option("-p", "--project-dir") or "."
            publishes = call.has("--publishImage")
            yield _built(
                doing,
                f"{call.program} {word}",
                context=doing.path(folder),
                pushes=_GRADLE_IMAGE_TASKS[task] or publishes,
            )


def _dotnet(doing: Doing) -> Iterator[Build]:
    call = doing.call
    target = any(re.fullmatch(r"[-/]+t(?:arget)?:PublishContainer", word) for word in call.arguments)
    profile = any("PublishProfile=DefaultContainer" in word for word in call.arguments)
    if call.arguments[:1] == ("publish",) and (target or profile):
        project = call.plain(names("-c --configuration -o --output -r --runtime -f --framework --os --arch"))[1:2]
        folder = project[0] if project else "."
        yield _built(
            doing,
            "dotnet publish",
            context=doing.path(posixpath.dirname(folder) if folder.endswith("proj") else folder),
            pushes=any("ContainerRegistry=" in word for word in call.arguments),
        )


def _nix(doing: Doing) -> Iterator[Build]:
    call = doing.call
    for word in call.plain():
        folder, hash_, attribute = word.partition("#")
        if call.arguments[:1] == ("build",) and hash_ and re.search(r"(?i)image|docker|container|oci", attribute):
            yield _built(doing, f"nix build {word}", context=doing.path(folder or "."))


def _earthly(doing: Doing) -> Iterator[Build]:
    call = doing.call
    for word in call.plain():
        folder, plus, target = word.partition("+")
        if plus and re.search(r"(?i)image|docker|container", target):
            yield _built(doing, f"earthly {word}", context=doing.path(folder or "."), pushes=call.has("--push"))


def _werf(doing: Doing) -> Iterator[Build]:
    call = doing.call
    if call.plain()[:1] in (["build"], ["converge"]):
        yield _built(doing, f"werf {call.plain()[0]}", context=doing.path(call.option("--dir") or "."), pushes=True)


def _s2i(doing: Doing) -> Iterator[Build]:
    plain = doing.call.plain(names("-e --env --ref --context-dir"))
    if plain[:1] == ["build"]:
        context = doing.context(plain[1]) if plain[1:] else None
        yield _built(doing, "s2i build", context=context, images=tuple(plain[3:4]))


def _bazel(doing: Doing) -> Iterator[Build]:
    call = doing.call
    for word in call.plain():
        package, _, target = word.removeprefix("//").partition(":")
        if call.arguments[:1] == ("build",) and re.search(r"(?i)image|docker|container|oci", target):
            yield _built(doing, f"bazel build {word}", context=doing.path(package or "."))


TOOLS: Mapping[str, Callable[[Doing], Iterator[Build]]] = {
    "ko": _ko,
    "pack": _pack,
    "mvn": _maven,
    "mvnw": _maven,
    "gradle": _gradle,
    "gradlew": _gradle,
    "dotnet": _dotnet,
    "nix": _nix,
    "earthly": _earthly,
    "werf": _werf,
    "s2i": _s2i,
    "bazel": _bazel,
    "bazelisk": _bazel,
}
"""What tells the builds of each program."""
