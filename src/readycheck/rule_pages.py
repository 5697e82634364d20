"""The page on all rules (docs/rules.md), made from the rules themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from readycheck.rule import Rule


def render(rules: Sequence[Rule]) -> str:
    """The page, in Markdown: a table of contents, then a section for each rule, whose anchor is its ID."""
    lines = [
        "# Rules",
        "",
        "Made by `readycheck rules docs`; the rules' own files are what to edit.",
        "",
        "| rule | severity | what it asks |",
        "|---|---|---|",
        *(f"| [{rule.id}](#{rule.id}) | {rule.declaration.severity.value} | {rule.title} |" for rule in rules),
    ]
    for area, members in groupby(rules, key=lambda rule: rule.area):
        lines += ["", f"## {area}/"]
        for rule in members:
            lines += _section(rule)
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> Iterator[str]:
    yield ""
    yield f'<a id="{rule.id}"></a>'
    yield ""
    yield f"### {rule.id}"
    yield ""
    yield f"**{rule.title}.** Severity {rule.declaration.severity.value}; judges {judged(rule)}."
    yield ""
    yield rule.help
    if rule.options:
        yield ""
        yield "| option | type | default | meaning |"
        yield "|---|---|---|---|"
        for option in rule.options:
            yield f"| `{option.name}` | {option.type_name} | `{option.shown_default}` | {option.help} |"


def judged(rule: Rule) -> str:
    """What a rule judges, in words."""
    kinds = ["container of each workload"] if rule.of_containers else []
    *most, last = (*kinds, *rule.resource_kinds)
    return f"each {', '.join(most)} and {last}" if most else f"each {last}"
