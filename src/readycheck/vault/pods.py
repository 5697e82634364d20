"""Servers and users of Vault that workloads run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from readycheck.kubernetes.kinds import REPLICATED
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Resource, Unjudged
from readycheck.vault.invocation import OPENBAO, VAULT, Process, Variable, is_server_port
from readycheck.vault.server import ProcessServer, Replicas
from readycheck.vault.storage import Storage, storage_in

_KINDS = frozenset({*REPLICATED, "DaemonSet", "Pod"})
_NAMES = {"vault": VAULT, "openbao": OPENBAO}
_LABEL = "app.kubernetes.io/name"


def server_in(
    workload: Workload,
    replicas: Callable[[Workload], Replicas],
    find: Callable[[str, str, Resource], Resource | None],
) -> ProcessServer | None:
    """The server that a workload runs; None where it runs none, or its containers are not at hand.

    Args:
        workload: the workload.
        replicas: tells how many replicas it has at the least.
        find: finds an object by kind and name, near another one.
    """
    if workload.kind not in _KINDS or workload.runs_to_completion or workload.helm_hook:
        return None
    for container in workload.long_running:
        if container.injected:
            continue
        process = process_of(container)
        if process is not None and process.serves:
            return ProcessServer(
                workload,
                process,
                container.at(()),
                lambda: replicas(workload),
                lambda: _configurations(workload, find),
            )
    return None


def process_of(container: Container) -> Process | None:
    """What a container runs; None where that cannot be read."""
    try:
        command, args = container.strings("command"), container.strings("args")
        place = container.at("args" if args else "command") if command or args else None
        return Process(
            container.image if container.body.get("image") else None,
            container.at("image"),
            [*command, *args],
            place,
            bool(command),
            variables_of(container),
            _looks_so(container),
            _labelled(container),
        )
    except Unjudged:
        return None


def variables_of(container: Container) -> Sequence[Variable]:
    """The environment of a container, as far as it stands there."""
    return [
        Variable(str.__str__(name), variable.get("value"), container.at(("env", index, "value")))
        for index, variable in enumerate(container.mappings("env"))
        if isinstance(name := variable.get("name"), str)
    ]


def _looks_so(container: Container) -> bool:
    if any(is_server_port(port.get("containerPort")) for port in container.ports):
        return True
    name, component = _labels(container)
    return name in _NAMES and component in ("", "server")


def _labelled(container: Container) -> str:
    """What the labels say that a server is one of, as the charts of both projects give them; its helpers are none."""
    name, component = _labels(container)
    own = container.name in _NAMES or len(container.workload.containers) == 1
    return _NAMES.get(name, "") if own and component == "server" else ""


def _labels(container: Container) -> tuple[str, str]:
    labels = container.workload.pod_labels
    component = labels.get("component") or labels.get("app.kubernetes.io/component") or ""
    return str.__str__(str(labels.get(_LABEL) or "")), str.__str__(str(component))


def _configurations(
    workload: Workload, find: Callable[[str, str, Resource], Resource | None]
) -> Iterator[Storage | None]:
    """The storages that the files name which are mounted from ConfigMaps."""
    lacking: Unjudged | None = None
    for index, volume in enumerate(workload.pod.mappings("volumes")):
        place = workload.pod.at(("volumes", index))
        source = volume.get("configMap")
        name = source.get("name") if isinstance(source, dict) else None
        if not isinstance(name, str):
            if volume.get("secret") is not None:
                lacking = lacking or Unjudged("its configuration may stand in a Secret", place)
            continue
        found = find("ConfigMap", str.__str__(name), workload)
        if found is None:
            lacking = Unjudged(f"its configuration may stand in the ConfigMap {name!s}, which was not read", place)
            continue
        for key, text in found.mapping("data").items():
            storage = storage_in(text, found.at(("data", key))) if isinstance(text, str) else None
            if storage is not None:
                yield storage
    if lacking is not None:
        raise lacking
