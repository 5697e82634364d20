"""Names in Route 53, in the names and shapes of Terraform's provider: zones and their records."""

from __future__ import annotations

from itertools import chain

from readycheck.model import Resource

ZONE = "aws_route53_zone"
RECORD = "aws_route53_record"
_DUAL_STACK = "dualstack."


def targets_of(record: Resource) -> set[str]:
    """The names that a record leads to, in lower case, without what AWS puts before and after them.

    Args:
        record: an `aws_route53_record`.
    """
    aliases, values = record.glimpse("alias"), record.glimpse("records")
    aliased = (each.get("name") for each in aliases if isinstance(each, dict)) if isinstance(aliases, list) else ()
    listed = values if isinstance(values, list) and record.glimpse("type") == "CNAME" else ()
    named = (each for each in chain(aliased, listed) if type(each) is str)
    return {each.lower().rstrip(".").removeprefix(_DUAL_STACK) for each in named}
