"""Alert rules in every format that a tree holds them in.

Formats: the Prometheus operator's and VictoriaMetrics' custom resources, rule files of Prometheus, Mimir and Loki, the
Grafana operator's GrafanaAlertRuleGroup, Grafana's file provisioning and the Grafana provider of Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct

from readycheck.documents.promql import BrokenExpression, Expression, parse_promql, read_selectors
from readycheck.documents.yaml import parse
from readycheck.model import Place, Resource, Unresolved
from readycheck.observability.texts import texts_of
from readycheck.terraform.blocks import Block

PROMETHEUS_RULE = "PrometheusRule"
OBJECTS = {
    f"{PROMETHEUS_RULE}.monitoring.coreos.com": "PromQL",
    f"{PROMETHEUS_RULE}.monitoring.rhobs": "PromQL",
    f"{PROMETHEUS_RULE}.azmonitoring.coreos.com": "PromQL",
    "VMRule.operator.victoriametrics.com": "MetricsQL",
    "AlertingRule.loki.grafana.com": "LogQL",
    "Rules.monitoring.googleapis.com": "PromQL",
    "ClusterRules.monitoring.googleapis.com": "PromQL",
    "GrafanaAlertRuleGroup.grafana.integreatly.org": "Grafana",
}
"""The kinds of objects that hold alert rules, with the language of their expressions."""


class Query(Struct, frozen=True):
    """One expression of an alert.

    Args:
        text: the expression.
        language: `PromQL`, `MetricsQL`, `LogQL` or `Grafana`, which asks in any of them.
    """

    text: str
    language: str

    def read(self) -> Expression:
        """The expression, parsed.

        Raises:
            BrokenExpression: it cannot be read.
        """
        if isinstance(self.text, Unresolved):
            raise BrokenExpression(f"`{self.text!s}` {self.text.reason}")
        if self.language == "PromQL":
            return parse_promql(self.text)
        if self.language == "LogQL":
            return read_selectors(self.text)
        try:
            return parse_promql(self.text)
        except BrokenExpression:
            return read_selectors(self.text)


class AlertRule(Struct, frozen=True, eq=False, dict=True):
    """An alert rule, or a rule that stands beside alert rules and only records.

    Args:
        name: what it is called.
        place: where it stands; where it stands in a text, that text.
        labels: what it labels its alerts with, as far as that is decided.
        queries: the expressions that it is about.
        paused: whether it is switched off.
    """

    name: str
    place: Place
    labels: Mapping[str, str]
    queries: tuple[Query, ...]
    paused: bool = False
    records: bool = False
    """Whether it records what its expression comes to, and raises no alert."""

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """What its expressions ask for, as far as they can be read."""
        return tuple(each for each in (_read(query) for query in self.queries) if isinstance(each, Expression))

    @cached_property
    def unread(self) -> tuple[tuple[str, str], ...]:
        """The expressions of it that cannot be read, each with the reason."""
        read = ((query, _read(query)) for query in self.queries)
        return tuple((str.__str__(query.text), reason) for query, reason in read if isinstance(reason, str))


def _read(query: Query) -> Expression | str:
    try:
        return query.read()
    except BrokenExpression as broken:
        return broken.reason


def rules_of_object(resource: Resource, language: str) -> Iterator[AlertRule]:
    """The alert rules of a custom resource.

    Args:
        resource: the object.
        language: the language of its expressions.
    """
    spec = resource.body.get("spec")
    if isinstance(spec, Mapping) and language == "Grafana":
        yield from _grafana_rules(resource.at("spec"), spec.get("rules"))
    elif isinstance(spec, Mapping):
        yield from rules_in(resource.at("spec"), spec, language)


def rules_in(place: Place, body: object, language: str = "PromQL", *, text: bool = False) -> Iterator[AlertRule]:
    """The alert rules of a body with `groups`: of Prometheus' format, or of Grafana's provisioning.

    Args:
        place: where the body stands.
        body: the body.
        language: the language of its expressions, where they are not Grafana's.
        text: whether the body stands in its place as a text.
    """
    groups = body.get("groups") if isinstance(body, Mapping) else None
    for index, group in enumerate(groups if isinstance(groups, list) else ()):
        rules = group.get("rules") if isinstance(group, Mapping) else None
        below = place if text else Place(place.resource, (*place.path, "groups", index))
        for number, rule in enumerate(rules if isinstance(rules, list) else ()):
            if not isinstance(rule, Mapping):
                continue
            at = below if text else Place(place.resource, (*below.path, "rules", number))
            name = rule.get("alert") or rule.get("record")
            if isinstance(name, str):
                expression = rule.get("expr")
                queries = (Query(expression, language),) if isinstance(expression, str) else ()
                labels, records = _labels(rule.get("labels")), not rule.get("alert")
                yield AlertRule(str.__str__(name), at, labels, queries, records=records)
            elif isinstance(rule.get("title"), str) and isinstance(rule.get("data"), list):
                yield _grafana_rule(at, rule)


def _grafana_rules(place: Place, rules: object) -> Iterator[AlertRule]:
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, Mapping):
            yield _grafana_rule(Place(place.resource, (*place.path, "rules", index)), rule)


def _grafana_rule(place: Place, rule: Mapping[str, Any]) -> AlertRule:
    data = rule.get("data")
    models = [each.get("model") for each in data if isinstance(each, Mapping)] if isinstance(data, list) else []
    texts = [model.get("expr") for model in models if isinstance(model, Mapping)]
    return AlertRule(
        str(rule.get("title")),
        place,
        _labels(rule.get("labels")),
        tuple(Query(text, "Grafana") for text in texts if isinstance(text, str)),
        rule.get("isPaused") is True,
    )


def _labels(labels: object) -> Mapping[str, str]:
    if not isinstance(labels, Mapping):
        return {}
    return {key: value for key, value in labels.items() if isinstance(value, str) and not isinstance(value, Unresolved)}


# Texts -----------------------------------------------------------------------------------------------------------

SIDECAR_LABEL = "grafana_alert"
"""What a ConfigMap or a Secret is labelled with that the sidecar of Grafana's chart reads."""

