"""Whatever stands anywhere in a state or plan, it is read or refused with a reason, and every rule goes on."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Status
from readycheck.sources.terraform import TerraformRequest, collect
from tests.sources.terraform.written import change, plan, resource, state

_ODD: tuple[Any, ...] = (None, 1, "x", [], {}, True, [1], {"a": 1})
_MARKS = [[{"type": "get_attr", "value": "password"}]]
_STATE = state(
    resource(
        "aws_db_instance",
        "a",
        {"attributes": {"id": "1", "password": "Zx9-QwErTy-12345"}, "sensitive_attributes": _MARKS},
    ),
    resource("aws_lb", "b", {"index_key": 0, "attributes": {"id": "2", "subnets": ["s"]}}, module="module.m"),
    resource("kubernetes_deployment", "d", {"metadata": [{"name": "d"}], "spec": [{"replicas": "1"}]}),
    resource("docker_container", "v", {"image": "hashicorp/vault:1.20", "ports": [{"internal": 8200}]}),
    outputs={"o": {"value": "x", "type": "string", "sensitive": True}},
)
_EXPRESSIONS = {"subnets": {"references": ["module.n.ids", "module.n"]}, "name": {"references": ["var.name"]}}
_PLAN = plan(
    change(
        "module.m.aws_lb.b",
        "create",
        after={"name": "n", "access_logs": [{"bucket": None}]},
        after_unknown={"id": True, "subnets": True, "name": True, "access_logs": [{"bucket": True}]},
        after_sensitive={"name": True},
    ),
    root_module={
        "variables": {"name": {"sensitive": True}},
        "module_calls": {
            "n": {"source": "./n", "module": {"outputs": {"ids": {"expression": {"references": ["aws_subnet.s"]}}}}},
            "m": {
                "source": "./m",
                "expressions": {"name": {"references": ["var.name"]}},
                "module": {"resources": [{"address": "aws_lb.b", "expressions": _EXPRESSIONS}]},
            },
        },
    },
    variables={"name": {"value": "Zx9-QwErTy-12345"}},
    prior_state={"values": {"root_module": {"resources": [{"address": "data.aws_subnet.s", "values": {"id": "s"}}]}}},
    resource_drift=[change("aws_lb.c", "update", before={"internal": True}, after={"internal": False})],
)


def spoilt(document: Any) -> Iterator[Any]:
    """A document with something else in the place of each of its parts, one after the other."""
    waiting: list[tuple[str | int, ...]] = [()]
    while waiting:
        path = waiting.pop()
        part = document
        for step in path:
            part = part[step]
        count = len(part) if isinstance(part, list) else 0
        keys: list[str] | range = list(part) if isinstance(part, dict) else range(count)
        for key in keys:
            waiting.append((*path, key))
            for odd in _ODD:
                other = copy.deepcopy(document)
                within = other
                for step in path:
                    within = within[step]
                within[key] = copy.deepcopy(odd)
                yield other


@pytest.mark.slow
@pytest.mark.parametrize("document", [_STATE, _PLAN], ids=["state", "plan"])
def test_no_shape_of_any_part_breaks_a_scan(tmp_path: Path, document: dict[str, Any]) -> None:
    rules = [Selection.default(rule) for rule in packs.load() if "terraform" in rule.sources]
    file = tmp_path / "document.json"
    read = 0
    for other in spoilt(document):
        file.write_text(json.dumps(other))
        collected = collect(TerraformRequest(states=(file,), bases=(tmp_path,)))
        assert collected.resources or collected.problems
        broken = [each for each in judge(rules, *Inventory.sides([collected])) if each.status is Status.ERROR]
        assert broken == [], json.dumps(other)
        read += not collected.failed
    assert read > 100
