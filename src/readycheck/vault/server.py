"""A server of Vault or OpenBao, whatever runs it: what the rules on Vault ask of one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from readycheck.model import Path, Place, Resource, SecretPlace, Unjudged
from readycheck.secrets.concealment import concealed
from readycheck.secrets.placeholder import Stand, stand_of
from readycheck.vault.invocation import Clue, Process, Variable
from readycheck.vault.storage import Storage, storage_in

_TOKENS = frozenset({"VAULT_TOKEN", "BAO_TOKEN", "VAULT_DEV_ROOT_TOKEN_ID", "BAO_DEV_ROOT_TOKEN_ID"})
_LOCAL_CONFIG = frozenset({"VAULT_LOCAL_CONFIG", "BAO_LOCAL_CONFIG"})


class Token(NamedTuple):
    """A token in plain text.

    Args:
        name: what holds it: the variable, the flag.
        place: where it stands, without its value.
        dummy: whether it says that something is still to be filled in.
    """

    name: str
    place: SecretPlace
    dummy: bool


class Replicas(Struct, frozen=True, eq=False):
    """How many servers share the data at the least.

    Args:
        count: the number.
        place: what says so.
        conflict: what keeps the budget from ever letting one of them go, in words; "" where nothing does.
        also: where the budget stands.
    """

    count: int
    place: Place
    conflict: str = ""
    also: tuple[Place, ...] = ()


class Server(ABC):
    """A server, or several that are installed as one.

    Args:
        subject: what outcomes about it name.
    """

    def __init__(self, subject: Resource) -> None:
        self.subject = subject

    @property
    @abstractmethod
    def place(self) -> Place:
        """Where it is declared."""

    def external(self) -> str:
        """Why there is no server here: its users are sent to one elsewhere; "" where there is one."""
        return ""

    @abstractmethod
    def dev_mode(self) -> Clue | None:
        """What shows that it runs in dev mode; None where it does not.

        Raises:
            Unjudged: that cannot be told.
        """

    @abstractmethod
    def replicas(self) -> Replicas:
        """How many servers there are.

        Raises:
            Unjudged: that cannot be told.
        """

    @abstractmethod
    def storage(self) -> Storage:
        """Where it keeps what it is given.

        Raises:
            Unjudged: that cannot be told.
        """

    @abstractmethod
    def tokens(self) -> Iterator[Token]:
        """The tokens that stand in it in plain text."""


class ProcessServer(Server):
    """A server that a container runs.

    Args:
        subject: what outcomes about it name.
        process: what the container runs.
        place: where it is declared.
        replicas: how many of it there are.
        configurations: the configurations that it is given, as far as they are at hand.
    """

    def __init__(
        self,
        subject: Resource,
        process: Process,
        place: Place,
        replicas: Callable[[], Replicas],
        configurations: Callable[[], Iterator[Storage | None]],
    ) -> None:
        super().__init__(subject)
        self.process = process
        self._place = place
        self._replicas = replicas
        self._configurations = configurations

    @property
    def place(self) -> Place:
        """Where the container is declared."""
        return self._place

    def dev_mode(self) -> Clue | None:
        """What its command, its environment or its image's own command says."""
        return self.process.dev_mode()

    def replicas(self) -> Replicas:
        """As it is declared."""
        return self._replicas()

    def storage(self) -> Storage:
        """What its environment, its files or its command says."""
        for variable in self.process.variables:
            if variable.name in _LOCAL_CONFIG and isinstance(variable.value, str):
                found = storage_in(variable.value, variable.place)
                if found is not None:
                    return found
        unread: Unjudged | None = None
        configurations = self._configurations()
        while True:
            try:
                found = next(configurations, None)
            except Unjudged as unjudged:
                unread = unjudged
                break
            if found is None:
                break
            return found
        raise unread or Unjudged("its configuration is not in the tree", self.process.command_place)

    def tokens(self) -> Iterator[Token]:
        """Those of its environment and its command."""
        yield from tokens_in(self.process.variables)
        token, place = self.process.root_token, self.process.command_place
        if token and place is not None and stand_of(token) in (Stand.LITERAL, Stand.DUMMY):
            hidden = concealed(place.resource, place.path, token, "token")
            yield Token("-dev-root-token-id", hidden, stand_of(token) is Stand.DUMMY)


def tokens_in(variables: Sequence[Variable]) -> Iterator[Token]:
    """The tokens of an environment that stand in plain text."""
    for variable in variables:
        if variable.name in _TOKENS:
            yield from token_at(variable.name, variable.value, variable.place.resource, variable.place.path)


def token_at(name: str, value: object, resource: Resource, path: Path) -> Iterator[Token]:
    """A value as a token, where it is one in plain text.

    Args:
        name: what holds it.
        value: what stands there.
        resource: what it stands in.
        path: where.
    """
    stand = stand_of(value)
    if stand in (Stand.LITERAL, Stand.DUMMY):
        yield Token(name, concealed(resource, path, value, "token"), stand is Stand.DUMMY)
