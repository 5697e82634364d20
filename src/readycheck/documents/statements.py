"""The statements of a shell script, as trees: which command stands under which condition, what words are made of."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Part(Struct, frozen=True):
    """A part of a word.

    Args:
        text: what it is, quotes taken off; of a variable or substitution, as it is written.
        variable: the name of the variable that stands there; "" where none does.
        default: what stands there where the variable has no value (`${x:-default}`).
        plain: whether the variable's value is taken as it is: False for `${x%.*}` and its like.
        quoted: whether it is in quotes, so that spaces in it part no words.
        body: the statements whose output stands there.
    """

    text: str
    variable: str = ""
    default: str | None = None
    plain: bool = True
    quoted: bool = False
    body: Block = ()


class Word(Struct, frozen=True):
    """A word: parts that stand together without a space between."""

    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The word as it is written, quotes taken off."""
        return "".join(part.text for part in self.parts)


class Statement(Struct, frozen=True):
    """Something that a shell runs.

    Args:
        line: the line that it starts on, from 0.
        text: as it is written.
    """

    line: int
    text: str


Block: TypeAlias = tuple[Statement, ...]


class Simple(Statement, frozen=True):
    """A simple command.

    Args:
        words: the program and its arguments; empty where there are only assignments.
        assignments: the variables that it sets, for itself where there are words.
        lasting: whether its assignments outlast it: there are no words, or `export`, `local` and their like.
        output: where `>` sends its output.
        input: the heredoc that it reads.
    """

    words: tuple[Word, ...] = ()
    assignments: tuple[tuple[str, Word], ...] = ()
    lasting: bool = False
    output: Word | None = None
    input: Word | None = None


class Test(Statement, frozen=True):
    """`[ ]`, `[[ ]]` or `(( ))`, with the commands whose output it looks at."""

    bodies: tuple[Block, ...] = ()


class Pipe(Statement, frozen=True):
    """Programs that read each other's output."""

    parts: Block = ()


class Chain(Statement, frozen=True):
    """Statements joined by `&&` and `||`, each with the operator in front of it; the first one's is ""."""

    links: tuple[tuple[str, Statement], ...] = ()


class Negation(Statement, frozen=True):
    """`!` and what stands behind it."""

    inner: Block = ()


class Group(Statement, frozen=True):
    """`{ }`, or `( )` where it is a shell of its own."""

    body: Block = ()
    subshell: bool = False
    output: Word | None = None


class Choice(Statement, frozen=True):
    """`if`, with each condition and what is run where it holds; the last one has no condition where it is `else`."""

    branches: tuple[tuple[Block, Block], ...] = ()


class Loop(Statement, frozen=True):
    """A loop.

    Args:
        word: `for`, `select`, `while` or `until`.
        variable: the variable of a `for`.
        values: what it goes through; None where that is counted or read.
        condition: what a `while` or `until` asks.
        body: what is repeated.
    """

    word: str = ""
    variable: str = ""
    values: tuple[Word, ...] | None = None
    condition: Block = ()
    body: Block = ()


class Case(Statement, frozen=True):
    """`case`, with the patterns and the statements of each branch."""

    subject: Word = Word(())
    branches: tuple[tuple[tuple[str, ...], Block], ...] = ()


class Function(Statement, frozen=True):
    """The definition of a function."""

    name: str = ""
    body: Block = ()


class Background(Statement, frozen=True):
    """A statement with `&` behind it."""

    inner: Block = ()
