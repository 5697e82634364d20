"""Servers that the charts of Vault and OpenBao install.

How a chart decides on its mode is from the `vault.mode` of its templates (hashicorp/vault-helm 0.34): an external
address, then dev, then ha, then standalone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum, auto

from readycheck.charts.release import ChartRelease
from readycheck.charts.values import ChartValue
from readycheck.model import Place, Unjudged, Unresolved
from readycheck.vault.invocation import Clue
from readycheck.vault.server import Replicas, Server, Token, token_at
from readycheck.vault.storage import Sharing, Storage, storage_in

CHARTS = ("vault", "openbao")

_VARIABLE = re.compile(r"\$\{[^}]*\}")


class Mode(Enum):
    """What a release of a chart installs."""

    EXTERNAL = auto()
    DEV = auto()
    HA = auto()
    STANDALONE = auto()
    NONE = auto()


class ReleaseServer(Server):
    """The servers of a release.

    Args:
        release: a release of one of the charts.
    """

    def __init__(self, release: ChartRelease) -> None:
        super().__init__(release.resource)
        self._release = release

    @property
    def place(self) -> Place:
        """Where the chart is named."""
        return self._release.chart_place

    def mode(self) -> Mode:
        """What it installs.

        Raises:
            Unjudged: that cannot be told.
        """
        if self._names("injector.externalVaultAddr") or self._names("global.externalVaultAddr"):
            return Mode.EXTERNAL
        if not self._on("server.enabled", "global.enabled"):
            return Mode.EXTERNAL
        if self._on("server.dev.enabled"):
            return Mode.DEV
        if self._on("server.ha.enabled"):
            return Mode.HA
        return Mode.STANDALONE if self._on("server.standalone.enabled") else Mode.NONE

    def external(self) -> str:
        """Why it installs no server."""
        return "installs no server: it uses one elsewhere" if self.mode() is Mode.EXTERNAL else ""

    def dev_mode(self) -> Clue | None:
        """What its values say."""
        if self.mode() is not Mode.DEV:
            arguments = self._release.value("server.extraArgs")
            words = str(arguments.seen or "").split()
            return Clue("is started with -dev", arguments.place) if "-dev" in words else None
        return Clue("is installed in dev mode (server.dev.enabled)", self._release.value("server.dev.enabled").place)

    def replicas(self) -> Replicas:
        """What its values come to."""
        if self.mode() is not Mode.HA:
            return Replicas(1, self._release.value("server.ha.enabled").place)
        replicas = self._release.value("server.ha.replicas")
        count = replicas.seen if isinstance(replicas.seen, int) and not isinstance(replicas.seen, bool) else 3
        return Replicas(count, replicas.place, *self._conflict(count))

    def _conflict(self, count: int) -> tuple[str, tuple[Place, ...]]:
        if count != 2 or not self._on("server.ha.disruptionBudget.enabled"):  # noqa: PLR2004 - what the chart's formula makes 0 of
            return "", ()
        budget = self._release.value("server.ha.disruptionBudget.maxUnavailable")
        if budget.seen:
            return "", ()
        return (
            "the budget that the chart makes for 2 (maxUnavailable 0) lets none of them go, so no node can be drained",
            (),
        )

    def storage(self) -> Storage:
        """What its values come to."""
        if self.mode() is not Mode.HA:
            return Storage("file", Sharing.NO, self._release.value("server.ha.enabled").place)
        key = "server.ha.raft.config" if self._on("server.ha.raft.enabled") else "server.ha.config"
        value = self._release.value(key)
        found = self._stored(value)
        if found is None:
            raise Unjudged(f"{key} names no storage", value.place)
        return found

    def _stored(self, value: ChartValue) -> Storage | None:
        if isinstance(value.seen, Mapping):
            from json import dumps  # noqa: PLC0415 - few give it as a mapping

            return storage_in(dumps(value.seen), value.place)
        return storage_in(value.seen, value.place) if isinstance(value.seen, str) else None

    def tokens(self) -> Iterator[Token]:
        """Those of the environment that its values give the server, and the root token of dev mode."""
        variables = self._release.given("server.extraEnvironmentVars")
        given = variables.seen if variables is not None and isinstance(variables.seen, Mapping) else {}
        for name in ("VAULT_TOKEN", "BAO_TOKEN"):
            if variables is not None and name in given:
                yield from token_at(name, given[name], variables.place.resource, (*variables.place.path, name))
        root = self._release.given("server.dev.devRootToken")
        if root is not None and self.mode() is Mode.DEV:
            yield from token_at("server.dev.devRootToken", root.seen, root.place.resource, root.place.path)

    def _names(self, path: str) -> bool:
        """Whether a key names something: an address that holds a variable beside other text is none that is empty."""
        try:
            return bool(self._release.value(path).seen)
        except Unjudged as unjudged:
            seen = unjudged.place.seen if unjudged.place is not None else None
            if isinstance(seen, Unresolved) and _VARIABLE.sub("", str.__str__(seen)):
                return True
            raise

    def _on(self, path: str, otherwise: str = "") -> bool:
        """Whether a switch is on; "-" leaves that to another one, or says yes."""
        seen = str(self._release.value(path).seen).lower()
        if seen == "-":
            return self._on(otherwise) if otherwise else True
        return seen == "true"
