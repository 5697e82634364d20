"""Reading a configuration file strictly: each wrong key or type is one line that says where and what would be right."""

from __future__ import annotations

import difflib
import pathlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

from msgspec import Struct, field

from readycheck.documents.text import SourceText
from readycheck.documents.yaml import locate
from readycheck.errors import MendableError
from readycheck.model import Path, a_type, format_path

Value = TypeVar("Value")


class ConfigError(MendableError):
    """The configuration or the command line cannot be used: one line that says where and what to do."""


class Section(Struct):
    """One mapping of a configuration file, read key by key; what nobody asked for is an error.

    Args:
        text: the file that it stands in.
        document: the file's whole body, for positions.
        body: the mapping itself.
        path: where it stands.
    """

    text: SourceText
    document: Any
    body: Mapping[str, Any]
    path: Path = ()
    known: set[str] = field(default_factory=set)

    def take(self, key: str, kind: type[Value], default: Value, *, wanted: str) -> Value:
        """The value at `key`, or `default` where it is absent or empty.

        Raises:
            ConfigError: it is of another type than `kind`.
        """
        self.known.add(key)
        value = self.body.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fail(f"`{key}` is {a_type(value)} where {wanted} is wanted", key)
        return value

    def string(self, key: str, default: str = "") -> str:
        """The string at `key`."""
        return str(self.take(key, str, default, wanted="a string"))

    def file(self, key: str, base: pathlib.Path) -> pathlib.Path | None:
        """The file that is named at `key`; None where none is.

        Args:
            key: where its name stands.
            base: the folder that its name leads from, if not from the root or the home of somebody.

        Raises:
            ConfigError: it is no string, or begins in a home that is not known.
        """
        given = self.string(key)
        try:
            return base / pathlib.Path(given).expanduser() if given else None
        except RuntimeError:
            self.fail(f"`{given}` begins in a home that is not known", key)

    def integer(self, key: str, default: int) -> int:
        """The integer at `key`."""
        return self.take(key, int, default, wanted="an integer")

    def strings(self, key: str) -> tuple[str, ...]:
        """The list of strings at `key`."""
        values: list[Any] = self.take(key, list, [], wanted="a list of strings")
        for index, value in enumerate(values):
            if not isinstance(value, str):
                self.fail(f"`{key}[{index}]` is {a_type(value)} where a string is wanted", key, index)
        return tuple(str(value) for value in values)

    def choice(self, key: str, choices: Iterable[str], default: str = "") -> str:
        """The string at `key`, one of `choices`.

        Raises:
            ConfigError: it is none of them; names the nearest one.
        """
        value = self.string(key, default)
        names = list(choices)
        if value and value not in names:
            self.fail(f"`{key}: {value}` is not known{nearest(value, names)}", key)
        return value

    def section(self, key: str) -> Section:
        """The mapping at `key`; an empty one where it is absent."""
        body: Mapping[str, Any] = self.take(key, dict, {}, wanted="a mapping")
        return Section(self.text, self.document, body, (*self.path, key))

    def sections(self, key: str) -> Iterator[Section]:
        """The list of mappings at `key`."""
        values: list[Any] = self.take(key, list, [], wanted="a list of mappings")
        for index, value in enumerate(values):
            if not isinstance(value, Mapping):
                self.fail(f"`{key}[{index}]` is {a_type(value)} where a mapping is wanted", key, index)
            yield Section(self.text, self.document, value, (*self.path, key, index))

    def entries(self) -> Iterator[tuple[str, Section]]:
        """Each named mapping in it: an environment, say."""
        for key in self.body:
            yield key, self.section(key)

    def require(self, *keys: str) -> None:
        """Demand that keys are given.

        Raises:
            ConfigError: one is missing.
        """
        for key in keys:
            if self.body.get(key) in (None, ""):
                self.fail(f"`{key}` is missing")

    def done(self) -> None:
        """Demand that nothing stands there which was not asked for.

        Raises:
            ConfigError: names the key and the nearest known one.
        """
        for key in self.body:
            if key not in self.known:
                self.fail(f"`{key}` is not a known key{nearest(key, sorted(self.known))}", key)

    def where(self, *steps: str | int) -> str:
        """`file:line` of something in this mapping."""
        line, _ = self.text.line_column(locate(self.document, (*self.path, *steps), 0))
        return f"{self.text.uri}:{line}"

    def fail(self, message: str, *steps: str | int) -> NoReturn:
        """Refuse what stands at `steps`.

        Raises:
            ConfigError: always.
        """
        place = format_path(self.path)
        raise ConfigError(f"{self.where(*steps)}: {message}" + (f" (in `{place}`)" if place else ""))


def nearest(word: str, known: Iterable[str]) -> str:
    """`: did you mean ...?` where a known word is close, else what is known."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.55)
    if close:
        return f": did you mean `{close[0]}`?"
    return f": known are {', '.join(names)}" if names and len(names) <= 12 else ""  # noqa: PLR2004 - fits one line
