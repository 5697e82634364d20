"""Which workloads an alert rule is about, by the matchers of its expressions and the labels that it sets.

What labels mean is from the documentation of kube-state-metrics, cAdvisor, the Prometheus operator, Istio,
ingress-nginx, and OpenTelemetry's resource attributes as Prometheus writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import lru_cache

from msgspec import Struct

from readycheck.documents.promql import BrokenExpression, Expression, Matcher, SeriesSelector, read_selectors
from readycheck.observability.alerts import AlertRule
from readycheck.secrets.go_regex import GoRegex, UnreadableRegex

NAMESPACES = frozenset(
    {
        *("namespace", "exported_namespace", "kubernetes_namespace", "k8s_namespace_name", "kube_namespace"),
        *("k8s_namespace", "k8s.namespace.name", "destination_workload_namespace", "destination_service_namespace"),
    }
)
_KINDS = {
    "deployment": "Deployment",
    "kube_deployment": "Deployment",
    "k8s_deployment_name": "Deployment",
    "statefulset": "StatefulSet",
    "kube_stateful_set": "StatefulSet",
    "k8s_statefulset_name": "StatefulSet",
    "rollout": "Rollout",
    "daemonset": "DaemonSet",
    "k8s_daemonset_name": "DaemonSet",
    "job_name": "Job",
    "cronjob": "CronJob",
}
_PODS = frozenset({"pod", "pod_name", "exported_pod", "kubernetes_pod_name", "k8s_pod_name", "kube_pod", "replicaset"})
_CONTAINERS = frozenset(
    {"container", "container_name", "exported_container", "kubernetes_container_name", "k8s_container_name"}
)
_WORKLOADS = frozenset(
    {"workload", "owner_name", "created_by_name", "destination_workload", "horizontalpodautoscaler", "hpa"}
)
_TARGETS = frozenset(
    {
        *("job", "exported_job", "service", "exported_service", "service_name", "kubernetes_name", "kube_service"),
        *("app", "application", "app_name", "k8s_app", "component", "name", "instance", "target", "host"),
        *("app_kubernetes_io_name", "app_kubernetes_io_instance", "app_kubernetes_io_component"),
        *("label_app", "label_k8s_app", "label_app_kubernetes_io_name", "label_app_kubernetes_io_instance"),
        *("label_app_kubernetes_io_component", "destination_app", "destination_service", "destination_service_name"),
        *("destination_canonical_service", "ingress", "exported_ingress", "deployment_name", "workload_name"),
    }
)
# What the series of an exporter about other things say of the exporter's own scrape.
_OF_THE_SCRAPE = frozenset({"job", "instance", "service", "app", "application", "k8s_app", "component", "name"})
_ABOUT_PODS = re.compile(r"kube_|container_|kubelet_")
_ABOUT_OTHERS = re.compile(r"(?:kube|container|kubelet|nginx_ingress|traefik|istio|envoy|haproxy|aws)_")
_EVERY_POD = re.compile(r"(?:kube_pod|kube_deployment|kube_statefulset|kube_replicaset|container)_")
_OF_KIND = {"kube_deployment_": "Deployment", "kube_replicaset_": "Deployment", "kube_statefulset_": "StatefulSet"}
_OF_MACHINES = re.compile(
    r"(?:node|machine|kubelet|kubernetes|apiserver|etcd|prometheus|alertmanager|coredns|kube|scheduler|workqueue|rest_client|"
    r"certmanager|argocd|gotk|flux|velero|loki|cortex|thanos|smartmon|zfs|ceph|longhorn|cnpg|cilium|vm|vault|dockerhub)_"
)
# What libraries measure in programs of any kind.
_COMMON = re.compile(
    r"(?:http|grpc|requests?|rpc|jvm|process|nodejs|dotnet|aspnetcore|gunicorn|flask|django|tomcat|hikaricp|logback|"
    r"traces_spanmetrics)_"
)
_STOCK = re.compile(
    r"Kube\w*|(?:Node|Prometheus|Alertmanager|etcd|Thanos|Grafana|Loki|Mimir|Cortex|Tempo|VM|CoreDNS)[A-Z]\w*|etcd\w*|"
    r"Watchdog|InfoInhibitor|TargetDown|CPUThrottlingHigh|ConfigReloaderSidecarErrors|DeadMansSwitch|KubeletDown"
)
_NO_NAME = "readycheck-0-matches-no-name-in-use"
_MOST_ALTERNATIVES = 50


class Cover(IntEnum):
    """How a rule is about a workload; what is greater says more."""

    NONE = 0
    STOCK = 1
    """It is one that the stack brings along, about everything that runs."""
    PERHAPS = 2
    """It is about whatever exports a metric."""
    UNDECIDED = 3
    """It is about a namespace, and that of the workload is not known."""
    SCRAPED = 4
    """It is about whatever is scraped."""
    ALL = 5
    """It is about everything that runs."""
    NAMESPACE = 6
    NAMED = 7


class Identity(Struct, frozen=True, eq=False):
    """What series and alerts call a workload.

    Args:
        namespace: its namespace; "" where that is not known.
        kind: its kind.
        name: its name.
        pods: what its pods and their ReplicaSet may be called.
        containers: its containers.
        names: what its targets are called: itself, its Services, the values of its labels.
    """

    namespace: str
    kind: str
    name: str
    pods: tuple[str, ...]
    containers: frozenset[str]
    names: frozenset[str]


def is_stock(name: str) -> bool:
    """Whether an alert is one that a stack brings along, by its name (kubernetes-mixin and those of the stacks)."""
    return _STOCK.fullmatch(name) is not None


def anchors_of(rule: AlertRule) -> frozenset[str] | None:
    """The names that a workload must have one of, or begin with, for a rule to be about it.

    None where the rule does not say so. What asks for a namespace alone is anchored by `namespace/`.

    Args:
        rule: the rule.
    """
    found: set[str] = set()
    named = [value for label, value in rule.labels.items() if _tells(label)]
    spaces = [f"{value}/" for label, value in rule.labels.items() if label in NAMESPACES]
    found.update(named or spaces)
    for expression in rule.expressions:
        for selector in expression.selectors:
            anchors = _selector_anchors(selector)
            if anchors is None:
                return None
            found |= anchors
    return frozenset(found) or None


def is_about_all(rule: AlertRule) -> bool:
    """Whether nothing in a rule asks for a workload or a namespace."""
    return not any(_tells(label) or label in NAMESPACES for label in rule.labels) and not any(
        identifies(matcher) and (matcher.label in NAMESPACES or _counts(matcher, selector))
        for expression in rule.expressions
        for selector in expression.selectors
        for matcher in selector.matchers
    )


def cover(rule: AlertRule, workload: Identity) -> Cover:
    """How a rule is about a workload.

    Args:
        rule: the rule.
        workload: what series call the workload.
    """
    about_all = is_about_all(rule)
    best = _by_labels(rule.labels, workload)
    for expression in rule.expressions:
        for selector in expression.selectors:
            found = _by_selector(selector, workload)
            if found is Cover.ALL:
                found = _of_all(selector, expression, workload) if about_all else Cover.NONE
            best = max(best, found)
    if best is Cover.NAMESPACE and _names_any(rule):
        # What is joined with series that are somebody else's is about that one.
        return Cover.NONE
    return Cover.STOCK if best in (Cover.ALL, Cover.SCRAPED, Cover.PERHAPS) and is_stock(rule.name) else best


def may_cover(rule: AlertRule, workload: Identity) -> str:
    """Why it cannot be told whether a rule is about a workload: what of it cannot be read; "" where it can.

    Args:
        rule: the rule.
        workload: what series call the workload.
    """
    return next((reason for text, reason in rule.unread if _may_be_about(text, workload)), "")


def _may_be_about(text: str, workload: Identity) -> bool:
    try:
        selectors = read_selectors(text).selectors
    except BrokenExpression:
        return workload.name in text or (workload.namespace != "" and workload.namespace in text)
    for selector in selectors:
        decided = tuple(each for each in selector.matchers if "$" not in each.value and "{{" not in each.value)
        open_ones = [each for each in selector.matchers if each not in decided]
        found = _by_selector(SeriesSelector(selector.metric, decided), workload)
        asks = any(each.label in NAMESPACES or _counts(each, selector) for each in open_ones)
        if found is not Cover.NONE and (asks or found is not Cover.ALL):
            return True
    return False


def _names_any(rule: AlertRule) -> bool:
    return any(map(_tells, rule.labels)) or any(
        identifies(matcher) and _counts(matcher, selector)
        for expression in rule.expressions
        for selector in expression.selectors
        for matcher in selector.matchers
    )


def _by_labels(labels: Mapping[str, str], workload: Identity) -> Cover:
    spaces = [value for label, value in labels.items() if label in NAMESPACES]
    if spaces and workload.namespace and workload.namespace not in spaces:
        return Cover.NONE
    for label, value in labels.items():
        if _tells(label) and _holds(Matcher(label, "=", value), workload):
            return Cover.NAMED
    if not spaces or any(_tells(label) for label in labels):
        return Cover.NONE
    return Cover.NAMESPACE if workload.namespace else Cover.UNDECIDED


def _by_selector(selector: SeriesSelector, workload: Identity) -> Cover:
    space = _by_namespace(selector, workload)
    if space is Cover.NONE:
        return space
    target: list[bool] = []
    named = False
    for matcher in selector.matchers:
        if matcher.label in NAMESPACES or not _counts(matcher, selector):
            continue
        holds, asks = _holds(matcher, workload), identifies(matcher)
        if matcher.label in _TARGETS and asks:
            # The name of the target, of its Service and of its app may each be another one.
            target.append(holds)
        elif not holds:
            return Cover.NONE
        named = named or asks
    if target and not any(target):
        return Cover.NONE
    return Cover.NAMED if named else space


def _by_namespace(selector: SeriesSelector, workload: Identity) -> Cover:
    """What a selector asks of the namespace alone: ALL where that is nothing in particular."""
    best = Cover.ALL
    for matcher in selector.matchers:
        if matcher.label not in NAMESPACES:
            continue
        if workload.namespace and not _matches(matcher, (workload.namespace,)):
            return Cover.NONE
        if identifies(matcher):
            best = Cover.NAMESPACE if workload.namespace else Cover.UNDECIDED
    return best


def _of_all(selector: SeriesSelector, expression: Expression, workload: Identity) -> Cover:
    metric = selector.metric
    if _EVERY_POD.match(metric):
        kind = next((kind for prefix, kind in _OF_KIND.items() if metric.startswith(prefix)), workload.kind)
        return Cover.ALL if kind == workload.kind else Cover.NONE
    if metric == "up":
        # A job that is not the workload's own was asked for above.
        return Cover.SCRAPED if not any(map(identifies, selector.matchers)) else Cover.NONE
    if _COMMON.match(metric):
        return Cover.PERHAPS
    by_service = any(_tells(label) or label in NAMESPACES for label in expression.grouped)
    return Cover.PERHAPS if by_service and not _OF_MACHINES.match(metric) else Cover.NONE


def _tells(label: str) -> bool:
    return label in _TARGETS or label in _KINDS or label in _PODS or label in _CONTAINERS or label in _WORKLOADS


def _counts(matcher: Matcher, selector: SeriesSelector) -> bool:
    """Whether a matcher asks for a workload, and not for the exporter that tells of it."""
    label = matcher.label
    if label in _OF_THE_SCRAPE and _ABOUT_PODS.match(selector.metric):
        return False
    if label == "job" and _ABOUT_OTHERS.match(selector.metric):
        return False
    return _tells(label)


def _holds(matcher: Matcher, workload: Identity) -> bool:
    label = matcher.label
    kind = _KINDS.get(label)
    if kind is not None:
        return kind == workload.kind and _matches(matcher, (workload.name,))
    if label in _PODS:
        return _matches(matcher, workload.pods)
    if label in _CONTAINERS:
        return _matches(matcher, workload.containers)
    if label in _WORKLOADS:
        return _matches(matcher, (workload.name,))
    return _matches(Matcher(label, matcher.operator, _bare(matcher.value)), workload.names)


_ADDRESS = re.compile(r"(?:https?://)?([\w.-]+)(?::\d+)?(?:/\S*)?")


def _bare(value: str) -> str:
    """The host of an address, as `instance` holds it; any other value as it is."""
    match = _ADDRESS.fullmatch(value) if ":" in value else None
    return match[1] if match else value


def _matches(matcher: Matcher, values: frozenset[str] | tuple[str, ...]) -> bool:
    match matcher.operator:
        case "=":
            return matcher.value in values
        case "!=":
            return not matcher.value or matcher.value not in values
        case "=~":
            return any(_full(matcher.value, value) for value in values)
        case _:
            return not any(_full(matcher.value, value) for value in values)


def identifies(matcher: Matcher) -> bool:
    """Whether a matcher asks for something in particular: not for all but one, and not for all."""
    if matcher.operator == "=":
        return bool(matcher.value)
    return matcher.operator == "=~" and not _full(matcher.value, _NO_NAME)


@lru_cache(maxsize=65536)
def _full(expression: str, value: str) -> bool:
    pattern = _compiled(expression)
    return pattern is not None and pattern.matches(value)


@lru_cache(maxsize=2048)
def _compiled(expression: str) -> GoRegex | None:
    try:
        return GoRegex(f"^(?:{expression})$")
    except UnreadableRegex:
        # Prometheus refuses the rule; its parser has said so.
        return None


_ALTERNATIVE = re.compile(r"([\w/.:-]*?[\w/:])(?:-?(?:\.[*+]|\[[^\]]*\][*+]?))*")


def _selector_anchors(selector: SeriesSelector) -> frozenset[str] | None:
    """The names that a selector asks for, else its namespaces; None where they cannot be listed."""
    spaces: frozenset[str] | None = None
    named: set[str] = set()
    for matcher in selector.matchers:
        if not identifies(matcher):
            continue
        if matcher.label in NAMESPACES:
            listed = _alternatives(matcher, exact=True)
            if listed is None:
                return None
            spaces = frozenset(f"{each}/" for each in listed)
        elif _counts(matcher, selector):
            listed = _alternatives(matcher)
            if listed is None:
                return None
            named |= listed
    return frozenset(named) or spaces or frozenset()


def _alternatives(matcher: Matcher, *, exact: bool = False) -> set[str] | None:
    if matcher.operator == "=":
        return {_bare(matcher.value)}
    text = matcher.value.removeprefix("^").removesuffix("$")
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1]
    found: set[str] = set()
    for each in text.split("|")[: _MOST_ALTERNATIVES + 1]:
        match = _ALTERNATIVE.fullmatch(each)
        # A dot stands for any character, and what follows a name without a dash may go on with it.
        if match is None or "." in match[1] or (each != match[1] and (exact or each[len(match[1])] != "-")):
            return None
        found.add(match[1])
    return found if len(found) <= _MOST_ALTERNATIVES else None


def looked_up(workload: Identity) -> Iterator[str]:
    """What to look for among the anchors of rules."""
    yield from workload.names
    yield from workload.containers
    parts = workload.name.split("-")
    for length in range(1, len(parts) + 1):
        yield "-".join(parts[:length])
    yield from workload.pods
    yield f"{workload.namespace}/"
