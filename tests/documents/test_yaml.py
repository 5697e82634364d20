from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from readycheck.documents.yaml import Fault, locate, parse
from readycheck.model import Map, Seq, TaggedSeq, Unresolved


def _bodies(text: str, **options: bool) -> list[Any]:
    documents, faults = parse(text, **options)
    assert faults == []
    return [document.body for document in documents]


def _body(text: str, **options: bool) -> Any:
    (body,) = _bodies(text, **options)
    return body


def _broken(text: str) -> Fault:
    documents, (fault,) = parse(text)
    assert documents == []
    return fault


# Places -----------------------------------------------------------------------------------------------------------


def test_every_key_and_item_is_marked_with_its_offset() -> None:
    text = "kind: Pod\nspec:\n  containers:\n    - name: web\n      args: [a, {b: c}]\n    -\n      name: db\n"
    body = _body(text)
    assert body == {"kind": "Pod", "spec": {"containers": [{"name": "web", "args": ["a", {"b": "c"}]}, {"name": "db"}]}}
    spec = body["spec"]
    containers = spec["containers"]
    assert body.marks == [0, 10]
    assert spec.marks == [18]
    assert containers.marks == [text.index("name: web"), text.index("name: db")]
    assert containers[0].marks == [text.index("name: web"), text.index("args")]
    assert containers[0]["args"].marks == [text.index("a, {"), text.index("{b")]


def test_offsets_count_characters_whatever_they_are_in_utf_8() -> None:
    text = "größe: 1\n😀: 2\r\nc: 3\n"
    assert [text[mark:][:1] for mark in _body(text).marks] == ["g", "😀", "c"]


def test_unusual_line_separators_shift_no_offset_and_no_line() -> None:
    text = '# \u2028 \u2029 \x85\na: "x\u2028y"\n---\nb: 1\r---\nc: 1\n'
    documents, faults = parse(text)
    assert faults == []
    assert [(document.line, text[document.offset]) for document in documents] == [(2, "a"), (4, "b"), (6, "c")]


def test_a_byte_order_mark_shifts_no_offset() -> None:
    text = "\ufeffa: 1\nb: 2\n"
    assert [text[mark] for mark in _body(text).marks] == ["a", "b"]


def test_a_path_leads_to_the_deepest_part_that_exists() -> None:
    text = "a: 1\nb:\n  c:\n    - d\n    - {e: f}\n  g: {}\n"
    body = _body("---\n" + text)
    ways: dict[tuple[str | int, ...], str] = {
        (): "a: 1",
        ("b",): "b:",
        ("b", "c", 1): "{e",
        ("b", "c", 1, "e"): "e: f",
        ("b", "c", 1, "x", "y"): "{e",
        ("b", "c", 7): "c:",
        ("b", "c", "d"): "c:",
        ("b", "g", "x"): "g:",
        ("a", "x"): "a: 1",
    }
    for path, there in ways.items():
        assert ("---\n" + text)[locate(body, path, 99) :].startswith(there), path
    assert locate(body, ("x",), 4) == 4
    assert locate(_body("a: {}")["a"], (), 3) == 3


def test_what_was_put_in_after_parsing_is_found_at_what_holds_it() -> None:
    body = _body("a:\n  b: 1\n")
    body["a"]["c"] = {"d": 1}
    assert locate(body, ("a", "c", "d"), 0) == 0
    assert locate(body, ("a", "b"), 0) == 5


# Documents --------------------------------------------------------------------------------------------------------


def test_documents_are_split_however_the_line_is_written() -> None:
    text = "# first\n\n---\na: 1\n--- # comment\nb: 2\n---   \n---\n# nothing\n--- \t\r\nc: 3\r\n...\n---\nd: 4"
    documents, faults = parse(text)
    assert faults == []
    assert [(document.body, document.line) for document in documents] == [
        ({"a": 1}, 4),
        ({"b": 2}, 6),
        ({"c": 3}, 11),
        ({"d": 4}, 14),
    ]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only a comment", "---", "---\n---\n", "--- # x\n", "~", "\ufeff", "\r"]
)
def test_what_holds_nothing_gives_no_document(text: str) -> None:
    assert parse(text) == ([], [])


def test_a_document_that_is_no_mapping_comes_as_it_is() -> None:
    assert _bodies("- a\n--- text\n--- 3\n") == [["a"], "text", 3]


def test_windows_line_ends_change_no_value() -> None:
    assert _body("a:\r\n  - b\r\n  - |\r\n    c\r\n    d\r\ne: f\r\n") == {"a": ["b", "c\nd\n"], "e": "f"}


