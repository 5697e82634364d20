"""Workloads and their containers: a resource seen as what runs pods."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

from readycheck.kubernetes.condition import is_ready
from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.kinds import RUN_TO_COMPLETION, WORKLOADS, qualified_kind, template_path
from readycheck.kubernetes.ownership import OwnerReference, controller_of, twins_of
from readycheck.model import Owner, Path, Resource, Unjudged, Unresolved, once

# Proxies and agents that a mesh or an operator puts into pods: their owner sets their probes and sizes.
INJECTED_CONTAINERS = frozenset(
    {
        "istio-proxy",
        "istio-init",
        "istio-validation",
        "linkerd-proxy",
        "linkerd-init",
        "linkerd-network-validator",
        "vault-agent",
        "vault-agent-init",
        "consul-dataplane",
        "kuma-sidecar",
        "kuma-init",
        "envoy-sidecar",
        "queue-proxy",
        "cloud-sql-proxy-injected",
        "opentelemetry-auto-instrumentation",
        "opentelemetry-auto-instrumentation-java",
        "opentelemetry-auto-instrumentation-python",
        "opentelemetry-auto-instrumentation-nodejs",
    }
)

HELM_HOOK = "helm.sh/hook"


class Role(Enum):
    """What a container is to its pod."""

    MAIN = "container"
    SIDECAR = "native sidecar"
    """An init container with `restartPolicy: Always`: it runs as long as the pod."""
    INIT = "init container"


class Container(Resource, frozen=True):
    """One container of a workload's pod template."""

    role: Role = Role.MAIN

    @property
    def workload(self) -> Workload:
        """The workload that runs it."""
        return self.whole  # type: ignore[return-value] # a container is never made without its workload

    @property
    def injected(self) -> bool:
        """Whether a mesh or an operator puts it there."""
        return self.name in INJECTED_CONTAINERS

    @once
    def image(self) -> ImageReference:
        """The reference of its image, as far as that is decided.

        Raises:
            Unjudged: nothing stands there that is one.
        """
        text = self.body.get("image")
        if not isinstance(text, Unresolved):
            text = self.string("image")
            if not text:
                raise Unjudged("names no image", self.at("image"))
        reference = ImageReference.of(text)
        if reference is None:
            raise Unjudged(f"`{text}` is no image reference", self.at("image"))
        return reference

    @property
    def ports(self) -> list[Mapping[str, Any]]:
        """Its declared ports."""
        return self.mappings("ports")


