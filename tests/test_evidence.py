"""What a report shows of values."""

from __future__ import annotations

from readycheck.model import Unresolved
from readycheck.outputs.evidence import HIDDEN, shorten


def test_a_credential_is_hidden_and_where_one_comes_from_is_shown() -> None:
    reference = Unresolved("var.token", "is an expression")
    assert shorten({"token": "abc"}) == {"token": HIDDEN}
    assert {key: str(value) for key, value in shorten({"token": reference}).items()} == {"token": "var.token"}
