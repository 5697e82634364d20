"""Kubeconfig files, merged and resolved as kubectl does (Kubernetes documentation, "Organizing Cluster Access").

The `kubernetes` client reads them too, but lets the last file of several decide the current context, prefers `token`
over `tokenFile`, goes on without credentials where a plug-in fails, and is slow to import.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from readycheck.documents.text import Unreadable, read_text
from readycheck.documents.yaml import parse
from readycheck.section import nearest
from readycheck.sources.cluster.faults import ConnectionFault

_FILES = {
    "cluster": ("certificate-authority",),
    "user": ("client-certificate", "client-key", "tokenFile"),
}
"""The fields that name files, by what they are of."""
_TEXTS = {
    "cluster": ("server", "tls-server-name", "proxy-url", "certificate-authority", "certificate-authority-data"),
    "user": (
        *("client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile"),
        *("username", "password", "as", "as-uid"),
    ),
}
_SWITCHES = ("insecure-skip-tls-verify", "disable-compression")


class Access(Struct, frozen=True):
    """What a context comes to: the cluster and the user, with absolute paths.

    Args:
        name: of the context.
        cluster: how the API server is reached.
        user: how one proves who one is.
        folder: where relative programs of the user's start.
    """

    name: str
    cluster: dict[str, Any]
    user: dict[str, Any]
    folder: Path


class Kubeconfig(Struct):
    """Several files as one: the first that says something is right.

    Args:
        files: those that exist.
        entries: what they name, by `clusters`, `users` or `contexts`, each with the folder of its file.
        current: the current context.
    """

    files: Sequence[Path]
    entries: dict[str, dict[str, tuple[Mapping[str, Any], Path]]] = field(default_factory=dict)
    current: str = ""

    def access(self, context: str) -> Access:
        """What a context comes to.

        Args:
            context: its name; "" for the current one.

        Raises:
            ConnectionFault: it is not there, or names something that is not.
        """
        where = ", ".join(map(str, self.files))
        names = self.entries["contexts"]
        if not context and not self.current:
            raise ConnectionFault(f"{where} has no current context: name one with `context`{_known(names)}")
        name = context or self.current
        if name not in names:
            raise ConnectionFault(f"{where} has no context `{name}`{nearest(name, names)}")
        said, _ = names[name]
        cluster, of_cluster = self._entry("clusters", said.get("cluster"), f"the context `{name}` of {where}")
        user: Mapping[str, Any] = {}
        folder = of_cluster
        if said.get("user"):
            user, folder = self._entry("users", said["user"], f"the context `{name}` of {where}")
        resolved = _resolved(cluster, "cluster", of_cluster, f"the context `{name}` of {where}")
        if "server" not in resolved:
            raise ConnectionFault(f"the cluster of the context `{name}` of {where} names no `server`")
        return Access(name, resolved, _resolved(user, "user", folder, f"the context `{name}` of {where}"), folder)

    def _entry(self, kind: str, name: object, who: str) -> tuple[Mapping[str, Any], Path]:
        found = self.entries[kind].get(name) if isinstance(name, str) else None
        if found is None:
            noun = kind.removesuffix("s")
            told = f"{who} names the {noun} `{name}`, which is not there" if name else f"{who} names no {noun}"
            raise ConnectionFault(told)
        return found


def load(given: Path | None) -> Kubeconfig:
    """Read the kubeconfig that is meant: the one given, else those that KUBECONFIG names, else ~/.kube/config.

    Raises:
        ConnectionFault: there is none, or one of them cannot be read.
    """
    named = [given] if given is not None else list(_files())
    files = [file for file in named if _is_there(file)]
    if not files:
        where = ", ".join(map(str, named)) or "~/.kube/config"
        raise ConnectionFault(
            f"there is no kubeconfig at {where}: `kubeconfig` of the environment's `cluster` or the variable KUBECONFIG"
            " names one, and inside of a cluster `in_cluster: true` does without"
        )
    merged = Kubeconfig(files, {"clusters": {}, "users": {}, "contexts": {}})
    for file in files:
        body = _body(file)
        current = body.get("current-context")
        merged.current = merged.current or (str(current) if isinstance(current, str) else "")
        for kind, noun in (("clusters", "cluster"), ("users", "user"), ("contexts", "context")):
            for name, entry in _named(body.get(kind), noun, file):
                merged.entries[kind].setdefault(name, (entry, file.absolute().parent))
    return merged


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError as error:
        # Not that it is missing, but that nobody may look, or that its name is too long.
        raise ConnectionFault(f"the kubeconfig {file} cannot be read: {error.strerror}") from error


def _files() -> Iterator[Path]:
    given = os.environ.get("KUBECONFIG", "")
    if not given:
        with suppress(RuntimeError):
            # Not everybody has a home: who is known by a number alone, in a container.
            yield Path.home() / ".kube" / "config"
    for name in given.split(os.pathsep):
        if name:
            yield Path(name)


def _body(file: Path) -> Mapping[str, Any]:
    try:
        documents, faults = parse(read_text(file), templated=False)
    except Unreadable as unreadable:
        raise ConnectionFault(f"{file}: {unreadable.reason}") from unreadable
    if faults:
        raise ConnectionFault(f"{file}:{faults[0].line}: {faults[0].reason}")
    body = documents[0].body if documents else {}
    if not isinstance(body, Mapping):
        raise ConnectionFault(f"{file} is no kubeconfig: it holds no mapping")
    return body


def _named(entries: object, noun: str, file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
            raise ConnectionFault(f"{file}: a {noun} in it has no name")
        said = entry.get(noun)
        if said is not None and not isinstance(said, Mapping):
            raise ConnectionFault(f"{file}: the {noun} `{entry['name']}` is no mapping")
        yield str.__str__(entry["name"]), said or {}


def _resolved(said: Mapping[str, Any], noun: str, folder: Path, whose: str) -> dict[str, Any]:
    """What is given, without what is empty and with the paths as they lead from the folder of the file."""
    given = {key: value for key, value in said.items() if value not in (None, "")}
    for key, value in given.items():
        if key in _TEXTS[noun] and not isinstance(value, str):
            raise ConnectionFault(f"`{key}` of the {noun} of {whose} is no text: it takes quotes")
        if key in _SWITCHES and not isinstance(value, bool):
            raise ConnectionFault(f"`{key}` of the {noun} of {whose} is neither true nor false")
    for key in _FILES[noun]:
        if key in given:
            given[key] = str(folder / str.__str__(given[key]))
    return given


def _known(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f" (it knows {listed})" if listed else ""
