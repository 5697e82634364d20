"""What a report quotes is cut where it is long, and holds no credential."""

from __future__ import annotations

from typing import Any

import pytest

from readycheck.model import Unresolved
from readycheck.outputs.evidence import HIDDEN, shorten


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ("registry.example.com:5000/shop/web:1.0", "registry.example.com:5000/shop/web:1.0"),
        ("example.com/secret:1.0", "example.com/secret:1.0"),
        ("postgres://shop:hunter2@db:5432/shop", f"postgres://shop:{HIDDEN}@db:5432/shop"),
        (["sh", "-c", "PGPASSWORD=hunter2 psql"], ["sh", "-c", f"PGPASSWORD={HIDDEN}"]),
        (["--api-key=abc"], [f"--api-key={HIDDEN}"]),
        ([{"name": "LOG", "value": "info"}], [{"name": "LOG", "value": HIDDEN}]),
        ({"adminPassword": "hunter2"}, {"adminPassword": HIDDEN}),
        ({"secretName": "db", "token": {"path": "x"}}, {"secretName": "db", "token": {"path": "x"}}),
        ({"type": "Utilization", "value": 3}, {"type": "Utilization", "value": 3}),
        ({"automountServiceAccountToken": False}, {"automountServiceAccountToken": False}),
        (1, 1),
        (None, None),
    ],
)
def test_what_was_seen_is_shown_but_for_credentials(seen: Any, shown: Any) -> None:
    assert shorten(seen) == shown


def test_what_is_long_is_cut() -> None:
    assert shorten("x" * 300) == "x" * 200 + "…"
    assert len(shorten(list(range(100)))) == 20
    assert len(shorten({str(number): number for number in range(100)})) == 20


def test_a_credential_is_hidden_and_where_one_comes_from_is_shown() -> None:
    reference = Unresolved("var.token", "is an expression")
    assert shorten({"token": "abc"}) == {"token": HIDDEN}
    assert {key: str(value) for key, value in shorten({"token": reference}).items()} == {"token": "var.token"}
