"""What a pipeline's configuration is put together from: includes, inputs, `extends` and `!reference`.

GitLab lays each included file over those before it and the including file over all of them, then extends jobs, then
looks references up (GitLab docs: CI/CD YAML syntax, Use CI/CD configuration from other files, Optimize).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from readycheck.model import Resource, TaggedSeq
from readycheck.pipelines.gitlab.templates import brought_by
from readycheck.pipelines.globs import selected
from readycheck.pipelines.model import Files, Unread
from readycheck.pipelines.node import Node, merged

NO_JOBS = frozenset(
    (
        *("after_script", "before_script", "cache", "default", "image", "include", "services", "spec", "stages"),
        *("variables", "workflow"),
    )
)
"""The keys at the top that are no jobs."""
_DEFAULTS = ("after_script", "before_script", "image", "services")
"""The keys that jobs take from `default`, those that say what runs."""

_MOST_INCLUDES = 150
"""Files of one pipeline; GitLab's own limit."""
_DEEPEST = 30
"""Levels of `extends` and `!reference`; GitLab takes 11 and 10."""
_INPUT = re.compile(r"\$\[\[\s*inputs\.([\w-]+)\s*(?:\|[^\]]*)?\]\]")


class Configuration:
    """A pipeline's configuration, all local includes in it.

    Args:
        root: the file that it starts from.
        files: finds the included files.
    """

    def __init__(self, root: Resource, files: Files) -> None:
        self._root = root
        self.unread: list[Unread] = []
        """The includes that are not at hand."""
        self.conditions: dict[str, Node] = {}
        """The rules under which a file is included, by its uri."""
        self._files = files
        self._included = 0
        self._top: Mapping[str, Node] = {}
        self._extended: dict[str, Node] = {}
        self._missing: dict[str, set[str]] = defaultdict(set)
        self._depth = 0

    @classmethod
    def of(cls, root: Resource, files: Files) -> Configuration:
        """The configuration that a file is."""
        configuration = cls(root, files)
        configuration._top = configuration._loaded(root, {}, (root.name,)).entries
        return configuration

    @classmethod
    def included_by(cls, include: Node, files: Files) -> Configuration:
        """The configuration of a child pipeline: what a trigger includes."""
        configuration = cls(include.resource, files)
        configuration._top = configuration._all_included(include, ()).entries
        return configuration

    def __getitem__(self, key: str) -> Node:
        """What stands at the top."""
        return self._top.get(key) or Node(None, self._root)

    # Includes --------------------------------------------------------------------------------------------------

    def _loaded(self, resource: Resource, inputs: Mapping[str, Node], chain: tuple[str, ...]) -> Node:
        """A file with all that it includes below it."""
        own = Node.of(resource)
        declared = own["spec"]["inputs"].entries
        given = {name: inputs.get(name) or declaration["default"] for name, declaration in declared.items()}
        own = Node(resource.body, resource, (), _Rewriting(self, given))
        return merged(self._all_included(own["include"], chain), own)

    def _all_included(self, include: Node, chain: tuple[str, ...]) -> Node:
        below = include.with_entries({})
        for item in include.items:
            for part in self._include(item, chain):
                below = merged(below, part)
        return below

    def _include(self, item: Node, chain: tuple[str, ...]) -> Iterator[Node]:
        if item["template"]:
            brought = brought_by(item["template"].text)
            if brought is not None:
                yield Node(brought, item.resource, item.path, synthetic=True)
                return
        local = (item["local"] if item.is_mapping else item).text
        if not local or local.startswith(("http://", "https://")):
            self._not_at_hand(item, f"includes {_named(item)}, which is not in the tree")
        elif "$" in local:
            self._not_at_hand(item, f"includes `{local}`, whose path a variable decides")
        elif item["artifact"]:
            self._not_at_hand(item, f"includes `{item['artifact'].text}`, which a job makes when it runs")
        else:
            yield from self._local(local.lstrip("/"), item, chain)

    def _local(self, pattern: str, item: Node, chain: tuple[str, ...]) -> Iterator[Node]:
        uris = selected(self._files.listing, pattern) if "*" in pattern else [pattern]
        for uri in uris:
            resource = self._files.file(uri)
            if resource is None:
                self._not_at_hand(item, f"includes `{uri}`, which could not be found in the tree")
            elif uri in chain:
                continue
            elif self._included >= _MOST_INCLUDES:
                self._not_at_hand(item, f"includes more than {_MOST_INCLUDES} files")
            else:
                self._included += 1
                if item["rules"]:
                    self.conditions[uri] = item["rules"]
                yield self._loaded(resource, item["inputs"].entries, (*chain, uri))

    def _not_at_hand(self, item: Node, reason: str) -> None:
        self.unread.append(Unread(item.place, reason))

    # Inputs and references -------------------------------------------------------------------------------------

    def referred(self, steps: Sequence[str]) -> Node | None:
        """What `!reference` leads to; None where that is nothing, or leads in a circle."""
        if not steps or self._depth >= _DEEPEST:
            return None
        self._depth += 1
        try:
            node = self.job(steps[0])
            for step in steps[1:]:
                node = node[step]
        finally:
            self._depth -= 1
        return node or None

    # Jobs ------------------------------------------------------------------------------------------------------

    @property
    def jobs(self) -> Iterator[tuple[str, Node]]:
        """The jobs by name, extended, with the defaults in them; hidden ones are none."""
        for name in self._top:
            if not name.startswith(".") and name not in NO_JOBS:
                job = self.job(name)
                if job.is_mapping and (name != "pages" or "script" in job):
                    yield name, self._with_defaults(job)

    def missing(self, name: str) -> set[str]:
        """What a job extends, itself or through others, that is not at hand."""
        return self._missing[name]

    def job(self, name: str) -> Node:
        """A job or a hidden one with all that it extends."""
        found = self._extended.get(name)
        if found is None:
            self._extended[name] = self[name]  # what leads back here in a circle is not extended again
            found = self._extended[name] = self._extends(name, self[name])
        return found

    def _extends(self, name: str, own: Node) -> Node:
        base = own.with_entries({})
        for parent in own["extends"].texts:
            if parent in self._top and self._depth < _DEEPEST:
                self._depth += 1
                base = merged(base, self.job(parent))
                self._depth -= 1
                self._missing[name] |= self._missing[parent]
            else:
                self._missing[name].add(parent)
        return merged(base, own) if own.is_mapping else own

    def _with_defaults(self, job: Node) -> Node:
        default, inherited = self["default"], job["inherit"]["default"]
        entries = dict(job.entries)
        for key in _DEFAULTS:
            passed_on = key in inherited.texts if inherited.is_list else inherited.text != "false"
            value = default[key] or self[key]
            if value and passed_on and key not in entries:
                entries[key] = value
        return job.with_entries(entries)

    def variables_of(self, job: Node) -> dict[str, str]:
        """The variables of a job: those of all jobs, and its own over them."""
        inherited = job["inherit"]["variables"]
        variables = {
            name: value
            for name, value in variables_in(self["variables"]).items()
            if (name in inherited.texts if inherited.is_list else inherited.text != "false")
        }
        return variables | variables_in(job["variables"])


