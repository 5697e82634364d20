"""Run at least two replicas.

With one replica every rollout, node drain and spot interruption is an outage. What counts is the fewest replicas that
can ever run: the floor of the autoscaler where one targets the workload, else `spec.replicas`, which is 1 when absent.
A workload at 0 replicas is parked on purpose and not judged.

Options:
    minimum: the fewest replicas that a workload may run
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import DECLARED_AND_IN_CLUSTER, rule
from readycheck.scope import parked, resting


@rule(*SERVICES, severity=Severity.HIGH, sources=DECLARED_AND_IN_CLUSTER, unless=(parked, resting))
def replicas(workload: Workload, inventory: Inventory, *, minimum: int = 2) -> Iterator[Verdict]:
    floor = inventory.replica_floor(workload)
    if floor.count < minimum:
        yield workload.finding(
            f"can run with {floor.count} of at least {minimum} replicas{floor.by}",
            at=floor.place,
            fix=floor.raised_to(minimum, safe=inventory.takes_replicas(workload)),
        )
    elif floor.autoscaler is not None:
        yield workload.note(f"never runs fewer than {floor.count} replicas{floor.by}", at=floor.place)