def test_a_tab_may_follow_a_key() -> None:
    assert _body("a:\t1\nb:\t\t'x'\t# c\n") == {"a": 1, "b": "x"}


def test_a_manifest_of_tens_of_thousands_of_lines_is_read_to_the_end() -> None:
    text = "data:\n" + "".join(f"  key-{number}: {number}\n" for number in range(34_000)) + "last: 1\n---\nnext: 1\n"
    documents, faults = parse(text)
    assert faults == []
    assert documents[0].body["data"]["key-33999"] == 33_999
    assert documents[1].line == 34_004


# Values -----------------------------------------------------------------------------------------------------------


def test_keys_are_the_text_that_stands_there() -> None:
    body = _body("on: 1\nyes: 2\n1: 3\n0x1F: 4\n~: 5\n'q': 6\n2001-01-01: 7\n!!int 8: 8\n=: 9\n")
    assert list(body.items()) == [
        ("on", 1),
        ("yes", 2),
        ("1", 3),
        ("0x1F", 4),
        ("~", 5),
        ("q", 6),
        ("2001-01-01", 7),
        ("8", 8),
        ("=", 9),
    ]


def test_plain_scalars_are_resolved_and_quoted_ones_are_text() -> None:
    text = "[yes, 'yes', \"1\", 0600, 12:30, 2001-01-01, =, 1.10, ~, '', null]"
    assert _body(text) == [True, "yes", "1", 384, "12:30", "2001-01-01", "=", 1.1, None, "", None]
    assert _body("a: |\n  1\nb: >-\n  yes\nc:\n") == {"a": "1\n", "b": "yes", "c": None}


def test_tags_keep_their_values() -> None:
    text = textwrap.dedent("""\
        a: !!str 1
        b: !!binary "{{ .Values.cert | b64enc }}"
        c: !reference [.setup, script]
        d: !Ref Bucket
        e: !env_var 3
        f: !!python/name:os.system
        g: !!python/object/apply:os.system [id]
        h: !GetAtt {x: 1}
        i: !!set {p: , q: }
        j: ! 12
        """)
    body = _body(text, templated=False)
    assert body["g"] == ["id"]
    assert isinstance(body["c"], TaggedSeq)
    assert body["c"].tag == "!reference"
    assert not isinstance(body["g"], TaggedSeq)
    assert [body[key] for key in "abcdefhij"] == [
        "1",
        "{{ .Values.cert | b64enc }}",
        [".setup", "script"],
        "Bucket",
        "3",
        "",
        {"x": 1},
        {"p": None, "q": None},
        12,
    ]


def test_variables_and_template_expressions_are_undecided_where_they_stand() -> None:
    text = textwrap.dedent("""\
        a: ${X}
        b: 'x{{ .Y }}'
        c: {{ .Values.c }}
        d:
        - {{ include "d" . | nindent 4 }}
        - |
          ${E:=1}
        {{ .F }}: 1
        """)
    body = _body(text)
    flux, template = "is substituted when Flux applies it", "is a template expression that was not rendered"
    found = [body["a"], body["b"], body["c"], *body["d"]]
    assert [(str(value), value.reason) for value in found] == [
        ("${X}", flux),
        ("x{{ .Y }}", template),
        ("{{ .Values.c }}", template),
        ('{{ include "d" . | nindent 4 }}', template),
        ("${E:=1}\n", flux),
    ]
    assert body["{{ .F }}"] == 1
    assert body["d"].marks == [text.index("{{ include"), text.index("|\n  $")]


def test_in_rendered_text_braces_are_text() -> None:
    body = _body("a: 'x {{ $labels.pod }}'\nb: ${X}\n", templated=False)
    assert type(body["a"]) is str
    assert type(body["b"]) is Unresolved


# Anchors ----------------------------------------------------------------------------------------------------------


def test_aliases_share_what_they_stand_for() -> None:
    text = "a: &x {b: [1]}\nc: *x\nd: &y text\n*y : e\nf: &z yes\ng: *z\n"
    body = _body(text)
    assert body == {"a": {"b": [1]}, "c": {"b": [1]}, "d": "text", "text": "e", "f": True, "g": True}
    assert body["c"] is body["a"]


def test_an_anchor_may_be_defined_again() -> None:
    assert _body("a: &x 1\nb: *x\nc: &x {d: 2}\ne: *x\n") == {"a": 1, "b": 1, "c": {"d": 2}, "e": {"d": 2}}


