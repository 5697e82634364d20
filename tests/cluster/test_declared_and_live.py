"""What is applied to a real API server gets the findings that its manifests get, rule by rule.

Each difference is listed with its reason; a reason that explains nothing any more is a failure too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from readycheck import packs
from readycheck.model import Outcome, Status
from readycheck.scan import ScanRequest, scan
from readycheck.sources.files import FilesRequest, collect
from tests.cluster.conftest import Find
from tests.cluster.definitions import define
from tests.cluster.nodes import make_namespace, settle, storage_class, three_zones
from tests.cluster.servers import ApiServer, api_server, controllers

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

ROOT = Path(__file__).parents[2]


class Difference(NamedTuple):
    """Verdicts that differ between what is declared and what runs.

    Args:
        rules: a pattern of rule IDs.
        things: a pattern of `Kind/namespace/name`.
        reason: why both are right.
        by_chance: whether the scheduler may also make them equal.
    """

    rules: str
    things: str
    reason: str
    by_chance: bool = False


_ABSENT = "what stands nowhere in a tree may be installed apart; what a cluster does not hold is not there"
_CHART = "a chart that is not at hand stands for what it runs; the cluster shows what its controller made of it"
_CLOUD = "the nodes tell which cloud makes load balancers, and that it has not made this one yet"
_REPORTS = "reports of a tree are about what it declares; a cluster is judged by those of the Trivy operator"
_NO_CONTROLLER = "what external-dns, cert-manager and ingress-nginx would make or say of it is missing: none runs here"
_NO_PODS = "no controller of Argo Rollouts runs here, and so no pod of it"
_YOUNG = "a recommendation counts after a day, and this one was made now"
_DECRYPTED = "what SOPS encrypted is in the tree alone: no API server would take it"
_PARKED = "live, nothing is expected behind a Service whose workload has no replicas"
_TWO_BUDGETS = "of a pod in two budgets Kubernetes tells one alone, so that the status of the other may be stale"
_PLACES = "the zones and nodes that pods were given count, whatever is declared of them"

PLACES = tuple(
    Difference(rule, "*/*/*", _PLACES, by_chance=True)
    for rule in ("workload/zone-spread", "workload/node-spread", "network/service-endpoints")
)
ALERTS = Difference("observability/alert-rules", "*/*/*", _ABSENT)
MONITORS = Difference("observability/service-monitored", "*/*/*", _ABSENT)
TREES: Mapping[str, tuple[Difference, ...]] = {
    "microservices-demo/kubernetes-manifests": (
        ALERTS,
        MONITORS,
        Difference("network/*", "Service/default/frontend-external", _CLOUD),
    ),
    "podinfo/deploy/overlays/production": (ALERTS, *PLACES),
    "kubernetes-goat/scenarios": (ALERTS, MONITORS),
    "estate": (
        MONITORS,
        *PLACES,
        Difference("*", "HelmRelease/*/*", _CHART),
        Difference("image/vulnerabilities", "*/*/*", _REPORTS),
        Difference("network/certificate-issuer", "Ingress/*/shop", _NO_CONTROLLER),
        Difference("network/dns-records", "*/*/*", _NO_CONTROLLER),
        Difference("network/ingress-controller", "Ingress/*/*", _NO_CONTROLLER),
        Difference("network/ingress-tls", "Ingress/*/*", _NO_CONTROLLER),
        Difference("network/load-balancer", "Service/*/payments-webhooks", _CLOUD),
        Difference("network/service-endpoints", "Service/*/checkout", _NO_PODS),
        Difference("network/service-endpoints", "Service/shop/pairings", _PARKED),
        Difference("secret/flux-decryption", "Kustomization/flux-system/platform", _DECRYPTED),
        Difference("workload/*", "Rollout/shop*/checkout", _NO_PODS),
        Difference("workload/drainable", "PodDisruptionBudget/shop/*", _TWO_BUDGETS, by_chance=True),
        Difference("workload/right-size", "*/shop/*", _YOUNG),
    ),
}

Told = dict[tuple[str, str, str], list[str]]
"""Statuses, with the messages of findings, by rule, thing and container."""


@pytest.fixture(params=TREES)
def tree(request: pytest.FixtureRequest) -> Path:
    """A folder of manifests: of this project, or of public repositories."""
    if request.param == "estate":
        return ROOT / "fixtures" / "estate"
    corpora: Path = request.getfixturevalue("corpora")
    return corpora / str(request.param)


@contextmanager
def standing(tree: Path, find: Find, folder: Path) -> Iterator[ApiServer]:
    """A cluster of its own in which what a tree declares has come to rest."""
    with api_server(folder, find) as server, controllers(server, find):
        three_zones(server.client)
        storage_class(server.client)
        define(server.client)
        objects = list(objects_of(tree))
        namespaces = sorted({body["metadata"].get("namespace", "default") for body in objects})
        for namespace in namespaces:
            make_namespace(server.client, namespace)
        server.client.apply(*objects)
        settle(server.client, *namespaces)
        yield server


def objects_of(tree: Path) -> Iterator[Mapping[str, Any]]:
    """The objects of a tree that an API server takes: what SOPS encrypted, it never sees."""
    for resource in collect(FilesRequest(paths=(tree,))).resources:
        body = resource.body
        of_cluster = resource.api_version and "metadata" in body and "sops" not in body
        if of_cluster and not resource.api_version.startswith("kustomize.config.k8s.io/"):
            yield body


def test_what_runs_gets_the_findings_of_its_manifests(
    tree: Path, find: Find, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with standing(tree, find, tmp_path) as server:
        environment = {
            "files": {"paths": [str(tree)]},
            "cluster": {"context": "test", "kubeconfig": str(server.admin())},
        }
        config = tmp_path / "readycheck.yaml"
        config.write_text(yaml.safe_dump({"environments": {"prod": environment}}), "utf-8")
        report = scan(ScanRequest(environment="prod", config=config))
    assert [problem for source in report.sources for problem in source.problems if source.source == "cluster"] == []
    declared, live = told(report.outcomes, "files"), told(report.outcomes, "cluster")
    both = {thing for _, thing, _ in declared} & {thing for _, thing, _ in live}
    compared = [key for key in declared.keys() | live.keys() if key[1] in both]
    assert len(compared) > 100
    differing = {key for key in compared if declared.get(key) != live.get(key)}
    known = TREES[name_of(request)]
    unexplained = sorted(key for key in differing if not any(explains(difference, key) for difference in known))
    said = [f"{' '.join(key)}\n    declared: {declared.get(key)}\n    live: {live.get(key)}" for key in unexplained]
    assert not said, "\n".join(said)
    stale = [each for each in known if not each.by_chance and not any(explains(each, key) for key in differing)]
    assert not stale


def name_of(request: pytest.FixtureRequest) -> str:
    name: str = request.node.callspec.params["tree"]
    return name


def told(outcomes: Iterable[Outcome], source: str) -> Told:
    """What is said of the things of a source, by the rules that files and a cluster can both answer."""
    both = {rule.id for rule in packs.load() if {"files", "cluster"} <= set(rule.sources)}
    found: Told = defaultdict(list)
    for outcome in outcomes:
        root = outcome.resource.root
        if outcome.rule in both and root.origin.source == source and root.kind != "Environment":
            part = "" if outcome.resource is root else outcome.resource.name
            messages = ": " + str(outcome.reason) if outcome.status is Status.FAIL else ""
            namespace = root.scope or "default"
            found[outcome.rule, f"{root.kind}/{namespace}/{root.name}", part].append(outcome.status.value + messages)
    return {key: sorted(set(statuses)) for key, statuses in found.items()}


def explains(difference: Difference, key: tuple[str, str, str]) -> bool:
    """Whether a listed difference is that of a verdict."""
    return fnmatchcase(key[0], difference.rules) and fnmatchcase(key[1], difference.things)
