"""The steps of a stage: shells, and what stands around them.

The facts are from Jenkins docs: Pipeline Steps Reference, Using Docker with Pipeline.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from readycheck.pipelines.acts.words import names
from readycheck.pipelines.model import Command, Files, Step, Use
from readycheck.pipelines.node import Node
from readycheck.pipelines.scripts import Script, expanded

_AROUND = names(
    "ansiColor configFileProvider container docker.image lock milestone node nodejs retry script sshagent stage",
    "timeout timestamps tool waitUntil withAWS withCredentials withDockerContainer withDockerRegistry withDockerServer",
    "withGradle withKubeConfig withKubeCredentials withMaven withSonarQubeEnv withVault wrap docker.withRegistry",
    "docker.withServer finally synchronized",
)
"""Steps that run the steps in them and change nothing about their failures."""
_FORGIVING = ("catchError", "warnError", "try")
"""Steps that a failure in them ends, and nothing else."""
_FAILING = ("throw", "error")
"""What a failure that was caught goes on with."""
_CHOOSING = ("if", "else", "for", "while", "switch", "case", "catch", "each", "default")
_QUIET = names(
    "archive archiveArtifacts buildDiscarder checkout cleanWs deleteDir dependencyCheckPublisher echo emailext error",
    "discoverReferenceBuild fileExists jacoco pitmutation",
    "fingerprint git hudsonPublish input isUnix junit library mail office365ConnectorSend print println properties",
    "publishCoverage publishHTML pwd readFile readJSON readYaml recordIssues return scm skipDefaultCheckout slackSend",
    "sleep stash throw unstable unstash updateGitlabCommitStatus waitForQualityGate writeFile writeJSON xunit",
)
"""Steps that run nothing of the project's."""
_DEEPEST = 30


class Around(Struct, frozen=True, eq=False):
    """What stands around a step.

    Args:
        variables: the environment.
        folder: the folder.
        condition: the condition that it stands under; "" for none.
        may_fail: what keeps its failure from the stage; "" for nothing.
        depth: how many blocks it stands in.
    """

    variables: Mapping[str, str]
    folder: str = ""
    condition: str = ""
    may_fail: str = ""
    depth: int = 0


class StepReader:
    """Reads the steps of one pipeline.

    Args:
        files: finds the scripts that they call.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._images: dict[str, str] = {}
        """The images that variables of the pipeline stand for."""

    def steps(self, block: Node, around: Around) -> Iterator[Step]:
        """The steps of a block, those in the blocks of others included.

        Args:
            block: the statements.
            around: what stands around them.
        """
        statements = block.items if around.depth < _DEEPEST else ()
        for statement, follower in zip_longest(statements, statements[1:]):
            name = statement["name"].text
            if name == "sh":
                yield self._shell(statement, around)
            elif name in {"bat", "powershell", "pwsh"}:
                yield self._finished(
                    Step(name, statement.place, unread=f"a script of `{name}`, which is not read"), around
                )
            elif "block" in statement.entries:
                yield from self.steps(statement["block"], _inside(statement, around, caught_by=follower))
            elif self._is_docker(statement):
                yield from self._docker(statement, around)
            elif name and name not in _QUIET and name[0].islower() and "." not in name and _is_call(statement):
                yield self._finished(self._foreign(name, statement), around)

    def _shell(self, statement: Node, around: Around) -> Step:
        script = statement["options"]["script"] or next(iter(statement["arguments"].items), statement)
        first = script.text.lstrip().partition("\n")[0]
        # Jenkins starts its shell with `-xe`, unless the script names a shell itself.
        errexit = not first.startswith("#!") or " -e" in first
        label = statement["options"]["label"].text
        lines = (script,) if script is not statement else ()
        shell = Script(label or "sh", script.place, lines, around.variables, errexit=errexit, folder=around.folder)
        step = self._finished(shell.step(self._files), around)
        if statement["options"]["returnStatus"].flag:
            step = replace(step, may_fail=step.may_fail or "`returnStatus: true`")
        return step

    @staticmethod
    def _foreign(name: str, statement: Node) -> Step:
        """A step of a plugin or a shared library."""
        inputs = {key: value.text for key, value in statement["options"].entries.items() if value.text}
        inputs |= {str(position): text for position, text in enumerate(statement["arguments"].texts)}
        unread = f"`{name}`, a step of a plugin or a shared library"
        return Step(name, statement.place, uses=Use(name, "", inputs, statement.place), unread=unread)

    @staticmethod
    def _finished(step: Step, around: Around) -> Step:
        return replace(step, may_fail=around.may_fail, condition=around.condition)

    # The Docker Pipeline plugin --------------------------------------------------------------------------------

    def _is_docker(self, statement: Node) -> bool:
        subject, _, call = statement["name"].text.rpartition(".")
        return (subject == "docker" and call == "build") or (call == "push" and bool(subject))

    def _docker(self, statement: Node, around: Around) -> Iterator[Step]:
        subject, _, call = statement["name"].text.rpartition(".")
        given = [expanded(text, around.variables) for text in statement["arguments"].texts]
        if call == "build":
            image = given[0] if given else ""
            self._images[statement["assigned"].text.removeprefix("def ").strip()] = image
            words: tuple[str, ...] = ("docker", "build", "-t", image, *(_split(given[1]) if len(given) > 1 else (".",)))
        else:
            image = self._images.get(subject, f"${subject}")
            tag = given[0] if given else ""
            words = ("docker", "push", f"{image.rpartition(':')[0] or image}:{tag}" if tag else image)
        command = Command(words, statement.place, variables=around.variables, folder=around.folder)
        yield self._finished(Step(f"docker {call}", statement.place, (command,)), around)


def _inside(statement: Node, around: Around, *, caught_by: Node | None) -> Around:
    """What stands around the steps of a statement's block."""
    name, given = statement["name"].text, statement["arguments"].texts
    inner = replace(around, depth=around.depth + 1)
    if name == "dir":
        folder = statement["options"]["path"].text or (given[0] if given else "")
        return replace(inner, folder=posixpath.normpath(posixpath.join(around.folder, folder)) if folder else "")
    if name == "withEnv":
        items = (item for argument in statement["arguments"].items for item in argument.texts)
        pairs = dict(item.partition("=")[::2] for item in items)
        return replace(inner, variables={**around.variables, **pairs})
    rethrown = caught_by is not None and any(part["name"].text in _FAILING for part in caught_by["block"].items)
    if name in _FORGIVING and not (name == "try" and rethrown):
        return replace(inner, may_fail=f"`{name}`")
    if name in _CHOOSING:
        return replace(inner, condition=" ".join((name, *given)))
    if name and name not in _AROUND and name.split(".")[-1] in _CHOOSING:
        return replace(inner, condition=name)
    return inner


def _is_call(statement: Node) -> bool:
    """Whether a statement looks like a step that is run, not like code of the pipeline's own."""
    return bool(statement["options"] or statement["arguments"]) and "assigned" not in statement.entries


def _split(arguments: str) -> list[str]:
    try:
        return shlex.split(arguments)
    except ValueError:
        return arguments.split()
