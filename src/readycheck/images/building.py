"""What the RUN instructions of a Dockerfile build, and with what tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache

from readycheck.documents.shell import parse
from readycheck.documents.statements import (
    Background,
    Block,
    Case,
    Chain,
    Choice,
    Function,
    Group,
    Loop,
    Negation,
    Pipe,
    Simple,
    Statement,
)
from readycheck.images.dockerfile import Dockerfile, Instruction, Stage


class Language(Enum):
    """A language whose programs may be one static binary."""

    GO = "Go"
    RUST = "Rust"


def runs(instruction: Instruction) -> Sequence[Sequence[str]]:
    """The simple commands of a RUN instruction, each as its words, wherever in its script they stand."""
    return [words for script in instruction.scripts for words in _commands(script)] if instruction.name == "RUN" else []


@lru_cache(maxsize=4096)
def _commands(script: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(word.text for word in simple.words) for simple in _simple(parse(script)[0]) if simple.words)


def _simple(block: Block) -> Iterator[Simple]:
    for statement in block:
        if isinstance(statement, Simple):
            yield statement
            for word in statement.words:
                for part in word.parts:
                    yield from _simple(part.body)
        else:
            yield from _simple(tuple(_inner(statement)))


def _inner(statement: Statement) -> Iterator[Statement]:
    if isinstance(statement, Pipe):
        yield from statement.parts
    elif isinstance(statement, Chain):
        yield from (link for _, link in statement.links)
    elif isinstance(statement, (Negation, Background)):
        yield from statement.inner
    elif isinstance(statement, (Group, Function)):
        yield from statement.body
    elif isinstance(statement, Loop):
        yield from (*statement.condition, *statement.body)
    elif isinstance(statement, Choice):
        yield from (each for branch in statement.branches for part in branch for each in part)
    elif isinstance(statement, Case):
        yield from (each for _, body in statement.branches for each in body)


def _program(words: Sequence[str]) -> tuple[str, list[str]]:
    """The program that a command runs and its arguments, without `env`, assignments and paths."""
    rest = list(words)
    while rest and (rest[0] in {"env", "exec", "time", "sudo", "command"} or re.match(r"\w+=", rest[0])):
        rest.pop(0)
    if not rest:
        return "", []
    return rest[0].rpartition("/")[2].removeprefix("./"), rest[1:]


_Builds = Callable[[list[str]], bool]


def _any_of(*verbs: str) -> _Builds:
    wanted = frozenset(verbs)
    return lambda arguments: any(argument in wanted for argument in arguments)


def _script_called(*names: str) -> _Builds:
    """`npm run build`, `yarn build`, `pnpm -r run build:prod`."""
    pattern = re.compile(rf"(?:{'|'.join(names)})(?:[:-].*)?")
    return lambda arguments: any(pattern.fullmatch(argument) for argument in arguments)


_NOT_BUILDING = frozenset({"check", "clean", "distclean", "help", "mrproper", "test", "uninstall"})


def _makes(arguments: list[str]) -> bool:
    """Whether `make` makes something: the default target does, and any that is not there to clean or to test."""
    targets = [word for word in arguments if not word.startswith("-") and "=" not in word]
    return not targets or not _NOT_BUILDING.issuperset(targets)


_BUILD_TOOLS: Mapping[str, _Builds] = {
    "go": _any_of("build", "install"),
    "cargo": _any_of("build", "install", "zigbuild", "chef"),
    "rustc": lambda _: True,
    "mvn": _any_of("package", "install", "verify", "compile", "deploy"),
    "mvnw": _any_of("package", "install", "verify", "compile", "deploy"),
    "gradle": _any_of("build", "assemble", "jar", "bootJar", "installDist", "shadowJar", "war", "nativeCompile"),
    "gradlew": _any_of("build", "assemble", "jar", "bootJar", "installDist", "shadowJar", "war", "nativeCompile"),
    "sbt": lambda _: True,
    "ant": lambda _: True,
    "javac": lambda _: True,
    "dotnet": _any_of("build", "publish", "pack"),
    "msbuild": lambda _: True,
    "make": _makes,
    "cmake": lambda _: True,
    "ninja": lambda _: True,
    "meson": lambda _: True,
    "gcc": lambda _: True,
    "g++": lambda _: True,
    "cc": lambda _: True,
    "clang": lambda _: True,
    "bazel": _any_of("build"),
    "npm": _script_called("build", "compile", "bundle"),
    "yarn": _script_called("build", "compile", "bundle"),
    "pnpm": _script_called("build", "compile", "bundle"),
    "bun": _script_called("build", "compile"),
    "ng": _any_of("build"),
    "vite": _any_of("build"),
    "next": _any_of("build"),
    "webpack": lambda _: True,
    "tsc": lambda _: True,
    "mix": _any_of("compile", "release"),
    "stack": _any_of("build", "install"),
    "cabal": _any_of("build", "install"),
    "swift": _any_of("build"),
    "hugo": lambda _: True,
}
_COMPILERS = frozenset(
    {
        "alpine-sdk",
        "base-devel",
        "build-base",
        "build-essential",
        "clang",
        "cmake",
        "g++",
        "gcc",
        "gcc-c++",
        "golang",
        "golang-go",
        "make",
        "maven",
        "openjdk-17-jdk",
        "openjdk-21-jdk",
        "rustc",
    }
)
_INSTALLERS = frozenset({"apt", "apt-get", "apk", "dnf", "microdnf", "tdnf", "yum", "zypper"})
_REMOVING = frozenset({"del", "remove", "purge", "autoremove", "erase"})


def build_step(instruction: Instruction) -> str | None:
    """The command of a RUN instruction that builds something, in short; None where none does.

    What removes its build tools again in the same instruction leaves none of them in the image.
    """
    commands = [_program(words) for words in runs(instruction)]
    if _removes(commands):
        return None
    for program, arguments in commands:
        builds = _BUILD_TOOLS.get(program)
        if builds is not None and "--version" not in arguments and builds(arguments):
            return " ".join([program, *arguments[:2]])
    return None


def compilers_left(stage: Stage) -> tuple[Instruction, str] | None:
    """A compiler or build tool that a stage installs and keeps: one that the same instruction removes is not kept."""
    for instruction in stage.instructions:
        commands = [_program(words) for words in runs(instruction)]
        if _removes(commands):
            continue
        for program, arguments in commands:
            kept = _COMPILERS & set(arguments) if program in _INSTALLERS and {"install", "add"} & set(arguments) else ()
            if kept:
                return instruction, min(kept)
    return None


def _removes(commands: Sequence[tuple[str, list[str]]]) -> bool:
    return any(program in _INSTALLERS and not _REMOVING.isdisjoint(arguments) for program, arguments in commands)


def programs_installed(stage: Stage) -> set[str]:
    """The packages that an image installs for what runs in it to call, from a stage's base on."""
    found: set[str] = set()
    for each in stage.chain:
        for instruction in each.instructions:
            for program, arguments in map(_program, runs(instruction)):
                if program in _INSTALLERS and {"install", "add"} & set(arguments):
                    found |= {word for word in arguments if not word.startswith("-")}
    return found - _NO_PROGRAMS


