"""Which services are read, and which of them need what others gave."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from readycheck.sources.aws import (
    acm,
    autoscaling,
    cloudfront,
    dynamodb,
    ec2,
    ecr,
    eks,
    elbv2,
    kms,
    observability,
    route53,
    s3,
)
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


KEYS = (Reader("kms", kms.read),)
"""What is read in a region that nothing but keys names."""
STATES = (Reader("s3", s3.read_states), Reader("dynamodb", dynamodb.read))
"""What is read in a region that nothing but states name."""
REGIONAL = (
    Reader("eks", eks.read),
    Reader("autoscaling", autoscaling.read),
    Reader("elbv2", elbv2.read),
    Reader("ec2", ec2.read, after=("eks", "autoscaling", "elbv2")),
    Reader("kms", kms.read, after=("eks",)),
    Reader("logs", observability.read_logs, after=("eks",)),
    Reader("acm", acm.read),
    Reader("ecr", ecr.read),
    Reader("s3", s3.read),
    Reader("amp", observability.read_prometheus),
    Reader("grafana", observability.read_grafana),
)
"""What is read in each region."""
GLOBAL = (Reader("cloudfront", cloudfront.read), Reader("route53", route53.read))
"""What stands in no region."""
OF_DISTRIBUTIONS = Reader("acm", acm.read_of_distributions, after=("cloudfront",))
"""What is read in the region of CloudFront's certificates where nothing else is."""
