"""Shell scripts as trees of statements, parsed with tree-sitter-bash.

Its trees hang operators that follow a heredoc's start below the heredoc; here they stand where a shell sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from readycheck.documents.statements import (
    Background,
    Block,
    Case,
    Chain,
    Choice,
    Function,
    Group,
    Loop,
    Negation,
    Part,
    Pipe,
    Simple,
    Statement,
    Test,
    Word,
)
from readycheck.documents.words import Words, joined
from readycheck.documents.yaml import Fault

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_LONGEST = 1_000_000
"""Characters of a script; those that people write are far shorter."""
_DEEPEST = 60
"""Levels of statements in statements; nobody reads a script that needs more."""


@lru_cache(maxsize=128)
def parse(text: str) -> tuple[Block, Sequence[Fault]]:
    """The statements of a script.

    Args:
        text: the script; `${{ }}` may stand in it anywhere and is kept in the words as it is.

    Returns:
        The statements, and what of the text could not be read.
    """
    if len(text) > _LONGEST:
        return (), [Fault(1, f"is longer than {_LONGEST:,} characters, the most that is read of a script")]
    return _Reading(text).run()


class _Reading(Words):
    """One pass over the tree of a script."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._faults: list[Fault] = []
        self._kinds: Mapping[str, Callable[[Node], Statement]] = {
            "command": self._simple,
            "variable_assignment": self._assignment,
            "variable_assignments": self._assignment,
            "declaration_command": self._declaration,
            "unset_command": self._raw,
            "test_command": self._test,
            "pipeline": lambda node: Pipe(*self._at(node), tuple(self._statements(node))),
            "list": self._chain,
            "negated_command": lambda node: Negation(*self._at(node), tuple(self._statements(node))),
            "compound_statement": self._group,
            "subshell": self._group,
            "redirected_statement": self._redirected,
            "if_statement": self._choice,
            "for_statement": self._for,
            "c_style_for_statement": self._for,
            "while_statement": self._while,
            "case_statement": self._case,
            "function_definition": self._function,
        }

    def run(self) -> tuple[Block, Sequence[Fault]]:
        root = _parser().parse(self._data).root_node
        return tuple(self._statements(root)), self._faults

    def _at(self, node: Node) -> tuple[int, str]:
        return node.start_point.row, self._text(node)

    # Statements ------------------------------------------------------------------------------------------------

    def _statements(self, node: Node) -> Iterator[Statement]:
        """The statements right below a node."""
        return self._among(node.children)

    def _among(self, nodes: Sequence[Node]) -> Iterator[Statement]:
        waiting: Statement | None = None
        for child in nodes:
            if child.type == "&" and waiting is not None:
                waiting = Background(waiting.line, f"{waiting.text} &", (waiting,))
                continue
            made = self._statement(child)
            for statement in made:
                if waiting is not None:
                    yield waiting
                waiting = statement
        if waiting is not None:
            yield waiting

    def _statement(self, node: Node) -> Iterator[Statement]:
        kind = self._kinds.get(node.type)
        if node.is_error or node.is_missing:
            self._faults.append(Fault(node.start_point.row + 1, "is not shell that can be read"))
        if self._depth >= _DEEPEST:
            if kind is not None:
                self._faults.append(Fault(node.start_point.row + 1, f"is nested more than {_DEEPEST} levels deep"))
            return
        self._depth += 1
        if kind is not None:
            yield kind(node)
        elif node.is_error or node.type == "do_group":
            yield from self._statements(node)
        self._depth -= 1

    def _raw(self, node: Node) -> Statement:
        line, text = self._at(node)
        return Simple(line, text, tuple(Word((Part(word),)) for word in text.split()))

    def _simple(self, node: Node) -> Statement:
        words: list[Word] = []
        assignments: list[tuple[str, Word]] = []
        end = -1
        for child in node.named_children:
            if child.type == "variable_assignment":
                assignments += self._assigned(child)
            elif child.type == "command_name":
                words += [self._word(part) for part in child.children if not part.is_missing]
            elif child.type not in ("file_redirect", "heredoc_redirect", "comment", "subshell"):
                word = self._word(child)
                if words and child.start_byte == end:
                    words[-1] = joined(words[-1], word)
                else:
                    words.append(word)
            end = child.end_byte
        return Simple(*self._at(node), tuple(words), tuple(assignments), lasting=not words)

    def _assignment(self, node: Node) -> Statement:
        return Simple(*self._at(node), (), tuple(self._assigned(node)), lasting=True)

    def _declaration(self, node: Node) -> Statement:
        named = [child for child in node.named_children if child.type == "variable_assignment"]
        words = [self._word(child) for child in node.children if child not in named]
        assignments = [pair for child in named for pair in self._assigned(child)]
        return Simple(*self._at(node), tuple(words), tuple(assignments), lasting=True)

    def _assigned(self, node: Node) -> Iterator[tuple[str, Word]]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            for child in node.named_children:
                if child.type == "variable_assignment":
                    yield from self._assigned(child)
            return
        word = self._word(value) if value is not None else Word((Part(""),))
        if any(child.type == "+=" for child in node.children):
            own = Part(f"${self._text(name)}", self._text(name), default="", quoted=True)
            word = Word((own, *word.parts))
        yield self._text(name), word

    def _test(self, node: Node) -> Statement:
        bodies = tuple(part.body for part in self._substitutions(node))
        return Test(*self._at(node), bodies)

    def _substitutions(self, node: Node) -> Iterator[Part]:
        if self._depth >= _DEEPEST:
            return
        self._depth += 1
        for child in node.named_children:
            if child.type == "command_substitution":
                yield Part(self._text(child), body=tuple(self._statements(child)))
            else:
                yield from self._substitutions(child)
        self._depth -= 1

    def _chain(self, node: Node) -> Statement:
        links: list[tuple[str, Node]] = []
        place = node
        # Chains lean to the left, as deep as they are long.
        while place.type == "list":
            left, operator, right = place.children[0], place.children[1].type, place.children[-1]
            links.append((operator, right))
            place = left
        links.append(("", place))
        made = [(operator, statement) for operator, link in reversed(links) for statement in self._statement(link)]
        return Chain(*self._at(node), tuple(made)) if made else Simple(*self._at(node))

    def _group(self, node: Node) -> Statement:
        if node.children and node.children[0].type == "((":
            return self._test(node)
        return Group(*self._at(node), tuple(self._statements(node)), subshell=node.type == "subshell")

    def _choice(self, node: Node) -> Statement:
        branches: list[tuple[Block, Block]] = []
        for part in (node, *node.named_children):
            if part is node or part.type == "elif_clause":
                then = next((index for index, child in enumerate(part.children) if child.type == "then"), 0)
                branches.append((tuple(self._among(part.children[:then])), tuple(self._among(part.children[then:]))))
            elif part.type == "else_clause":
                branches.append(((), tuple(self._statements(part))))
        return Choice(*self._at(node), tuple(branches))

    def _for(self, node: Node) -> Statement:
        variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        values = tuple(self._word(child) for child in node.children_by_field_name("value"))
        counted = variable is None or not any(child.type == "in" for child in node.children)
        return Loop(
            *self._at(node),
            word=node.children[0].type,
            variable=self._text(variable) if variable is not None else "",
            values=None if counted else values,
            body=tuple(self._statements(body)) if body is not None else (),
        )

    def _while(self, node: Node) -> Statement:
        body = node.child_by_field_name("body")
        return Loop(
            *self._at(node),
            word=node.children[0].type,
            condition=tuple(self._among(node.children_by_field_name("condition"))),
            body=tuple(self._statements(body)) if body is not None else (),
        )

    def _case(self, node: Node) -> Statement:
        subject = node.child_by_field_name("value")
        branches: list[tuple[tuple[str, ...], Block]] = []
        for item in node.named_children:
            if item.type == "case_item":
                end = next((index for index, child in enumerate(item.children) if child.type == ")"), 0)
                patterns = tuple(self._word(child).text for child in item.children_by_field_name("value"))
                branches.append((patterns, tuple(self._among(item.children[end:]))))
        return Case(*self._at(node), self._word(subject) if subject is not None else Word(()), tuple(branches))

    def _function(self, node: Node) -> Statement:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        statements = tuple(self._statement(body)) if body is not None else ()
        return Function(*self._at(node), self._text(name) if name is not None else "", statements)

    # Redirections ----------------------------------------------------------------------------------------------

    def _redirected(self, node: Node) -> Statement:
        body = node.child_by_field_name("body")
        inner = next(self._statement(body), None) if body is not None else None
        output: Word | None = None
        read: Word | None = None
        behind: list[tuple[str, Node]] = []
        for redirect in node.children_by_field_name("redirect"):
            destination = redirect.child_by_field_name("destination")
            if redirect.type == "heredoc_redirect":
                read = self._heredoc(redirect)
                behind += _behind(redirect)
            elif destination is not None and any(child.type in (">", ">>", "&>", ">|") for child in redirect.children):
                output = self._word(destination)
        made = _with(inner or Simple(*self._at(node)), output, read)
        for operator, right in behind:
            for statement in self._statement(right):
                if operator == "|":
                    parts = statement.parts if isinstance(statement, Pipe) else (statement,)
                    made = Pipe(made.line, made.text, (made, *parts))
                else:
                    made = Chain(made.line, made.text, (("", made), (operator, statement)))
        return made

    def _heredoc(self, node: Node) -> Word | None:
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        return Word((Part(self._text(body), quoted=True),)) if body is not None else None


