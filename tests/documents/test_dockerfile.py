from __future__ import annotations

import time
from typing import Any

import pytest

from readycheck.documents.dockerfile import parse_dockerfile
from readycheck.documents.text import line_of
from readycheck.documents.yaml import locate
from readycheck.model import Path, Unresolved


def body_of(text: str) -> Any:
    documents, faults = parse_dockerfile(text)
    assert faults == []
    return documents[0].body


def instructions(text: str) -> Any:
    """The instructions of the last stage, below `FROM alpine` where the text has no FROM."""
    return body_of(text if text.startswith(("FROM", "#")) else f"FROM alpine\n{text}")["stages"][-1]["instructions"]


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        ("FROM golang", {"from": "golang"}),
        ("from golang:1.25 as Build", {"from": "golang:1.25", "name": "Build"}),
        (
            "FROM --platform=$BUILDPLATFORM golang AS build",
            {"from": "golang", "platform": "$BUILDPLATFORM", "name": "build"},
        ),
        ("FROM registry:5000/a/b@sha256:0123", {"from": "registry:5000/a/b@sha256:0123"}),
        ("FROM ${BASE:-alpine}:${TAG}", {"from": "${BASE:-alpine}:${TAG}"}),
        ("FROM $BASE AS app", {"from": "$BASE", "name": "app"}),
        ('FROM "alpine:3.22"', {"from": "alpine:3.22"}),
        ("FROM \\\n  golang:1.25 \\\n  AS build", {"from": "golang:1.25", "name": "build"}),
        ("  FROM alpine", {"from": "alpine"}),
    ],
)
def test_a_stage_says_what_it_starts_from(line: str, stage: dict[str, str]) -> None:
    assert body_of(line)["stages"] == [{**stage, "instructions": []}]


def test_a_base_that_a_template_fills_in_is_not_decided() -> None:
    (stage,) = body_of("FROM {{ .Values.base }}\nUSER 1\n")["stages"]
    assert isinstance(stage["from"], Unresolved)
    assert str(stage["from"]) == "{{ .Values.base }}"
    assert stage["instructions"] == [{"instruction": "USER", "words": ["1"]}]


def test_a_template_with_expressions_in_place_of_instructions_is_one_fault() -> None:
    text = "FROM alpine\n{{ if .Debug }}\nRUN apk add gdb\n{{ end }}\nnothing\n"
    documents, faults = parse_dockerfile(text)
    assert documents == []
    assert [(fault.line, fault.reason) for fault in faults] == [
        (2, "is a template of a Dockerfile that was not rendered")
    ]


def test_instructions_belong_to_the_stage_above_them() -> None:
    body = body_of("ARG A=1\nFROM a AS b\nUSER x\nFROM c\nARG A\nRUN d\n")
    assert body["arguments"] == [{"instruction": "ARG", "pairs": {"A": "1"}}]
    assert [[each["instruction"] for each in stage["instructions"]] for stage in body["stages"]] == [
        ["USER"],
        ["ARG", "RUN"],
    ]


@pytest.mark.parametrize(
    ("line", "instruction"),
    [
        ("user 1000:1000", {"instruction": "USER", "words": ["1000:1000"]}),
        ("USER ${UID:-1000}:0", {"instruction": "USER", "words": ["${UID:-1000}:0"]}),
        ("USER 'app'", {"instruction": "USER", "words": ["app"]}),
        ("RUN a && b", {"instruction": "RUN", "shell": "a && b"}),
        ('RUN ["a", "b c"]', {"instruction": "RUN", "command": ["a", "b c"]}),
        ("ENTRYPOINT ['a', 'b']", {"instruction": "ENTRYPOINT", "shell": "['a', 'b']"}),
        ("ARG A B=2 C=", {"instruction": "ARG", "pairs": {"A": None, "B": "2", "C": ""}}),
        ("ENV A=1 B=\"x y\" \\\n  C='z'", {"instruction": "ENV", "pairs": {"A": "1", "B": "x y", "C": "z"}}),
        ("ENV PATH /opt/bin:$PATH", {"instruction": "ENV", "pairs": {"PATH": "/opt/bin:$PATH"}}),
        (
            "COPY --from=build --chown=1:1 /a /b /c/",
            {"instruction": "COPY", "flags": {"from": "build", "chown": "1:1"}, "words": ["/a", "/b", "/c/"]},
        ),
        ('COPY ["a b", "/c"]', {"instruction": "COPY", "command": ["a b", "/c"]}),
        ("ADD https://example.com/x /x", {"instruction": "ADD", "words": ["https://example.com/x", "/x"]}),
        (
            "RUN --mount=type=cache,target=/c --mount=from=build,source=/a,target=/a make",
            {
                "instruction": "RUN",
                "flags": {"mount": ["type=cache,target=/c", "from=build,source=/a,target=/a"]},
                "shell": "make",
            },
        ),
        ("RUN make --from=x", {"instruction": "RUN", "shell": "make --from=x"}),
        ("ONBUILD RUN make", {"instruction": "ONBUILD", "shell": "make"}),
        (
            "HEALTHCHECK --interval=5s CMD curl x || exit 1",
            {"instruction": "HEALTHCHECK", "flags": {"interval": "5s"}, "shell": "curl x || exit 1"},
        ),
        ("HEALTHCHECK NONE", {"instruction": "HEALTHCHECK"}),
    ],
)
def test_an_instruction_is_taken_apart(line: str, instruction: dict[str, Any]) -> None:
    assert instructions(line) == [instruction]


