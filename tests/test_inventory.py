"""What sees what: overlays of one base, namespaces, owners; and that asking costs no more for being many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.workload import Workload
from readycheck.model import Outcome, Status
from readycheck.sources.files import FilesRequest, collect

RULES = {rule.id: rule for rule in packs.load()}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}{more}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{part-of: shop, app: {name}}}}}
    spec: {{containers: [{{name: web, image: "registry.example.com/web:1.0"}}]}}
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {name}{more}}}
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{part-of: shop, app: {name}}}}}}}
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}{more}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}
  minReplicas: {least}
  maxReplicas: 9
"""
ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {{name: {name}{more}}}
spec:
  replicas: 2
  strategy: {{canary: {{}}}}
  workloadRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}
"""


def deployment(name: str = "web", more: str = "") -> str:
    return DEPLOYMENT.format(name=name, more=more)


def budget(name: str = "web", more: str = "") -> str:
    return BUDGET.format(name=name, more=more)


def autoscaler(least: int, name: str = "web", more: str = "") -> str:
    return AUTOSCALER.format(name=name, more=more, least=least)


def inventory_of(tree: Path) -> Inventory:
    collected = collect(FilesRequest(paths=(tree,)))
    assert not collected.problems
    return Inventory((collected,))


def judged(inventory: Inventory, rule: str) -> list[Outcome]:
    return list(judge([Selection.default(RULES[f"workload/{rule}"])], inventory))


def by_overlay(inventory: Inventory, rule: str) -> dict[str, Status]:
    return {outcome.resource.origin.world: outcome.status for outcome in judged(inventory, rule)}


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


@pytest.fixture
def two_overlays(tmp_path: Path) -> Callable[..., Path]:
    """A base with a Deployment, and two overlays of it, each with manifests of its own."""

    def make(*, dev: str = "", prod: str = "", base: str = "") -> Path:
        write(tmp_path / "base", web=base or deployment(), kustomization="resources: [web.yaml]\n")
        for name, own in (("dev", dev), ("prod", prod)):
            resources = "[../base, own.yaml]" if own else "[../base]"
            write(tmp_path / name, kustomization=f"resources: {resources}\n", **({"own": own} if own else {}))
        return tmp_path

    return make


def test_a_budget_of_one_overlay_covers_nothing_in_another(two_overlays: Callable[..., Path]) -> None:
    tree = two_overlays(dev=budget())
    assert by_overlay(inventory_of(tree), "disruption-budget") == {"dev": Status.PASS, "prod": Status.FAIL}


def test_budgets_of_two_overlays_are_not_two_budgets_of_one_pod(two_overlays: Callable[..., Path]) -> None:
    tree = two_overlays(dev=budget(), prod=budget().replace("name: web", "name: other", 1))
    assert by_overlay(inventory_of(tree), "disruption-budget") == {"dev": Status.PASS, "prod": Status.PASS}


def test_an_autoscaler_of_one_overlay_scales_nothing_in_another(two_overlays: Callable[..., Path]) -> None:
    tree = two_overlays(dev=autoscaler(1), prod=autoscaler(3))
    assert by_overlay(inventory_of(tree), "replicas") == {"dev": Status.FAIL, "prod": Status.PASS}


def test_what_stands_for_itself_is_seen_by_every_overlay(two_overlays: Callable[..., Path]) -> None:
    tree = two_overlays()
    write(tree / "policies", web=budget())
    assert by_overlay(inventory_of(tree), "disruption-budget") == {"dev": Status.PASS, "prod": Status.PASS}


@pytest.mark.parametrize("order", ["rollout first", "deployment first"])
def test_a_rollout_runs_the_template_of_its_own_overlay(two_overlays: Callable[..., Path], order: str) -> None:
    parts = [ROLLOUT.format(name="web", more=""), deployment()]
    dev, prod = ("---\n".join(parts if order == "rollout first" else reversed(parts)) for _ in "12")
    prod = prod.replace("web:1.0", "web:2.0")
    inventory = inventory_of(two_overlays(dev=dev, prod=prod, base=budget()))
    images = {
        rollout.origin.world: rollout.containers[0].body["image"]
        for rollout in inventory.of("Rollout")
        if isinstance(rollout, Workload)
    }
    assert images == {"dev": "registry.example.com/web:1.0", "prod": "registry.example.com/web:2.0"}
    templates = [(it.origin.world, inventory.run_by(it)) for it in inventory.workloads if it.kind == "Deployment"]
    assert {world: rollout and rollout.origin.world for world, rollout in templates} == {"dev": "dev", "prod": "prod"}


@pytest.mark.parametrize(
    ("of_the_workload", "of_the_budget", "covered"),
    [
        ("", "", True),
        (", namespace: shop", ", namespace: shop", True),
        (", namespace: shop", "", False),
        ("", ", namespace: shop", False),
        ("", ", namespace: default", False),
        (", namespace: ''", "", True),
    ],
)
def test_a_missing_namespace_is_one_of_its_own(
    tmp_path: Path, of_the_workload: str, of_the_budget: str, *, covered: bool
) -> None:
    write(tmp_path, web=deployment(more=of_the_workload), budget=budget(more=of_the_budget))
    (outcome,) = judged(inventory_of(tmp_path), "disruption-budget")
    assert (outcome.status is Status.PASS) is covered


OWNED = """\
apiVersion: {api}
kind: {kind}
metadata:
  name: {name}
  labels: {labels}
  {owners}
