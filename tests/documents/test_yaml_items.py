"""Items leave a list of a YAML text, and every other byte stays."""

from __future__ import annotations

import pytest

from readycheck.documents.edits import Refused
from readycheck.documents.edits.yaml_items import remove_items

BLOCK = """\
# head
fail_on: high
exemptions:  # ours
  # the first
  - rule: a/one
    reason: "x"  # why
  # the second

  - {rule: a/two}
  - rule: a/three
    match:
      name: web
# tail
rules: {}
"""


@pytest.mark.parametrize(
    ("text", "indexes", "left"),
    [
        (BLOCK, {0}, BLOCK.replace('  - rule: a/one\n    reason: "x"  # why\n', "")),
        (BLOCK, {1}, BLOCK.replace("  - {rule: a/two}\n", "")),
        (BLOCK, {2}, BLOCK.replace("  - rule: a/three\n    match:\n      name: web\n", "")),
        (BLOCK, {0, 1, 2}, "# head\nfail_on: high\n# tail\nrules: {}\n"),
        ("exemptions: [{a: 1}, {a: 2}, {a: 3}]\n", {0}, "exemptions: [{a: 2}, {a: 3}]\n"),
        ("exemptions: [{a: 1}, {a: 2}, {a: 3}]\n", {1, 2}, "exemptions: [{a: 1}]\n"),
        ("exemptions: [{a: 1}, {a: 2}, {a: 3}]\n", {0, 2}, "exemptions: [{a: 2}]\n"),
        ("exemptions:\r\n- a: 1\r\n- a: 2\r\n", {0}, "exemptions:\r\n- a: 2\r\n"),
        ("exemptions:\n- a: 1\n- a: 2", {1}, "exemptions:\n- a: 1\n"),
        ("exemptions:\n- a: 1\n", {0}, ""),
        ("{exemptions: [{a: 1}], b: 2}\n", {0}, None),
        ("exemptions:\n- &x {a: 1}\n- *x\n", {0}, None),
        ("exemptions:\n-\n  a: 1\n- a: 2\n", {0}, None),
    ],
)
def test_what_is_taken_out_leaves_no_other_byte_changed(text: str, indexes: set[int], left: str | None) -> None:
    if left is None:
        with pytest.raises(Refused):
            remove_items(text, "exemptions", indexes)
    else:
        assert remove_items(text, "exemptions", indexes) == left
