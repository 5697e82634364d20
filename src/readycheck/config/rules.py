"""What configuration says of rules: whether and how they judge, and what is exempt from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct, field

from readycheck.model import Severity
from readycheck.rule import Rule
from readycheck.section import Section, nearest

GATES = ("soft", "hard")


class RuleSetting(Struct, frozen=True):
    """What configuration says of one rule."""

    off: bool = False
    severity: Severity | None = None
    gate: str = ""
    """`soft`: its violations never fail a build; `hard`: they do whatever their severity; "": as severe as they are."""
    options: Mapping[str, Any] = field(default_factory=dict)


class ExemptionRule(Struct, frozen=True):
    """An exemption as configuration states it."""

    where: str
    rules: tuple[str, ...]
    match: Mapping[str, str]
    environment: str
    reason: str
    owner: str
    until: str


def rule_settings(section: Section, rules: Mapping[str, Rule] | None) -> dict[str, RuleSetting]:
    """What a section says of rules, under `rules`.

    Args:
        section: the section.
        rules: the rules that may be named, by ID; None: names are not checked yet.

    Raises:
        ConfigError: it says something that is not understood.
    """
    settings = section.section("rules")
    return {rule_id: _setting(settings, rule_id, rules) for rule_id in settings.body}


def _setting(settings: Section, rule_id: str, rules: Mapping[str, Rule] | None) -> RuleSetting:
    if rules is not None and rule_id not in rules:
        settings.fail(f"no rule `{rule_id}`{nearest_rule(rule_id, rules)}", rule_id)
    value = settings.body[rule_id]
    # A bare `off` is a boolean in YAML 1.1.
    if value is False or value == "off":
        return RuleSetting(off=True)
    section = settings.section(rule_id)
    severity = section.choice("severity", (severity.value for severity in Severity))
    gate = section.choice("gate", GATES)
    options = {}
    for option in rules[rule_id].options if rules is not None else ():
        section.known.add(option.name)
        if option.name not in section.body:
            continue
        given = section.body[option.name]
        if not option.accepts(given):
            section.fail(f"`{option.name}` must be of type {option.type_name}", option.name)
        options[option.name] = option.convert(given)
    if rules is not None:
        section.done()
    return RuleSetting(severity=Severity(severity) if severity else None, gate=gate, options=options)


def exemption_rule(section: Section, rules: Mapping[str, Rule] | None) -> ExemptionRule:
    """An exemption.

    Args:
        section: what is said of it.
        rules: the rules that may be named, by ID; None: names are not checked yet.

    Raises:
        ConfigError: it says something that is not understood.
    """
    section.require("rule")
    match = section.section("match")
    matched = {key: match.string(key) for key in ("kind", "namespace", "name", "container") if key in match.body}
    match.known.update(("kind", "namespace", "name", "container"))
    match.done()
    pattern = section.string("rule")
    exemption = ExemptionRule(
        where=section.where(),
        rules=(pattern,),
        match=matched,
        environment=section.string("environment"),
        reason=section.string("reason"),
        owner=section.string("owner"),
        until=section.string("until"),
    )
    section.done()
    if rules is not None and not names_a_rule(pattern, rules):
        section.fail(f"no rule `{pattern}`{nearest_rule(pattern, rules)}", "rule")
    return exemption


def names_a_rule(pattern: str, rules: Iterable[str]) -> bool:
    """Whether `workload/replicas` or `workload/*` names at least one rule."""
    return any(fnmatchcase(rule_id, pattern) for rule_id in rules)


def nearest_rule(rule_id: str, rules: Iterable[str]) -> str:
    """The rule that may have been meant, or where all of them are listed."""
    return nearest(rule_id, rules) or ": `readycheck rules list` names them all"
