"""Templates of Azure Pipelines: parameters put in, conditional parts chosen, templates of the tree in place.

The facts are from Azure Pipelines docs: Template types and usage, Template expressions.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import TaggedSeq
from readycheck.pipelines.allowance import Allowance
from readycheck.pipelines.azure.expression import holds
from readycheck.pipelines.model import Files, Unread
from readycheck.pipelines.node import Node, Rewrite
from readycheck.pipelines.values import Unset, Value, all_of, any_of, negated

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_PARAMETER = re.compile(r"parameters(?:\.([\w-]+)|\['([\w-]+)'\])")
_CHOICE = re.compile(r"\$\{\{\s*(if|elseif|else|each|insert)\b\s*(.*?)\s*\}\}", re.DOTALL)
_DEEPEST = 30
"""Templates in templates; Azure's own limit is 100 files and 100 levels."""
_MOST_PARTS = 5_000


class Part(Struct, frozen=True, eq=False):
    """A stage, job or step, templates and choices taken apart.

    Args:
        node: what it says.
        parameters: what is known of the parameters where it is written.
        unsure: the choice that could not be decided; "" where it is surely there.
    """

    node: Node
    parameters: Mapping[str, Node]
    unsure: str = ""


class Templates:
    """Takes lists of stages, jobs and steps apart.

    Args:
        files: finds the templates.
    """

    def __init__(self, files: Files) -> None:
        self.unread: list[Unread] = []
        """The templates that are not at hand."""
        self.allowance = Allowance(_MOST_PARTS, "stages, jobs and steps")
        self._files = files

    def parts(self, node: Node, key: str, parameters: Mapping[str, Node], depth: int = 0) -> Iterator[Part]:
        """The items of a list with what its templates bring.

        Args:
            node: the list.
            key: what it is a list of: `stages`, `jobs` or `steps`.
            parameters: what is known of the parameters in it.
            depth: how many templates and choices it stands in.
        """
        taken: bool | None = False
        for item in node.items if depth < _DEEPEST else ():
            if not self.allowance.take():
                return
            choice = next(iter(item.entries), "")
            chosen = _CHOICE.fullmatch(choice)
            if chosen is None:
                yield from self._one(item, key, parameters, depth)
                continue
            answer = _chosen(chosen, parameters)
            if chosen[1] in {"elseif", "else"}:
                answer = all_of(negated(taken), answer)
                taken = any_of(taken, answer)
            else:
                taken = answer
            if answer is False:
                continue
            for part in self.parts(item.entries[choice], key, parameters, depth + 1):
                yield replace(part, unsure=part.unsure or ("" if answer else choice))

    def _one(self, item: Node, key: str, parameters: Mapping[str, Node], depth: int) -> Iterator[Part]:
        if "template" not in item:
            yield Part(item, parameters)
            return
        template = self.template(item)
        if template is not None:
            root, inner = template
            yield from self.parts(root[key], key, inner, depth + 1)

    def template(self, item: Node) -> tuple[Node, Mapping[str, Node]] | None:
        """What a template holds with its parameters put in, and these; None where it is not at hand."""
        path, _, repository = item["template"].text.partition("@")
        if repository not in {"", "self"}:
            self.unread.append(Unread(item.place, f"uses the template `{path}` of the repository `{repository}`"))
            return None
        folder = item.resource.name.rpartition("/")[0]
        uri = path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))
        resource = self._files.file(uri)
        if resource is None:
            self.unread.append(Unread(item.place, f"uses the template `{path}`, which could not be found in the tree"))
            return None
        given = item["parameters"].entries
        declared = defaults(Node.of(resource)["parameters"])
        inner = {name: given.get(name) or default for name, default in declared.items()} | dict(given)
        return Node.of(resource, putting_in(inner)), inner


def defaults(parameters: Node) -> dict[str, Node]:
    """The parameters of a file with the values that they have where none is given."""
    if parameters.is_list:
        return {item["name"].text: item["default"] for item in parameters.items}
    return dict(parameters.entries)


def putting_in(parameters: Mapping[str, Node]) -> Rewrite:
    """Puts parameters in: a text that is nothing else becomes the value itself, with its own place."""

    def rewrite(node: Node, value: str | TaggedSeq) -> Node | str | None:
        del node
        text = "" if isinstance(value, TaggedSeq) else str(value)
        if "${{" not in text or _CHOICE.fullmatch(text):
            return None
        whole = _EXPRESSION.fullmatch(text.strip())
        found = _named(whole[1], parameters) if whole else None
        return found or _EXPRESSION.sub(lambda match: _text(match, parameters), text)

    return rewrite


def _named(expression: str, parameters: Mapping[str, Node]) -> Node | None:
    name = _PARAMETER.fullmatch(expression)
    return parameters.get(name[1] or name[2]) or None if name else None


def _text(match: re.Match[str], parameters: Mapping[str, Node]) -> str:
    found = _named(match[1], parameters)
    return found.text if found is not None and not found.is_mapping and not found.is_list else match[0]


def _chosen(choice: re.Match[str], parameters: Mapping[str, Node]) -> bool | None:
    """Whether a choice takes its part; what is repeated (`each`) is taken once, as it is written."""
    if choice[1] in {"else", "insert"}:
        return True
    if choice[1] == "each":
        return None

    def known(name: str) -> Value:
        parameter = parameters.get(name)
        return parameter.text if parameter is not None else Unset()

    return holds(choice[2], known)