class Workload(Resource, frozen=True):
    """A resource that runs pods from a template, or a pod."""

    template: Path = ()
    """Where the pod template stands."""
    source: Workload | None = None
    """The workload whose template this one runs, where it refers to one (an Argo Rollout's `workloadRef`)."""

    @classmethod
    def of(cls, resource: Resource) -> Workload | None:
        """The resource as a workload; None where it runs no pods."""
        template = template_path(resource)
        if template is None:
            return None
        return cls(
            resource.kind, resource.name, resource.scope, resource.body, resource.origin, None, (), template=template
        )

    def running(self, source: Workload) -> Workload:
        """The same workload, with its template taken from another one."""
        return Workload(
            self.kind, self.name, self.scope, self.body, self.origin, None, (), template=self.template, source=source
        )

    @once
    def custom(self) -> bool:
        """Whether it is a custom resource: what its operator adds to the pods cannot be seen here."""
        return qualified_kind(self) not in WORKLOADS

    @once
    def controller(self) -> OwnerReference | None:
        """The controller that it names as its owner; asked of each pod by many."""
        return controller_of(self)

    @once
    def twins(self) -> tuple[str, ...] | None:
        """What it has in common with those that the same maker made, where that is no workload; else None."""
        return twins_of(self, self.controller)

    @property
    def owner(self) -> Owner | None:
        """The controller that owns it, where that is no workload."""
        owner = self.controller
        return Owner(owner.kind, owner.name) if owner is not None and owner.qualified_kind not in WORKLOADS else None

    @once
    def runs_to_completion(self) -> bool:
        """Whether its pods end by themselves: Jobs, CronJobs and the pods of Helm hooks."""
        return self.kind in RUN_TO_COMPLETION or (self.kind == "Pod" and self.helm_hook)

    @once
    def helm_hook(self) -> bool:
        """Whether Helm runs it at install, upgrade or test time only."""
        return HELM_HOOK in self.annotations

    @once
    def ended(self) -> bool:
        """Whether it is a pod that has run to its end and is not started again."""
        try:
            return self.kind == "Pod" and self.get(("status", "phase")) in ("Succeeded", "Failed")
        except Unjudged:
            return False

    @once
    def active(self) -> bool:
        """Whether it is a pod that is there to stay: neither run to its end nor on its way out.

        Raises:
            Unjudged: its metadata has another shape.
        """
        return not self.ended and self.get(("metadata", "deletionTimestamp")) is None

    @once
    def node_name(self) -> str:
        """The node that a pod is bound to; "" while it has none.

        Raises:
            Unjudged: its spec has another shape.
        """
        return self.string(("spec", "nodeName"))

    @once
    def ready(self) -> bool:
        """Whether a pod is ready, by its conditions.

        Raises:
            Unjudged: its status has another shape.
        """
        return is_ready(self)

    @once
    def shown(self) -> Workload:
        """What shows the pods: itself, or the workload whose template it runs.

        Raises:
            Unjudged: the template is not at hand.
        """
        if self.source is not None:
            return self.source
        if self.template and not self.get(self.template):
            reference = self.mapping("spec.workloadRef") if self.kind == "Rollout" else None
            if reference:
                raise Unjudged(
                    f"runs the template of {reference.get('kind')} {reference.get('name')}, which was not read"
                )
            raise Unjudged("has no pod template")
        return self

    @once
    def pod_labels(self) -> Mapping[str, str]:
        """The labels that its pods carry.

        Raises:
            Unjudged: they are not at hand.
        """
        return self.shown.mapping((*self.shown.template, "metadata", "labels"))

    @once
    def pod_path(self) -> Path:
        """Where the pod's spec stands."""
        return (*self.template, "spec")

    @once
    def pod(self) -> Resource:
        """The pod's spec, as a part of the object that holds it.

        Raises:
            Unjudged: it is not at hand.
        """
        if self.shown is not self:
            return self.shown.pod
        return Resource("PodSpec", self.name, self.scope, self.mapping(self.pod_path), self.origin, self, self.pod_path)

    @once
    def containers(self) -> tuple[Container, ...]:
        """All containers in the order of the manifest, init containers first."""
        if self.source:
            return self.source.containers
        return (*self._containers("initContainers"), *self._containers("containers"))

    @once
    def long_running(self) -> tuple[Container, ...]:
        """The containers that run as long as the pod: all but plain init containers."""
        return tuple(container for container in self.containers if container.role is not Role.INIT)

    @property
    def ready_pods(self) -> int:
        """How many of its pods are ready, by the status of a live one.

        Raises:
            Unjudged: its status has another shape.
        """
        if self.kind == "Pod":
            return int(self.ready)
        return self.integer("status.numberReady" if self.kind == "DaemonSet" else "status.readyReplicas", 0)

    def _containers(self, field: str) -> list[Container]:
        found = []
        for index, body in enumerate(self.pod.mappings(field)):
            role = Role.MAIN
            if field == "initContainers":
                role = Role.SIDECAR if body.get("restartPolicy") == "Always" else Role.INIT
            name = body.get("name")
            found.append(
                Container(
                    "Container",
                    str(name) if isinstance(name, str) else f"{field}[{index}]",
                    self.scope,
                    body,
                    self.origin,
                    self,
                    (*self.pod_path, field, index),
                    role=role,
                )
            )
        return found

    def port_number(self, container: Container, port: object) -> int | None:
        """The number of a port that is given by number or by a container's port name; None where it has none."""
        if isinstance(port, Unresolved):
            raise Unjudged(f"`{port!s}` {port.reason}")
        if isinstance(port, int):
            return port
        if isinstance(port, str) and port.isdigit():
            # The kubelet takes a number in quotes for a number, where no port is called so.
            return int(port)
        for declared in container.ports:
            if declared.get("name") == port and isinstance(declared.get("containerPort"), int):
                return cast("int", declared["containerPort"])
        return None
