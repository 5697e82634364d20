"""What refers to what in HCL, states and plans: by ARN or id everywhere, by address within one state alone."""

from __future__ import annotations

import pytest

from readycheck.inventory import Inventory
from readycheck.model import Collected, Resource, Unresolved
from readycheck.sources.aws.origin import AwsOrigin
from readycheck.terraform.identities import Identity, referred_by

_STATES = ("a.json", "b.json")


class _Recorded(AwsOrigin, frozen=True):
    """The origin of what stands in a state."""

    @property
    def source(self) -> str:
        return "terraform"

    @property
    def world(self) -> str:
        return self.uri


def listener(address: str, refers_to: str) -> Resource:
    value = Unresolved(refers_to, "is known after apply")
    return Resource("aws_lb_listener", address, "", {"load_balancer_arn": value}, _Recorded("plan.json"))


@pytest.mark.parametrize(
    ("refers_to", "first"),
    [
        ("aws_lb.entry.arn", "aws_lb.entry"),
        ("aws_lb.entry[0].arn", "aws_lb.entry[0]"),
        ('module.web["a"].aws_lb.this[1].arn', 'module.web["a"].aws_lb.this[1]'),
        ("aws_lb.entry, count.index", "aws_lb.entry[2]"),
        ("aws_lb.entry, each.key", "aws_lb.entry[2]"),
    ],
)
def test_a_reference_is_followed_to_the_instance_that_it_is_for(refers_to: str, first: str) -> None:
    near = listener("aws_lb_listener.http[2]", refers_to)

    assert next(referred_by(near.body["load_balancer_arn"], near)).text == first


@pytest.mark.parametrize("refers_to", ["aws_lb.a.arn, aws_lb.b.arn", "var.arn", "coalesce(aws_lb.a.arn, null)", ""])
def test_what_may_be_several_things_is_followed_to_none(refers_to: str) -> None:
    near = listener("aws_lb_listener.http", refers_to)

    assert list(referred_by(near.body["load_balancer_arn"], near)) == []


def test_an_address_means_something_in_its_own_state_alone() -> None:
    balancers = [Resource("aws_lb", "aws_lb.entry", "", {"name": world}, _Recorded(world)) for world in _STATES]
    here = Resource(
        "aws_lb_listener",
        "aws_lb_listener.http",
        "",
        {"load_balancer_arn": Unresolved("aws_lb.entry.arn", "is known after apply")},
        _Recorded("b.json"),
    )
    inventory = Inventory([Collected("terraform", [*balancers, here])])

    found = inventory.referred(here.at("load_balancer_arn"), "aws_lb")

    assert found is not None
    assert found.body["name"] == "b.json"
    assert next(referred_by(here.body["load_balancer_arn"], here)) == Identity("b.json", "aws_lb.entry")
