"""What scripts, Makefile targets and pipelines do with environments: apply them all, make a new one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.delivery.pipelines import Delivery
from readycheck.inventory.terraform.environments import Environments
from readycheck.inventory.terraform.infrastructure import Group, lines_of
from readycheck.model import Place, Resource
from readycheck.pipelines.acts.doing import from_root
from readycheck.pipelines.acts.words import Call, called
from readycheck.pipelines.model import Command
from readycheck.pipelines.shell import makefile
from readycheck.pipelines.shell.calls import Walk
from readycheck.pipelines.shell.reading import Reading, Start
from readycheck.pipelines.shell.rehearsal import reader, rehearse

_VERBS = ("", "apply", "deploy")
"""What scripts are given that take a verb."""
_MOST = 300
"""Scripts and targets of a tree that are looked at."""
_TOOLS = ("terraform", "tofu", "terragrunt")
_SCRIPT = re.compile(r"(?:^|/)(?:GNUm|[Mm])akefile$|\.(?:mk|sh|bash)$")
_OF_INTEREST = re.compile(r"\b(?:terraform|tofu|terragrunt|cp|rsync|make)\b|\.sh\b|\$[A-Z({]")


class Procedure(Struct, frozen=True, eq=False):
    """A script, a Makefile target or a pipeline.

    Args:
        name: what people call it: `run.sh`, `make deploy`.
        file: the file that it stands in.
        commands: what it runs.
        unread: what of it could not be read.
    """

    name: str
    file: Resource
    commands: Sequence[Command]
    unread: Sequence[str] = ()


class Applied(Struct, frozen=True, eq=False):
    """What a procedure applies.

    Args:
        procedure: the procedure.
        folders: the folders that it applies, as far as they are known.
        told: a folder that a variable decides; "" where none is.
        place: where the first of them is applied.
    """

    procedure: Procedure
    folders: frozenset[str]
    told: str
    place: Place

    def reaches(self, folder: str) -> bool:
        """Whether it applies a folder, or one below it.

        Args:
            folder: the folder.
        """
        return any(each == folder or each.startswith(f"{folder}/") for each in self.folders)

    def names_all(self, group: Group) -> bool:
        """Whether the name of each environment is written in its file.

        Args:
            group: the environments.
        """
        text = "\n".join(lines_of(self.procedure.file))
        names = (re.escape(posixpath.basename(folder)) for folder in group.folders)
        return all(re.search(rf"(?<![\w-]){name}(?![\w-])", text) for name in names)


class Operations(Environments, Delivery):
    """The relations between environments and what is done with them."""

    @cached_property
    def procedures(self) -> Sequence[Procedure]:
        """The scripts and Makefile targets of the tree, each in all the ways in which it may be started."""
        scripts = (script for script in self.of("Script") if _OF_INTEREST.search("\n".join(script.strings("lines"))))
        found = [each for script in list(scripts)[:_MOST] for each in self._started(script)]
        for file in self.of(makefile.MAKEFILE)[:_MOST]:
            found += self._goals(file)
        return found

    def _started(self, script: Resource) -> Iterator[Procedure]:
        text = "\n".join(script.strings("lines"))
        folder, name = posixpath.split(script.name)
        for start, path in dict.fromkeys((("", script.name), (folder, f"./{name}"))):
            for verb in _VERBS if "$" in text else ("",):
                arguments = (path, verb) if verb else (path,)
                reading = rehearse(
                    text,
                    lambda number: Place(script, ("lines", number)),
                    Start(folder=start, arguments=arguments),
                    self,
                )
                yield Procedure(script.name, script, reading.commands, reading.unread)

    def _goals(self, file: Resource) -> Iterator[Procedure]:
        folder, name = posixpath.split(file.name)
        for target in self.goals_of(file)[:_MOST]:
            call = Call("make", ("-f", name, target))
            walk = Walk(self, reader(self))
            reading: Reading = makefile.run(call, Start(folder=folder, via=(f"make {target}",)), walk)
            yield Procedure(f"make {target}", file, reading.commands, reading.unread)

    def goals_of(self, file: Resource) -> Sequence[str]:
        """The targets of a Makefile that somebody may name.

        Args:
            file: the Makefile.
        """
        names = (target for rule in file.mappings("rules") for target in rule["targets"])
        return list(dict.fromkeys(name for name in names if not name.startswith(".") and "$" not in name))

    @cached_property
    def makefiles_of_infrastructure(self) -> Sequence[Resource]:
        """The Makefiles at the root of the tree and on the way from there to root modules, or beside these."""
        folders = {"."}
        for root in self.root_folders:
            steps = root.split("/")
            folders |= {"/".join(steps[:count]) for count in range(1, len(steps) + 1)}
        return [
            file
            for file in self.of(makefile.MAKEFILE)
            if (posixpath.dirname(file.name) or ".") in folders and posixpath.basename(file.name) in makefile.FILE_NAMES
        ]

    @cached_property
    def unread_script(self) -> str:
        """A script or Makefile that could not be read; "" where all were."""
        return next((uri for uri in self.problems if _SCRIPT.search(uri)), "")

    def includes(self, name: str) -> bool:
        """Whether a Makefile that another one includes was read.

        Args:
            name: the path as it is written.
        """
        return any(posixpath.basename(file.name) == posixpath.basename(name) for file in self.of(makefile.MAKEFILE))

    def readme_beside(self, file: Resource) -> Resource | None:
        """The README in the folder of a file.

        Args:
            file: the file.
        """
        folder = posixpath.dirname(file.name)
        return next((each for each in self.of("Readme") if posixpath.dirname(each.name) == folder), None)

    # Applying --------------------------------------------------------------------------------------------------

    @cached_property
    def applied(self) -> Sequence[Applied]:
        """What is applied, by each procedure and each pipeline that applies something."""
        pipelines = [
            Procedure(pipeline.name, pipeline, [command for step in job.steps for command in step.commands])
            for pipeline in self.pipelines
            for job in pipeline.flow.jobs
        ]
        merged: dict[str, list[Command]] = {}
        for pipeline in pipelines:
            merged.setdefault(pipeline.name, []).extend(pipeline.commands)
        files = {pipeline.name: pipeline.file for pipeline in pipelines}
        whole = [Procedure(name, files[name], commands) for name, commands in merged.items()]
        return [found for each in (*self.procedures, *whole) if (found := self._what_it_applies(each)) is not None]

    def _what_it_applies(self, procedure: Procedure) -> Applied | None:
        folders: set[str] = set()
        told = ""
        place: Place | None = None
        for command in procedure.commands:
            call = called(command.words)
            words = call.plain()
            if call.program not in _TOOLS or not {"apply", "apply-all"} & set(words):
                continue
            folder = from_root(call.option("-chdir", "--working-dir", "--terragrunt-working-dir") or "", command.folder)
            place = place or command.place
            if "$" in folder or "{" in folder:
                told = told or folder
            elif call.program == "terragrunt" and _runs_all(call, words):
                folders |= {unit for unit in self._unit_folders if unit == folder or not folder or _below(unit, folder)}
            else:
                folders.add(folder)
        return Applied(procedure, frozenset(folders), told, place) if place is not None else None

    @cached_property
    def _unit_folders(self) -> Sequence[str]:
        return [folder for group in self.environment_groups if group.terragrunt for folder in group.folders]

    # Making a new one ------------------------------------------------------------------------------------------

    def copies_of(self, template: str) -> Iterator[tuple[Procedure, Command, str]]:
        """What copies a template, or something that is called like it from a place where it does not stand.

        Args:
            template: the folder of the template.

        Yields:
            The procedure, the command, and the folder that it copies from.
        """
        name = posixpath.basename(template)
        for procedure in self.procedures:
            for command in procedure.commands:
                call = called(command.words)
                for written in call.plain()[:-1] if call.program in ("cp", "rsync") else ():
                    path = from_root(_WHOLE.sub("", written) or ".", command.folder)
                    if posixpath.basename(path) == name:
                        yield procedure, command, path

    def lines_below(self, folder: str) -> Iterator[str]:
        """The lines of the files in a folder, and their names.

        Args:
            folder: the folder.
        """
        for entry in self.listing.below(folder):
            yield entry.uri[len(folder) + 1 :]
            read = self.behind(entry)
            yield from lines_of(read) if read is not None else ()

    def can_read_all_below(self, folder: str) -> bool:
        """Whether every file in a folder was read.

        Args:
            folder: the folder.
        """
        return all(self.behind(entry) is not None for entry in self.listing.below(folder))


_WHOLE = re.compile(r"/(?:\*|\.)?$")


def _runs_all(call: Call, words: Sequence[str]) -> bool:
    return words[:1] in (["run-all"], ["apply-all"], ["stack"]) or call.has("--all", "-a")


def _below(folder: str, other: str) -> bool:
    return folder.startswith(f"{other}/")
