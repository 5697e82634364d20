"""Servers that Docker runs: services of compose files, and Terraform's `docker_container`.

From the Compose specification and the documentation of the Docker provider (kreuzwerker/docker).
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from readycheck.kubernetes.image import ImageReference
from readycheck.model import Path, Place, Resource, Unjudged, thing_in
from readycheck.terraform.blocks import Block
from readycheck.vault.invocation import Process, Variable, is_server_port
from readycheck.vault.storage import Storage, storage_in

COMPOSE_SERVICE = "ComposeService"
DOCKER_CONTAINER = "docker_container"

_IMAGES_ENTRY_POINT = ["docker-entrypoint.sh"]
"""What the images of Vault and OpenBao start by themselves: a state records it where configuration says nothing."""
_IMAGE = re.compile(r"docker_image\.([\w-]+)")


def services_in(compose: Resource) -> Iterator[tuple[Resource, Process]]:
    """The services of a compose file, each with what it runs.

    Args:
        compose: a compose file.
    """
    services = compose.body.get("services")
    for name, body in services.items() if isinstance(services, dict) else ():
        if not isinstance(body, dict) or not isinstance(body.get("image"), str):
            continue
        service = thing_in(compose, ("services", name), COMPOSE_SERVICE, str.__str__(name))
        entry, command = _words(body.get("entrypoint")), _words(body.get("command"))
        given = "command" if command else "entrypoint"
        yield (
            service,
            Process(
                ImageReference.of(body["image"]),
                service.at("image"),
                [*entry, *command],
                service.at(given) if entry or command else None,
                bool(entry),
                _environment(service, "environment", body.get("environment")),
                any(map(_publishes, _items(body.get("ports")))) or _locks_memory(_items(body.get("cap_add"))),
            ),
        )


def replicas_of(service: Resource) -> int:
    """How many containers of a service a compose file asks for.

    Raises:
        Unjudged: that is not decided.
    """
    return service.integer("deploy.replicas", service.integer("scale", 1))


def mounted_in(service: Resource, folder: str) -> Iterator[str]:
    """The paths from the scan root that a service has mounted.

    Args:
        service: the service.
        folder: the folder of its compose file.
    """
    for volume in _items(service.body.get("volumes")):
        source = volume.get("source") if isinstance(volume, Mapping) else str(volume).partition(":")[0]
        if isinstance(source, str) and source.startswith("."):
            yield posixpath.normpath(posixpath.join(folder, source)).removeprefix("./")


def container_in(block: Block, image_of: Callable[[str], object]) -> tuple[Resource, Process] | None:
    """What a block of HCL runs, and its address as what is judged; None where it runs no container.

    Args:
        block: the block.
        image_of: the name of the image that a `docker_image` of the same module stands for, by its label.
    """
    if block.type != "resource" or len(block.labels) < 2 or block.labels[0] != DOCKER_CONTAINER:  # noqa: PLR2004 - type and name
        return None
    container = thing_in(block.file, block.path, DOCKER_CONTAINER, block.address)
    attributes = block.attributes
    named = attributes.get("image")
    reference = _IMAGE.search(str.__str__(named)) if isinstance(named, str) else None
    image = image_of(reference[1]) if reference else named
    entry, command = _words(attributes.get("entrypoint")), _words(attributes.get("command"))
    if entry == _IMAGES_ENTRY_POINT:
        entry = []
    given = "command" if command else "entrypoint"
    return container, Process(
        ImageReference.of(image) if isinstance(image, str) else None,
        container.at(("attributes", "image")),
        [*entry, *command],
        container.at(("attributes", given)) if entry or command else None,
        bool(entry),
        _environment(container, ("attributes", "env"), attributes.get("env")),
        any(is_server_port(port.attributes.get("internal")) for port in block.blocks("ports")),
    )


def count_of(block: Block) -> int:
    """How many containers a block makes.

    Raises:
        Unjudged: an expression decides it.
    """
    count = block.attributes.get("count", 1)
    if "for_each" in block.attributes or not isinstance(count, int):
        raise Unjudged(
            "how many of it there are is an expression",
            block.at("for_each" if "for_each" in block.attributes else "count"),
        )
    return count


def uploaded_to(block: Block) -> Iterator[Storage | None]:
    """The storages that the files name which a block uploads into its container."""
    for upload in block.blocks("upload"):
        content = upload.attributes.get("content")
        if isinstance(content, str):
            found = storage_in(content, upload.at("content"))
            if found is not None:
                yield found


def _words(value: object) -> list[str]:
    """A command as words, however it is written."""
    if isinstance(value, list):
        return [each if isinstance(each, str) else str(each) for each in value if each is not None]
    if not isinstance(value, str):
        return []
    try:
        return shlex.split(str.__str__(value))
    except ValueError:
        return str.__str__(value).split()


def _environment(holder: Resource, path: str | Path, given: Any) -> Sequence[Variable]:
    steps: Path = (path,) if isinstance(path, str) else path
    if isinstance(given, Mapping):
        return [Variable(str.__str__(name), value, Place(holder, (*steps, name))) for name, value in given.items()]
    found = []
    for index, each in enumerate(given if isinstance(given, list) else ()):
        name, equals, value = str.__str__(each).partition("=") if isinstance(each, str) else ("", "", "")
        if equals:
            found.append(Variable(name, value, Place(holder, (*steps, index))))
    return found


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _locks_memory(capabilities: list[Any]) -> bool:
    return any(isinstance(each, str) and str.__str__(each) == "IPC_LOCK" for each in capabilities)


def _publishes(port: object) -> bool:
    return is_server_port(port.get("target") if isinstance(port, Mapping) else port)
