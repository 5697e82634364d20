"""Keep logs in Loki, here or on a central platform.

The logs of a pod end with it, and those of a node with the node. A Loki counts that the tree declares: a workload, a
LokiStack, or a chart; so does another store of logs, which is noted. What hands logs over to a central platform counts
too: a `loki.write`, an OTLP exporter or an output of a log shipper that leads to another host or to the platform of a
vendor. Shippers alone keep nothing, nor does a canary.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.observability.managed import IN_ACCOUNTS
from readycheck.observability.programs import Signal
from readycheck.rule import FILES_AND_CLUSTER, rule
from readycheck.stack import judge_part, not_in_account


@rule(
    "Environment",
    severity=Severity.MEDIUM,
    sources=(*FILES_AND_CLUSTER, "aws"),
    asks=IN_ACCOUNTS,
    needs=not_in_account(Signal.LOGS),
)
def logs(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from judge_part(environment, inventory, Signal.LOGS)
