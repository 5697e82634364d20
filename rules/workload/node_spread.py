"""Spread the replicas of a service over nodes.

Replicas on one node go down with it. A topologySpreadConstraint or an anti-affinity on the host name keeps them apart;
a required anti-affinity between zones does so too. Of a live cluster it counts where the pods stand.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.topology import HOSTNAME, ZONE
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import single
from readycheck.spread import judge_spread


@rule(*SERVICES, severity=Severity.MEDIUM, unless=single)
def node_spread(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    if not inventory.live and any(
        each.key == ZONE and each.exclusive and not each.flaw for each in inventory.spreadings_of(workload)
    ):
        yield workload.note("a required anti-affinity between zones keeps them on different nodes too")
        return
    yield from judge_spread(workload, inventory, HOSTNAME)
