"""Where values stand in what was read, each under its name: what credentials are looked for in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from readycheck.kubernetes.kinds import WORKLOADS, qualified_kind
from readycheck.kubernetes.workload import Workload
from readycheck.model import Path, Resource, Unresolved
from readycheck.secrets.suspicion import Suspicion, suspect

_DEEPEST = 100
_PAIRS = (("name", "value"), ("key", "value"), ("Name", "Value"), ("Key", "Value"), ("ParameterKey", "ParameterValue"))
_VALUES = frozenset(value for _, value in _PAIRS)
_ASSIGNED = re.compile(r"([A-Za-z_][\w.-]*)=(.*)", re.DOTALL)
# A line of a file or script in a value. What is not quoted is one word without the signs of an expression.
_LINE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?(?:export[ \t]+|set[ \t]+|\$)?["']?(?P<name>[A-Za-z_][\w.-]*)["']?[ \t]*(?:=>|:=|[:=])[ \t]*
    (?:"(?P<double>[^"\r\n]+)"|'(?P<single>[^'\r\n]+)'|(?P<bare>[^\s"'()\[\]{}<>$|;,!&*][^\s"'()\[\]{}<>$|;,]*))
    [ \t]*[,;]?[ \t]*(?:\#.*)?$""",
    re.MULTILINE | re.VERBOSE,
)
# A member of a mapping that an expression hands to a function: `jsonencode({ password = "..." })`.
_CALL = re.compile(r"\w+\(")
_MEMBER = re.compile(r'[{,]\s*"?(?P<name>[A-Za-z_][\w.-]*)"?\s*[=:]\s*"(?P<value>(?:[^"\\]|\\.)*)"')
# What a program says to people, by language: "Enter your password".
_TRANSLATED = re.compile(r"(?:^|/)(?:locales?|i18n|l10n|translations?|lang|messages)(?:/|[._-]|$)")
_QUOTED = re.compile(r"\A([\"'])(.*)\1\Z", re.DOTALL)
_LOCAL = re.compile(r"://[^\s/@]*@(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/?\s]|\Z)")
_FLAG = re.compile(r"--?([A-Za-z][\w.-]*?)(?:[=:](.*))?", re.DOTALL)


class Found(NamedTuple):
    """A credential in plain text.

    Args:
        path: where it stands in the resource.
        name: what it is called there; "" where it is known by its look alone.
        suspicion: what it is.
        on_this_machine: whether it is the password of a URL that leads nowhere but to the machine itself.
    """

    path: Path
    name: str
    suspicion: Suspicion
    on_this_machine: bool = False


_Value: TypeAlias = tuple[Path, str, object]
"""Where a value stands, what it is called there, and the value."""


def credentials_in(resource: Resource) -> Iterator[Found]:
    """The credentials that stand in plain text in a resource of one of the kinds of SEARCHED."""
    if _TRANSLATED.search(resource.origin.file):
        return
    seen = set()
    for path, name, value in SEARCHED[qualified_kind(resource)](resource):
        suspicion = suspect(name, value)
        if suspicion is not None:
            # What an alias repeats stands in one place all the same.
            location = resource.locate(path)
            place = (location.uri, location.line, location.column, name, () if location.line else path)
            if place not in seen:
                seen.add(place)
                yield Found(path, name, suspicion, _LOCAL.search(str(value)) is not None)


def values_below(body: object, path: Path = ()) -> Iterator[_Value]:
    """Every scalar of a body under its name: its key, or what stands beside it as `name`."""
    if not isinstance(body, dict | list):
        yield from _of_scalar(body, path, "")
        return
    levels = [(path, _entries(body))]
    while levels:
        here, entries = levels[-1]
        for step, name, value in entries:
            below = (*here, step)
            if type(value) is str and name and "\n" not in value:
                # Nearly all of them, for which a call would take as long as all the rest.
                yield below, name, value
            elif isinstance(value, dict) or (isinstance(value, list) and len(below) < _DEEPEST):
                levels.append((below, _entries(value)))
                break
            else:
                yield from _of_scalar(value, below, name)
        else:
            levels.pop()


def _entries(node: dict[str, Any] | list[Any]) -> Iterator[tuple[str | int, str, object]]:
    """The steps into a mapping or list, each with the name of what stands there: "" for an item of a list."""
    if isinstance(node, list):
        return ((index, "", item) for index, item in enumerate(node))
    for name, value in _PAIRS if not _VALUES.isdisjoint(node) else ():
        if value in node and isinstance(node.get(name), str):
            called = str(node[name])
            return ((key, called if key.lower().endswith("value") else key, item) for key, item in node.items())
    return ((key, key, item) for key, item in node.items())


def _of_scalar(value: object, path: Path, name: str) -> Iterable[_Value]:
    if isinstance(value, str):
        return _of_text(value, path, name)
    return ((path, name, value),) if isinstance(value, int) else ()


def _of_text(text: str, path: Path, name: str) -> Iterable[_Value]:
    plain = str(text)
    if "\n" in plain:
        return _of_lines(text, path)
    if isinstance(text, Unresolved) and _CALL.match(plain):
        return ((path, name, text), *((path, member["name"], member["value"]) for member in _MEMBER.finditer(plain)))
    if path and isinstance(path[-1], int) and (assigned := _ASSIGNED.fullmatch(plain)):
        return ((path, assigned[1], _QUOTED.sub(r"\2", assigned[2])),)
    return ((path, name, text),)


def _of_lines(text: str, path: Path) -> Iterator[_Value]:
    """A file or a script in a value."""
    yield path, "", text
    for line in _LINE.finditer(str(text)):
        quoted = line["double"] or line["single"]
        # Without quotes a word in an expression is another one.
        if quoted or not isinstance(text, Unresolved):
            yield path, line["name"], quoted or line["bare"]


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
            yield (*path, index), given[1], given[2]
        flag = given[1] if given is not None and given[2] is None else ""


def _config_map(resource: Resource) -> Iterator[_Value]:
    return values_below(resource.get("data"), ("data",))


def _helm_release(resource: Resource) -> Iterator[_Value]:
    return values_below(resource.get("spec.values"), ("spec", "values"))


def _application(resource: Resource) -> Iterator[_Value]:
    for path in (("spec", "source", "helm"), ("spec", "sources")):
        yield from values_below(resource.get(path), path)


def _terraform_file(resource: Resource) -> Iterator[_Value]:
    for index, block in enumerate(resource.mappings("blocks")):
        path = ("blocks", index)
        if block.get("type") == "variable" and block.get("labels"):
            default = block["attributes"].get("default")
            if isinstance(default, str):
                yield from _of_text(default, (*path, "attributes", "default"), str(block["labels"][0]))
                continue
        yield from values_below(block, path)
    yield from values_below(resource.get("attributes"), ("attributes",))


def _whole(resource: Resource) -> Iterator[_Value]:
    # What SOPS encrypts is another rule's.
    return iter(()) if "sops" in resource.body else values_below(resource.body)


SEARCHED: Mapping[str, Callable[[Resource], Iterator[_Value]]] = {
    **dict.fromkeys(WORKLOADS, _workload),
    "ConfigMap": _config_map,
    "HelmRelease": _helm_release,
    "Application": _application,
    "TerraformFile": _terraform_file,
    **dict.fromkeys(
        ("Pipeline", "Action", "Compose", "ConfigFile", "Dockerfile", "Script", "Makefile", "SecretFile"), _whole
    ),
}
"""The kinds that may hold credentials in plain text, with what gives their values."""
