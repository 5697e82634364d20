"""Dockerfiles as what they build: stages, the bases that they rest on, and the image that comes out at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct

from readycheck.images.bases import environment_of
from readycheck.kubernetes.image import ImageReference
from readycheck.model import Path, Place, Resource, Unjudged, Unresolved

KIND = "Dockerfile"
SCRATCH = "scratch"

_VARIABLE = re.compile(r"\\?\$(?:\{(\w+)(?::?([-+?])([^}]*))?\}|(\w+))")
# Words in the path of a Dockerfile whose image runs in no production.
_PURPOSES = {
    "development": ("dev", "devcontainer", "development", "debug", "local", "tilt"),
    "tests": ("test", "tests", "testing", "e2e", "regression", "cypress", "playwright"),
    "building": ("builder", "buildimage", "toolchain", "genproto", "protoc", "ci", "pipeline"),
}
_PURPOSE_OF = {word: purpose for purpose, words in _PURPOSES.items() for word in words}
_WORD = re.compile(r"[A-Za-z0-9]+")
# What BuildKit sets for every build (Dockerfile reference, "Automatic platform ARGs"), here for the most common one.
_PLATFORM = {
    f"{side}{part}": value
    for side in ("BUILD", "TARGET")
    for part, value in (("ARCH", "amd64"), ("OS", "linux"), ("PLATFORM", "linux/amd64"), ("VARIANT", ""))
}
_NOT_SET = "is a build argument without a default"


class Instruction(Struct, frozen=True, eq=False):
    """One instruction of a stage.

    Args:
        name: its keyword, in capitals.
        body: what it holds (documents/dockerfile.py).
        path: where it stands in the Dockerfile.
    """

    name: str
    body: Mapping[str, Any]
    path: Path

    @property
    def place(self) -> Path:
        """Where what it runs stands, or it itself where it runs nothing."""
        return next(((*self.path, field) for field in ("shell", "command") if field in self.body), self.path)

    @property
    def words(self) -> Sequence[str]:
        """Its words, for instructions that have nothing but words."""
        words: Sequence[str] = self.body.get("words", ())
        return words

    def flag(self, name: str) -> Sequence[str]:
        """The values of a flag, in order."""
        value = self.body.get("flags", {}).get(name, ())
        return (value,) if isinstance(value, str) else value

    @property
    def scripts(self) -> Sequence[str]:
        """What a shell runs for it: the command, or the heredocs that it is given."""
        heredocs: Sequence[str] = self.body.get("heredocs", ())
        if heredocs and self.name == "RUN":
            return heredocs
        shell = self.body.get("shell")
        if shell is not None:
            return (str(shell),)
        return (" ".join(map(str, self.body["command"])),) if "command" in self.body else ()


class Stage(Struct, frozen=True, eq=False, dict=True):
    """One stage: what a `FROM` begins.

    Args:
        dockerfile: what it is a part of.
        index: its number, from 0.
    """

    dockerfile: Dockerfile
    index: int
    body: Mapping[str, Any]

    @property
    def path(self) -> Path:
        """Where it stands in the Dockerfile."""
        return ("stages", self.index)

    @property
    def place(self) -> Place:
        """Where it says what it starts from."""
        return self.dockerfile.at((*self.path, "from"))

    @property
    def name(self) -> str:
        """What other stages call it; "" where they can't."""
        return str(self.body.get("name", ""))

    @cached_property
    def source(self) -> str:
        """What it starts from, with the defaults of build arguments put in: an image, `scratch` or an earlier stage."""
        return self.dockerfile.expanded(str(self.body.get("from", "")))

    @cached_property
    def parent(self) -> Stage | None:
        """The earlier stage that it starts from, if it does."""
        return self.dockerfile.stage_called(str(self.source), before=self.index)

    @cached_property
    def instructions(self) -> list[Instruction]:
        """Its instructions, in order."""
        return [
            Instruction(str(body["instruction"]), body, (*self.path, "instructions", index))
            for index, body in enumerate(self.body.get("instructions", ()))
        ]

    @property
    def chain(self) -> Iterator[Stage]:
        """It and the stages that it rests on, from the last to the first."""
        stage: Stage | None = self
        while stage is not None:
            yield stage
            stage = stage.parent

    @property
    def root(self) -> Stage:
        """The stage at the bottom of the chain: the one that starts from an image."""
        return list(self.chain)[-1]

    @property
    def from_scratch(self) -> bool:
        """Whether nothing lies below it."""
        return str(self.root.source) == SCRATCH

    @property
    def source_name(self) -> str:
        """What the stage at the bottom starts from, for people: without its digest."""
        return str(self.root.source).partition("@")[0]

    @property
    def base(self) -> ImageReference | None:
        """The image that it rests on; None for scratch, and where the reference is none."""
        source = self.root.source
        return None if str(source) == SCRATCH else ImageReference.of(source)

    @property
    def takes_from(self) -> Iterator[tuple[Instruction, str]]:
        """What it takes files from, by the words of `COPY --from` and of `RUN --mount=from`."""
        for instruction in self.instructions:
            for name in instruction.flag("from"):
                yield instruction, self.dockerfile.expanded(name)
            for mount in instruction.flag("mount"):
                settings = dict(part.partition("=")[::2] for part in str(mount).split(","))
                if "from" in settings:
                    yield instruction, self.dockerfile.expanded(settings["from"])

    @property
    def needed(self) -> Iterator[Stage]:
        """It and every stage that a build of it makes: what it rests on and what it takes files from."""
        waiting, found = [self], set[int]()
        while waiting:
            stage = waiting.pop()
            if stage.index not in found:
                found.add(stage.index)
                yield stage
                earlier = [self.dockerfile.stage_called(str(name), before=stage.index) for _, name in stage.takes_from]
                waiting += [each for each in (stage.parent, *earlier) if each is not None]

    def value_at(self, instruction: Instruction, text: str) -> str:
        """A text with the variables put in that ARG and ENV have set before an instruction of the stage."""
        known: dict[str, str | None] = dict(environment_of(self.base)) if self.base is not None else {}
        environment = set(known)
        for each in self._before(instruction):
            for name, value in each.body.get("pairs", {}).items() if each.name in ("ARG", "ENV") else ():
                if each.name == "ARG" and name in environment:
                    continue
                # An ARG without a default takes that of the same name above the stages.
                known[name] = (
                    self.dockerfile.arguments.get(name) if value is None else self.dockerfile.put_in(str(value), known)
                )
                environment |= {name} if each.name == "ENV" else set()
        return self.dockerfile.put_in(text, known)

    def _before(self, instruction: Instruction) -> Iterator[Instruction]:
        """What is run before an instruction of the stage, from the bottom of the chain on."""
        for stage in reversed(list(self.chain)):
            for each in stage.instructions:
                if each is instruction:
                    return
                yield each


