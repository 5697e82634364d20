"""Show what runs in Grafana, here or on a central platform.

Metrics that nobody can look at help nobody at night. A Grafana counts that the tree declares: a workload, a custom
resource of its operator, or a chart; so does a managed Grafana, one that the operator only reaches, and the central
platform that metrics are sent to. Dashboards alone do not, where nothing shows them.
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
    needs=not_in_account(Signal.DASHBOARDS),
)
def dashboards(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from judge_part(environment, inventory, Signal.DASHBOARDS)
