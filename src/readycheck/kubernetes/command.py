"""What a container's command runs, as far as words tell."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from readycheck.model import Unresolved

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_OPERATORS = frozenset("();<>|&")
_BRANCHES = frozenset({"then", "else", "elif"})
_RESERVED = frozenset({"!", "do", "done", "exec", "fi", "if", "until", "while", "{", "}"})


def simple_commands(command: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The commands that a container's command consists of: those of its script where a shell runs one.

    Args:
        command: a `command` of the Kubernetes API, which no shell has split.

    Returns:
        Each command's words, the program without its folder first, with what stands before it: an operator (`&&`,
        `||`, `;`) or the word that begins a branch (`then`, `else`); "" for the first one.
    """
    words = list(command)
    script = _script(words)
    if script is None:
        yield "", _without_folder(words)
        return
    operator, current = "", list[str]()
    for token in _tokens(script):
        if token in _BRANCHES or (token and set(token) <= _OPERATORS):
            if current:
                yield operator, _without_folder(current)
            operator, current = token, []
        else:
            current.append(token)
    if current:
        yield operator, _without_folder(current)


def _script(words: Sequence[str]) -> str | None:
    """What follows the `-c` of a shell; None where no shell runs a script."""
    if not words or isinstance(words[0], Unresolved) or words[0].rpartition("/")[2] not in _SHELLS:
        return None
    for index, word in enumerate(words[1:-1], start=1):
        # The script may be undecided in part; the words that can be read are worth reading.
        if not isinstance(word, Unresolved) and word.startswith("-") and word.endswith("c"):
            return str(words[index + 1])
    return None


def _tokens(script: str) -> list[str]:
    # A new line ends a command as a semicolon does, and the shell's words are no part of any.
    lexer = shlex.shlex(script.replace("\\\n", " ").replace("\n", "\n;\n"), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return [token for token in lexer if token not in _RESERVED]
    except ValueError:
        return []


def _without_folder(words: list[str]) -> list[str]:
    return [str(words[0]).rpartition("/")[2], *map(str, words[1:])] if words else words
