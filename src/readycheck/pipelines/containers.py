"""Steps that are containers: a program with its arguments, or a shell that is given what to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from readycheck.model import Place
from readycheck.pipelines.model import Command, Files, Step
from readycheck.pipelines.node import Node
from readycheck.pipelines.plugins import name_and_version
from readycheck.pipelines.scripts import Script, expanded

_SHELLS = frozenset(("ash", "bash", "sh", "zsh"))


class Container(Struct, frozen=True, eq=False):
    """A container that runs once.

    Args:
        name: what people call the step.
        place: where it stands.
        image: its image.
        command: what replaces the image's own program.
        arguments: what the program is given.
        variables: the environment, as far as it is written.
        folder: the folder that it runs in.
    """

    name: str
    place: Place
    image: str = ""
    command: Sequence[Node] = ()
    arguments: Sequence[Node] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""

    def step(self, files: Files) -> Step:
        """The step that it is.

        Args:
            files: finds the scripts that it calls.
        """
        words = [*self.command, *self.arguments]
        script = _script_of(words)
        if script is not None:
            flags = "".join(word.text for word in words[1 : words.index(script)])
            pipefail = "pipefail" in flags
            errexit = "e" in flags.replace("pipefail", "")
            shell = Script(self.name, self.place, (script,), self.variables, errexit, pipefail, self.folder)
            return shell.step(files)
        program = () if self.command else (name_and_version(self.image)[0].rpartition("/")[2],)
        texts = tuple(expanded(word.text, self.variables) for word in words)
        command = Command((*program, *texts), self.place, variables=self.variables, folder=self.folder)
        return Step(self.name, self.place, (command,), variables=self.variables)


def _script_of(words: Sequence[Node]) -> Node | None:
    """The script that a shell is given: what follows `-c`."""
    if not words or words[0].text.rpartition("/")[2] not in _SHELLS:
        return None
    for position, word in enumerate(words[1:-1], 1):
        if word.text.startswith("-") and not word.text.startswith("--") and word.text.endswith("c"):
            return words[position + 1]
    return None


def stops_at_failure(script: str, *, usually: bool) -> bool:
    """Whether a script stops at the first command that fails.

    Args:
        script: its text.
        usually: what the system does with a script that names no shell of its own.
    """
    first = script.lstrip().partition("\n")[0]
    return " -e" in first if first.startswith("#!") else usually
