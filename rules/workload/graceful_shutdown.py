"""Let a pod behind a load balancer finish its requests.

When a pod is deleted, load balancers and proxies learn of it seconds later and go on sending requests. A preStop hook
that waits keeps the container serving meanwhile; the grace period must be longer than the wait, or the kubelet kills
the container in the middle of it. Asked of pods that an Ingress, a route or a LoadBalancer Service leads to.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.lifecycle import grace_period, pre_stop_seconds
from readycheck.kubernetes.traffic import targeted
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import parked


@rule(*SERVICES, "DaemonSet", severity=Severity.LOW, unless=parked)
def graceful_shutdown(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    exposures = inventory.exposures_of(workload)
    if not exposures:
        yield workload.not_applicable("no Ingress, route or load balancer leads to its pods")
        return
    entry = exposures[0]
    serving = targeted(workload, inventory.services_of(workload))
    grace, place = grace_period(workload)
    for container in workload.long_running:
        if container.name not in serving or container.injected:
            continue
        if not container.mapping("lifecycle.preStop"):
            yield workload.finding(
                f"container {container.name} has no preStop hook, and {entry.kind} {entry.name} leads requests to it",
                at=container.at("lifecycle.preStop"),
                also=(entry.at("metadata.name"),),
            )
            continue
        seconds = pre_stop_seconds(container)
        if seconds is not None and seconds >= grace:
            yield workload.finding(
                f"container {container.name} waits {seconds:g} s in preStop, and is killed after {grace} s",
                at=container.at("lifecycle.preStop"),
                also=(place,),
            )