def test_merged_keys_yield_to_own_keys_and_earlier_ones_win() -> None:
    text = textwrap.dedent("""\
        base: &base {a: 1, b: 1}
        more: &more {b: 2, c: 2}
        one: {a: 0, <<: *base}
        two:
          <<: [*base, *more]
          d: 3
        three: {<<: {e: 5}, <<: *more}
        four: {"<<": text}
        five: {<<: *base, b: 9}
        """)
    body = _body(text)
    assert body["one"] == {"a": 0, "b": 1}
    assert body["two"] == {"d": 3, "a": 1, "b": 1, "c": 2}
    assert body["three"] == {"e": 5, "b": 2, "c": 2}
    assert body["four"] == {"<<": "text"}
    assert body["five"] == {"b": 9, "a": 1}
    assert text[locate(body, ("two", "c"), 0) :].startswith("c: 2}")
    assert text[locate(body, ("two", "d"), 0) :].startswith("d: 3")


@pytest.mark.parametrize("value", ["1", "*a", "[{b: 1}, x]"])
def test_merging_what_is_no_mapping_is_a_fault(value: str) -> None:
    _, faults = parse(f"x: &a text\ny:\n  <<: {value}\n")
    assert faults == [Fault(3, "`<<` merges something that is not a mapping")]


def test_an_alias_inside_what_it_stands_for_is_a_fault() -> None:
    assert _broken("a: 1\nb: &x\n  c: *x\n") == Fault(3, "has an alias inside the very thing that it stands for")


def test_an_alias_without_anchor_is_a_fault_also_where_another_document_defines_it() -> None:
    documents, faults = parse("a: &x 1\n---\nb: *x\n---\nc: 1\n")
    assert [document.body for document in documents] == [{"a": 1}, {"c": 1}]
    assert faults == [Fault(3, "uses an alias whose anchor is not defined before it")]


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{name}: &{name} [{', '.join(['*' + before] * 9)}]" for before, name in pairwise("abcdefghi")]
    fault = _broken("\n".join(lines))
    assert fault.reason == "expands to more than 1,000,000 values"


# Faults -----------------------------------------------------------------------------------------------------------


def test_a_key_that_stands_twice_is_a_fault_and_the_document_comes() -> None:
    text = "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n---\ne: 1\n"
    documents, faults = parse(text)
    assert faults == [Fault(5, "the key 'c' stands twice in one mapping")]
    assert [document.line for document in documents] == [1, 7]
    value = documents[0].body["b"]["c"]
    assert isinstance(value, Unresolved)
    assert (str(value), value.reason) == ("3", "is one of several values of a key that stands twice")
    assert locate(documents[0].body, ("b", "c"), 0) == text.index("c: 3")


@pytest.mark.parametrize(
    ("first", "second", "value"), [("x", "x", "x"), ("1", "1", 1), ("1", "{b: 2}", {"b": 2}), ("[1]", "[2]", [2])]
)
def test_the_last_value_stands_where_two_agree_or_are_no_scalars(first: str, second: str, value: Any) -> None:
    documents, faults = parse(f"a: {first}\na: {second}\n")
    assert [fault.line for fault in faults] == [2]
    assert documents[0].body == {"a": value}
    assert not isinstance(documents[0].body["a"], Unresolved)


@pytest.mark.parametrize(("first", "second"), [("1", "'1'"), ("1", "true"), ("[x]", "x"), ("${A}", "x"), ("1", "~")])
def test_two_values_that_differ_leave_a_key_undecided(first: str, second: str) -> None:
    documents, _ = parse(f"a: {first}\na: {second}\n")
    assert isinstance(documents[0].body["a"], Unresolved)


def test_a_broken_document_costs_only_itself() -> None:
    text = "a: 1\n---\nb: [1,\nc: }\n---\nd: 1\n---\n\te: 1\n--- # x\nf: 'g\n---\nh: 1\n"
    documents, faults = parse(text)
    assert [(document.body, document.line) for document in documents] == [({"a": 1}, 1), ({"d": 1}, 6), ({"h": 1}, 12)]
    assert [fault.line for fault in faults] == [4, 8, 10]
    assert [text[mark] for document in documents for mark in document.body.marks] == ["a", "d", "h"]


def test_a_character_that_yaml_forbids_costs_only_its_document() -> None:
    text = "a: 1\n---\nb: x\x0cy\nc: 2\n---\nd: größe\n---\ne: \x00\n---\nf: 1\n"
    documents, faults = parse(text)
    assert [(document.body, document.line) for document in documents] == [
        ({"a": 1}, 1),
        ({"d": "größe"}, 6),
        ({"f": 1}, 10),
    ]
    assert faults == [
        Fault(3, "is not valid YAML: the control character U+000C is not allowed"),
        Fault(8, "is not valid YAML: the control character U+0000 is not allowed"),
    ]


