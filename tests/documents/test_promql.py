"""Expressions of alerts: which series they ask for."""

from __future__ import annotations

import pytest

from readycheck.documents.promql import BrokenExpression, Matcher, SeriesSelector, parse_promql, read_selectors


def test_each_selector_of_an_expression_is_found_in_order() -> None:
    expression = parse_promql('sum by (job) (rate(a_total{job="web"}[5m])) / on (job) b{job!="api", pod=~"web-.*"} > 1')

    assert expression.selectors == (
        SeriesSelector("a_total", (Matcher("job", "=", "web"),)),
        SeriesSelector("b", (Matcher("job", "!=", "api"), Matcher("pod", "=~", "web-.*"))),
    )
    assert expression.grouped == {"job"}


def test_a_metric_may_be_named_by_a_matcher() -> None:
    assert parse_promql('{__name__="up", job="web"}').selectors == (
        SeriesSelector("up", (Matcher("job", "=", "web"),)),
    )


@pytest.mark.parametrize("text", ["sum(", 'up{job="web"', "", "(" * 5000 + "1" + ")" * 5000, "x" * 30_000])
def test_what_is_no_promql_is_refused(text: str) -> None:
    with pytest.raises(BrokenExpression):
        parse_promql(text)


@pytest.mark.parametrize(
    "text",
    [
        'sum(rate({app="web"} |= "{job=\\"api\\"}" [5m])) > 1',
        "count_over_time({app=`web`} | json | line_format `{{.x}}` [5m])",
        '# about {app="api"}\nrate({app="web"}) > 0',
    ],
)
def test_braces_in_texts_and_comments_are_no_selectors(text: str) -> None:
    assert read_selectors(text).selectors == (SeriesSelector("", (Matcher("app", "=", "web"),)),)


def test_a_dashboard_s_variables_stay_in_the_range() -> None:
    text = 'sum by (service) (rate(http_requests_total{service="web"}[$__rate_interval]))'

    assert read_selectors(text).selectors == (SeriesSelector("http_requests_total", (Matcher("service", "=", "web"),)),)
    assert read_selectors(text).grouped == {"service"}


@pytest.mark.parametrize("text", ['{app="web"', "{app web}", '{app="web" job="x"} {'])
def test_braces_that_hold_no_matchers_are_refused(text: str) -> None:
    with pytest.raises(BrokenExpression):
        read_selectors(text)
