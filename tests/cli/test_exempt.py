"""`readycheck exempt`: entries of the configuration come and go, and nothing else in it changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from readycheck.cli import main
from tests.trees import only, write

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: web}}
    spec: {containers: []}
"""
ONLY_REPLICAS = only("workload/replicas")
ADD = ("add", "workload/replicas", "--reason", "one is enough", "--owner", "team-a", "--until", "2027-01-31")
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25

    def go(*arguments: str, command: str = "exempt", **files: str) -> Result:
        write(tmp_path, {name.replace("__", "."): text for name, text in files.items()})
        result = CliRunner().invoke(main, [command, *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return go


def configuration(tmp_path: Path) -> str:
    return (tmp_path / "readycheck.yaml").read_bytes().decode()


# add -----------------------------------------------------------------------------------------------------------------

ENTRY = """\
  - rule: workload/replicas
    reason: one is enough
    owner: team-a
    until: "2027-01-31"
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"exemptions:\n{ENTRY}"),
        ("# nothing yet\n", f"# nothing yet\nexemptions:\n{ENTRY}"),
        ("fail_on: low  # strict", f"fail_on: low  # strict\nexemptions:\n{ENTRY}"),
        ("exemptions: []\nfail_on: low\n", None),
        (
            "exemptions:\n  - {rule: workload/*, reason: few, owner: me, until: 2027-03-01}  # us\n# tail\n",
            f"exemptions:\n  - {{rule: workload/*, reason: few, owner: me, until: 2027-03-01}}  # us\n{ENTRY}# tail\n",
        ),
        (
            "fail_on: low\r\nrules: {}\r\n",
            f"fail_on: low\r\nrules: {{}}\r\nexemptions:\n{ENTRY}".replace("\n", "\r\n").replace("\r\r", "\r"),
        ),
    ],
)
def test_an_exemption_is_added_and_every_other_byte_stays(
    run: Run, tmp_path: Path, before: str, after: str | None
) -> None:
    (tmp_path / "readycheck.yaml").write_bytes(before.encode())
    assert run(*ADD, web__yaml=WEB).exit_code == 0
    text = configuration(tmp_path)
    if after is None:
        assert [line for line in text.splitlines() if line in before.splitlines()] == ["fail_on: low"]
    else:
        assert text == after


def test_an_added_exemption_exempts(run: Run, tmp_path: Path) -> None:
    environments = "environments:\n  prod: {files: {paths: [web.yaml]}}\n"
    files = {"readycheck__yaml": ONLY_REPLICAS + environments, "web__yaml": WEB}
    arguments = ("--no-history", "--env", "prod")
    assert run(*arguments, command="scan", **files).exit_code == 1
    result = run(*ADD, "--env", "prod", "--kind", "Deployment", "--name", "w*")
    assert (result.exit_code, result.stdout) == (
        0,
        "readycheck.yaml: exempts Deployment, w* from workload/replicas until 2027-01-31\n",
    )
    assert run(*arguments, command="scan").exit_code == 0
    assert configuration(tmp_path).startswith(ONLY_REPLICAS + environments)


def test_the_first_exemption_makes_the_file(run: Run, tmp_path: Path) -> None:
    assert run(*ADD).exit_code == 0
    assert configuration(tmp_path) == f"exemptions:\n{ENTRY}"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("add", "workload/replica", *ADD[2:]), "no rule `workload/replica`: did you mean `workload/replicas`?"),
        ((*ADD[:-1], "2026-11-24"), "it would exempt nothing: expired on 2026-11-24"),
        ((*ADD[:-1], "soon"), "it would exempt nothing: until=soon is no date of the form 2027-01-31"),
        ((*ADD[:-1], "2028-01-01"), "it would exempt nothing: spans 402 days, more than the 180 allowed"),
        ((*ADD[:3], "", *ADD[4:]), "it would exempt nothing: has no reason"),
        ((*ADD, "--env", "prod"), "readycheck.yaml: no environment `prod`"),
    ],
)
def test_what_would_exempt_nothing_is_not_written(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], line: str
) -> None:
    result = run(*arguments, readycheck__yaml="fail_on: low\n")
    assert (result.exit_code, result.stderr.startswith(f"Error: {line}")) == (2, True), result.stderr
    assert configuration(tmp_path) == "fail_on: low\n"


# list and prune ------------------------------------------------------------------------------------------------------

SEVERAL = """\
exemptions:
  # in force
  - {rule: workload/replicas, match: {name: web}, reason: few, owner: me, until: 2026-12-04}
  # needed by nothing
  - rule: workload/replicas
    match: {name: gone}
    reason: few
    owner: me
    until: 2027-03-01
  - {rule: workload/replicas, match: {name: web}, reason: old, owner: me, until: 2026-11-24}
"""


def test_each_exemption_is_listed_with_what_came_of_it(run: Run) -> None:
    result = run("list", readycheck__yaml=ONLY_REPLICAS + SEVERAL, web__yaml=WEB)
    first = ONLY_REPLICAS.count("\n") + 3
    assert result.stdout.splitlines() == [
        f"expired      workload/replicas  until 2026-11-24, readycheck.yaml:{first + 7}: expired on 2026-11-24",
        f"unused       workload/replicas  until 2027-03-01, readycheck.yaml:{first + 2}: few (me)",
        f"ends in 9 d  workload/replicas  1 failure, until 2026-12-04, readycheck.yaml:{first}: few (me)",
    ]
    assert run("list", readycheck__yaml=ONLY_REPLICAS).stdout == "no exemption is written anywhere\n"


def test_what_expired_or_is_unused_is_taken_out(run: Run, tmp_path: Path) -> None:
    before = ONLY_REPLICAS + SEVERAL
    assert "would go" in run("prune", "--dry-run", readycheck__yaml=before, web__yaml=WEB).stdout
    assert configuration(tmp_path) == before
    assert run("prune").exit_code == 0
    assert configuration(tmp_path) == ONLY_REPLICAS + (
        "exemptions:\n  # in force\n"
        "  - {rule: workload/replicas, match: {name: web}, reason: few, owner: me, until: 2026-12-04}\n"
        "  # needed by nothing\n"
    )


@pytest.mark.parametrize(
    "other", ["a: [", WEB.replace("name: web", "name: gone").replace("replicas: 1", "replicas: ${N}")]
)
def test_what_may_still_be_needed_stays(run: Run, tmp_path: Path, other: str) -> None:
    unused = "exemptions:\n  - {rule: workload/*, match: {name: gone}, reason: few, owner: me, until: 2027-03-01}\n"
    result = run("prune", readycheck__yaml=ONLY_REPLICAS + unused, web__yaml=WEB, other__yaml=other)
    assert "stays: not all that it may be about could be judged" in result.stdout
    assert configuration(tmp_path) == ONLY_REPLICAS + unused


def test_what_any_environment_needs_stays(run: Run, tmp_path: Path) -> None:
    config = (
        f"{ONLY_REPLICAS}environments:\n  dev: {{files: {{paths: [dev.yaml]}}}}\n"
        "  prod: {files: {paths: [web.yaml]}}\n"
        "exemptions:\n  - {rule: workload/replicas, environment: prod, reason: few, owner: me, until: 2027-03-01}\n"
        "  - {rule: workload/replicas, environment: dev, reason: few, owner: me, until: 2027-03-01}\n"
    )
    run("prune", readycheck__yaml=config, web__yaml=WEB, dev__yaml=WEB.replace("replicas: 1", "replicas: 2"))
    assert "environment: prod" in configuration(tmp_path)
    assert "environment: dev" not in configuration(tmp_path)


def test_comments_in_manifests_are_left_to_people(run: Run, tmp_path: Path) -> None:
    expired = WEB.replace(
        "replicas: 1", 'replicas: 1  # readycheck: ignore[workload/replicas] until=2026-11-24 reason="a"'
    )
    result = run("prune", readycheck__yaml=ONLY_REPLICAS, web__yaml=expired)
    assert result.stdout == "web.yaml:5: expired: workload/replicas: take it out by hand\n"
    assert (tmp_path / "web.yaml").read_text() == expired


def test_a_file_that_is_not_plain_utf8_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "readycheck.yaml").write_bytes("\ufefffail_on: low\n".encode())
    result = run(*ADD)
    assert (result.exit_code, "edit it by hand" in result.stderr) == (2, True)
    assert (tmp_path / "readycheck.yaml").read_bytes() == "\ufefffail_on: low\n".encode()
