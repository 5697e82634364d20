"""Regular expressions of Go, which SOPS matches keys and paths with: do they match anywhere in a text.

Python's `re` does not share the syntax (`((?i)pass)`, `[[:alpha:]]`, `\\z`, `\\pL`) and takes exponential time for
some expressions, which a scanned tree could use. Here an expression becomes functions from the positions where a part
may start to those where it may end, so that time grows with the length of the text and of the expression alone.
Syntax: Go's regexp/syntax package.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Set
from functools import lru_cache
from typing import TypeAlias

Positions: TypeAlias = Set[int]
Part: TypeAlias = Callable[[str, Positions], Positions]
Predicate: TypeAlias = Callable[[str], bool]

LONGEST = 1000
"""Characters of an expression or a text; names and paths stay far below it."""
_DEEPEST = 50
_MOST_REPEATS = 1000
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_DIGIT = frozenset("0123456789")
_SPACE = frozenset("\t\n\f\r ")
_PERL = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
_NAMED = {
    "alnum": _WORD - {"_"},
    "alpha": frozenset(c for c in _WORD if c.isalpha()),
    "ascii": frozenset(map(chr, range(128))),
    "blank": frozenset("\t "),
    "cntrl": frozenset(map(chr, [*range(32), 127])),
    "digit": _DIGIT,
    "graph": frozenset(map(chr, range(33, 127))),
    "lower": frozenset(c for c in _WORD if c.islower()),
    "print": frozenset(map(chr, range(32, 127))),
    "punct": frozenset(chr(c) for c in range(33, 127) if not chr(c).isalnum()),
    "space": _SPACE | {"\v"},
    "upper": frozenset(c for c in _WORD if c.isupper()),
    "word": _WORD,
    "xdigit": frozenset("0123456789abcdefABCDEF"),
}
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OCTAL = "01234567"


class UnreadableRegex(Exception):  # noqa: N818 - a fault of what is read, not of the program
    """An expression cannot be read.

    Args:
        reason: why, for people; continues a sentence that starts with the expression.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GoRegex:
    """An expression, ready to match.

    Args:
        expression: the expression as Go would compile it.

    Raises:
        UnreadableRegex: Go would refuse it, or it uses what is not known here.
    """

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self._whole = _Parser(expression).whole()
        self.matches = lru_cache(maxsize=4096)(self._matches)

    def _matches(self, text: str) -> bool:
        """Whether the expression matches anywhere in a text.

        Raises:
            UnreadableRegex: the text is longer than any name or path is.
        """
        if len(text) > LONGEST:
            raise UnreadableRegex(f"is asked of a text of more than {LONGEST} characters")
        return bool(self._whole(text, frozenset(range(len(text) + 1))))


