"""The words of a command: the program under its wrappers, its options, what is left when they are taken away."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_LARGEST_NESTING = 8


# Pipelines repeat themselves: a matrix, a script that every job calls. What is told of words alone is told once.
_REMEMBERED = 1 << 16


@lru_cache(maxsize=_REMEMBERED)
def names(*texts: str) -> frozenset[str]:
    """The words of a table that is written as text."""
    return frozenset(word for text in texts for word in text.split())


@dataclass(frozen=True, slots=True)
class Call:
    """A program and its arguments, without what merely runs it.

    Args:
        program: the last part of the program's path, without `.exe`.
        arguments: what it is given.
        path: the program as it is written.
        inside: the container image that it runs in, where `docker run` starts it; "" where it runs as it is.
        remote: the host that it runs on, where `ssh` starts it; "" where it runs here.
    """

    program: str
    arguments: tuple[str, ...]
    path: str = field(default="", compare=False)
    inside: str = ""
    remote: str = ""

    def option(self, *names: str) -> str | None:
        """The last value of an option, by any of its names: `-f x`, `-f=x`, `-fx`, `--file x`, `--file=x`."""
        return next(reversed(self.options(*names)), None)

    def options(self, *names: str) -> list[str]:
        """Every value of an option, by any of its names, in the order in which they are given."""
        found: list[str] = []
        for index, word in enumerate(self.arguments):
            if word in names:
                if index + 1 < len(self.arguments):
                    found.append(self.arguments[index + 1])
                continue
            for name in names:
                if word.startswith(f"{name}="):
                    found.append(word[len(name) + 1 :])
                elif name in _JOINED and word.startswith(name) and not word.startswith("--"):
                    found.append(word[len(name) :])
        return found

    def has(self, *names: str) -> bool:
        """Whether a switch is on, by any of its names: `--push`, `--push=true`."""
        return any(word in names or word.removesuffix("=true") in names for word in self.arguments)

    def off(self, *names: str) -> bool:
        """Whether a switch is set to false: `--push=false`."""
        return any(word.removesuffix("=false") in names and word.endswith("=false") for word in self.arguments)

    def plain(self, valued: Collection[str] = ()) -> list[str]:
        """The arguments that are no options, and no values of the options that take one.

        Args:
            valued: the names of the options whose value is the next word.
        """
        return list(_plain(self.arguments, frozenset(valued)))


_JOINED = frozenset(("-f", "-t", "-x"))
"""Options whose value may stand in the same word."""


@lru_cache(maxsize=_REMEMBERED)
def _plain(words: tuple[str, ...], valued: frozenset[str]) -> tuple[str, ...]:
    found: list[str] = []
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word == "--":
            return (*found, *words[index + 1 :])
        elif word.startswith("-") and word != "-":
            skip = word in valued
        else:
            found.append(word)
    return tuple(found)


def called(words: Sequence[str]) -> Call:
    """What a command runs in the end: `sudo -E docker build .` runs docker, `poetry run pytest` pytest.

    Args:
        words: the command, as a `Command` has it.
    """
    return _called(tuple(words))


@lru_cache(maxsize=_REMEMBERED)
def _called(words: Sequence[str]) -> Call:
    inside = remote = ""
    for _ in range(_LARGEST_NESTING):
        words = list(words)
        while words and _ASSIGNMENT.match(words[0]):
            words = words[1:]
        if not words:
            return Call("", ())
        call = Call(_base(words[0]), tuple(words[1:]), words[0], inside, remote)
        rest = _run_by(call)
        if not rest:
            return call
        inside = inside or _image_of(call)
        remote = remote or (call.plain(_SSH_VALUED)[0] if call.program == "ssh" else "")
        words = rest
    return call


_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def _base(program: str) -> str:
    return program.replace("\\", "/").rpartition("/")[2].removesuffix(".exe")


_SIMPLE_WRAPPERS = {
    "sudo": ("-u", "-g", "-C", "-h", "-p", "-U"),
    "env": ("-u", "-C", "--unset", "--chdir"),
    "time": ("-f", "-o"),
    "nice": ("-n",),
    "nohup": (),
    "timeout": ("-k", "-s", "--signal", "--kill-after"),
    "exec": ("-a",),
    "command": (),
    "builtin": (),
    "stdbuf": ("-o", "-e", "-i"),
    "xvfb-run": ("-s", "-n", "-e", "--server-args"),
    "retry": ("-t", "-d", "-n", "--times", "--delay", "--max"),
    "npx": ("-p", "--package"),
    "bunx": (),
    "pnpx": (),
    "dotenv": ("-e", "-f", "-v"),
    "doppler": (),
    "infisical": (),
    "xargs": ("-n", "-I", "-P", "-L", "-d", "-a"),
    "aws-vault": (),
}
"""Programs that run what follows, each with those of its options that take a value."""

_TOOL_WRAPPERS = {
    ("poetry", "run"),
    ("uv", "run"),
    ("pdm", "run"),
    ("rye", "run"),
    ("hatch", "run"),
    ("pipenv", "run"),
    ("pixi", "run"),
    ("conda", "run"),
    ("bundle", "exec"),
    ("npm", "exec"),
    ("pnpm", "exec"),
    ("pnpm", "dlx"),
    ("yarn", "exec"),
    ("yarn", "dlx"),
    ("coverage", "run"),
    ("op", "run"),
    ("devbox", "run"),
    ("mise", "exec"),
    ("asdf", "exec"),
}
"""Programs that run what follows a subcommand."""

_NODE_TOOLS = names("nx turbo lerna cdk serverless sls wrangler vercel netlify firebase pulumi")
"""Programs that yarn and pnpm run as if they were scripts."""

_RUN_VALUED = names(
    "-v --volume -e --env --env-file -w --workdir --name --network --net -u --user -p --publish --entrypoint "
    "--platform -l --label --mount --add-host -h --hostname --memory -m --cpus --shm-size --restart --pull --gpus "
    "--ulimit --cap-add --device --ip --link --log-driver --tmpfs --volumes-from --health-cmd --index"
)
_SSH_VALUED = names("-i -p -o -l -F -J -L -R -D -b -c -E -m -S -W")
CONTAINER_TOOLS = ("docker", "podman", "nerdctl")
_RUNNING_BEHIND = {
    **dict.fromkeys(("python", "python3", "py"), (("-m",), 3)),
    "nix": (("-c", "--command"), 20),
}
"""Programs that run what follows an option, and among how many words that must stand to be their own."""


def _run_by(call: Call) -> list[str]:
    """The words of what a wrapper runs; empty where a program is no wrapper, or runs nothing."""
    if call.program in _SIMPLE_WRAPPERS:
        # `timeout 10m make test`: what it runs follows its own argument.
        return _words_after(call.arguments, _SIMPLE_WRAPPERS[call.program], int(call.program == "timeout"))
    if call.program in _RUNNING_BEHIND:
        options, within = _RUNNING_BEHIND[call.program]
        return _words_behind(call.arguments, options, within)
    if call.arguments and (call.program, call.arguments[0]) in _TOOL_WRAPPERS:
        return _words_after(call.arguments[1:], ("-p", "-C", "--python", "--with", "--group", "-n", "--env-file"))
    if call.program in ("yarn", "pnpm") and call.arguments[:1] and call.arguments[0] in _NODE_TOOLS:
        return list(call.arguments)
    if call.program == "ssh":
        return split(" ".join(_words_after(call.arguments, _SSH_VALUED, 1)))
    return _in_container(call)


def _in_container(call: Call) -> list[str]:
    verbs = compose_verbs(call)
    if verbs is None and call.program in CONTAINER_TOOLS:
        verbs = list(call.arguments)
    if not verbs or verbs[0] not in ("run", "exec"):
        return []
    return _unshelled(_words_after(call.arguments[call.arguments.index(verbs[0]) + 1 :], _RUN_VALUED, 1))


def compose_verbs(call: Call) -> list[str] | None:
    """The subcommand of `docker compose` or `docker-compose` and what follows it, options taken away.

    Args:
        call: any call.

    Returns:
        None where it is no call of compose.
    """
    if call.program in ("docker-compose", "podman-compose"):
        return call.plain(COMPOSE_VALUED)
    words = call.plain(COMPOSE_VALUED) if call.program in CONTAINER_TOOLS else []
    return words[1:] if words[:1] == ["compose"] else None


COMPOSE_VALUED = names(
    "-f --file -p --project-name --profile --env-file --project-directory -H --context --ansi --progress"
)


def _unshelled(words: Sequence[str]) -> list[str]:
    """What `sh -c "..."` runs first, where that is what words are; the words themselves where not."""
    if len(words) > 2 and _base(words[0]) in _SHELLS and re.fullmatch(r"-[a-z]*c", words[1]):  # noqa: PLR2004
        return split(words[2])
    return list(words)


_SHELLS = ("sh", "bash", "ash", "dash", "zsh")


def _image_of(call: Call) -> str:
    if call.program in CONTAINER_TOOLS and call.arguments[:1] == ("run",):
        return next(iter(_plain(call.arguments[1:], frozenset(_RUN_VALUED))), "")
    return ""


def _words_behind(words: Sequence[str], options: Collection[str], within: int) -> list[str]:
    """What follows the first of some options among the first words; nothing where none of them is given there."""
    found = next((index for index, word in enumerate(words[:within]) if word in options), len(words))
    return list(words[found + 1 :])


def _words_after(words: Sequence[str], valued: Collection[str], count: int = 0) -> list[str]:
    """What follows the options and the first `count` plain words."""
    index = 0
    while index < len(words):
        word = words[index]
        if word == "--":
            return list(words[index + 1 + count :])
        if word.startswith("-") and word != "-":
            index += 2 if word in valued else 1
        elif count:
            count -= 1
            index += 1
        else:
            return list(words[index:])
    return []


def split(text: str) -> list[str]:
    """The words of a line where no shell was seen.

    Args:
        text: the line.
    """
    return list(_split(text))


@lru_cache(maxsize=_REMEMBERED)
def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return tuple(text.split())


def split_commands(text: str) -> Iterator[list[str]]:
    """The simple commands of a line or script that stands as text where no shell was seen (an action's input).

    Args:
        text: the script.
    """
    for line in re.split(r"\n|&&|\|\||;", text.replace("\\\n", " ")):
        words = split(line)
        if words:
            yield words


@lru_cache(maxsize=_REMEMBERED)
def segments(name: str) -> frozenset[str]:
    """The words that a name is made of, in lower case: `runE2E-tests.sh` has run, e2e, tests, sh."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", name)
    return frozenset(re.findall(r"[a-z0-9]+", spaced.lower()))
