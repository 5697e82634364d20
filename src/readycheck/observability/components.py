"""Which programs of an observability stack run: recognised by labels, images, custom resources and charts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Resource, Unjudged, Unresolved
from readycheck.observability.programs import BY_KIND, COMPONENTS, GRAFANA, LOKI, MIMIR, TEMPO, THANOS, Component

_BY_LABEL: Mapping[str, Component] = {label: each for each in COMPONENTS for label in each.labels}
_BY_IMAGE: Mapping[str, Component] = {image: each for each in COMPONENTS for image in each.images}

# What belongs to the stack and is none of its parts that keep, show or send something.
_HELPERS = frozenset(
    {
        "alertmanager",
        "alertmanager-discord",
        "alloy-operator",
        "grafana-image-renderer",
        "grafana-operator",
        "grafana/oncall",
        "grafana/pyroscope",
        "grafana/rollout-operator",
        "karma",
        "kube-prometheus-stack-operator",
        "kube-state-metrics",
        "loki-canary",
        "loki-helm-test",
        "loki-operator",
        "node-exporter",
        "opentelemetry-operator",
        "prometheus-adapter",
        "prometheus-blackbox-exporter",
        "prometheus-node-exporter",
        "prometheus-operator",
        "prometheus-pushgateway",
        "pushgateway",
        "jaeger-agent",
        "jaeger-operator",
        "tempo-operator",
        "tempo-query",
        "tempo-vulture",
        "thanos-operator",
        "victoriametrics/operator",
        "victoria-metrics-operator",
        "victoria-metrics-alert",
        "vmalert",
        "vmauth",
        "vminsert",
        "vmselect",
        "vlogscli",
    }
)
_STACKS = frozenset({"kube-prometheus", "kube-prometheus-stack", "victoria-metrics-k8s-stack"})
"""What `app.kubernetes.io/part-of` says of all that these bring."""
# What stands beside a program in its pod, whatever the program is.
_COMPANIONS = frozenset(
    {
        "config-reloader",
        "configmap-reload",
        "k8s-sidecar",
        "kiwigrid/k8s-sidecar",
        "kube-rbac-proxy",
        "memcached",
        "memcached-exporter",
        "nginx",
        "nginx-unprivileged",
        "oauth2-proxy",
        "prometheus-config-reloader",
        "vault",
    }
)
# `app.kubernetes.io/component` of what a chart runs beside the program that gives it its name.
_BESIDE = frozenset(
    {
        "canary",
        "chunks-cache",
        "gateway",
        "image-renderer",
        "nginx",
        "overrides-exporter",
        "results-cache",
        "rollout-operator",
        "test",
        "vulture",
    }
)

_BY_CHART: Mapping[str, Component] = {
    "grafana": GRAFANA,
    "loki": LOKI,
    "loki-distributed": LOKI,
    "loki-simple-scalable": LOKI,
    "tempo": TEMPO,
    "tempo-distributed": TEMPO,
    "mimir-distributed": MIMIR,
    "enterprise-metrics": MIMIR,
    "enterprise-logs": LOKI,
    "thanos": THANOS,
}
"""Charts that run one component and little else: their name stays where the program's is overridden."""

_NAME = "app.kubernetes.io/name"
_CHART = re.compile(r"(.+)-v?\d+\.\d+")
_PART = "app.kubernetes.io/component"
_WHOLE = "app.kubernetes.io/part-of"
_LEGACY_MIMIR = "enterprise-metrics-"


def components_of(workload: Workload) -> list[Component]:
    """The components that a workload runs, as far as its labels and images tell.

    A label says it where no image says otherwise: what a chart runs beside its program bears the program's name too.

    Args:
        workload: the workload.
    """
    found: dict[Component, None] = {}
    other = False
    for container in _long_running(workload):
        image = _image_of(container)
        component = _of_image(image) if image is not None else None
        if component is not None:
            found[component] = None
        elif image is not None and (image.called(_HELPERS) or image.called(_COMPANIONS)):
            other = True
    if not found and not other:
        found.update(dict.fromkeys(_of_labels(workload)))
    return list(found)


def belongs_to_stack(workload: Workload) -> bool:
    """Whether a workload is the stack's own: a component, or what helps one.

    A program with a collector beside it in its pod is not.

    Args:
        workload: the workload.
    """
    for labels in _label_sets(workload):
        name = _told(labels, _NAME)
        if name in _BY_LABEL or name in _HELPERS or name.endswith("-exporter") or _told(labels, _WHOLE) in _STACKS:
            return True
    images = [_image_of(container) for container in _long_running(workload) if not container.injected]
    theirs = [image is not None and _of_stack(image) for image in images]
    return any(theirs) and all(
        is_theirs or (image is not None and image.called(_COMPANIONS))
        for image, is_theirs in zip(images, theirs, strict=True)
    )


def of_custom_resource(resource: Resource) -> Component | None:
    """The component that an operator runs for a custom resource; None for any other one.

    Args:
        resource: any object.
    """
    return BY_KIND.get(f"{resource.kind}.{resource.group}")


def of_image(text: str) -> Component | None:
    """The component that an image is of.

    Args:
        text: the reference as it is written.
    """
    image = ImageReference.of(text)
    return _of_image(image) if image is not None else None


def _of_stack(image: ImageReference) -> bool:
    name = image.name or ""
    return _of_image(image) is not None or image.called(_HELPERS) or name.endswith(("-exporter", "_exporter"))


def _of_image(image: ImageReference) -> Component | None:
    last, longer, _ = image.endings
    return _BY_IMAGE.get(longer) or _BY_IMAGE.get(last)


def _image_of(container: Container) -> ImageReference | None:
    try:
        return container.image
    except Unjudged:
        return None


def _long_running(workload: Workload) -> tuple[Container, ...]:
    try:
        return workload.long_running
    except Unjudged:
        return ()


def _of_labels(workload: Workload) -> Iterator[Component]:
    for labels in _label_sets(workload):
        part = _told(labels, _PART)
        if part in _BESIDE or part.startswith("memcached"):
            continue
        chart = _CHART.match(_told(labels, "helm.sh/chart"))
        component = _BY_LABEL.get(_told(labels, _NAME)) or (_BY_CHART.get(chart[1]) if chart else None)
        if component is None and _told(labels, "app").startswith(_LEGACY_MIMIR):
            component = MIMIR
        if component is not None:
            yield component


def _told(labels: Mapping[str, object], key: str) -> str:
    value = labels.get(key)
    return value if isinstance(value, str) and not isinstance(value, Unresolved) else ""


def _label_sets(workload: Workload) -> Iterator[Mapping[str, object]]:
    """The labels of the pods, which come first, and those of the workload, as far as they can be read."""
    with suppress(Unjudged):
        yield workload.pod_labels
    with suppress(Unjudged):
        yield workload.labels
