"""The lines of a source file around what a finding points at, without the values that may be secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from readycheck.model import Path, Place, SecretPlace
from readycheck.outputs.evidence import HIDDEN, without_credentials

_AROUND = 1
_LOOK_BACK = 200
_VALUE = re.compile(r"""(?P<key>(?:^\s*(?:-\s+)?|[{,]\s*)["']?(?:value|stringData|data)["']?\s*:)\s*\S.*""")
_FLOW_HOLDER = re.compile(r"""[{,]\s*["']?(?:env|stringData|data)["']?\s*:""")
_KEY = re.compile(r"""\s*(?:-\s+)?(?:(?:export|ENV|ARG)\s+)?["']?[\w.-]+["']?\s*(?::(?=\s)|=)\s*""")
_HOLDER = re.compile(r"""\s*(?:-\s+)?["']?(?:value|stringData|data)["']?\s*:""")


def excerpt(place: Place) -> Iterator[tuple[int, str]]:
    """The line of a place and its neighbours, each with its number.

    Values of environment variables, Secrets, ConfigMaps and credentials are left out: nobody needs them to see what is
    wrong.
    """
    whole = place.resource.root
    shown = place.location.line
    if shown is None:
        return
    lines = whole.origin.excerpt(whole.body, place.way, _LOOK_BACK)
    if isinstance(place, SecretPlace) or whole.kind == "SecretFile":
        # Its neighbours may be secrets too, and in a file of secrets any line.
        yield from ((number, _key(text)) for number, text in lines if number == shown)
        return
    for index, (number, text) in enumerate(lines):
        if abs(number - shown) <= _AROUND:
            # The line that is pointed at may be a patch's `value: 1`, which is what it is about.
            harmless = number == shown and not holds_value(place) and not _FLOW_HOLDER.search(text)
            said = text if harmless else _without_value(lines, index)
            yield number, without_credentials(said).expandtabs(4)


def holds_value(place: Place) -> bool:
    """Whether what stands there is the value of an environment variable, or the data of a Secret or ConfigMap."""
    path: Path = place.way
    if "env" in path and path[-1] == "value":
        return True
    return place.resource.root.kind in {"Secret", "ConfigMap"} and path[:1] in {("data",), ("stringData",)}


def _without_value(lines: Sequence[tuple[int, str]], index: int) -> str:
    text = lines[index][1]
    indent = _indent(text)
    for _, above in reversed(lines[:index]):
        if above.strip() and _indent(above) < indent:
            if _HOLDER.match(above):
                return _indent(text) * " " + HIDDEN
            indent = _indent(above)
        if indent == 0:
            break
    return _VALUE.sub(rf"\g<key> {HIDDEN}", text)


def _key(text: str) -> str:
    """The line up to where a value begins."""
    key = _KEY.match(text)
    return f"{key[0] if key else ' ' * _indent(text)}{HIDDEN}"


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