def test_the_reason_names_the_problem_in_words() -> None:
    assert _broken("a:\n\tb: 1\n") == Fault(
        2, "is not valid YAML: a tab stands where indentation must be spaces (while scanning for the next token)"
    )
    assert _broken("a: b: c\n") == Fault(1, "is not valid YAML: mapping values are not allowed in this context")


def test_a_fault_points_into_the_broken_document_and_not_behind_it() -> None:
    assert parse("a: 1\n---\nb: 'x\n---\nc: 3\n")[1][0].line == 3
    assert parse("a: 1\n---\nb: [\n\n\n---\nc: 3\n")[1][0].line == 3
    assert _broken("a: 1\nb: {c: 1\n\n\n").line == 2


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{{- if .Values.on }}\na: 1\n{{- end }}\n", 1),
        ("a: 1\n{{- with .Values.b }}\nb: {{ . }}\n{{- end }}\n", 3),  # where it is noticed
        ("%{ if x }\na: 1\n%{ endif }\n", 1),
        ("a: 1\n{% if x %}\nb: 1\n{% endif %}\n", 2),
        ("a: {{ .Values.x }}-suffix\n", 1),
    ],
)
def test_a_template_is_said_to_be_one(template: str, line: int) -> None:
    documents, faults = parse(f"{template}---\nz: 1\n")
    assert [document.body for document in documents] == [{"z": 1}]
    assert [fault.line for fault in faults] == [line]
    assert faults[0].reason.endswith("; it looks like a template that was not rendered")


def test_a_document_that_is_one_template_expression_is_a_fault() -> None:
    fault = _broken('{{ include "common.deployment" . }}\n')
    assert fault == Fault(1, "holds nothing but what is a template expression that was not rendered")


def test_a_mapping_as_key_is_a_fault_and_the_document_comes() -> None:
    documents, faults = parse("a: 1\n? {b: 1}\n: c\n[d]: e\n")
    assert faults == [
        Fault(2, "a mapping or a list stands where Kubernetes takes a string as key"),
        Fault(4, "a mapping or a list stands where Kubernetes takes a string as key"),
    ]
    assert documents[0].body == {"a": 1, "{b: 1}": "c", "[d]": "e"}


def test_faults_never_show_what_stands_in_a_document() -> None:
    secret = "hunter2"  # noqa: S105 - what must not be seen
    for text in (
        f"password: {secret}\npassword: x{secret}\n",
        f'a: "{secret}\\q"\n',
        f"a: {secret}: {secret}\n",
        f"a: [{secret}\nb: *{secret}\n",
        f"a: *{secret}\n",
        f"a: '{secret}\n",
        f"a: {secret}\x00\n",
        f"a: !{secret}! x\n",
        f"? [{secret}]\n: x\n",
    ):
        _, faults = parse(text)
        assert faults
        assert all(secret not in fault.reason for fault in faults), text


def test_control_characters_of_a_key_are_not_passed_on() -> None:
    _, faults = parse('"\\e[31mred": 1\n"\\e[31mred": 2\n' + f"{'k' * 500}: 1\n{'k' * 500}: 2\n")
    assert [fault.reason for fault in faults] == [
        "the key '\\x1b[31mred' stands twice in one mapping",
        f"the key '{'k' * 80}...' stands twice in one mapping",
    ]


def test_faults_are_told_up_to_a_hundred_and_the_rest_is_counted() -> None:
    documents, faults = parse("---\na: [\n" * 150 + "---\nb: 1\n")
    assert documents == []
    assert len(faults) == 101
    assert faults[-1] == Fault(201, "is not read from here on, behind 100 broken documents")
    documents, faults = parse("a: 1\n" * 500)
    assert len(documents) == 1
    assert len(faults) == 101
    assert faults[-1] == Fault(102, "has 399 more faults from here on")


# Any data ---------------------------------------------------------------------------------------------------------

_characters = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\u2028\u2029\ufeff\x85")
_texts = st.text(_characters, max_size=20)
_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | _texts,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(_texts, part, max_size=4),
    max_leaves=30,
)


def _scalar_at(text: str, offset: int) -> str:
    """The key or scalar that starts at an offset, as another parser reads it."""
    return next(str(token.value) for token in yaml.scan(text[offset:]) if isinstance(token, yaml.ScalarToken))


