"""Testing rules against fixtures: the examples are the contract.

`fixtures/rules/<area>/<name>/` holds the cases of the rule `<area>/<name>`. A case is a file, or a folder that is
scanned as a whole, and its name says what the rule makes of it:

- `fail-*`: the findings are exactly those that comments announce: `# expect: MESSAGE`, on the line that the finding
  points at;
- `ok-*`: no finding, and nothing unknown; an announced note must be there;
- `unknown-*`, `not-applicable-*`: no finding, and the announced reasons are exactly those given;
- `# expect-environment: REASON` announces what is said of the environment as a whole, which stands on no line;
- `# clock: 2026-11-25T12:00:00Z` is the moment that the case is judged at, where its rule asks for ages;
- `# options: {minimum: 3}` sets the rule's options for the case;
- what cannot carry comments (JSON) has an `expect.yaml` in its folder: a list of `{file, line, message}`, or a mapping
  of `clock`, `options` and, under `expect`, that list.

A case `fail-x.cluster.yaml`, or a file `cluster.yaml` in a case's folder, is no manifest: its documents are what the
API server of a live cluster answers with, and are judged as that. `# unread: PodDisruptionBudget: REASON` in it says
that the things of a kind could not be read.

`aws.json`, `state.tfstate` or `state.json`, and `plan.json` in a case's folder are recordings of an account and of
Terraform, each judged as a side of its own. An entry of `expect.yaml` that names no file must be said of every one of
them: the same infrastructure, the same verdict. One that names a file may say `outcome: unknown` of it.

`fail-x.fixed.yaml` beside `fail-x.yaml`, or a folder `fail-x.fixed` beside `fail-x` with the files that change, is what
the rule's fixes make of the case, byte by byte; it has to scan clean. `# set: {requests.memory: 64Mi}` gives values
that only a person knows.

Lines are those of the files; only the rule under test runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from readycheck.harness.announcements import KINDS, WrongAnnouncement
from readycheck.harness.case import complaints_about
from readycheck.harness.mending import is_fixed
from readycheck.rule import Rule


@dataclass(slots=True)
class Result:
    """What came of one case, or of one rule's or folder's bookkeeping."""

    name: str
    complaints: list[str] = field(default_factory=list)


def run(fixtures: Path, rules: Sequence[Rule]) -> Iterator[Result]:
    """Test every case, and that each rule has cases and each case a rule."""
    by_id = {rule.id: rule for rule in rules}
    for rule in rules:
        folder = fixtures / rule.id
        kinds = {kind for case in cases(folder) if (kind := kind_of(case))}
        missing = [f"{kind}-*" for kind in ("ok", "fail") if kind not in kinds]
        yield Result(rule.id, [f"has no {' and no '.join(missing)} case in {folder}"] if missing else [])
    for folder in sorted(path for path in fixtures.glob("*/*") if path.is_dir()):
        rule_id = folder.relative_to(fixtures).as_posix()
        if rule_id not in by_id:
            yield Result(str(folder), [f"no rule {rule_id} exists"])
            continue
        for case in cases(folder):
            yield run_case(case, by_id[rule_id])


def cases(folder: Path) -> list[Path]:
    """The cases in a rule's folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not is_fixed(path) and not path.name.startswith("."))


def kind_of(case: Path) -> str | None:
    """What a case's name says the rule makes of it."""
    return next((kind for kind in KINDS if case.name.startswith(f"{kind}-")), None)


def run_case(case: Path, rule: Rule) -> Result:
    """Test one case."""
    kind = kind_of(case)
    if kind is None:
        return Result(str(case), [f"its name starts with none of {', '.join(f'{kind}-' for kind in KINDS)}"])
    try:
        return Result(str(case), list(complaints_about(case, rule, KINDS[kind])))
    except WrongAnnouncement as wrong:
        return Result(str(case), [str(wrong)])