_OF_RULES = re.compile(r"\b(?:alert|title)[\"']?\s*:")
_LOG_RANGE = re.compile(
    r"\|[=~>]|\| *(?:json|logfmt|pattern|unpack|line_format)\b|count_over_time *\( *\{|rate *\( *\{"
)


def rules_of_files(holder: Resource) -> Iterator[AlertRule]:
    """The alert rules that stand as files in a ConfigMap or a Secret."""
    for place, _, text in texts_of(holder):
        yield from rules_of_text(place, text)


def rules_of_text(place: Place, text: str) -> Iterator[AlertRule]:
    """The alert rules of a file that stands as a text.

    Args:
        place: where the text stands.
        text: the text.
    """
    if "groups" in text and _OF_RULES.search(text):
        for body in _bodies(text):
            yield from rules_in(place, body, language_of(text), text=True)


def language_of(text: str) -> str:
    """The language of the expressions in a rule file, which does not say it."""
    return "LogQL" if _LOG_RANGE.search(text) else "PromQL"


@lru_cache(maxsize=64)
def _bodies(text: str) -> tuple[Any, ...]:
    documents, _ = parse(text)
    return tuple(document.body for document in documents)


# Terraform ---------------------------------------------------------------------------------------------------------

_EXPRESSION = re.compile(r"\bexpr\"?\s*[=:]\s*\"((?:[^\"\\]|\\.)*)\"")
_ESCAPED = re.compile(r"\\(.)")


def rules_of_block(block: Block) -> Iterator[AlertRule]:
    """The alert rules of a `grafana_rule_group`.

    Args:
        block: the resource.
    """
    for rule in block.blocks("rule"):
        queries: list[Query] = []
        for data in rule.blocks("data"):
            model = data.attributes.get("model")
            text = str.__str__(model) if isinstance(model, str) else ""
            queries += (Query(_ESCAPED.sub(r"\1", each), "Grafana") for each in _EXPRESSION.findall(text))
            if text and not _EXPRESSION.search(text) and "expr" in text:
                queries.append(Query(Unresolved("model", "is an expression, which Terraform evaluates"), "Grafana"))
        yield AlertRule(
            rule.decided("name"),
            rule.at(),
            _labels(rule.attributes.get("labels")),
            tuple(queries),
            rule.attributes.get("is_paused") is True,
        )
