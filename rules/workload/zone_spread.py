"""Spread the replicas of a service over zones.

Two replicas in one zone are one outage. A topologySpreadConstraint on the zone whose selector matches the pods
themselves, or an anti-affinity between them, tells the scheduler to keep them apart; its built-in defaults promise
nothing. Of a live cluster it counts where the pods stand: two zones hold, whatever is declared, and one zone fails.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.topology import ZONE
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import single
from readycheck.spread import judge_spread


@rule(*SERVICES, severity=Severity.HIGH, unless=single)
def zone_spread(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    yield from judge_spread(workload, inventory, ZONE)