@pytest.mark.parametrize(
    ("text", "shell"),
    [
        ("RUN a \\\n  b\n", "a   b"),
        ("RUN a && \\\n  # why\n\n  # more\n  b\n", "a &&   b"),
        ("RUN a \\\r\n  && b\r\n", "a   && b"),
        ("RUN ab\\\ncd\n", "abcd"),
        ("RUN a \\\n\n# the end", "a"),
        ("RUN cd C:\\x\n", "cd C:\\x"),
    ],
)
def test_lines_that_are_continued_are_joined_without_comments_and_empty_lines(text: str, shell: str) -> None:
    (run,) = instructions(text)
    assert run["shell"].strip() == shell


def test_a_backtick_continues_lines_where_a_directive_says_so() -> None:
    (run, user) = instructions("# escape=`\nFROM windows\nRUN a `\n  b\nUSER x\n")
    assert run["shell"] == "a   b"
    assert user["words"] == ["x"]


def test_with_backticks_a_backslash_at_the_end_of_a_path_continues_nothing() -> None:
    copy, user = instructions("# escape=`\nFROM windows\nCOPY x C:\\\nUSER y\n")
    assert (copy["instruction"], user["words"]) == ("COPY", ["y"])


def test_directives_count_at_the_very_top_only() -> None:
    assert body_of("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\n")["syntax"] == "docker/dockerfile:1"
    assert "escape" not in body_of("# a comment\n# escape=`\nFROM a\n")
    assert "escape" not in body_of("\n# escape=`\nFROM a\n")


@pytest.mark.parametrize(
    ("text", "heredocs"),
    [
        ("RUN <<EOF\nset -e\nUSER root\nEOF\nUSER x\n", ["set -e\nUSER root"]),
        ("RUN <<-'END' bash\n\ta\n\tEND\nUSER x\n", ["a"]),
        ("RUN <<A cat && <<B sh\na\nA\nb\nB\nUSER x\n", ["a", "b"]),
        ("COPY <<EOF /etc/x\n# syntax=b\nFROM y\nEOF\nUSER x\n", ["# syntax=b\nFROM y"]),
    ],
)
def test_what_stands_in_a_heredoc_is_no_instruction(text: str, heredocs: list[str]) -> None:
    first, user = instructions(f"FROM a\n{text}")
    assert first["heredocs"] == heredocs
    assert user == {"instruction": "USER", "words": ["x"]}


def test_a_string_that_is_given_to_a_program_starts_no_heredoc() -> None:
    run, user = instructions("RUN cat <<< EOF\nUSER x\n")
    assert (run["shell"], user["words"]) == ("cat <<< EOF", ["x"])


def test_a_heredoc_without_end_is_a_fault_and_what_follows_is_read() -> None:
    documents, faults = parse_dockerfile("FROM a\nRUN <<EOF\nmake\nUSER x\n")
    assert [(fault.line, fault.reason) for fault in faults] == [
        (2, "starts a heredoc that no line `EOF` ends"),
        (3, "`make` is no instruction of a Dockerfile"),
    ]
    assert documents[0].body["stages"][0]["instructions"][-1] == {"instruction": "USER", "words": ["x"]}