def _assert_marked(text: str, body: Any) -> None:
    if isinstance(body, Map):
        assert [_scalar_at(text, mark) for mark in body.marks] == list(body)
        for value in body.values():
            _assert_marked(text, value)
    elif isinstance(body, Seq):
        assert len(body.marks) == len(body)
        for value, mark in zip(body, body.marks, strict=True):
            if not isinstance(value, Map | Seq | float | int | None):
                assert _scalar_at(text, mark) == value
            _assert_marked(text, value)


@settings(deadline=None)  # what a machine is busy with is no failure
@given(data=_data, flow=st.booleans(), indent=st.integers(2, 6))
def test_any_data_that_is_written_as_yaml_is_read_back_and_marked(data: Any, flow: bool, indent: int) -> None:  # noqa: FBT001
    text: str = yaml.safe_dump(
        data, default_style='"', default_flow_style=flow, indent=indent, allow_unicode=True, sort_keys=False
    )
    documents, faults = parse(text)
    assert faults == []
    if data is None:
        assert documents == []
    else:
        assert documents[0].body == data
        _assert_marked(text, documents[0].body)


@settings(deadline=None)  # what a machine is busy with is no failure
@given(data=st.lists(_data, max_size=3), indent=st.none() | st.integers(1, 4))
def test_any_data_that_is_written_as_json_is_read_back_as_yaml(data: list[Any], indent: int | None) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=False) if _finite(data) else "[]"
    documents, faults = parse(text)
    assert faults == []
    assert documents[0].body == json.loads(text)
    _assert_marked(text, documents[0].body)


def _finite(data: Any) -> bool:
    return "inf" not in repr(data)


@settings(deadline=None)  # what a machine is busy with is no failure
@given(st.text(st.sampled_from("ab:-?[]{},&*!|>'\"%@` \t\n\r#~<$01=.\\\x0c\ufeff\u2028é"), max_size=60))
def test_any_text_gives_documents_or_faults_and_never_an_error(text: str) -> None:
    documents, faults = parse(text)
    assert all(document.body is not None and document.offset <= len(text) for document in documents)
    assert all(1 <= fault.line <= len(text) + 1 for fault in faults)


# Bounds -----------------------------------------------------------------------------------------------------------

_HOSTILE = {
    "lists in lists": '"[" * 100_000',
    "mappings in mappings": '"{a: " * 1_000_000',
    "template braces": '"a: " + "{{" * 2_000_000',
    "items in items": '"- " * 1_000_000',
    "complex keys in complex keys": '"? " * 1_000_000',
    "indentation": '"".join(" " * depth + "a:\\n" for depth in range(7_000))',
    "a long scalar": '"a: " + "x" * 30_000_000',
    "a long quoted scalar": '"a: \\"" + "x\\\\n" * 10_000_000 + "\\""',
    "a long block scalar": '"a: |\\n" + " x\\n" * 8_000_000',
    "an open quote": '"a: \\"" + "x " * 10_000_000',
    "many items": '"[" + "1," * 12_000_000 + "1]"',
    "many broken documents": '"---\\n[\\n" * 2_000_000',
    "many forbidden characters": '"---\\n\\x0c\\n" * 2_000_000',
    "many repeated keys": '"a: 1\\n" * 400_000',
    "many anchors": '"".join(f"a{n}: &a{n} x\\n" for n in range(200_000))',
    "many variables": '"a: \'" + "${A" * 5_000_000 + "\'"',
    "many merges": '"b: &b {" + ",".join(f"k{n}: 1" for n in range(999)) + "}\\n"'
    ' + "".join(f"m{n}: {{<<: *b}}\\n" for n in range(100_000))',
    "only line breaks": '"\\r" * 10_000_000 + "a: 1"',
    "only comments": '"#\\n" * 10_000_000',
}


@pytest.mark.slow
@pytest.mark.parametrize("text", _HOSTILE.values(), ids=_HOSTILE)
def test_hostile_text_is_read_in_bounded_time_and_memory(text: str) -> None:
    program = f"""
import resource, time
from readycheck.documents.yaml import parse
text = {text}
resource.setrlimit(resource.RLIMIT_AS, (768 * 1024 * 1024,) * 2)
documents, faults = parse(text)
print(len(documents), len(faults))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False)
    assert ran.returncode == 0, ran.stderr[-500:]
    documents, faults = map(int, ran.stdout.split())
    assert documents + faults >= (0 if text.startswith('"#') else 1)
    assert faults <= 202
