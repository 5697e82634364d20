"""Whether requests between pods are encrypted by a mesh, and whether plain ones are taken too.

Istio: PeerAuthentication, sidecar injection, ambient mode; Linkerd: automatic mTLS, authorization policy (documentation
of each as of August 2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from msgspec import Struct

from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource

ROOT_NAMESPACE = "istio-system"
_INJECTION, _REVISION, _DATAPLANE = "istio-injection", "istio.io/rev", "istio.io/dataplane-mode"
_SIDECAR = "sidecar.istio.io/inject"
_PROXY, _LINKERD_PROXY = "istio-proxy", "linkerd-proxy"
_INBOUND_VARIABLE = "LINKERD2_PROXY_INBOUND_DEFAULT_POLICY"
_REDIRECTED = "ambient.istio.io/redirection"
_LINKERD, _INBOUND = "linkerd.io/inject", "config.linkerd.io/default-inbound-policy"
_SKIPPED = ("config.linkerd.io/skip-inbound-ports", "config.linkerd.io/skip-outbound-ports")
_STRICT_INBOUND = frozenset({"all-authenticated", "cluster-authenticated", "deny"})
MODE = "spec.mtls.mode"
STRICT, PERMISSIVE, DISABLE, UNSET = "STRICT", "PERMISSIVE", "DISABLE", "UNSET"


class Mesh(Enum):
    """What carries the requests of a pod."""

    SIDECAR = "Istio's sidecars"
    AMBIENT = "Istio's ambient mode"
    LINKERD = "Linkerd"


class Policy(Struct, frozen=True, eq=False):
    """What a mesh demands of what comes to a pod: a mode, and what says so; nothing where that is its default."""

    mode: str
    place: Place | None = None


def mesh_of(workload: Workload, namespace: Resource | None) -> Mesh | None:
    """The mesh that a workload's pods are part of, by their namespace's labels, their own, or their containers.

    Raises:
        Unjudged: a label that tells is not decided yet.
    """
    labels = namespace.labels if namespace is not None else {}
    own, annotations = workload.pod_labels, pod_annotations(workload)
    names = {container.name for container in workload.containers}
    if own.get(_DATAPLANE, labels.get(_DATAPLANE)) == "ambient" or annotations.get(_REDIRECTED) == "enabled":
        return Mesh.AMBIENT
    told = _text(own.get(_SIDECAR, annotations.get(_SIDECAR)))
    if _PROXY in names or told == "true":
        return Mesh.SIDECAR
    by_namespace = labels.get(_INJECTION) == "enabled" or (_REVISION in labels and labels.get(_INJECTION) != "disabled")
    if told != "false" and (by_namespace or _REVISION in own):
        return Mesh.SIDECAR
    of_namespace = namespace.annotations if namespace is not None else {}
    linkerd = annotations.get(_LINKERD, of_namespace.get(_LINKERD))
    return Mesh.LINKERD if _LINKERD_PROXY in names or linkerd in ("enabled", "ingress") else None


def mesh_in(pod: Workload) -> Mesh | None:
    """The mesh that carries the requests of a pod that runs: what was put into it tells, not what was asked for.

    Raises:
        Unjudged: its containers have another shape.
    """
    names = {container.name for container in pod.containers}
    if _PROXY in names:
        return Mesh.SIDECAR
    if pod_annotations(pod).get(_REDIRECTED) == "enabled":
        return Mesh.AMBIENT
    return Mesh.LINKERD if _LINKERD_PROXY in names else None


def linkerd_policy_in(pod: Workload) -> Policy | None:
    """What the proxy of Linkerd in a pod that runs was told to demand; None where that does not show.

    Raises:
        Unjudged: its containers have another shape.
    """
    for container in pod.containers:
        for index, variable in enumerate(container.mappings("env") if container.name == _LINKERD_PROXY else ()):
            if variable.get("name") == _INBOUND_VARIABLE and isinstance(variable.get("value"), str):
                return Policy(variable["value"], container.at(("env", index, "value")))
    return None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "")


def pod_annotations(workload: Workload) -> Mapping[str, str]:
    """The annotations that a workload's pods carry."""
    return workload.mapping((*workload.template, "metadata", "annotations"))


