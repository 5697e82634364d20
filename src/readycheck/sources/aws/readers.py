"""Which services are read, and which of them need what others gave."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from readycheck.sources.aws import autoscaling, ec2, eks
from readycheck.sources.aws.asking import Area


class Reader(Struct, frozen=True):
    """The reader of a service.

    Args:
        service: the service.
        read: reads it in a region.
        after: the services that must have been read there before.
    """

    service: str
    read: Callable[[Area], None]
    after: tuple[str, ...] = ()


REGIONAL = (
    Reader("eks", eks.read),
    Reader("autoscaling", autoscaling.read),
    Reader("ec2", ec2.read, after=("eks", "autoscaling")),
)
"""What is read in each region."""