def _named(item: Node) -> str:
    """What a remote include is, for people."""
    if not item.is_mapping:
        return f"`{item.text}`"
    for key in ("remote", "project", "template", "component", "artifact"):
        if key in item:
            files = ", ".join(item["file"].texts)
            return f"the {key} `{item[key].text}`" + (f" ({files})" if files else "")
    return "something"


def variables_in(node: Node) -> dict[str, str]:
    """The variables of a mapping; a variable may be a mapping with its value and a description."""
    return {
        name: (variable["value"] if variable.is_mapping else variable).text for name, variable in node.entries.items()
    }


class _Rewriting:
    """Puts inputs in, and what references lead to."""

    def __init__(self, configuration: Configuration, inputs: Mapping[str, Node]) -> None:
        self._configuration = configuration
        self._inputs = inputs

    def __call__(self, node: Node, value: str | TaggedSeq) -> Node | str | None:
        if isinstance(value, TaggedSeq):
            if value.tag != "!reference":
                return None
            found = self._configuration.referred([str(step) for step in value])
            return found or Node(None, node.resource, node.path)
        text = str(value)
        if "$[[" not in text or not self._inputs:
            return None
        whole = _INPUT.fullmatch(text.strip())
        given = self._inputs.get(whole[1]) if whole else None
        if given:
            return given
        return _INPUT.sub(lambda match: (self._inputs.get(match[1]) and self._inputs[match[1]].text) or match[0], text)