# What a static binary needs as well, and scratch can be given; what makes users.
_NO_PROGRAMS = frozenset(
    {"add", "adduser", "ca-certificates", "install", "passwd", "shadow", "shadow-utils", "tzdata", "update"}
)


def language_of(dockerfile: Dockerfile, context: Collection[str]) -> Language | None:
    """The language of the binary that a Dockerfile is about; None where it is about none of these.

    Args:
        dockerfile: the Dockerfile.
        context: the names that stand in the folder of its build.
    """
    for stage in dockerfile.stages:
        for instruction in stage.instructions:
            for words in runs(instruction):
                program, arguments = _program(words)
                if program in _COMPILING and {"build", "install", "zigbuild"} & set(arguments):
                    return _COMPILING[program]
        name = stage.base.name if stage.base is not None else None
        if name in _TOOLCHAINS_OF:
            return _TOOLCHAINS_OF[name]
    if any(build_step(instruction) for stage in dockerfile.stages for instruction in stage.instructions):
        return None
    # What is built elsewhere and copied in: the sources beside it tell, where there are those of one language alone.
    found = {language for manifest, language in _MANIFESTS.items() if manifest in context}
    return found.pop() if len(found) == 1 else None


_COMPILING: Mapping[str, Language] = {
    "go": Language.GO,
    "xx-go": Language.GO,
    "ko": Language.GO,
    "cargo": Language.RUST,
    "xx-cargo": Language.RUST,
}
_TOOLCHAINS_OF = {"golang": Language.GO, "rust": Language.RUST}
_MANIFESTS: Mapping[str, Language | None] = {
    "go.mod": Language.GO,
    "Cargo.toml": Language.RUST,
    **dict.fromkeys(
        ("package.json", "requirements.txt", "pyproject.toml", "Pipfile", "pom.xml", "build.gradle", "Gemfile"), None
    ),
}
_STATIC_RUST = re.compile(r"-musl\b|crt-static")


def linked_statically(dockerfile: Dockerfile, language: Language) -> bool | None:
    """Whether the binary needs no library at run time; None where nothing tells.

    Go links statically without cgo, which is on where a C compiler is there (Go command documentation); Rust does for a
    musl target or with `crt-static` (Rust reference, linkage).
    """
    texts = [str(value) for value in _texts(dockerfile)]
    if language is Language.RUST:
        musl = any(
            stage.base is not None and stage.base.name == "rust" and "alpine" in (stage.base.tag or "")
            for stage in dockerfile.stages
        )
        return True if musl or any(_STATIC_RUST.search(text) for text in texts) else None
    settings = {match[1] for text in texts for match in re.finditer(r"\bCGO_ENABLED[=\s]+[\"']?([01])", text)}
    if "1" in settings and "0" not in settings:
        return any("-extldflags" in text and "-static" in text for text in texts)
    return True if "0" in settings or any("-static" in text for text in texts) else None


def _texts(dockerfile: Dockerfile) -> Iterator[str]:
    for stage in dockerfile.stages:
        for instruction in stage.instructions:
            yield from instruction.scripts
            for name, value in instruction.body.get("pairs", {}).items():
                yield f"{name}={value}"
            if instruction.name in ("ARG", "ENV"):
                continue
            yield from instruction.words
