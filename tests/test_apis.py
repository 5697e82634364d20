"""One table says which kinds a live cluster is asked for: what rules ask about, and nothing that none does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.harness import run
from readycheck.inventory import Inventory
from readycheck.inventory.core import Core
from readycheck.kubernetes.apis import APIS, Api, cluster_role
from readycheck.kubernetes.kinds import qualified
from readycheck.model import Collected, Resource
from readycheck.observability.custom_resources import _READERS as READ_IN_PASSING

ROOT = Path(__file__).parents[1]

NOT_OF_A_CLUSTER = {
    # What files hold.
    *("Action", "AlloyConfig", "Chart", "CollectorConfig", "Compose", "Config", "ConfigFile", "DependencyList"),
    *("Dockerfile", "KustomizationFile", "Makefile", "Pipeline", "Readme", "Script", "SecretFile", "SopsConfig"),
    *("TrivyIgnore", "TrivyReport", "Vex", "ClusterConfig"),
    # What the API has deprecated: an EndpointSlice stands for each.
    "Endpoints",
    # The whole, and what the server says of itself.
    *("Environment", "ServerVersion"),
}
NAMED_BY_OBJECTS = {"AWSPCAIssuer", "AWSPCAClusterIssuer"}
"""Kinds that are asked for by what a Certificate or an Ingress names as its issuer."""
CONSTANT_FIND = re.compile(r"\.find\(\s*\"([A-Z]\w+)\"")


def of(kind: str, group: str | None = None) -> Api:
    return next(api for api in APIS if api.kind == kind and group in (None, api.group))


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("Pod", "pods"),
        ("Ingress", "ingresses.networking.k8s.io"),
        ("StorageClass", "storageclasses.storage.k8s.io"),
        ("Policy", "policies.kyverno.io"),
        ("GitRepository", "gitrepositories.source.toolkit.fluxcd.io"),
        ("HTTPProxy", "httpproxies.projectcontour.io"),
        ("Prometheus", "prometheuses.monitoring.coreos.com"),
        ("Gateway", "gateways.gateway.networking.k8s.io"),
        ("Alloy", "alloys.collectors.grafana.com"),
        ("ThanosQuery", "thanosqueries.monitoring.thanos.io"),
        ("VLogs", "vlogs.operator.victoriametrics.com"),
        ("EC2NodeClass", "ec2nodeclasses.karpenter.k8s.aws"),
    ],
)
def test_a_kind_is_listed_by_the_name_that_its_definition_gives_it(kind: str, resource: str) -> None:
    assert of(kind).resource == resource


def test_what_is_served_under_a_former_group_too_is_asked_for_once() -> None:
    assert [api.resource for api in APIS if api.kind in ("Deployment", "Ingress")] == [
        "deployments.apps",
        "ingresses.networking.k8s.io",
    ]


def test_a_kind_is_known_to_the_inventory_by_the_name_that_the_table_gives_it() -> None:
    assert {
        api.resource: (api.qualified_kind, expected)
        for api in APIS
        if api.qualified_kind != (expected := qualified(api.kind, f"{api.group}/v1" if api.group else "v1"))
    } == {}


def test_the_role_lets_list_each_kind_once_and_nothing_else() -> None:
    role = yaml.safe_load(cluster_role([of("Pod"), of("Service"), of("Ingress"), of("Pod")], name="reader"))
    assert role == {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "reader"},
        "rules": [
            {"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["list"]},
            {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": ["list"]},
        ],
    }


class Ear:
    """Hears which kinds are asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: set[str] = set()
        self.looked_for: set[str] = set()
        """Kinds that one thing of a name was wanted of: other objects name some of them, and may name any."""
        of, find = Core._of, Core.find  # noqa: SLF001 - where every question for a kind ends up

        def heard_of(core: Core, kind: str) -> object:
            if kind not in core.derived:
                self.asked.add(kind)
            return of(core, kind)

        def heard_find(core: Core, kind: str, name: str, near: Resource, *, namespace: str | None = None) -> object:
            self.looked_for.add(kind)
            return find(core, kind, name, near, namespace=namespace)

        monkeypatch.setattr(Core, "_of", heard_of)
        monkeypatch.setattr(Core, "find", heard_find)


def constants() -> Iterator[str]:
    """The kinds that are looked for by name, as the code writes them."""
    for folder in (ROOT / "src" / "readycheck", ROOT / "rules"):
        for file in folder.rglob("*.py"):
            yield from CONSTANT_FIND.findall(file.read_text("utf-8"))


@pytest.mark.slow
def test_rules_ask_for_what_the_table_holds_and_the_table_holds_what_rules_ask_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ear = Ear(monkeypatch)
    rules = packs.load()
    for _ in run(ROOT / "fixtures" / "rules", rules):
        pass
    list(judge(map(Selection.default, rules), Inventory((Collected("cluster", ()),))))
    held = {api.qualified_kind for api in APIS}
    # Terraform's types are written in small letters, and what it records is called after it.
    wanted = {kind for kind in ear.asked if not kind[0].islower() and not kind.startswith("Terraform")}
    wanted |= set(constants())
    assert wanted - held - NOT_OF_A_CLUSTER == set()
    in_passing = {kind.partition(".")[0] for kind in READ_IN_PASSING}
    assert held - wanted - ear.looked_for - in_passing - NAMED_BY_OBJECTS == set()


def test_what_monitoring_reads_in_passing_is_asked_for_in_its_own_groups() -> None:
    assert set(READ_IN_PASSING) <= {f"{api.kind}.{api.group}" for api in APIS}
