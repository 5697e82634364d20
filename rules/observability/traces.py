"""Keep traces in Tempo, here or on a central platform.

Where a request goes through several services, only a trace shows which one was slow. A Tempo counts that the tree
declares: a workload, a TempoStack, or a chart; so does another store of traces, such as Jaeger, which is noted. An OTLP
exporter to another host, or to the platform of a vendor, counts too. A collector whose traces go to its own log alone
throws them away.
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
    needs=not_in_account(Signal.TRACES),
)
def traces(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from judge_part(environment, inventory, Signal.TRACES)