def linkerd_policy(workload: Workload, namespace: Resource | None) -> Policy:
    """What Linkerd demands of what comes to a workload's pods: its default takes plain requests too."""
    annotations = pod_annotations(workload)
    if _INBOUND in annotations:
        path = (*workload.template, "metadata", "annotations", _INBOUND)
        return Policy(workload.string(path), workload.at(path))
    if namespace is not None and _INBOUND in namespace.annotations:
        path = ("metadata", "annotations", _INBOUND)
        return Policy(namespace.string(path), namespace.at(path))
    return Policy("all-unauthenticated")


def is_strict_inbound(mode: str) -> bool:
    """Whether an inbound policy of Linkerd refuses plain requests."""
    return mode in _STRICT_INBOUND


def skips_ports(workload: Workload, namespace: Resource | None) -> Place | None:
    """Where ports of a workload's pods are taken out of Linkerd's proxy, by themselves or by their namespace.

    None where none are.
    """
    annotations = pod_annotations(workload)
    for key in _SKIPPED:
        if key in annotations:
            if annotations[key]:
                return workload.at((*workload.template, "metadata", "annotations", key))
        elif namespace is not None and namespace.annotations.get(key):
            return namespace.at(("metadata", "annotations", key))
    return None


def mode_of(policy: Resource) -> str:
    """The mode of a PeerAuthentication; UNSET where it leaves that to a wider one.

    Raises:
        Unjudged: it is not decided yet.
    """
    return policy.string(MODE, UNSET) or UNSET


def open_port(policy: Resource) -> tuple[str, Place] | None:
    """A port that a PeerAuthentication takes out of STRICT, with its mode; one without a selector has none.

    Raises:
        Unjudged: that is not decided yet.
    """
    if not selects(policy):
        return None
    for port, said in policy.mapping("spec.portLevelMtls").items():
        mode = said.get("mode") if isinstance(said, Mapping) else None
        if mode in (PERMISSIVE, DISABLE):
            return f"{port}", policy.at(("spec", "portLevelMtls", port))
    return None


def selects(policy: Resource) -> Mapping[str, str]:
    """The labels of the pods that a PeerAuthentication is for; none where it is for its whole namespace."""
    return policy.mapping("spec.selector.matchLabels")


def clients_without_tls(rule: Resource) -> Iterator[Place]:
    """Where a DestinationRule has clients speak plainly to pods: to all, to a port, or to a subset.

    Raises:
        Unjudged: that is not decided yet.
    """
    if not _is_inside(rule.string("spec.host")):
        return
    subsets = range(len(rule.mappings("spec.subsets")))
    for policy in (("spec", "trafficPolicy"), *(("spec", "subsets", index, "trafficPolicy") for index in subsets)):
        ports = range(len(rule.mappings((*policy, "portLevelSettings"))))
        for part in (policy, *((*policy, "portLevelSettings", index) for index in ports)):
            if rule.string((*part, "tls", "mode")) == DISABLE:
                yield rule.at((*part, "tls", "mode"))


def _is_inside(host: str) -> bool:
    """Whether a host may be one of the cluster's: names with dots are taken as they stand, and others completed."""
    return "." not in host or host.startswith("*") or host.endswith((".local", ".svc")) or ".svc." in host


def is_for_namespace(rule: Resource, namespace: str) -> bool:
    """Whether a DestinationRule of the root namespace is for the pods of another one.

    Raises:
        Unjudged: its host is not decided yet.
    """
    host = rule.string("spec.host")
    return host.startswith("*") or f".{namespace}.svc" in host
