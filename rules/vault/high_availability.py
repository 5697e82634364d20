"""Run several Vault servers on a storage that they share.

What every other service needs its secrets from must not be one pod: while it restarts, nothing else can start, and it
is sealed when it is back. Several servers help only where their storage lets them elect one that is active (raft,
Consul); on `file` or in memory, each is a Vault of its own. Raft wants an odd number, three or more: of two, none can
be lost. Servers in one compose file, or in one module of Terraform, are counted together. OpenBao is judged like Vault.
A server that is elsewhere is judged where it is. In a live cluster, its pods have to be unsealed and one of them active
too, by the labels that Vault puts on them.

Options:
    minimum: the fewest servers that may run
"""

from collections.abc import Iterator

from readycheck.inventory import VAULT_SERVER, Inventory
from readycheck.kubernetes.workload import Workload
from readycheck.model import Fix, Place, Resource, Severity, Verdict
from readycheck.rule import DECLARED_AND_IN_CLUSTER, apart, rule
from readycheck.scope import only_an_example
from readycheck.vault.server import Replicas, Server
from readycheck.vault.storage import Sharing, Storage

_QUORUM = 3
_SEALED, _ACTIVE = "vault-sealed", "vault-active"
"""The labels that Vault puts on its own pods (`service_registration "kubernetes"`)."""


@rule(VAULT_SERVER, severity=Severity.HIGH, sources=DECLARED_AND_IN_CLUSTER, unless=only_an_example)
def high_availability(subject: Resource, inventory: Inventory, *, minimum: int = 2) -> Iterator[Verdict]:
    server = inventory.vault_server(subject)
    if server is None:
        return
    elsewhere = server.external()
    if elsewhere:
        yield subject.not_applicable(elsewhere)
        return
    dev = server.dev_mode()
    if dev is not None:
        yield subject.finding(f"{dev.words}: one server that keeps everything in memory", at=dev.place)
        return
    replicas = server.replicas()
    if replicas.count == 0:
        yield subject.not_applicable("parked: runs 0 replicas")
    elif replicas.count < minimum:
        yield subject.finding(
            f"runs {replicas.count} of at least {minimum} servers, and {_QUORUM} are wanted for raft",
            at=_shown(replicas, server),
            fix=_more(subject, replicas),
        )
    else:
        yield from apart(subject, _stored(subject, replicas, server.storage()), _standing(subject, inventory))


def _standing(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """How the servers of a live workload stand to each other."""
    pods = inventory.running_pods(subject) if isinstance(subject, Workload) else ()
    for pod in pods:
        if pod.labels.get(_SEALED) == "true":
            yield subject.finding(f"its pod {pod.name} is sealed", at=pod.at("metadata.labels"))
    labelled = [pod for pod in pods if _ACTIVE in pod.labels]
    active = sum(pod.labels[_ACTIVE] == "true" for pod in labelled)
    if labelled and active != 1:
        yield subject.finding(
            f"{active} of its {len(labelled)} pods are active where one is wanted",
            at=labelled[0].at("metadata.labels"),
        )


def _stored(subject: Resource, replicas: Replicas, storage: Storage) -> Iterator[Verdict]:
    if not storage.known:
        yield subject.unknown(
            f"whether several servers can share the storage {storage.kind} is not known", at=storage.place
        )
    elif storage.sharing is Sharing.NO:
        yield subject.finding(
            f"its {replicas.count} servers keep their data on the storage {storage.kind}, which they do not share: "
            "raft or Consul is wanted",
            at=storage.place,
            also=(replicas.place,),
        )
    elif storage.sharing is Sharing.ELSEWHERE:
        yield subject.unknown(
            f"the storage {storage.kind} is shared only where ha_enabled or a variable says so", at=storage.place
        )
    elif storage.kind == "raft" and replicas.count % 2 == 0:
        tolerated = (replicas.count - 1) // 2
        lost = "none can be lost" if not tolerated else f"{tolerated} can be lost, as of {replicas.count - 1}"
        yield subject.note(
            f"of {replicas.count} raft servers {lost}: an odd number, {_QUORUM} or more, is wanted", at=replicas.place
        )
    if storage.sharing is Sharing.YES and replicas.conflict:
        yield subject.note(f"{replicas.conflict}: run {_QUORUM}", at=replicas.place, also=replicas.also)


def _shown(replicas: Replicas, server: Server) -> Place:
    return replicas.place if replicas.place.seen is not None else server.place


def _more(subject: Resource, replicas: Replicas) -> Fix | None:
    """Three replicas; servers that share no storage yet have to be given one, which is for people to do."""
    if isinstance(subject, Workload) and replicas.place.resource is subject:
        return subject.set(replicas.place, _QUORUM, safe=False)
    return None