def test_what_is_no_instruction_is_a_fault_and_the_rest_is_read() -> None:
    documents, faults = parse_dockerfile("FROM a\nUSR x\nCOPY\nUSER 1\nbogus\nRUN x\n")
    assert [(fault.line, fault.reason) for fault in faults] == [
        (2, "`USR` is no instruction of a Dockerfile"),
        (3, "COPY stands without what it is about"),
        (5, "`bogus` is no instruction of a Dockerfile"),
    ]
    assert [each["instruction"] for each in documents[0].body["stages"][0]["instructions"]] == ["USER", "RUN"]


def test_what_the_parser_stumbles_over_takes_nothing_else_along() -> None:
    # Comments behind the words of these are no comments, but people write them.
    run, arg, user, last = instructions('FROM a:1 # x\nRUN b\nARG C="d"  # e/f (g)\nUSER app # c\nRUN z\n')
    assert run["shell"] == "b"
    assert arg["pairs"]["C"] == "d"
    assert user["words"] == ["app"]
    assert last["shell"] == "z"


def test_instructions_before_the_first_stage_are_faults_but_for_arguments() -> None:
    documents, faults = parse_dockerfile("ARG A\nRUN x\n")
    assert documents[0].body == {"arguments": [{"instruction": "ARG", "pairs": {"A": None}}]}
    assert [(fault.line, fault.reason) for fault in faults] == [(2, "RUN stands before the first FROM")]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "# syntax=docker/dockerfile:1\n"])
def test_a_file_without_instructions_gives_nothing(text: str) -> None:
    assert parse_dockerfile(text) == ([], [])


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("arguments", 0), 2),
        (("stages", 0), 3),
        (("stages", 0, "from"), 3),
        (("stages", 0, "instructions", 0), 4),
        (("stages", 0, "instructions", 0, "pairs", "C"), 5),
        (("stages", 0, "instructions", 1), 6),
        (("stages", 1, "name"), 10),
        (("stages", 1, "instructions", 0, "flags", "from"), 11),
        ((), 2),
    ],
)
def test_everything_has_its_place(path: Path, line: int) -> None:
    text = "# é\nARG A\nFROM a\nENV B=1 \\\n  C=ö\nRUN <<E\n日本\n\nE\nFROM b AS c\nCOPY --from=a x y\n"
    (document,), _ = parse_dockerfile(text)
    assert line_of(text, locate(document.body, path, document.offset)) == line


def test_a_place_has_its_column_behind_characters_of_several_bytes() -> None:
    text = "FROM a\nENV A=日本 B=1\n"
    (document,), _ = parse_dockerfile(text)
    at = locate(document.body, ("stages", 0, "instructions", 0, "pairs", "B"), 0)
    assert text[at:] == "B=1\n"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n\x0b\n\x0c",
        "FROM a\n" + "ONBUILD " * 20_000 + "RUN x\n",
        "FROM a\nRUN " + "<<A " * 20_000 + "\n",
        "FROM a\nENV x=" + "${" * 100_000,
        "FROM a\nCMD " + "[" * 100_000,
        "FROM ä\nENV " + "A=1 " * 100_000,
        "FROM a\nRUN x " + "\\\n# c\n" * 100_000,
        "".join(f"RUN <<A{number}\n" for number in range(50_000)),
        "\n" * 3_000_000,
    ],
    ids=["spaces", "onbuild", "heredocs", "variables", "brackets", "pairs", "continued", "unended", "empty"],
)
def test_hostile_files_are_read_within_bounds(text: str) -> None:
    start = time.perf_counter()
    parse_dockerfile(text)
    assert time.perf_counter() - start < 5


def test_a_file_of_endless_instructions_is_read_up_to_a_bound() -> None:
    documents, faults = parse_dockerfile("FROM a\n" + "RUN x\n" * 20_000)
    assert len(documents[0].body["stages"][0]["instructions"]) == 9_999
    assert [(fault.line, fault.reason) for fault in faults] == [
        (10_001, "is not read from here on, behind 10000 instructions")
    ]


def test_utf_16_without_a_mark_is_one_fault() -> None:
    documents, faults = parse_dockerfile("FROM alpine\n".encode("utf-16-le").decode())
    assert documents == []
    assert [(fault.line, fault.reason) for fault in faults] == [
        (1, "holds NUL characters: it is no text, or one in UTF-16 without its mark")
    ]