spec: {spec}
"""
POD = "{containers: [{name: web, image: 'registry.example.com/web:1.0'}]}"
TEMPLATE = f"{{template: {{metadata: {{labels: {{app: web}}}}, spec: {POD}}}}}"


API = {
    "Deployment": "apps/v1",
    "Job": "batch/v1",
    "Kafka": "kafka.strimzi.io/v1beta2",
    "Pod": "v1",
    "ReplicaSet": "apps/v1",
    "Rollout": "argoproj.io/v1alpha1",
    "StatefulSet": "apps/v1",
}


def owned(kind: str, name: str, *, labels: str = "{}", owner: tuple[str, str] | None = None) -> str:
    owners = ""
    if owner:
        reference = f"apiVersion: {API[owner[0]]}, kind: {owner[0]}, name: {owner[1]}, uid: u, controller: true"
        owners = f"ownerReferences: [{{{reference}}}]"
    return OWNED.format(
        api=API[kind], kind=kind, name=name, labels=labels, owners=owners, spec=POD if kind == "Pod" else TEMPLATE
    )


def judged_as(tmp_path: Path, *documents: str) -> list[str]:
    (tmp_path / "live.yaml").write_text("---\n".join(documents))
    return [f"{workload.kind} {workload.name}" for workload in inventory_of(tmp_path).workloads]


HASH = "{app: web, pod-template-hash: 5d4f}"


@pytest.mark.parametrize(
    "documents",
    [
        (
            owned("ReplicaSet", "web-5d4f", labels=HASH, owner=("Deployment", "web")),
            owned("Pod", "web-5d4f-abcde", labels=HASH, owner=("ReplicaSet", "web-5d4f")),
        ),
        (owned("Pod", "web-5d4f-abcde", labels=HASH, owner=("ReplicaSet", "web-5d4f")),),
        (owned("ReplicaSet", "web-5d4f", labels=HASH), owned("Pod", "web-5d4f-abcde", labels=HASH)),
        (owned("Pod", "web-5d4f-abcde", labels=HASH),),
    ],
    ids=[
        "by references",
        "a ReplicaSet that was not read",
        "references left out",
        "references and ReplicaSet left out",
    ],
)
def test_a_deployment_s_replicasets_and_pods_are_judged_once_as_the_deployment(
    tmp_path: Path, documents: tuple[str, ...]
) -> None:
    assert judged_as(tmp_path, deployment(), *documents) == ["Deployment web"]


def test_pods_of_a_rollout_are_judged_as_the_rollout(tmp_path: Path) -> None:
    rollout = ROLLOUT.format(name="web", more="").replace(
        "workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}", TEMPLATE[1:-1]
    )
    labels = "{app: web, rollouts-pod-template-hash: 5d4f}"
    documents = (owned("Pod", "web-5d4f-abcde", labels=labels, owner=("ReplicaSet", "web-5d4f")),)
    assert judged_as(tmp_path, rollout, *documents) == ["Rollout web"]


@pytest.mark.parametrize(
    "pod",
    [
        owned("Pod", "web-0", owner=("Kafka", "web")),
        owned("Pod", "web-5d4f-abcde", labels=HASH.replace("5d4f", "9c8e")),
        owned("Pod", "other-5d4f-abcde", labels=HASH),
        owned("Pod", "web"),
    ],
    ids=["of a custom resource", "of another hash", "of another name", "of nothing"],
)
def test_other_pods_are_judged_for_themselves(tmp_path: Path, pod: str) -> None:
    judged = judged_as(tmp_path, deployment(), pod)
    assert [name.split()[0] for name in judged] == ["Deployment", "Pod"]


def test_a_pod_of_a_job_is_judged_as_the_job(tmp_path: Path) -> None:
    pod = owned("Pod", "import-x", owner=("Job", "import"))
    assert judged_as(tmp_path, owned("Job", "import"), pod) == ["Job import"]


MANY = 400
"""Where each is compared with each other one, this makes 160,000 comparisons."""
A_FEW_EACH = 10 * MANY


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts how often a selector is compared with labels, and two things are asked whether they stand together."""
    asked: Counter[str] = Counter()

    def counted(owner: type, name: str) -> None:
        original = getattr(owner, name)

        def method(*arguments: object) -> object:
            asked[name] += 1
            return original(*arguments)

        monkeypatch.setattr(owner, name, method)

    counted(Selector, "matches")
    counted(Inventory, "together")
    return asked


def many(tree: Path, make: Callable[[int], str]) -> Inventory:
    write(tree, all="---\n".join(make(number) for number in range(MANY)))
    return inventory_of(tree)


