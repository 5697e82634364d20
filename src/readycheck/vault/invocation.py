"""How a container starts Vault or OpenBao: as a server, in dev mode, or as something else.

Images, entry points and default commands are those of the projects' own Dockerfiles and `docker-entrypoint.sh`; flags
are those of `vault server` (HashiCorp's documentation, commands, server), as of November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from readycheck.kubernetes.command import simple_commands
from readycheck.kubernetes.image import ImageReference
from readycheck.model import Place, Unjudged
from readycheck.secrets.concealment import concealed

VAULT, OPENBAO = "Vault", "OpenBao"

# Their default command is `server -dev`.
_OFFICIAL = {
    "library/vault": VAULT,
    "hashicorp/vault": VAULT,
    "hashicorp/vault-enterprise": VAULT,
    "openbao/openbao": OPENBAO,
    "openbao/openbao-ubi": OPENBAO,
    "openbao/openbao-distroless": OPENBAO,
    "openbao/openbao-hsm": OPENBAO,
    "openbao/openbao-hsm-ubi": OPENBAO,
}
# Copies and builds of others.
_NAMES = {"vault": VAULT, "vault-enterprise": VAULT, "openbao": OPENBAO, "openbao-ubi": OPENBAO}
_PROGRAMS = {"vault": VAULT, "bao": OPENBAO}
_WRAPPERS = frozenset({"docker-entrypoint.sh", "dumb-init", "tini", "exec", "--"})
_COMMANDS = frozenset(
    [
        *("agent", "audit", "auth", "debug", "delete", "kv", "lease", "list", "login", "monitor", "namespace"),
        *("operator", "patch", "plugin", "policy", "print", "proxy", "read", "secrets", "server", "ssh", "status"),
        *("token", "unwrap", "version", "write"),
    ]
)
_ROOT_TOKENS = frozenset({"VAULT_DEV_ROOT_TOKEN_ID", "BAO_DEV_ROOT_TOKEN_ID"})
_DEV_VARIABLES = _ROOT_TOKENS | {"VAULT_DEV_LISTEN_ADDRESS", "BAO_DEV_LISTEN_ADDRESS"}
_DEV_FLAG = re.compile(r"--?dev(?:-(?!listen-address)[\w-]+)?(?:=(?!false\b).*)?\Z", re.DOTALL)
_ROOT_TOKEN = re.compile(r"--?dev-root-token-id(?:=(.*))?\Z", re.DOTALL)
_SERVES = re.compile(r"\b(vault|bao)[\"', ]+server\b(.*)")
_PORT = 8200


class Variable(NamedTuple):
    """A variable of a container's environment.

    Args:
        name: its name.
        value: its value, as it is written; None where it comes from elsewhere.
        place: where it stands.
    """

    name: str
    value: object
    place: Place


class Clue(NamedTuple):
    """What shows something, in words that follow the server's name, and where it stands."""

    words: str
    place: Place


class Process(Struct, frozen=True, eq=False, dict=True):
    """What a container runs.

    Args:
        image: its image.
        image_place: where that is named.
        words: what is run: entry point and command, as far as they are given.
        command_place: where those stand; None where none of them is given.
        own_entry_point: whether the image's entry point is replaced.
        variables: its environment.
        looks_so: whether something else shows a server: its labels, its port.
        labelled: what its labels call it, as the projects' charts do: Vault or OpenBao; "" where they do not.
    """

    image: ImageReference | None
    image_place: Place
    words: Sequence[str]
    command_place: Place | None
    own_entry_point: bool
    variables: Sequence[Variable]
    looks_so: bool = False
    labelled: str = ""

    @property
    def program(self) -> str:
        """What runs there: Vault or OpenBao; "" where neither does."""
        if self.image is not None:
            for names, called in ((_OFFICIAL, self._official), (_NAMES, self.image.name or "")):
                if called in names:
                    return names[called]
        started = (_PROGRAMS[words[0]] for words in self._commands if words and words[0] in _PROGRAMS)
        return next(started, self.labelled)

    @property
    def _official(self) -> str:
        path = self.image.path if self.image is not None else ""
        return "/".join(path.split("/")[-2:])

    @property
    def _commands(self) -> Iterator[list[str]]:
        """The commands that are run, without what only starts them."""
        for _, words in simple_commands(self.words) if self.words else ():
            started = words
            while len(started) > 1 and started[0] in _WRAPPERS:
                started = [started[1].rpartition("/")[2], *started[2:]]
            yield started

    @property
    def _server(self) -> list[str] | None:
        """The arguments of the server that is started; None where none is started by a command."""
        for words in self._commands:
            subcommand = self._subcommand(words)
            if subcommand == "server":
                return words[words.index("server") + 1 :]
        match = _SERVES.search(" ".join(map(str.__str__, self.words)))
        return match[2].split() if match else None

    def _subcommand(self, words: Sequence[str]) -> str:
        if not words:
            return ""
        if words[0] in _PROGRAMS:
            return next((word for word in words[1:] if not word.startswith("-")), "")
        return words[0] if not self.own_entry_point and words[0] in _COMMANDS else ""

    @property
    def serves(self) -> bool:
        """Whether it is a server: neither an agent, nor the injector, nor what only talks to one."""
        if self._server is not None:
            return bool(self.program)
        if not self.program or any(self._subcommand(words) for words in self._commands):
            return False
        return self.looks_so or (not self.words and self._official in _OFFICIAL)

    def dev_mode(self) -> Clue | None:
        """What shows that the server runs in dev mode; None where it does not.

        Raises:
            Unjudged: what it runs is not known.
        """
        arguments = self._server
        for word in arguments or ():
            if _DEV_FLAG.fullmatch(word):
                return Clue(f"is started with {word.partition('=')[0]}", self.shown_command)
        for variable in self.variables:
            if variable.name in _DEV_VARIABLES and not _is_empty(variable.value):
                place = variable.place
                return Clue(
                    f"is given {variable.name}, which dev mode alone reads",
                    concealed(place.resource, place.path, variable.value, "token")
                    if variable.name in _ROOT_TOKENS and variable.value is not None
                    else place,
                )
        if self.words:
            if arguments is None:
                raise Unjudged("what its command starts cannot be told", self.command_place)
            return None
        if self._official in _OFFICIAL:
            return Clue("has no command, and its image's own is `server -dev`", self.image_place)
        raise Unjudged("has no command, and what its image runs by itself is not known", self.image_place)

    @property
    def shown_command(self) -> Place:
        """Where its command stands, as evidence may show it: without the token that it may name."""
        place = self.command_place or self.image_place
        return concealed(place.resource, place.path, self.root_token, "token") if self.root_token else place

    @property
    def root_token(self) -> str | None:
        """The root token that its command names; None where it names none."""
        arguments = self._server or []
        for index, word in enumerate(arguments):
            match = _ROOT_TOKEN.fullmatch(word)
            if match:
                following = arguments[index + 1] if index + 1 < len(arguments) else ""
                return match[1] if match[1] is not None else following
        return None


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and not str.__str__(value)


def is_server_port(port: object) -> bool:
    """Whether a port, or what publishes one in a compose file, is the one that servers listen on."""
    return (
        str.__str__(port).rpartition(":")[2].partition("/")[0] == str(_PORT) if isinstance(port, str) else port == _PORT
    )
