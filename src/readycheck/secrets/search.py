"""Where values stand in what was read, each under its name: what credentials are looked for in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from readycheck.kubernetes.kinds import WORKLOADS, qualified_kind
from readycheck.kubernetes.workload import Workload
from readycheck.model import Path, Resource
from readycheck.secrets.suspicion import Suspicion, suspect

_DEEPEST = 100
_PAIRS = (("name", "value"), ("key", "value"), ("Name", "Value"), ("Key", "Value"), ("ParameterKey", "ParameterValue"))
_ASSIGNED = re.compile(r"([A-Za-z_][\w.-]*)=(.*)", re.DOTALL)
# A line of a file or script in a value. What is not quoted is one word without the signs of an expression.
_LINE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?(?:export[ \t]+|set[ \t]+|\$)?["']?(?P<name>[A-Za-z_][\w.-]*)["']?[ \t]*(?:=>|:=|[:=])[ \t]*
    (?:"(?P<double>[^"\r\n]+)"|'(?P<single>[^'\r\n]+)'|(?P<bare>[^\s"'()\[\]{}<>$|;,!&*][^\s"'()\[\]{}<>$|;,]*))
    [ \t]*[,;]?[ \t]*(?:\#.*)?$""",
    re.MULTILINE | re.VERBOSE,
)
_FLAG = re.compile(r"--?([A-Za-z][\w.-]*?)(?:[=:](.*))?", re.DOTALL)


class Found(NamedTuple):
    """A credential in plain text.

    Args:
        path: where it stands in the resource.
        name: what it is called there; "" where it is known by its look alone.
        suspicion: what it is.
    """

    path: Path
    name: str
    suspicion: Suspicion


class _Value(NamedTuple):
    path: Path
    name: str
    value: object


def credentials_in(resource: Resource) -> Iterator[Found]:
    """The credentials that stand in plain text in a resource of one of the kinds of SEARCHED."""
    for path, name, value in SEARCHED[qualified_kind(resource)](resource):
        suspicion = suspect(name, value)
        if suspicion is not None:
            yield Found(path, name, suspicion)


def values_below(body: object, path: Path = ()) -> Iterator[_Value]:
    """Every scalar of a body under its name: its key, or what stands beside it as `name`."""
    waiting: list[tuple[object, Path, str]] = [(body, path, "")]
    while waiting:
        node, here, name = waiting.pop()
        if isinstance(node, Mapping):
            waiting += reversed([(value, (*here, key), called) for key, called, value in _entries(node)])
        elif isinstance(node, list):
            if len(here) < _DEEPEST:
                waiting += reversed([(item, (*here, index), "") for index, item in enumerate(node)])
        elif isinstance(node, str):
            yield from _of_text(node, here, name)
        elif isinstance(node, int):
            yield _Value(here, name, node)


def _entries(node: Mapping[str, Any]) -> Iterator[tuple[str, str, object]]:
    called = next((node[name] for name, value in _PAIRS if value in node and isinstance(node.get(name), str)), None)
    for key, value in node.items():
        yield key, str(called) if called is not None and key.lower().endswith("value") else key, value


def _of_text(text: str, path: Path, name: str) -> Iterator[_Value]:
    plain = str(text)
    if "\n" in plain:
        # A file or a script in a value.
        yield _Value(path, "", text)
        for line in _LINE.finditer(plain):
            yield _Value(path, line["name"], line["double"] or line["single"] or line["bare"])
    elif isinstance(path[-1] if path else "", int) and (assigned := _ASSIGNED.fullmatch(plain)):
        yield _Value(path, assigned[1], assigned[2])
    else:
        yield _Value(path, name, text)


def _workload(resource: Resource) -> Iterator[_Value]:
    workload = resource if isinstance(resource, Workload) else Workload.of(resource)
    for container in workload.containers if workload is not None else ():
        for index, variable in enumerate(container.mappings("env")):
            value = variable.get("value")
            if isinstance(value, str):
                yield from _of_text(value, (*container.path, "env", index, "value"), str(variable.get("name")))
        for field in ("command", "args"):
            if field in container.body:
                yield from _arguments(container.strings(field), (*container.path, field))


def _arguments(words: list[str], path: Path) -> Iterator[_Value]:
    flag = ""
    for index, word in enumerate(words):
        plain = str(word)
        given = _FLAG.fullmatch(plain)
        if given is None:
            yield from _of_text(word, (*path, index), flag)
        elif given[2] is not None:
            yield _Value((*path, index), given[1], given[2])
        flag = given[1] if given is not None and given[2] is None else ""


def _config_map(resource: Resource) -> Iterator[_Value]:
    return values_below(resource.get("data"), ("data",))


def _helm_release(resource: Resource) -> Iterator[_Value]:
    return values_below(resource.get("spec.values"), ("spec", "values"))


def _application(resource: Resource) -> Iterator[_Value]:
    for path in (("spec", "source", "helm"), ("spec", "sources")):
        yield from values_below(resource.get(path), path)


def _whole(resource: Resource) -> Iterator[_Value]:
    # What SOPS encrypts is another rule's.
    return iter(()) if "sops" in resource.body else values_below(resource.body)


SEARCHED: Mapping[str, Callable[[Resource], Iterator[_Value]]] = {
    **dict.fromkeys(WORKLOADS, _workload),
    "ConfigMap": _config_map,
    "HelmRelease": _helm_release,
    "Application": _application,
    **dict.fromkeys(("Pipeline", "Action", "Compose", "ConfigFile", "Script", "Makefile"), _whole),
}
"""The kinds that may hold credentials in plain text, with what gives their values."""