def test_many_workloads_with_budgets_that_have_a_label_in_common(tmp_path: Path, comparisons: Counter[str]) -> None:
    inventory = many(tmp_path, lambda number: deployment(f"web-{number}") + "---\n" + budget(f"web-{number}"))
    assert {outcome.status for outcome in judged(inventory, "disruption-budget")} == {Status.PASS}
    assert {finding.message for outcome in judged(inventory, "drainable") for finding in outcome.findings} == {
        "lets a pod that never gets ready block a drain: unhealthyPodEvictionPolicy is not AlwaysAllow"
    }
    assert comparisons.total() < A_FEW_EACH


def test_many_workloads_whose_budgets_stand_in_another_namespace(tmp_path: Path, comparisons: Counter[str]) -> None:
    inventory = many(
        tmp_path,
        lambda number: deployment(f"web-{number}") + "---\n" + budget(f"web-{number}", more=", namespace: shop"),
    )
    outcomes = judged(inventory, "disruption-budget")
    assert len(outcomes) == MANY
    assert [outcome.findings[0].message for outcome in outcomes[:2]] == [
        "no PodDisruptionBudget selects its pods: web-0 would, in namespace shop",
        "no PodDisruptionBudget selects its pods: web-1 would, in namespace shop",
    ]
    assert comparisons.total() < A_FEW_EACH


def test_one_app_in_many_namespaces(tmp_path: Path, comparisons: Counter[str]) -> None:
    inventory = many(
        tmp_path,
        lambda number: (
            deployment(more=f", namespace: dev-{number}") + "---\n" + budget(more=f", namespace: test-{number}")
        ),
    )
    assert [outcome.status for outcome in judged(inventory, "disruption-budget")] == [Status.FAIL] * MANY
    assert comparisons.total() < A_FEW_EACH


RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: chart-{0}, namespace: n-{0}}}
spec: {{chart: {{spec: {{chart: thing, sourceRef: {{kind: HelmRepository, name: things}}}}}}}}
"""
DATABASE = """\
apiVersion: db.example.com/v1
kind: Database
metadata: {{name: db-{0}}}
spec: {{replicas: 2}}
"""


@pytest.mark.parametrize("neighbour", [RELEASE, DATABASE], ids=["charts not at hand", "custom resources"])
def test_many_budgets_that_select_nothing(tmp_path: Path, comparisons: Counter[str], neighbour: str) -> None:
    inventory = many(tmp_path, lambda number: budget(f"gone-{number}") + "---\n" + neighbour.format(number))
    outcomes = [outcome for outcome in judged(inventory, "drainable") if outcome.findings]
    assert [outcome.resource.name for outcome in outcomes] == [f"gone-{number}" for number in range(MANY)]
    assert comparisons.total() < A_FEW_EACH


def test_many_autoscalers_of_one_namespace(tmp_path: Path, comparisons: Counter[str]) -> None:
    inventory = many(tmp_path, lambda number: deployment(f"web-{number}") + "---\n" + autoscaler(1, f"web-{number}"))
    assert [outcome.findings[0].message for outcome in judged(inventory, "replicas")[:2]] == [
        "can run with 1 of at least 2 replicas, by HorizontalPodAutoscaler web-0",
        "can run with 1 of at least 2 replicas, by HorizontalPodAutoscaler web-1",
    ]
    assert comparisons.total() < A_FEW_EACH


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {group: example.com}
"""


@pytest.mark.parametrize("shared", [NAMESPACE, CRD], ids=["Namespace", "CustomResourceDefinition"])
@pytest.mark.parametrize("by", ["the same file", "a copy"])
def test_two_kustomizations_that_both_bring_what_each_can_rely_on_see_each_other(
    tmp_path: Path, shared: str, by: str
) -> None:
    here = ", namespace: shop"
    write(tmp_path / "common", shared=shared, kustomization="resources: [shared.yaml]\n")
    first = "../common" if by == "the same file" else "shared.yaml"
    for name, own in (
        ("app", deployment(more=here)),
        ("policies", budget(more=here) + "---\n" + autoscaler(3, more=here)),
    ):
        write(tmp_path / name, own=own, kustomization=f"resources: [{first}, own.yaml]\n")
        if first == "shared.yaml":
            write(tmp_path / name, shared=shared)
    inventory = inventory_of(tmp_path)
    assert [outcome.status for outcome in judged(inventory, "disruption-budget")] == [Status.PASS]
    assert [outcome.reason for outcome in judged(inventory, "replicas")] == [
        "never runs fewer than 3 replicas, by HorizontalPodAutoscaler web"
    ]


def test_many_autoscalers_whose_targets_are_named_by_a_variable(tmp_path: Path, comparisons: Counter[str]) -> None:
    inventory = many(
        tmp_path,
        lambda number: "---\n".join(
            (deployment(f"web-{number}"), deployment(f"'${{APP}}-{number}'"), autoscaler(3, f"'${{APP}}-{number}'"))
        ),
    )
    assert {outcome.status for outcome in judged(inventory, "replicas")} == {Status.PASS}
    assert comparisons.total() < A_FEW_EACH
