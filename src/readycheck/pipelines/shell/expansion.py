"""Words of a shell with the variables put in that are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from readycheck.documents.statements import Part, Word
from readycheck.pipelines.acts.doing import from_root

_LONGEST = 10_000
"""Characters of a value; variables that hold each other twice double each time."""

_OWN_FILE = r"(?:\$0|\$\{0\}|\$\{?BASH_SOURCE(?:\[0\])?\}?)"
_REAL = r"(?:readlink\s+(?:-f|-e)|realpath)"
_OWN_FOLDER = re.compile(
    rf"""\$\(\s*dirname\s+(?:--\s+)?"?(?:{_OWN_FILE}|\$\(\s*{_REAL}\s+(?:--\s+)?"?{_OWN_FILE}"?\s*\))"?\s*\)"""
    r"|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}"
)
_MADE_REAL = re.compile(rf"""\$\(\s*{_REAL}\s+(?:--\s+)?"?(?P<path>[^"`$()]+?)"?\s*\)""")
_FOLDER_ASKED = re.compile(
    r"""\$\(\s*(?:cd\s+(?:-P\s+|--\s+)*"?(?P<into>[^"`]*?)"?\s*(?:&?>\s*/dev/null\s*(?:2>&1\s*)?)?(?:&&|;)\s*)?pwd(?:\s+-P)?\s*\)"""
)
_ROOT_ASKED = re.compile(r"\$\(\s*git\s+rev-parse\s+--show-toplevel\s*(?:2>\s*/dev/null\s*)?\)")
_ROOT = "$GITHUB_WORKSPACE"


def text_of(word: Word, variables: Mapping[str, str], folder: str = "") -> str:
    """A word as one text; what is not known stays as it is written.

    Args:
        word: the word.
        variables: the variables that are known.
        folder: the folder that its commands run in.
    """
    return "".join(_value(part, variables, folder) for part in word.parts)[:_LONGEST]


def words_of(words: Iterable[Word], variables: Mapping[str, str], folder: str = "") -> Iterator[str]:
    """The words that a shell hands to a program: a value that is in no quotes is parted at its spaces.

    Args:
        words: the words as they are written.
        variables: the variables that are known.
        folder: the folder that their commands run in.
    """
    for word in words:
        made: list[str] = []
        for part in word.parts:
            value = _value(part, variables, folder)
            pieces = value.split() if _is_parted(part, value) else [value]
            if made and pieces:
                made[-1] += pieces[0]
                made += pieces[1:]
            else:
                made += pieces
        yield from made


def _value(part: Part, variables: Mapping[str, str], folder: str) -> str:
    if part.body or not part.plain:
        return known_output(part, variables, folder) or part.text
    if not part.variable:
        return part.text
    value = variables.get(part.variable)
    if value is None:
        return part.text
    return value or part.default or ""


def known_output(part: Part, variables: Mapping[str, str], folder: str) -> str:
    """What comes out of the commands by which scripts ask where they are; "" for all others.

    Args:
        part: a substitution.
        variables: the variables that are known.
        folder: the folder that it runs in.
    """
    own = variables.get("BASH_SOURCE", variables.get("0", ""))
    text = _OWN_FOLDER.sub(own.rpartition("/")[0] or ".", part.text) if own else part.text
    text = _MADE_REAL.sub(lambda match: match["path"], text)
    if _ROOT_ASKED.fullmatch(text):
        return _ROOT
    asked = _FOLDER_ASKED.fullmatch(text)
    if asked and "$" not in (asked["into"] or ""):
        inside = from_root(asked["into"], folder) if asked["into"] else folder
        return f"{_ROOT}/{inside}" if inside else _ROOT
    return text if text != part.text and "$(" not in text else ""


def _is_parted(part: Part, value: str) -> bool:
    # `"$@"` is every argument in quotes of its own.
    apart = part.variable == "@" or not part.quoted
    return bool(part.variable) and apart and value != part.text and "$(" not in value and "${{" not in value
