"""Nodes that are objects alone, and what a kubelet would tell of the pods on them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.cluster.client import Client, Refused

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
SETTLE_SECONDS = 60.0

_REST_SECONDS = 0.4
_PROVISIONER = "ebs.csi.aws.com"

_READY = ("Initialized", "PodReadyToStartContainers", "ContainersReady", "Ready")


def make_node(
    client: Client,
    name: str,
    zone: str,
    *,
    allocatable: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    taints: Sequence[Mapping[str, str]] = (),
) -> None:
    """Make a Ready node.

    Args:
        client: who asks.
        name: of the node.
        zone: where it stands; its region is the zone without its letter.
        allocatable: what pods may ask of it; 4 CPUs, 16 GiB and 110 pods where not given.
        labels: besides those of every node.
        taints: that it keeps.
    """
    room = {"cpu": "4", "memory": "16Gi", "pods": "110", **(allocatable or {})}
    described = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "m7i.xlarge",
        "topology.kubernetes.io/region": zone[:-1],
        "topology.kubernetes.io/zone": zone,
        **(labels or {}),
    }
    client.create(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": described},
            "spec": {"providerID": f"aws:///{zone}/i-{name}"},
        }
    )
    path = client.path("v1", "Node", name=name)
    conditions = [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]
    told = {"kubeletVersion": "v1.36.3", "operatingSystem": "linux", "architecture": "amd64"}
    client.merge(
        f"{path}/status",
        {"status": {"capacity": room, "allocatable": room, "conditions": conditions, "nodeInfo": told}},
    )
    # The server taints every new node as not ready.
    client.merge(path, {"spec": {"taints": list(taints)}})


def three_zones(client: Client, *, each: int = 2) -> None:
    """Make some nodes in each of three zones, `a-0`, `a-1`, `b-0` and so on."""
    for zone in ZONES:
        for number in range(each):
            make_node(client, f"{zone[-1]}-{number}", zone)


def storage_class(client: Client) -> None:
    """Make the default class of storage, whose volumes stand in the zone of the pod that first asks for them."""
    client.apply(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "gp3", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": _PROVISIONER,
            "volumeBindingMode": "WaitForFirstConsumer",
        }
    )


def volumes(client: Client) -> int:
    """Do what the storage driver owes: make the volumes of claims whose pod has been given a node.

    Returns:
        How many were made.
    """
    made = 0
    for claim in client.items("v1", "PersistentVolumeClaim"):
        node = claim["metadata"].get("annotations", {}).get("volume.kubernetes.io/selected-node")
        name = f"pvc-{claim['metadata']['uid']}"
        if node is None or claim["spec"].get("volumeName"):
            continue
        zone = client.get(client.path("v1", "Node", name=node))["metadata"]["labels"]["topology.kubernetes.io/zone"]
        client.apply(_volume(name, claim, zone))
        made += 1
    return made


def _volume(name: str, claim: Mapping[str, Any], zone: str) -> dict[str, Any]:
    metadata, spec = claim["metadata"], claim["spec"]
    in_zone = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": _PROVISIONER}},
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "claimRef": {"namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]},
            "csi": {"driver": _PROVISIONER, "volumeHandle": name},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [in_zone]}]}},
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": spec["storageClassName"],
            "volumeMode": spec.get("volumeMode", "Filesystem"),
        },
    }


def kubelets(client: Client) -> int:
    """Do what kubelets owe: run the pods that stand on a node and let those go that are deleted.

    Returns:
        How many pods were changed.
    """
    changed = 0
    for pod in client.items("v1", "Pod"):
        if not pod["spec"].get("nodeName"):
            continue
        metadata = pod["metadata"]
        path = client.path("v1", "Pod", metadata["namespace"], metadata["name"])
        if "deletionTimestamp" in metadata:
            client.ask("DELETE", path, {"gracePeriodSeconds": 0})
        elif pod.get("status", {}).get("phase", "Pending") == "Pending":
            client.merge(f"{path}/status", {"status": running(pod, address=_address(metadata["uid"]))})
        else:
            continue
        changed += 1
    return changed


def running(pod: Mapping[str, Any], *, address: str = "10.1.0.1", ready: bool = True) -> dict[str, Any]:
    """The status of a pod whose containers run.

    Args:
        pod: what the server gives of it.
        address: of the pod.
        ready: whether it takes requests.
    """
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    waits = {"ContainersReady", "Ready"} if not ready else frozenset[str]()
    conditions = [
        {"type": name, "status": "False" if name in waits else "True", "lastTransitionTime": now} for name in _READY
    ]
    containers = [
        {
            "name": container["name"],
            "image": container["image"],
            "imageID": f"{container['image'].partition('@')[0]}@sha256:{'0' * 64}",
            "ready": ready,
            "started": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": now}},
        }
        for container in pod["spec"]["containers"]
    ]
    kept = [condition for condition in pod.get("status", {}).get("conditions", ()) if condition["type"] not in _READY]
    return {
        "phase": "Running",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": now,
        "conditions": [*kept, *conditions],
        "containerStatuses": containers,
    }


def set_ready(client: Client, namespace: str, name: str, *, ready: bool) -> None:
    """Let a pod that runs take requests, or no longer."""
    path = client.path("v1", "Pod", namespace, name)
    pod = client.get(path)
    client.merge(f"{path}/status", {"status": running(pod, address=pod["status"]["podIP"], ready=ready)})


def settle(client: Client, *namespaces: str, most: float = SETTLE_SECONDS) -> None:
    """Answer for kubelets and storage until every workload of some namespaces has the replicas that it wants.

    What controllers tell of pods (endpoints, budgets) has come to rest then too.

    Args:
        client: who asks.
        namespaces: whose workloads.
        most: how many seconds that may take.

    Raises:
        TimeoutError: where that does not come; it names the workloads that still wait.
    """
    deadline = time.monotonic() + most
    waiting: list[str] = []
    told: set[tuple[str, str]] = set()
    rest = time.monotonic() + _REST_SECONDS
    while time.monotonic() < deadline:
        changed = volumes(client) + kubelets(client)
        waiting = [name for namespace in namespaces for name in _waiting(client, namespace)]
        before, told = told, {versions for namespace in namespaces for versions in _told(client, namespace)}
        if changed or waiting or before != told:
            rest = time.monotonic() + _REST_SECONDS
        elif time.monotonic() > rest:
            return
        time.sleep(0.05)
    raise TimeoutError(f"still waiting: {', '.join(waiting) or 'no rest'}")


def _waiting(client: Client, namespace: str) -> list[str]:
    found = []
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for workload in client.items("apps/v1", kind, namespace):
            status = workload.get("status", {})
            if kind == "DaemonSet":
                wanted, seen = status.get("desiredNumberScheduled", -1), status.get("numberReady", 0)
            else:
                wanted, seen = workload["spec"]["replicas"], status.get("readyReplicas", 0)
            observed = status.get("observedGeneration") == workload["metadata"]["generation"]
            if not observed or seen != wanted:
                found.append(f"{kind}/{workload['metadata']['name']}")
    return found + _late_budgets(client, namespace)


def _late_budgets(client: Client, namespace: str) -> list[str]:
    """The budgets whose status does not yet count the pods that are ready.

    Of a pod in two budgets the controller tells one alone, so that the other may never learn of it.
    """
    pods = client.items("v1", "Pod", namespace)
    covered = {
        budget["metadata"]["name"]: (budget.get("status", {}), [pod for pod in pods if _covers(budget, pod)])
        for budget in client.items("policy/v1", "PodDisruptionBudget", namespace)
    }
    times = Counter(pod["metadata"]["uid"] for _, selected in covered.values() for pod in selected)
    return [
        f"PodDisruptionBudget/{name}"
        for name, (status, selected) in covered.items()
        # Of pods whose owner has no scale it expects none and tells nothing.
        if status.get("expectedPods", -1)
        and all(times[pod["metadata"]["uid"]] == 1 for pod in selected)
        and status.get("currentHealthy") != sum(map(_is_ready, selected))
    ]


def _covers(budget: Mapping[str, Any], pod: Mapping[str, Any]) -> bool:
    labels = (budget["spec"].get("selector") or {}).get("matchLabels", {})
    return bool(labels.items() <= pod["metadata"].get("labels", {}).items())


def _is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", ())
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _told(client: Client, namespace: str) -> Iterator[tuple[str, str]]:
    for version, kind in (("discovery.k8s.io/v1", "EndpointSlice"), ("policy/v1", "PodDisruptionBudget")):
        for told in client.items(version, kind, namespace):
            yield told["metadata"]["uid"], told["metadata"]["resourceVersion"]


def _address(uid: str) -> str:
    number = int(uid[:6], 16)
    return f"10.{64 + (number >> 16) % 64}.{(number >> 8) & 255}.{number & 255}"


def make_namespace(client: Client, name: str) -> None:
    """Make a namespace, and wait for the service account that its pods run as."""
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        try:
            client.get(client.path("v1", "ServiceAccount", name, "default"))
        except Refused as refused:
            if refused.status != 404:
                raise
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"namespace {name} has no service account")
