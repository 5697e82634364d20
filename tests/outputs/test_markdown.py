"""The comment on a pull request: found again by its marker, never too long, and no text of the tree becomes markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.outputs.markdown import LONGEST_COMMENT, cut, escape
from readycheck.report import Report
from tests.outputs.reports import (
    ENVIRONMENTS,
    ONLY_REPLICAS,
    SOMETHING_OF_EVERYTHING,
    WEB,
    rendered,
    scanned,
    with_many,
)


def comment(*reports: Report) -> str:
    return bytes(rendered("markdown", *reports).content).decode()


def test_a_comment_begins_with_a_marker_that_names_its_environments(repository: Path) -> None:
    def scan(name: str, files: dict[str, str]) -> Report:
        return scanned(repository, files, config=ENVIRONMENTS, environment=name)

    first = comment(scan("prod", {"web.yaml": WEB}))
    mended = comment(scan("prod", {"web.yaml": WEB.replace("replicas: 1", "replicas: 2")}))
    assert first.startswith("<!-- readycheck:prod -->\n### ❌ readycheck: `prod`\n")
    assert mended.startswith("<!-- readycheck:prod -->\n### ✅ readycheck: `prod`\n")
    assert comment(scan("dev", {}), scan("prod", {})).startswith("<!-- readycheck:dev,prod -->\n")


def test_it_says_what_failed_what_is_unknown_and_what_could_not_be_read(repository: Path) -> None:
    text = comment(scanned(repository, {f"deploy/{name}": each for name, each in SOMETHING_OF_EVERYTHING.items()}))
    assert "**Not ready: 1 violation at or above high (1 high); 1 problem reading files. Exit code 1.**" in text
    assert (
        "| high | `shop/Deployment/web` can run with 1 of at least 2 replicas | `deploy/web.yaml:7` |"
        " `workload/replicas` |\n"
    ) in text
    assert "- `readycheck/problem` deploy/broken.yaml: " in text
    assert "- `workload/replicas` unknown for shop/Deployment/basket: " in text
    # Findings, tolerated, unknown, not asked for, broken, unread, exempt, passed, score.
    assert "| 1 high | 0 | 1 | 0 | 0 | 1 | 1 | 0 | 0 |" in text


def test_an_exemption_that_ends_within_two_weeks_is_told(repository: Path) -> None:
    def with_end(day: str) -> str:
        exemption = f"exemptions:\n  - {{rule: workload/replicas, reason: one is enough, owner: me, until: {day}}}\n"
        return comment(scanned(repository, {"web.yaml": WEB}, config=ONLY_REPLICAS + exemption))

    # It is 2026-11-25.
    assert "- ends in 14 d: `workload/replicas` at `" in with_end("2026-12-09")
    assert "Exemptions to look at" not in with_end("2026-12-10")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("@octocat #12 !7", "@<!-- -->octocat #<!-- -->12 !<!-- -->7"),
        ("https://evil.example www.evil.example", "https:<!-- -->//evil.example www<!-- -->.evil.example"),
        ("[x](y) | `a` **b** ~~c~~ $d$", r"\[x\](y) \| \`a\` \*\*b\*\* \~\~c\~\~ \$d\$"),
        ("two\nlines\u202e", r"two\\nlines\\u202e"),
    ],
)
def test_text_of_the_tree_stays_text(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_names_with_backticks_and_bars_stay_in_their_cell(repository: Path) -> None:
    text = comment(scanned(repository, {"web.yaml": WEB.replace("name: web", 'name: "a`|``b"')}))
    assert r"| high | ``` shop/Deployment/a`\|``b ``` can run" in text


def test_a_text_is_cut_at_the_end_of_a_line_when_it_is_one_byte_too_long() -> None:
    content = b"<details>\n\none\n" + b"x" * 100 + b"\n"
    assert cut(content, len(content)) == content
    shorter = cut(content, len(content) - 1)
    assert shorter.startswith(b"<details>\n\none\n</details>\n\n_Cut here")
    assert len(shorter) < len(content)
    assert cut(content, 3) == b""


@pytest.mark.slow
def test_a_comment_is_never_longer_than_github_takes(repository: Path) -> None:
    long = rendered("markdown", *[with_many(repository, 60)] * 20)
    assert len(long.content) <= LONGEST_COMMENT
    assert long.warnings == ("markdown: cut at the 65536 bytes of a comment",)
