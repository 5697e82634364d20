"""Load balancers that Terraform makes (the AWS provider's `aws_lb` and `aws_lb_listener`)."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.model import Place
from readycheck.terraform.things import DeclaredResource

LOAD_BALANCERS = ("aws_lb", "aws_alb")
LISTENERS = ("aws_lb_listener", "aws_alb_listener")


def subnets_of(made: DeclaredResource) -> Iterator[Place]:
    """The subnets that a load balancer names one by one; nothing where an expression names them all."""
    listed = made.block.attributes.get("subnets")
    if isinstance(listed, list):
        yield from (made.at(("subnets", index)) for index in range(len(listed)))
    yield from (mapping.at() for mapping in made.block.blocks("subnet_mapping"))


def has_dynamic(made: DeclaredResource, block: str) -> bool:
    """Whether an expression may add blocks of some type."""
    return any(each.labels == (block,) for each in made.block.blocks("dynamic"))