def _behind(redirect: Node) -> Iterator[tuple[str, Node]]:
    """What stands behind a heredoc's start on the same line: `| kubectl apply -f -`, `|| true`."""
    operator = redirect.child_by_field_name("operator")
    right = redirect.child_by_field_name("right")
    for child in redirect.named_children:
        if child.type == "pipeline":
            yield "|", child.named_children[0] if child.named_child_count == 1 else child
    if operator is not None and right is not None:
        yield operator.type, right


def _with(statement: Statement, output: Word | None, read: Word | None) -> Statement:
    """A statement with where its output goes and what it reads; that of a chain or pipe belongs to its last part."""
    if isinstance(statement, Simple):
        return replace(statement, output=output or statement.output, input=read or statement.input)
    if isinstance(statement, Group):
        return replace(statement, output=output)
    if isinstance(statement, Chain):
        operator, last = statement.links[-1]
        return replace(statement, links=(*statement.links[:-1], (operator, _with(last, output, read))))
    if isinstance(statement, Pipe) and statement.parts:
        return replace(statement, parts=(*statement.parts[:-1], _with(statement.parts[-1], output, read)))
    return statement


@cache
def _parser() -> Parser:
    import tree_sitter_bash  # noqa: PLC0415 - wanted only where there is a script
    from tree_sitter import Language, Parser  # noqa: PLC0415 - same

    return Parser(Language(tree_sitter_bash.language()))
