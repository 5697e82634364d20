"""Plans give what will be, and leave open what is known only after they are applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readycheck.model import Unjudged
from tests.sources.terraform.written import change, named, names, plan, read, resource, state

LISTENER = "aws_lb_listener.tls"


def config(kind: str, name: str, **expressions: Any) -> dict[str, Any]:
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "expressions": expressions}


def refer(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


def reason_of(thing: Any, path: str) -> str:
    with pytest.raises(Unjudged) as raised:
        thing.get(path)
    return raised.value.reason


def test_what_is_destroyed_or_forgotten_is_not_judged_and_what_stays_is(tmp_path: Path) -> None:
    collected = read(
        tmp_path,
        plan=plan(
            change("aws_lb.gone", "delete", before={"id": "1"}),
            change("aws_lb.left", "forget", before={"id": "2"}),
            change("aws_lb.same", "no-op", before={"id": "3"}, after={"id": "3"}),
            change("aws_lb.new", "create", after={"name": "n"}),
            change("aws_lb.anew", "delete", "create", before={"id": "4"}, after={"name": "m"}),
        ),
    )
    assert names(collected) == ["aws_lb.anew", "aws_lb.new", "aws_lb.same"]


def test_an_unknown_names_the_resource_that_it_waits_for(tmp_path: Path) -> None:
    collected = read(
        tmp_path,
        plan=plan(
            change(LISTENER, "create", after={"port": 443}, after_unknown={"certificate_arn": True, "id": True}),
            root_module={
                "resources": [
                    config(
                        "aws_lb_listener",
                        "tls",
                        certificate_arn=refer("aws_acm_certificate.c.arn", "aws_acm_certificate.c"),
                    )
                ]
            },
        ),
    )
    listener = named(collected, LISTENER)
    assert listener.get("port") == 443
    assert reason_of(listener, "certificate_arn") == "`aws_acm_certificate.c.arn` is known after apply"
    assert reason_of(listener, "id") == "`aws_lb_listener.tls.id` is known after apply"
    assert listener.get("ssl_policy") is None


def test_an_unknown_reads_like_the_attribute_that_it_waits_for(tmp_path: Path) -> None:
    collected = read(
        tmp_path,
        plan=plan(
            change("aws_lb.nlb", "create", after={}, after_unknown={"arn": True}),
            change(LISTENER, "create", after={}, after_unknown={"load_balancer_arn": True}),
            root_module={
                "resources": [config("aws_lb_listener", "tls", load_balancer_arn=refer("aws_lb.nlb.arn", "aws_lb.nlb"))]
            },
        ),
    )
    assert named(collected, LISTENER).body["load_balancer_arn"] == named(collected, "aws_lb.nlb").body["arn"]


def test_an_unknown_is_followed_through_variables_and_outputs_of_modules(tmp_path: Path) -> None:
    address = 'module.entry["eu"].aws_lb_listener.tls'
    certificates = {
        "outputs": {"arn": {"expression": refer("aws_acm_certificate.c.arn", "aws_acm_certificate.c")}},
    }
    collected = read(
        tmp_path,
        plan=plan(
            change(address, "create", after={}, after_unknown={"certificate_arn": True}),
            root_module={
                "module_calls": {
                    "certificates": {"module": certificates},
                    "entry": {
                        "expressions": {"certificate": refer("module.certificates.arn", "module.certificates")},
                        "module": {
                            "resources": [config("aws_lb_listener", "tls", certificate_arn=refer("var.certificate"))]
                        },
                    },
                }
            },
        ),
    )
    assert (
        reason_of(named(collected, address), "certificate_arn")
        == "`module.certificates.aws_acm_certificate.c.arn` is known after apply"
    )


def test_items_of_a_list_wait_each_for_its_own(tmp_path: Path) -> None:
    references = refer("aws_subnet.a.id", "aws_subnet.a", "aws_subnet.b.id", "aws_subnet.b")
    collected = read(
        tmp_path,
        plan=plan(
            change(
                "aws_eks_cluster.c",
                "create",
                after={"vpc_config": [{"endpoint_public_access": False}], "names": ["x", None]},
                after_unknown={"vpc_config": [{"subnet_ids": True}], "names": [False, True]},
            ),
            root_module={
                "resources": [
                    config("aws_eks_cluster", "c", vpc_config=[{"subnet_ids": references}], names=references),
                ]
            },
        ),
    )
    cluster = named(collected, "aws_eks_cluster.c")
    assert cluster.get("vpc_config[0].endpoint_public_access") is False
    assert [reason_of(cluster, f"vpc_config[0].subnet_ids[{index}]") for index in (0, 1)] == [
        "`aws_subnet.a.id` is known after apply",
        "`aws_subnet.b.id` is known after apply",
    ]
    assert cluster.get("names[0]") == "x"
    assert reason_of(cluster, "names[1]") == "`aws_subnet.b.id` is known after apply"


def test_a_whole_list_that_a_splat_decides_stays_open_as_one(tmp_path: Path) -> None:
    collected = read(
        tmp_path,
        plan=plan(
            change("aws_lb.nlb", "create", after={}, after_unknown={"subnets": True}),
            root_module={"resources": [config("aws_lb", "nlb", subnets=refer("aws_subnet.private"))]},
        ),
    )
    assert reason_of(named(collected, "aws_lb.nlb"), "subnets") == "`aws_subnet.private` is known after apply"


def test_a_plan_is_judged_in_place_of_the_state_that_it_changes(tmp_path: Path) -> None:
    def lb(identity: str, **values: Any) -> dict[str, Any]:
        return {"id": identity, **values}

    collected = read(
        tmp_path,
        prod=state(
            resource("aws_lb", "a", lb("1", internal=True)),
            resource("aws_lb", "gone", lb("2")),
            resource("aws_lb", "kept", lb("3")),
        ),
        dev=state(resource("aws_lb", "a", lb("9"))),
        plan=plan(
            change("aws_lb.a", "update", before=lb("1", internal=True), after=lb("1", internal=False)),
            change("aws_lb.gone", "delete", before=lb("2")),
        ),
    )
    seen = [
        (each.name, each.body, each.origin.file, each.origin.world)
        for each in collected.resources
        if each.kind == "aws_lb"
    ]
    assert seen == [
        ("aws_lb.a", lb("1", internal=False), "plan.json", "prod.json"),
        ("aws_lb.a", lb("9"), "dev.json", "dev.json"),
        ("aws_lb.kept", lb("3"), "prod.json", "prod.json"),
    ]
    records = {each.name: each.body["gone"] for each in collected.resources if each.kind == "TerraformRecord"}
    assert records == {"aws_lb.a": False, "aws_lb.gone": True}


def test_what_a_plan_looked_up_or_leaves_alone_is_read_from_what_was_before(tmp_path: Path) -> None:
    def entry(address: str, kind: str, mode: str) -> dict[str, Any]:
        return {"address": address, "type": kind, "mode": mode, "values": {"id": address}}

    before = [entry("data.aws_subnet.a", "aws_subnet", "data"), entry("aws_lb.other", "aws_lb", "managed")]
    prior = {"format_version": "1.0", "values": {"root_module": {"resources": before}}}
    collected = read(tmp_path, plan=plan(change("aws_lb.new", "create", after={}), prior_state=prior))
    assert names(collected) == ["aws_lb.new", "aws_lb.other", "data.aws_subnet.a"]


@pytest.mark.parametrize(
    ("fields", "reason"), [({"errored": True}, "of a run that failed"), ({"complete": False}, "is not complete")]
)
def test_a_plan_that_is_not_whole_is_judged_and_said_to_be_partial(
    tmp_path: Path, fields: dict[str, Any], reason: str
) -> None:
    collected = read(tmp_path, plan=plan(change("aws_lb.a", "create", after={"id": "1"}), **fields))
    assert names(collected) == ["aws_lb.a"]
    assert [reason in problem.reason for problem in collected.problems] == [True]
    assert not collected.failed


def test_what_drifted_is_kept_with_both_sides(tmp_path: Path) -> None:
    drift = change("aws_lb.a", "update", before={"internal": True}, after={"internal": False})
    collected = read(tmp_path, plan=plan(resource_drift=[drift]))
    (drifted,) = (each for each in collected.resources if each.kind == "TerraformDrift")
    assert drifted.name == "aws_lb.a"
    assert (drifted.body["type"], drifted.body["before"], drifted.body["after"]) == (
        "aws_lb",
        {"internal": True},
        {"internal": False},
    )


def test_what_the_github_action_prints_around_a_plan_is_passed_over(tmp_path: Path) -> None:
    printed = json.dumps(plan(change("aws_lb.a", "create", after={"id": "1"})))
    wrapped = f"[command]/bin/terraform-bin show -json plan.out\n{printed}\n::set-output name=exitcode::0\n"
    collected = read(tmp_path, plan=wrapped)
    assert names(collected) == ["aws_lb.a"]
    assert named(collected, "aws_lb.a").locate(("id",)).line == 2
