"""States give every instance, in the shape that the provider's documentation describes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from readycheck.sources.terraform import TerraformRequest, collect
from tests.sources.terraform.written import named, names, read, resource, state

SUBNET = {"id": "subnet-1", "availability_zone": "eu-west-1a"}


def test_every_instance_of_count_for_each_and_modules_is_read(tmp_path: Path) -> None:
    collected = read(
        tmp_path,
        state=state(
            resource(
                "aws_subnet", "counted", {"index_key": 0, "attributes": SUBNET}, {"index_key": 1, "attributes": {}}
            ),
            resource("aws_subnet", "keyed", {"index_key": 'a"b.c', "attributes": {}}, module='module.m["eu.west"]'),
            resource("aws_ami", "base", {"id": "ami-1"}, mode="data", module="module.a.module.b"),
        ),
    )
    assert names(collected) == [
        "module.a.module.b.data.aws_ami.base",
        "aws_subnet.counted[0]",
        "aws_subnet.counted[1]",
        'module.m["eu.west"].aws_subnet.keyed["a\\"b.c"]',
    ]
    assert not collected.problems


def test_what_waits_to_be_destroyed_is_left_out(tmp_path: Path) -> None:
    old = {"deposed": "00a1b2c3", "attributes": {"id": "subnet-0"}}
    collected = read(tmp_path, state=state(resource("aws_subnet", "a", {"attributes": SUBNET}, old)))
    assert [each.body["id"] for each in collected.resources if each.kind == "aws_subnet"] == ["subnet-1"]


def test_values_of_an_open_type_are_unwrapped_and_their_lines_still_found(tmp_path: Path) -> None:
    manifest = {"value": {"kind": "Job", "spec": {"parallelism": 2}}, "type": ["object", {"kind": "string"}]}
    collected = read(tmp_path, state=state(resource("any_thing", "a", {"id": "1", "object": manifest})))
    thing = named(collected, "any_thing.a")
    assert thing.get("object.spec.parallelism") == 2
    line = thing.locate(("object", "spec", "parallelism")).line
    assert line is not None
    assert '"parallelism": 2' in (tmp_path / "state.json").read_text().splitlines()[line - 1]


def test_a_value_that_only_looks_wrapped_is_left_as_it_is(tmp_path: Path) -> None:
    filters = [{"value": "x", "type": "prefix"}]
    assert named(read(tmp_path, state=state(resource("t_t", "a", {"f": filters}))), "t_t.a").get("f") == filters


def test_flat_attributes_of_old_states_are_nested(tmp_path: Path) -> None:
    flat = {
        "id": "prod",
        "vpc_config.#": "1",
        "vpc_config.0.subnet_ids.#": "2",
        "vpc_config.0.subnet_ids.1234": "subnet-b",
        "vpc_config.0.subnet_ids.77": "subnet-a",
        "tags.%": "1",
        "tags.team": "shop",
        "enabled_cluster_log_types.#": "0",
    }
    cluster = named(
        read(tmp_path, state=state(resource("aws_eks_cluster", "c", {"attributes_flat": flat}))), "aws_eks_cluster.c"
    )
    assert cluster.body == {
        "id": "prod",
        "vpc_config": [{"subnet_ids": ["subnet-a", "subnet-b"]}],
        "tags": {"team": "shop"},
        "enabled_cluster_log_types": [],
    }


def test_shown_states_give_the_same_as_stored_ones(tmp_path: Path) -> None:
    shown = {
        "format_version": "1.0",
        "values": {
            "root_module": {
                "resources": [
                    {"address": "aws_subnet.a[0]", "mode": "managed", "type": "aws_subnet", "values": SUBNET},
                    {"address": "aws_subnet.a[0]", "type": "aws_subnet", "values": {}, "deposed_key": "00a1b2c3"},
                ],
                "child_modules": [
                    {
                        "address": 'module.m["eu"]',
                        "resources": [
                            {
                                "address": 'module.m["eu"].aws_lb.l',
                                "mode": "managed",
                                "type": "aws_lb",
                                "values": {"id": "x"},
                            }
                        ],
                    }
                ],
            }
        },
    }
    stored = state(
        resource("aws_subnet", "a", {"index_key": 0, "attributes": SUBNET}),
        resource("aws_lb", "l", {"id": "x"}, module='module.m["eu"]'),
    )
    (tmp_path / "one").mkdir()
    both = [read(tmp_path / "one", state=stored), read(tmp_path, state=shown)]
    assert names(both[0]) == names(both[1]) == ['module.m["eu"].aws_lb.l', "aws_subnet.a[0]"]
    assert [named(each, "aws_subnet.a[0]").body for each in both] == [SUBNET, SUBNET]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ('{"version": 4, "resou', "is not valid JSON"),
        ("[]", "holds no JSON object"),
        ('{"version": 3, "modules": []}', "is a state of format 3, and only 4 is read"),
        ('{"version": 5, "resources": []}', "is a state of format 5, and only 4 is read"),
        ('{"version": 4, "lineage": "x"}', "holds no list of resources"),
        ('{"version": 4, "resources": [1]}', "resources[0] is not of the shape"),
        ('{"version": 4, "resources": [], "terraform_version": "unheard"}', "no release of Terraform wrote it"),
        ('{"format_version": "1.0"}', "holds no values"),
        ('{"format_version": "2.0", "values": {}}', "is of format_version '2.0', and only 0.1 to 1.x are read"),
        ('{"hello": 1}', "is neither a state nor"),
        ('{"encryption_version": "v0", "encrypted_data": "AAAA", "meta": {}}', "is encrypted by OpenTofu"),
        ("PK\x03\x04rest", "is a plan as Terraform keeps it for itself"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_reason(tmp_path: Path, content: str, reason: str) -> None:
    collected = read(tmp_path, state=content)
    (problem,) = collected.problems
    assert problem.uri == "state.json"
    assert reason in problem.reason


def test_the_line_of_broken_json_is_told(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, state='{\n  "version": 4,\n  "resources": [\n    }\n').problems
    assert problem.line == 4


def test_a_folder_and_a_missing_file_are_problems(tmp_path: Path) -> None:
    collected = collect(TerraformRequest(states=(tmp_path, tmp_path / "gone.tfstate"), bases=(tmp_path,)))
    assert [(problem.uri, problem.reason.partition(":")[0]) for problem in collected.problems] == [
        (".", "is a folder"),
        ("gone.tfstate", "cannot be read"),
    ]
    assert collected.failed


def test_one_document_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    collected = read(tmp_path, good=state(resource("aws_lb", "a", {"id": "x"})), bad="{")
    assert names(collected) == ["aws_lb.a"]
    assert [problem.uri for problem in collected.problems] == ["bad.json"]
    assert not collected.failed


def test_a_state_of_nothing_is_read_and_no_problem(tmp_path: Path) -> None:
    collected = read(tmp_path, state=state())
    assert names(collected) == []
    assert not collected.problems
    assert not collected.failed


def test_the_line_of_each_instance_is_told(tmp_path: Path) -> None:
    collected = read(tmp_path, state=state(resource("aws_lb", "a", {"id": "x"}), resource("aws_lb", "b", {"id": "y"})))
    lines = (tmp_path / "state.json").read_text().splitlines()
    for name, identity in (("aws_lb.a", "x"), ("aws_lb.b", "y")):
        location = named(collected, name).locate(("id",))
        assert location.line is not None
        assert json.dumps(identity) in lines[location.line - 1]
