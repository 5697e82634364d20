"""Edits of HCL, judged by a second parser."""

from __future__ import annotations

from typing import Any

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readycheck.documents.edits import Change, Code, Refused
from readycheck.documents.edits.hcl import revise

LISTENER = """\
# The way in.
resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.front.arn
  port              = 443 # as ever
  tags = {
    team = "web"
  }

  default_action {
    type = "forward"
  }
}
"""


def one(text: str, path: tuple[str | int, ...], value: Any) -> str:
    return revise(text, [Change(0, path, value)])


def test_an_attribute_joins_the_others_and_is_aligned() -> None:
    text = LISTENER.replace('  tags = {\n    team = "web"\n  }\n', "")
    wanted = text.replace("# as ever\n", '# as ever\n  ssl_policy        = "P"\n')
    assert one(text, ("blocks", 0, "attributes", "ssl_policy"), "P") == wanted


def test_a_long_name_moves_no_other_line() -> None:
    text = 'resource "a" "b" {\n  x = 1\n}\n'
    wanted = 'resource "a" "b" {\n  x = 1\n\n  longer = true\n}\n'
    assert one(text, ("blocks", 0, "attributes", "longer"), value=True) == wanted


@pytest.mark.parametrize(
    ("text", "path", "value", "revised"),
    [
        ("a {}\n", ("blocks", 0, "attributes", "x"), 1, "a {\n  x = 1\n}\n"),
        ("a { x = 1 }\n", ("blocks", 0, "attributes", "y"), 2, "a {\n  x = 1\n  y = 2\n}\n"),
        ("a {\n}\n", ("blocks", 0, "attributes", "x"), [1, "b"], 'a {\n  x = [1, "b"]\n}\n'),
        ("a {\r\n  x = 1\r\n}\r\n", ("blocks", 0, "attributes", "x"), 2, "a {\r\n  x = 2\r\n}\r\n"),
        (LISTENER, ("blocks", 0, "blocks", 0, "attributes", "type"), "é", LISTENER.replace('"forward"', '"é"')),
        (
            LISTENER,
            ("blocks", 0, "attributes", "tags", "tier"),
            "x",
            LISTENER.replace('"web"\n', '"web"\n    tier = "x"\n'),
        ),
        ("a = { b = 1 }\n", ("attributes", "a", "c"), 2, "a = { b = 1, c = 2 }\n"),
        ("a = [1, 2]\n", ("attributes", "a", 2), 3, "a = [1, 2, 3]\n"),
        ("a {\n  b = {}\n}\n", ("blocks", 0, "attributes", "b", "c"), "${d}", 'a {\n  b = {c = "$${d}"}\n}\n'),
    ],
)
def test_only_what_is_meant_changes(text: str, path: tuple[str | int, ...], value: Any, revised: str) -> None:
    assert one(text, path, value) == revised


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("a {\n  x = var.x\n}\n", ("blocks", 0, "attributes", "x"), Code.EXPRESSION),
        ("a {\n  x = merge(b, c)\n}\n", ("blocks", 0, "attributes", "x", "y"), Code.EXPRESSION),
        ("a {\n  x = [\n    1, # why\n  ]\n}\n", ("blocks", 0, "attributes", "x"), Code.COMMENTS),
        ("a {\n", ("blocks", 0, "attributes", "x"), Code.UNPARSABLE),
        ("a {}\n", ("blocks", 1), Code.LAYOUT),
        ("a {}\n", ("blocks", 2, "attributes", "x"), Code.MISSING),
    ],
)
def test_what_could_go_wrong_is_refused(text: str, path: tuple[str | int, ...], code: Code) -> None:
    with pytest.raises(Refused) as caught:
        one(text, path, 1)
    assert caught.value.code is code


LITERALS = st.recursive(
    st.integers(-99, 99)
    | st.booleans()
    | st.text(st.characters(max_codepoint=0x2FF, categories=("L", "N", "P", "Zs")), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "long_key", "x-y"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@st.composite
def files(draw: Any) -> str:
    lines: list[str] = []
    for block in range(draw(st.integers(1, 3))):
        names = draw(st.lists(st.sampled_from(["a", "bb", "name", "count_of"]), unique=True, max_size=3))
        if not names and draw(st.booleans()):
            lines.append(f'resource "t" "r{block}" {{}}')
            continue
        lines.append(f'resource "t" "r{block}" {{')
        width = max(map(len, names), default=0) if draw(st.booleans()) else 0
        for name in names:
            value = draw(
                st.sampled_from(["1", '"x"', "[1, 2]", "{ k = 1 }", "{\n    k = 1 # one\n  }", "var.x", "true"])
            )
            lines.append(f"  {name:{width}} = {value}" + draw(st.sampled_from(["", " # note", " // é"])))
        if draw(st.booleans()):
            lines += ["", "  inner {", "    k = 1", "  }"]
        lines += ["}", *draw(st.sampled_from([[], [""], ["# comment"]]))]
    return str("\n".join(lines) + draw(st.sampled_from(["", "\n"])))


def judged(text: str) -> Any:
    """What python-hcl2 reads, without what it tells of comments."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if not key.startswith("__")}
        return [plain(item) for item in value] if isinstance(value, list) else value

    return plain(hcl2.loads(text if text.endswith("\n") else text + "\n"))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(files(), st.data())
def test_a_second_parser_finds_what_was_meant_and_nothing_else(text: str, data: st.DataObject) -> None:
    before = judged(text)
    number = data.draw(st.integers(0, len(before["resource"]) - 1))
    name = data.draw(st.sampled_from(["a", "bb", "new", "a_very_long_name"]))
    value = data.draw(LITERALS)
    try:
        revised = one(text, ("blocks", number, "attributes", name), value)
    except Refused as refused:
        if refused.code not in (Code.EXPRESSION, Code.COMMENTS):
            raise
        return
    after = judged(revised)
    alone = judged(f"{name} = {hcl_of(value)}\n")[name]
    (block,) = next(iter(before["resource"][number].values())).values()
    block[name] = alone
    assert after == before


def hcl_of(value: Any) -> str:
    """A value as HCL, written by the judge's own side on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {hcl_of(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(hcl_of, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{") + '"'
    return str(value).lower()