class Dockerfile(Resource, frozen=True):
    """A Dockerfile that was read."""

    @classmethod
    def of(cls, resource: Resource) -> Dockerfile | None:
        """The resource as a Dockerfile; None where it is none."""
        if resource.kind != KIND:
            return None
        return cls(resource.kind, resource.name, resource.scope, resource.body, resource.origin)

    @property
    def folder(self) -> str:
        """The folder that it stands in; "" for the scan root."""
        return self.name.rpartition("/")[0]

    @cached_property
    def purpose(self) -> str | None:
        """What its image is for where its path says that it is none for production: `development`, `tests`."""
        folder, _, name = self.name.lower().rpartition("/")
        # A folder is called by its last word, a variant of a Dockerfile by any: `Dockerfile.dev-tools`.
        words = [*_WORD.findall(name), *(found[-1] for part in folder.split("/") if (found := _WORD.findall(part)))]
        purposes = (_PURPOSE_OF[word] for word in words if word in _PURPOSE_OF)
        if "build" in _WORD.findall(name):
            return "building"
        return next(purposes, None)

    @cached_property
    def stages(self) -> list[Stage]:
        """Its stages, in order."""
        return [Stage(self, index, body) for index, body in enumerate(self.body.get("stages", ()))]

    @property
    def final(self) -> Stage:
        """The stage that a build without a target ends with.

        Raises:
            Unjudged: there is none.
        """
        if not self.stages:
            raise Unjudged("has no FROM: it builds nothing", self.at(()))
        return self.stages[-1]

    def stage_called(self, name: str, *, before: int | None = None) -> Stage | None:
        """The stage of a name or number, among those that come before another one."""
        stages = self.stages[:before]
        if name.isdigit():
            return stages[int(name)] if int(name) < len(stages) else None
        return next((stage for stage in stages if stage.name and stage.name.lower() == name.lower()), None)

    @cached_property
    def arguments(self) -> Mapping[str, str | None]:
        """The build arguments that `FROM` lines may use, with their defaults; None where there is no default."""
        found: dict[str, str | None] = {}
        for argument in self.body.get("arguments", ()):
            for name, default in argument.get("pairs", {}).items():
                found[name] = None if default is None else str(self.put_in(str(default), found))
        return found

    def expanded(self, text: str) -> str:
        """A text with the defaults of the build arguments put in; Unresolved where one has none."""
        return self.put_in(text, self.arguments)

    def put_in(self, text: str, arguments: Mapping[str, str | None]) -> str:
        """A text with variables put in; Unresolved where one has no value."""
        lacking = False

        def value(match: re.Match[str]) -> str:
            nonlocal lacking
            if match[0].startswith("\\"):
                return match[0][1:]
            name = match[1] or match[4]
            found = arguments[name] if arguments.get(name) is not None else _PLATFORM.get(name)
            given = "" if found is None else str(found)
            if match[2] == "-" and not given:
                return match[3]
            if match[2] == "+":
                return match[3] if given else ""
            lacking = lacking or found is None or isinstance(found, Unresolved)
            return match[0] if found is None else given

        filled = _VARIABLE.sub(value, text)
        return Unresolved(filled, _NOT_SET) if lacking else filled
