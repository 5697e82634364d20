"""Keep metrics in Mimir or Prometheus, here or on a central platform.

What is not measured is noticed by those who use it. A Mimir, Prometheus, Thanos or VictoriaMetrics counts that the
tree declares: a workload, a custom resource of an operator, or a chart. So does what hands metrics over to a central
platform: a remote write or an OTLP exporter to another host, the agent of a vendor, a managed Prometheus. What is
parked, suspended or switched off in a chart's values does not; what is not declared here may stand elsewhere, so that
nothing is known.
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
    needs=not_in_account(Signal.METRICS),
)
def metrics(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from judge_part(environment, inventory, Signal.METRICS)
