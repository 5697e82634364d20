"""Encrypt what pods say to each other, where the environment asks for that.

TLS that ends at the edge leaves the requests within the cluster plain. A mesh encrypts them with certificates of its
own (mTLS), and takes plain ones too until it is told otherwise: Istio by a PeerAuthentication with mode STRICT, Linkerd
by the annotation `config.linkerd.io/default-inbound-policy`. Of Istio's policies the narrowest counts: a port's, the
workload's, the namespace's, that of the mesh in its root namespace. In ambient mode traffic is encrypted anyway, and
STRICT keeps clients from going round it. Of several policies of the same width the oldest counts, which files do not
tell. A namespace that the tree uses and does not declare is judged too, as far as its pods tell what carries them.

In a live cluster the pods show whether they are part of a mesh: those that were made before their namespace joined it
are not.

Not everybody needs this; the rule is asked for by its option.

Options:
    required: whether the environment asks for encryption between pods
    root_namespace: the namespace whose PeerAuthentication is for the whole mesh
"""

from collections.abc import Iterator

from readycheck.inventory import NAMESPACE, Inventory
from readycheck.kubernetes.ingress_controller import ingress_controller
from readycheck.kubernetes.mesh import (
    DISABLE,
    ROOT_NAMESPACE,
    STRICT,
    UNSET,
    Mesh,
    is_strict_inbound,
    linkerd_policy,
    linkerd_policy_in,
    mesh_of,
    skips_ports,
)
from readycheck.kubernetes.platform import is_of_the_cluster
from readycheck.kubernetes.workload import Workload
from readycheck.model import Fix, Place, Resource, Severity, Verdict
from readycheck.rule import FILES_AND_CLUSTER, apart, rule


@rule(NAMESPACE, severity=Severity.HIGH, sources=FILES_AND_CLUSTER)
def mesh_mtls(
    namespace: Resource, inventory: Inventory, *, required: bool = False, root_namespace: str = ROOT_NAMESPACE
) -> Iterator[Verdict]:
    if not required:
        yield namespace.not_applicable("encryption between pods is not asked for")
    elif namespace.name == root_namespace or is_of_the_cluster(namespace.name, ""):
        yield namespace.not_applicable("holds the mesh or the cluster itself")
    else:
        workloads = [
            each
            for each in inventory.workloads_in(namespace)
            # What takes requests in from outside takes them as they come.
            if not each.runs_to_completion and ingress_controller(each) is None
        ]
        plain = inventory.plain_client_in(namespace, root_namespace)
        if plain is not None:
            rule_of = plain.resource
            yield namespace.finding(
                f"DestinationRule {rule_of.name} has clients speak without TLS",
                at=plain,
                fix=rule_of.set(plain, "ISTIO_MUTUAL", safe=False),
            )
        if workloads:
            yield from apart(namespace, *(_workload(namespace, each, inventory, root_namespace) for each in workloads))
        elif plain is None:
            yield from _empty(namespace, inventory)


def _empty(namespace: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.live:
        inventory.all_workloads_read()
    opaque = inventory.may_come_from(namespace.name, namespace)
    if opaque is not None:
        yield namespace.unknown(f"what {opaque.named} runs there is not at hand")
    else:
        yield namespace.not_applicable(f"no workload of the {inventory.extent} runs there")


def _workload(namespace: Resource, workload: Workload, inventory: Inventory, root: str) -> Iterator[Verdict]:
    named = f"{workload.kind} {workload.name}"
    pods = inventory.meshes_in_pods(workload)
    outside = [pod for pod, mesh in pods if mesh is None]
    mesh = pods[0][1] if pods else mesh_of(workload, namespace)
    if outside and len(outside) < len(pods):
        yield namespace.finding(
            f"{len(outside)} of {len(pods)} pods of {named} are not part of a mesh: what they are sent and send is"
            " plain",
            at=outside[0].at("metadata.name"),
        )
    elif mesh is None and not inventory.is_read(namespace):
        its = f"Namespace {namespace.name}" if namespace.name else "the namespace that is not named"
        yield namespace.unknown(
            f"{its} is not in the tree: whether it makes {named} part of a mesh cannot be told",
            at=workload.at("metadata.name"),
        )
    elif mesh is None:
        yield namespace.finding(
            f"{named} is not part of a mesh: what it is sent and sends is plain", at=workload.at("metadata.name")
        )
    elif mesh is Mesh.LINKERD:
        yield from _linkerd(namespace, workload, inventory, root)
    else:
        yield from _istio(namespace, workload, inventory, root, mesh)


def _linkerd(namespace: Resource, workload: Workload, inventory: Inventory, root: str) -> Iterator[Verdict]:
    named = f"{workload.kind} {workload.name}"
    told = (linkerd_policy_in(pod) for pod, _ in inventory.meshes_in_pods(workload))
    policy = next(filter(None, told), None) or linkerd_policy(workload, namespace)
    if not is_strict_inbound(policy.mode):
        yield namespace.finding(
            f"{named} takes plain requests: its inbound policy is {policy.mode}, all-authenticated is wanted",
            at=policy.place or workload.at("metadata.name"),
            fix=_set(namespace, policy.place, "all-authenticated", inventory, root),
        )
        return
    skipped = skips_ports(workload, namespace)
    if skipped is not None:
        yield namespace.note(f"{named} has ports that go round the mesh", at=skipped)


def _istio(namespace: Resource, workload: Workload, inventory: Inventory, root: str, mesh: Mesh) -> Iterator[Verdict]:
    named = f"{workload.kind} {workload.name}"
    found = inventory.peer_policy_of(workload, root)
    if found.place is not None and found.rival is not None:
        yield namespace.unknown(
            f"{_saying(found.place)} and {_saying(found.rival)} for the pods of {named}: the older one counts, and"
            " which that is cannot be told",
            at=found.place,
        )
    elif found.mode == DISABLE and mesh is Mesh.AMBIENT:
        yield namespace.finding(f"DISABLE for {named} means nothing in ambient mode", at=found.place or "metadata.name")
    elif found.mode != STRICT:
        where = found.place or workload.at("metadata.name")
        opaque = inventory.may_hold_policies(workload, root) if found.place is None else ""
        if opaque:
            yield namespace.unknown(f"{named} has no PeerAuthentication in the tree; {opaque} may bring one", at=where)
        else:
            said = found.mode if found.place is not None else f"{found.mode}, Istio's default"
            yield namespace.finding(
                f"{named} takes plain requests: its mode is {said}, STRICT is wanted",
                at=where,
                fix=_set(namespace, found.place, STRICT, inventory, root),
            )
    elif found.opened is not None:
        port, place = found.opened
        yield namespace.finding(f"port {port} of {named} takes plain requests, beside STRICT", at=place)
    elif found.doubled:
        yield namespace.note(
            "several PeerAuthentications are for the same pods: the oldest counts", at=found.place or "metadata.name"
        )


def _set(namespace: Resource, place: Place | None, value: str, inventory: Inventory, root: str) -> Fix | None:
    """The fix that refuses plain requests: safe where nothing that the tree runs sends any."""
    if place is None:
        return None
    return namespace.set(place, value, safe=inventory.all_meshed(namespace, root))


def _saying(mode: Place) -> str:
    return f"PeerAuthentication {mode.resource.name} says {mode.seen or UNSET}"
