"""Let a pod behind a load balancer finish its requests.

When a pod is deleted, load balancers and proxies learn of it seconds later and go on sending requests. A preStop hook
that waits keeps the container serving meanwhile; the grace period must be longer than the wait, or the kubelet kills
the container in the middle of it. Asked of the containers that an Ingress, a route or a LoadBalancer Service leads to.

Options:
    wait: the seconds that a fix lets a container wait
"""

from collections.abc import Iterator
from math import isfinite

from readycheck.inventory import Inventory
from readycheck.kubernetes.exposure import exposed
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.lifecycle import PreStop, grace_period, pre_stop
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import parked


@rule(*SERVICES, "DaemonSet", severity=Severity.LOW, unless=parked)
def graceful_shutdown(workload: Workload, inventory: Inventory, *, wait: int = 15) -> Iterator[Verdict]:
    exposures = inventory.exposures_of(workload)
    if not exposures:
        yield workload.not_applicable("no Ingress, route or load balancer leads to its pods")
        return
    serving = exposed(workload, exposures)
    containers = [container for container in workload.long_running if container.name in serving]
    hooks = {container.name: pre_stop(container) for container in containers}
    for container in containers:
        entry, target = serving[container.name]
        hook = hooks[container.name]
        if hook is not None:
            yield from _outlasting(workload, container, hook)
        elif not container.injected and (target.certain or not any(hooks.values())):
            yield workload.finding(
                f"container {container.name} has no preStop hook, and {entry.kind} {entry.name} leads requests to it",
                at=container.at("lifecycle.preStop"),
                also=(entry.at("metadata.name"),),
                fix=workload.set(
                    container.at("lifecycle.preStop"),
                    {"sleep": {"seconds": wait}},
                    safe=False,
                    title=f"let container {container.name} wait {wait} s in preStop (Kubernetes 1.30 or later)",
                ),
            )


def _outlasting(workload: Workload, container: Container, hook: PreStop) -> Iterator[Verdict]:
    grace, place = grace_period(workload)
    if hook.handler == "httpGet":
        yield workload.note(
            f"container {container.name} asks a URL in preStop: whether that waits cannot be told", at=hook.place
        )
    elif (seconds := hook.seconds or 0) >= grace:
        ends = isfinite(seconds)
        wait = f"{seconds:g} s" if ends else "for ever"
        yield workload.finding(
            f"container {container.name} waits {wait} in preStop, and is killed after {grace} s",
            at=hook.place,
            also=(place,),
            fix=workload.set(place, int(seconds) + 30, safe=False) if ends else None,
        )
