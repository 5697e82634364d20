"""What the fixtures show, with an odd value in each place in turn: no rule breaks on it."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Status
from readycheck.sources.files import FilesRequest, collect
from readycheck.sources.recorded import cluster as recorded
from readycheck.sources.recorded import recordings_in
from tests.trees import places

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rules"
AREAS = ("network", "vault", "observability", "cluster")
ODD: tuple[Any, ...] = (None, True, 0, -1, 3.5, "", "${X}", "{{ .Values.x }}", [], {}, [None], [[]], {"a": None}, ["x"])
LIVE = sorted(FIXTURES.glob(f"*/*/*.{recorded.CLUSTER_FILE}"))
CASES = sorted(file for area in AREAS for file in (FIXTURES / area).glob("*/*.yaml") if file not in LIVE)
MUTANTS_OF_A_CASE = 4
PARTS_OF_LIVE = 4


def selections() -> list[Selection]:
    rules = packs.load()
    asked = {"network/mesh-mtls": {"required": True}}
    return [Selection(rule, rule.declaration.severity, asked.get(rule.id, {})) for rule in rules]


def mutants(documents: list[Any], chance: random.Random) -> Iterator[tuple[str, tuple[str | int, ...], Any]]:
    found = [(index, path) for index, document in enumerate(documents) for path in places(document)]
    for index, path in chance.sample(found, min(MUTANTS_OF_A_CASE, len(found))):
        changed = copy.deepcopy(documents)
        holder = changed[index]
        for step in path[:-1]:
            holder = holder[step]
        odd = chance.choice(ODD)
        holder[path[-1]] = odd
        yield yaml.safe_dump_all(changed, allow_unicode=True), path, odd


@pytest.mark.slow
@pytest.mark.parametrize("area", AREAS)
def test_no_rule_breaks_on_odd_values(tmp_path: Path, area: str) -> None:
    chance = random.Random(area)  # noqa: S311 - the same places in each run
    rules = selections()
    broken = []
    file = tmp_path / "all.yaml"
    cases = [case for case in CASES if case.parts[-3] == area]
    assert len(cases) > 50
    for case in cases:
        for text, path, odd in mutants(list(yaml.safe_load_all(case.read_text("utf-8"))), chance):
            file.write_text(text, encoding="utf-8")
            outcomes = judge(rules, Inventory((collect(FilesRequest(paths=(tmp_path,))),)))
            errors = [(each.rule, each.reason) for each in outcomes if each.status is Status.ERROR]
            broken += [(case.name, path, odd, error) for error in errors]
    assert broken == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS_OF_LIVE))
def test_no_rule_breaks_on_odd_values_of_a_live_cluster(tmp_path: Path, part: int) -> None:
    chance = random.Random(part)  # noqa: S311 - the same places in each run
    rules = selections()
    broken = []
    file = tmp_path / recorded.CLUSTER_FILE
    cases = LIVE[part::PARTS_OF_LIVE]
    assert len(cases) > 20
    for case in cases:
        for text, path, odd in mutants(list(yaml.safe_load_all(case.read_text("utf-8"))), chance):
            file.write_text(text, encoding="utf-8")
            outcomes = judge(rules, Inventory((recorded.collect(file),)))
            errors = [(each.rule, each.reason) for each in outcomes if each.status is Status.ERROR]
            broken += [(case.name, path, odd, error) for error in errors]
    assert broken == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["aws.json", "state.tfstate", "plan.json"])
def test_no_rule_breaks_on_odd_values_of_accounts_and_states(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)  # noqa: S311 - the same places in each run
    rules = selections()
    broken = []
    cases = sorted(FIXTURES.glob(f"*/*/*/{name}"))
    assert len(cases) > 50
    for case in cases:
        body = json.loads(case.read_text("utf-8"))
        # What an account's things are is said by their reader, not by the account.
        of_account = name == "aws.json"
        documents = [each["values"] for each in body["resources"]] if of_account else [body]
        beside = [recorded.collect(file) for file in case.parent.glob(recorded.CLUSTER_FILE)]
        for text, path, odd in mutants(documents, chance):
            changed = list(yaml.safe_load_all(text))
            things = zip(body.get("resources", ()), changed, strict=False)
            whole = {**body, "resources": [{**thing, "values": values} for thing, values in things]}
            (tmp_path / name).write_text(json.dumps(whole if of_account else changed[0]), encoding="utf-8")
            ((file, read),) = recordings_in(tmp_path).items()
            outcomes = judge(rules, *Inventory.sides([*beside, read(file)]))
            errors = [(each.rule, each.reason) for each in outcomes if each.status is Status.ERROR]
            broken += [(case.parent.name, path, odd, error) for error in errors]
    assert broken == []