class _Parser:
    """A recursive descent over one expression."""

    def __init__(self, expression: str) -> None:
        if len(expression) > LONGEST:
            raise UnreadableRegex(f"has more than {LONGEST} characters")
        self._text = expression
        self._at = 0
        self._flags: frozenset[str] = frozenset()
        self._depth = 0

    def whole(self) -> Part:
        part, _ = self._alternatives()
        if self._at < len(self._text):
            raise UnreadableRegex("closes a group that was not opened")
        return part

    def _take(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise UnreadableRegex("ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _until(self, end: str) -> str:
        found = self._text.find(end, self._at)
        if found < 0:
            raise UnreadableRegex(f"has no `{end}` where one is needed")
        taken = self._text[self._at : found]
        self._at = found + len(end)
        return taken

    def _alternatives(self) -> tuple[Part, int]:
        """What stands up to the end of a group, and how often its parts are repeated at most."""
        flags = self._flags
        choices: list[Part] = []
        most = 1
        while True:
            part, repeats = self._sequence()
            choices.append(part)
            most = max(most, repeats)
            if not self._take("|"):
                break
        self._flags = flags
        return (choices[0] if len(choices) == 1 else _one_of(choices)), most

    def _sequence(self) -> tuple[Part, int]:
        parts: list[Part] = []
        most = 1
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if self._take("\\Q"):
                end = self._text.find("\\E", self._at)
                quoted = self._text[self._at : end if end >= 0 else None]
                self._at += len(quoted) + (2 if end >= 0 else 0)
                parts += (self._character(character.__eq__) for character in quoted)
                continue
            part, repeats = self._atom()
            if part is None:
                continue
            part, repeats = self._repeated(part, repeats)
            parts.append(part)
            most = max(most, repeats)
        return _in_turn(parts), most

    def _repeated(self, part: Part, repeats: int) -> tuple[Part, int]:
        count = self._count()
        if count is None:
            return part, repeats
        self._take("?")  # which of several matches is found first does not matter
        fewest, most = count
        times = repeats * max(fewest, most or 1)
        if times > _MOST_REPEATS:
            raise UnreadableRegex(f"repeats something more than {_MOST_REPEATS} times")
        if self._count() is not None:
            raise UnreadableRegex("repeats a repetition")
        return _times(part, fewest, most), times

    def _count(self) -> tuple[int, int | None] | None:
        for sign, count in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return count
        if not self._text.startswith("{", self._at):
            return None
        end = self._text.find("}", self._at)
        fewest, comma, most = self._text[self._at + 1 : max(end, self._at + 1)].partition(",")
        if end < 0 or not (fewest.isascii() and fewest.isdigit()) or (most and not (most.isascii() and most.isdigit())):
            return None  # a brace that counts nothing stands for itself
        self._at = end + 1
        low, high = int(fewest), (int(most) if most else None) if comma else int(fewest)
        if high is not None and low > high:
            raise UnreadableRegex("repeats something from more to fewer times")
        return low, high

    def _atom(self) -> tuple[Part | None, int]:
        character = self._next()
        if character == "(":
            return self._group()
        if character in "*+?":
            raise UnreadableRegex("repeats nothing")
        if character == "[":
            return self._character(self._class()), 1
        if character == "\\":
            return self._escaped(), 1
        if character == ".":
            return _character((lambda _: True) if "s" in self._flags else "\n".__ne__), 1
        if character == "^":
            return (_line_start if "m" in self._flags else _text_start), 1
        if character == "$":
            return (_line_end if "m" in self._flags else _text_end), 1
        return self._character(character.__eq__), 1

    def _group(self) -> tuple[Part | None, int]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnreadableRegex(f"nests groups more than {_DEEPEST} deep")
        outer = self._flags
        if self._take("?"):
            if self._take("P<") or (self._text[self._at : self._at + 2] not in ("<=", "<!") and self._take("<")):
                self._until(">")
            elif self._read_flags():
                self._depth -= 1
                return None, 1
        part, repeats = self._alternatives()
        if not self._take(")"):
            raise UnreadableRegex("opens a group that is not closed")
        self._flags = outer
        self._depth -= 1
        return part, repeats

    def _read_flags(self) -> bool:
        """Take over the flags that a group begins with; whether that was all of it."""
        flags, on = set(self._flags), True
        while True:
            flag = self._next()
            if flag in ":)":
                self._flags = frozenset(flags)
                return flag == ")"
            if flag == "-":
                on = False
            elif flag not in "imsU":
                raise UnreadableRegex(f"uses `(?{flag}`, which Go does not know")
            else:
                (flags.add if on else flags.discard)(flag)

    def _escaped(self) -> Part:
        anchor = {"A": _text_start, "z": _text_end, "b": _word_boundary, "B": _no_word_boundary}
        following = self._text[self._at : self._at + 1]
        if following in anchor and following:
            self._at += 1
            return anchor[following]
        return self._character(self._escaped_set())

    def _escaped_set(self) -> Predicate:
        character = self._next()
        if character.lower() in _PERL:
            return _Set(_PERL[character.lower()], inverse=character.isupper())
        if character in "pP":
            return self._category(inverse=character == "P")
        return self._escaped_character(character).__eq__

    def _escaped_character(self, character: str) -> str:
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character == "x":
            digits = self._until("}") if self._take("{") else self._next() + self._next()
            return _code_point(digits, 16)
        following = self._text[self._at : self._at + 1]
        if character == "0" or (character in _OCTAL and following in _OCTAL and following):
            while len(character) < 3 and self._text[self._at : self._at + 1] in tuple(_OCTAL):  # noqa: PLR2004 - digits
                character += self._next()
            return _code_point(character, 8)
        if character.isascii() and not character.isalnum():
            return character
        raise UnreadableRegex(f"uses `\\{character}`, which Go does not know")

    def _category(self, *, inverse: bool) -> Predicate:
        name = self._until("}") if self._take("{") else self._next()
        if name.startswith("^"):
            name, inverse = name[1:], not inverse
        if len(name) > 2 or name[:1] not in "CLMNPSZ":  # noqa: PLR2004 - categories have one letter or two
            raise UnreadableRegex(f"uses the Unicode class `{name}`, which is not known here")
        return lambda character: unicodedata.category(character).startswith(name) != inverse

    def _class(self) -> Predicate:
        inverse = self._take("^")
        members: list[Predicate] = []
        first = True
        while first or not self._take("]"):
            first = False
            members.append(self._member())
        return lambda character: any(member(character) for member in members) != inverse

    def _member(self) -> Predicate:
        if self._take("[:"):
            name = self._until(":]")
            inverse = name.startswith("^")
            if name.removeprefix("^") not in _NAMED:
                raise UnreadableRegex(f"uses the class `[:{name}:]`, which Go does not know")
            return _Set(_NAMED[name.removeprefix("^")], inverse=inverse)
        if self._text.startswith("\\", self._at) and self._text[self._at + 1 : self._at + 2] in tuple("dDsSwWpP"):
            self._at += 1
            return self._escaped_set()
        low = self._class_character()
        if self._text.startswith("-", self._at) and not self._text.startswith("-]", self._at):
            self._at += 1
            high = self._class_character()
            if low > high:
                raise UnreadableRegex("has a range that runs backwards")
            return lambda character: low <= character <= high
        return low.__eq__

    def _class_character(self) -> str:
        character = self._next()
        return self._escaped_character(self._next()) if character == "\\" else character

    def _character(self, fits: Predicate) -> Part:
        if "i" not in self._flags:
            return _character(fits)
        return _character(lambda character: fits(character) or fits(character.lower()) or fits(character.upper()))


class _Set:
    """Some characters, or all others."""

    def __init__(self, members: frozenset[str], *, inverse: bool) -> None:
        self._members = members
        self._inverse = inverse

    def __call__(self, character: str) -> bool:
        return (character in self._members) != self._inverse


def _code_point(digits: str, base: int) -> str:
    try:
        return chr(int(digits, base))
    except (ValueError, OverflowError):
        raise UnreadableRegex(f"names a character by `{digits}`, which is none") from None


def _character(fits: Predicate) -> Part:
    def part(text: str, starts: Positions) -> Positions:
        return {at + 1 for at in starts if at < len(text) and fits(text[at])}

    return part


def _in_turn(parts: list[Part]) -> Part:
    def part(text: str, starts: Positions) -> Positions:
        for each in parts:
            if not starts:
                break
            starts = each(text, starts)
        return starts

    return part


def _one_of(choices: list[Part]) -> Part:
    def part(text: str, starts: Positions) -> Positions:
        return set().union(*(choice(text, starts) for choice in choices))

    return part


def _times(repeated: Part, fewest: int, most: int | None) -> Part:
    def part(text: str, starts: Positions) -> Positions:
        for _ in range(fewest):
            starts = repeated(text, starts)
        ends = set(starts)
        done = fewest
        while starts and (most is None or done < most):
            starts = set(repeated(text, starts)) - ends
            ends |= starts
            done += 1
        return ends

    return part


def _where(holds: Callable[[str, int], bool]) -> Part:
    def part(text: str, starts: Positions) -> Positions:
        return {at for at in starts if holds(text, at)}

    return part


def _at_boundary(text: str, at: int) -> bool:
    return (at > 0 and text[at - 1] in _WORD) != (at < len(text) and text[at] in _WORD)


_text_start = _where(lambda _, at: at == 0)
_text_end = _where(lambda text, at: at == len(text))
_line_start = _where(lambda text, at: at == 0 or text[at - 1] == "\n")
_line_end = _where(lambda text, at: at == len(text) or text[at] == "\n")
_word_boundary = _where(_at_boundary)
_no_word_boundary = _where(lambda text, at: not _at_boundary(text, at))
