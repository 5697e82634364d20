"""`readycheck fix` from end to end: what is proposed, what is proven, and what is left alone."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readycheck import fix as fixing
from readycheck.cli import main
from readycheck.fixes.choice import Choice
from readycheck.fixes.planning import plan
from readycheck.inventory.nowhere import NOWHERE
from readycheck.kubernetes.node import wants_spot
from readycheck.model import Resource
from readycheck.scan import ScanRequest, files_of, scan
from tests.trees import only, write

WEB = """\
# The shop window.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web   # short
spec:
  replicas: 1  # for now
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: registry.example.com/web:1.0
"""
RULES = ("workload/replicas", "workload/zone-spread", "workload/node-spread", "workload/rollout-strategy")
TOPOLOGY = """\
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: topology.kubernetes.io/zone
        whenUnsatisfiable: ScheduleAnyway
        labelSelector:
          matchLabels:
            app: web
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: ScheduleAnyway
        labelSelector:
          matchLabels:
            app: web
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    write(tmp_path, {"readycheck.yaml": only(*RULES), "deploy/web.yaml": WEB})
    subprocess.run(["git", "add", "--all"], check=True)
    return tmp_path


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fix", *arguments], catch_exceptions=False)


def test_what_is_printed_is_what_git_applies(tree: Path) -> None:
    done = ran("deploy")
    assert done.exit_code == 0
    Path("fixes.patch").write_bytes(done.stdout_bytes)
    subprocess.run(["git", "apply", "fixes.patch"], check=True)
    assert (tree / "deploy/web.yaml").read_text() == WEB.replace("replicas: 1", "replicas: 2") + TOPOLOGY
    assert ran("deploy").stdout == ""


def test_nothing_is_written_before_somebody_says_so(tree: Path) -> None:
    ran("deploy")
    assert (tree / "deploy/web.yaml").read_text() == WEB
    assert [path.name for path in (tree / "deploy").iterdir()] == ["web.yaml"]


def test_files_are_written_whole_and_what_was_done_is_said(tree: Path) -> None:
    done = ran("deploy", "--apply", "--rule", "workload/replicas")
    assert (tree / "deploy/web.yaml").read_text() == WEB.replace("replicas: 1", "replicas: 2")
    assert done.stdout == dedent("""\
        Run at least two replicas

        workload/replicas: Run at least two replicas
        * Deployment web: set spec.replicas to 2 in web.yaml [adds 1 pod to Deployment web, \
which requests no cpu and no memory]
        changed deploy/web.yaml
        """)


def test_a_file_that_git_has_no_copy_of_is_left_alone(tree: Path) -> None:
    web = tree / "deploy/web.yaml"
    web.write_text(WEB + "# mine\n")
    refused = ran("deploy", "--apply")
    assert refused.exit_code == 2
    assert "git has no copy of deploy/web.yaml as it stands" in refused.stderr
    assert web.read_text() == WEB + "# mine\n"
    assert ran("deploy", "--apply", "--force").exit_code == 0
    assert web.read_text() == WEB.replace("replicas: 1", "replicas: 2") + TOPOLOGY + "# mine\n"


@pytest.mark.usefixtures("tree")
def test_what_is_left_has_its_reason_and_an_exit_code() -> None:
    Path("deploy/web.yaml").write_text(
        WEB.replace("web:1.0\n", 'web:1.0\n        args: [&a "x"]\n        command:\n        - *a\n')
    )
    done = ran("deploy")
    assert done.exit_code == 1
    assert "workload/zone-spread: has an alias where the edit would stand behind it" in done.stderr
    assert "+  replicas: 2" in done.stdout


def test_what_another_run_would_make_is_said_to_be_left(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "_MOST_ROUNDS", 1)
    write(tree, {"readycheck.yaml": only(*RULES, "workload/disruption-budget")})
    done = ran("deploy")
    assert "+  replicas: 2" in done.stdout
    assert "workload/disruption-budget: comes after others: another run makes it" in done.stderr
    assert done.exit_code == 1


def test_a_person_is_asked_about_each_fix_once(tree: Path) -> None:
    asked: list[str] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return not question.startswith("workload/replicas")

    request = ScanRequest(paths=(tree / "deploy",), found_config=tree / "readycheck.yaml")
    fixed = fixing.fix(request, Choice(ask=ask))
    assert len(asked) == len(set(asked)) == len(fixed.made) + 1
    assert asked[0].endswith(": set spec.replicas to 2 in web.yaml?")
    assert [(each.code, each.reason) for each in fixed.left] == [("not-asked", "was not wanted")]


@pytest.mark.usefixtures("tree")
def test_byte_order_mark_and_line_breaks_stay() -> None:
    web = Path("deploy/web.yaml")
    web.write_bytes(b"\xef\xbb\xbf" + WEB.replace("\n", "\r\n").rstrip().encode())
    done = ran("deploy")
    Path("fixes.patch").write_bytes(done.stdout_bytes)
    subprocess.run(["git", "apply", "fixes.patch"], check=True)
    wanted = (WEB.replace("replicas: 1", "replicas: 2") + TOPOLOGY).replace("\n", "\r\n").encode()
    assert web.read_bytes() == b"\xef\xbb\xbf" + wanted


def test_a_fix_that_would_break_another_rule_is_left_out(tree: Path) -> None:
    rules = write(tree / "pack", {"house/single.py": SINGLE})
    write(tree, {"deploy/web.yaml": WEB.replace("  selector", "  strategy: {type: Recreate}\n  selector")})
    done = ran("deploy", "--pack", str(rules), "--rule", "workload/*")
    assert "+  replicas: 2" not in done.stdout
    assert "would do harm: house/single finds that Deployment web runs more than once" in done.stderr
    assert "+  strategy: {type: RollingUpdate}" in done.stdout


SINGLE = '''"""Run once."""

from collections.abc import Iterator

from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule


@rule("Deployment", severity=Severity.LOW)
def single(workload: Resource) -> Iterator[Verdict]:
    if workload.integer("spec.replicas", 1) > 1:
        yield workload.finding("runs more than once", at="spec.replicas")
'''


def test_a_base_is_mended_once_for_all_that_are_made_of_it(tree: Path) -> None:
    write(
        tree,
        {
            "deploy/web.yaml": "",
            "base/web.yaml": WEB,
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "overlays/prod/kustomization.yaml": "resources: [../../base]\nnamespace: prod\n",
            "overlays/dev/kustomization.yaml": "resources: [../../base]\nreplicas: [{name: web, count: 1}]\n",
        },
    )
    done = ran("--rule", "workload/replicas")
    assert done.exit_code == 0
    assert done.stdout.count("diff --git") == 2
    assert "-replicas: [{name: web, count: 1}]\n+replicas: [{name: web, count: 2}]" in done.stdout
    assert "-  replicas: 1  # for now\n+  replicas: 2  # for now" in done.stdout


def test_a_value_of_a_chart_is_changed_where_the_template_takes_it(tree: Path) -> None:
    template = WEB.replace("replicas: 1", "replicas: {{ .Values.replicaCount }}")
    write(
        tree,
        {
            "deploy/web.yaml": "",
            "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "chart/values.yaml": "# How many.\nreplicaCount: 1\n",
            "chart/templates/web.yaml": template,
        },
    )
    done = ran("--rule", "workload/replicas")
    if "does not render" in done.stderr or done.exit_code == 3:
        pytest.skip("no Helm at hand")
    assert " # How many.\n-replicaCount: 1\n+replicaCount: 2\n" in done.stdout


def test_the_order_of_proposals_makes_no_difference(tree: Path) -> None:
    write(tree, {"deploy/web.yaml": WEB.replace("replicas: 1", "replicas: 3\n  strategy: {type: Recreate}")})
    request = ScanRequest(paths=(tree / "deploy",), found_config=tree / "readycheck.yaml")
    files = files_of(request)
    assert files is not None
    first = fixing._Fixing(request, Choice(), lambda _: None, files, scan(request))  # noqa: SLF001
    proposals, _ = first._proposals(first._before)  # noqa: SLF001
    wanted = plan(proposals, first._read).texts  # noqa: SLF001
    assert len(proposals) == 3

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.permutations(proposals))
    def in_any_order(shuffled: list[object]) -> None:
        assert plan(shuffled, first._read).texts == wanted  # type: ignore[arg-type]  # noqa: SLF001

    in_any_order()


def test_each_finding_has_a_patch_of_its_own(tree: Path) -> None:
    write(tree, {"deploy/web.yaml": WEB.replace("replicas: 1", "replicas: 3\n  strategy: {type: Recreate}")})
    request = ScanRequest(paths=(tree / "deploy",), found_config=tree / "readycheck.yaml")
    report = scan(request)
    patches = fixing.propose(request, report)
    diffs = {outcome.rule: patches[id(finding)].diff for outcome, finding in report.findings}
    assert "+  strategy: {type: RollingUpdate}" in diffs["workload/rollout-strategy"]
    assert "zone" not in diffs["workload/rollout-strategy"]
    assert "topology.kubernetes.io/zone" in diffs["workload/zone-spread"]
    assert "hostname" not in diffs["workload/zone-spread"]
    mended = {outcome.rule: patches[id(finding)] for outcome, finding in report.findings}
    patch = mended["workload/rollout-strategy"]
    value = {"op": "replace", "path": "/spec/strategy/type", "value": "RollingUpdate"}
    assert json.loads(shlex.split(patch.kubectl)[-1]) == [value]
    assert "        path: /spec/strategy/type\n        value: RollingUpdate\n" in patch.kustomize


KILLED = """
import os, signal, sys
from collections.abc import Callable
from pathlib import Path
from readycheck import fix as fixing
from readycheck.fixes.choice import Choice
from readycheck.outputs import files
from readycheck.scan import ScanRequest

replace, left = Path.replace, int(sys.argv[1])
def counted(self, target):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return replace(self, target)
Path.replace = counted
fixed = fixing.fix(ScanRequest(paths=(Path("deploy"),), found_config=Path("readycheck.yaml")), Choice())
fixing.apply(fixed)
"""


@pytest.mark.slow
@pytest.mark.parametrize("written", [0, 3])
def test_killed_in_the_middle_each_file_is_whole(tree: Path, written: int) -> None:
    names = [f"deploy/web-{number}.yaml" for number in range(6)]
    write(tree, {"deploy/web.yaml": "", **{name: WEB.replace("web", f"w{name[-6]}") for name in names}})
    subprocess.run(["git", "add", "--all"], check=True)
    old = {name: (tree / name).read_text() for name in names}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(written)], cwd=tree, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    now = {name: (tree / name).read_text() for name in names}
    changed = [name for name in names if now[name] != old[name]]
    assert len(changed) == written
    assert all(now[name].startswith(old[name].replace("replicas: 1", "replicas: 2")) for name in changed)
    assert ran("deploy", "--apply").exit_code == 0
    assert all("replicas: 2" in (tree / name).read_text() for name in names)


@pytest.mark.slow
def test_an_overlay_alone_is_patched_by_a_component(tree: Path, require_tool: Callable[[str], Path]) -> None:
    kustomize = require_tool("kustomize")
    write(
        tree,
        {
            "deploy/web.yaml": "",
            "base/web.yaml": WEB.replace("replicas: 1", "replicas: 3\n  strategy: {type: Recreate}"),
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "overlays/prod/kustomization.yaml": "resources: [../../base]\n",
        },
    )
    done = ran("overlays/prod", "--patch-dir", "overlays/prod/fixes")
    assert done.exit_code == 0
    assert (tree / "base/web.yaml").read_text().endswith("web:1.0\n")
    assert "components" in done.stderr
    write(tree, {"overlays/prod/kustomization.yaml": "resources: [../../base]\ncomponents: [fixes]\n"})
    built = subprocess.run([kustomize, "build", "overlays/prod"], check=True, capture_output=True, text=True).stdout
    assert "type: RollingUpdate" in built
    assert built.count("topologyKey:") == 2
    assert ran("overlays/prod").stdout == ""


@pytest.mark.slow
def test_a_component_knows_objects_as_its_overlay_has_them_before_it_renames_them(
    tree: Path, require_tool: Callable[[str], Path]
) -> None:
    kustomize = require_tool("kustomize")
    overlay = "namePrefix: shop-\nnamespace: prod\nlabels: [{pairs: {stage: prod}, includeSelectors: true}]\n"
    write(
        tree,
        {
            "readycheck.yaml": only("workload/replicas", "workload/disruption-budget"),
            "deploy/web.yaml": "",
            "base/web.yaml": WEB,
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "overlays/prod/kustomization.yaml": f"resources: [../../base]\n{overlay}",
        },
    )
    assert ran("overlays/prod", "--patch-dir", "overlays/prod/fixes").exit_code == 0
    write(tree, {"overlays/prod/kustomization.yaml": f"resources: [../../base]\ncomponents: [fixes]\n{overlay}"})
    done = subprocess.run([kustomize, "build", "overlays/prod"], check=True, capture_output=True, text=True)
    made = {each["kind"]: each for each in yaml.safe_load_all(done.stdout)}
    assert made["Deployment"]["spec"]["replicas"] == 2
    assert made["PodDisruptionBudget"]["metadata"]["name"] == "shop-web"
    assert made["PodDisruptionBudget"]["spec"]["selector"] == {"matchLabels": {"app": "web", "stage": "prod"}}


@pytest.mark.slow
def test_what_a_component_does_not_make_is_left(tree: Path, require_tool: Callable[[str], Path]) -> None:
    require_tool("kustomize")
    write(
        tree,
        {
            "readycheck.yaml": only("workload/replicas"),
            "deploy/web.yaml": "",
            "base/web.yaml": WEB,
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            # What stands under `replicas` comes behind all components.
            "overlays/prod/kustomization.yaml": "resources: [../../base]\nreplicas: [{name: web, count: 1}]\n",
        },
    )
    done = ran("overlays/prod", "--patch-dir", "overlays/prod/fixes")
    assert done.exit_code == 1
    assert "would change more than is meant of Deployment web" in done.stderr
    assert not (tree / "overlays/prod/fixes").exists()


def test_a_component_is_not_written_over_another(tree: Path) -> None:
    write(tree, {"fixes/kustomization.yaml": "kind: Component\n"})
    done = ran("deploy", "--patch-dir", "fixes")
    assert done.exit_code == 2
    assert "something stands there already" in done.stderr


def test_what_a_person_gave_stands_in_the_component_too(tree: Path) -> None:
    write(
        tree,
        {
            "readycheck.yaml": only("workload/resource-requests"),
            "deploy/web.yaml": "",
            "base/web.yaml": WEB,
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "overlays/prod/kustomization.yaml": "resources: [../../base]\n",
        },
    )
    given = ("--set", "requests.memory=100Mi", "--set", "requests.cpu=100m")
    done = ran("overlays/prod", "--unsafe", *given, "--patch-dir", "overlays/prod/fixes")
    assert done.exit_code == 0
    patch = (tree / "overlays/prod/fixes/deployment-web.patch.yaml").read_text()
    assert "cpu: 100m" in patch
    assert "value: 100Mi" in patch


def test_a_file_behind_links_is_changed_once_and_its_links_are_named(tree: Path) -> None:
    write(
        tree,
        {
            "readycheck.yaml": only("terraform/version-pins"),
            "deploy/web.yaml": "",
            "tf/shared/versions.tf": 'terraform {\n  required_version = ">= latest"\n}\n',
            "tf/envs/prod/main.tf": 'module "net" {\n  source = "../../modules/net"\n}\n',
            "tf/envs/dev/main.tf": 'module "net" {\n  source = "../../modules/net"\n}\n',
        },
    )
    for environment in ("prod", "dev"):
        (tree / f"tf/envs/{environment}/versions.tf").symlink_to("../../shared/versions.tf")
    done = ran("--unsafe", "--set", "version.Terraform=~> 1.9")
    assert done.stdout.count("diff --git") == 1
    assert '-  required_version = ">= latest"\n+  required_version = "~> 1.9"' in done.stdout
    assert "links lead to it: tf/envs/dev/versions.tf, tf/envs/prod/versions.tf" in done.stdout
    assert (tree / "tf/envs/prod/versions.tf").is_symlink()


def test_nothing_is_added_to_a_file_that_is_generated(tree: Path) -> None:
    generated = "# Source: web/templates/web.yaml\n" + WEB.replace("replicas: 1", "replicas: 2")
    write(tree, {"readycheck.yaml": only("workload/disruption-budget"), "deploy/web.yaml": generated})
    done = ran("deploy/web.yaml")
    assert done.stdout == ""
    assert "workload/disruption-budget: is generated: whatever made it would undo the edit" in done.stderr


SIZED = WEB + "        resources: {requests: {cpu: 250m}, limits: {memory: 256Mi}}\n"
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: 2
  selector: {matchLabels: {app: web}}
"""


def test_what_a_replica_more_asks_for_is_said(tree: Path) -> None:
    # A limit without a request is one.
    write(tree, {"deploy/web.yaml": SIZED})
    done = ran("deploy", "--rule", "workload/replicas")
    assert "[adds 1 pod to Deployment web: 0.25 cpu and 256Mi memory more]" in done.stdout
    assert "\nIn all, at the fewest replicas that can run: 0.25 cpu and 256Mi memory more.\n" in done.stdout


def test_a_request_that_is_raised_counts_for_each_pod_and_the_sum_for_all_fixes(tree: Path) -> None:
    write(
        tree,
        {
            "readycheck.yaml": only("workload/replicas", "workload/resource-requests"),
            "deploy/web.yaml": WEB + "        resources: {requests: {cpu: 250m}}\n",
            "deploy/api.yaml": WEB.replace("web", "api").replace("replicas: 1", "replicas: 3")
            + "        resources: {requests: {memory: 1Gi}}\n",
        },
    )
    done = ran("deploy", "--unsafe", "--set", "web:requests.memory=100Mi", "--set", "api:requests.cpu=100m")
    assert (
        "requests 100Mi memory more for the pod of Deployment web; restarts the pods of Deployment web" in done.stdout
    )
    assert "requests 0.3 cpu more for the 3 pods of Deployment api; restarts the pods of Deployment api" in done.stdout
    assert "[adds 1 pod to Deployment web: 0.25 cpu more, and it requests no memory]" in done.stdout
    # web: from 250m to 2 x (250m and 100Mi); api: 3 x 100m.
    assert "In all, at the fewest replicas that can run: 0.55 cpu and 200Mi memory more.\n" in done.stdout


def test_an_autoscaler_whose_floor_is_raised_adds_pods_to_what_it_scales(tree: Path) -> None:
    scaler = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: scaler}
spec:
  minReplicas: 1
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
"""
    write(tree, {"deploy/web.yaml": SIZED, "deploy/scaler.yaml": scaler})
    done = ran("deploy", "--rule", "workload/replicas")
    assert "in scaler.yaml [adds 1 pod to Deployment web: 0.25 cpu and 256Mi memory more]" in done.stdout


def test_a_budget_that_lets_no_pod_go_is_told(tree: Path) -> None:
    write(tree, {"deploy/web.yaml": SIZED, "deploy/budget.yaml": BUDGET})
    done = ran("deploy", "--rule", "workload/replicas")
    assert "256Mi memory more; PodDisruptionBudget web lets none of 2 pods go]" in done.stdout
    write(tree, {"deploy/web.yaml": SIZED.replace("replicas: 1", "replicas: 2")})
    done = ran("deploy", "--rule", "workload/zone-spread")
    assert (
        "[restarts the pods of Deployment web; "
        "PodDisruptionBudget web lets none of 2 pods go: it holds up drains, not this restart]"
    ) in done.stdout
    write(tree, {"deploy/budget.yaml": BUDGET.replace("minAvailable: 2", "minAvailable: 1")})
    done = ran("deploy", "--rule", "workload/zone-spread")
    assert "[restarts the pods of Deployment web]" in done.stdout


POOL = """\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: cheap}
spec:
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: cheap}
      requirements:
      - {key: karpenter.sh/capacity-type, operator: In, values: [spot]}
"""


def test_a_second_replica_beside_the_first_on_spot_nodes_is_told(tree: Path) -> None:
    write(tree, {"deploy/web.yaml": SIZED, "deploy/pool.yaml": POOL})
    done = ran("deploy", "--rule", "workload/replicas")
    assert "all nodes that are declared are spot (NodePool cheap), which can be taken away together]" in done.stdout
    write(tree, {"deploy/pool.yaml": POOL.replace("[spot]", "[spot, on-demand]")})
    assert "spot" not in ran("deploy", "--rule", "workload/replicas").stdout
    asking = "      nodeSelector: {karpenter.sh/capacity-type: spot}\n      containers:"
    write(tree, {"deploy/web.yaml": SIZED.replace("      containers:", asking)})
    done = ran("deploy", "--rule", "workload/replicas")
    assert "all its pods ask for spot nodes, which can be taken away together]" in done.stdout


def test_pods_that_ask_by_affinity_ask_for_spot_nodes_where_each_way_leads_there() -> None:
    def wants(*values: list[str]) -> bool:
        terms = [
            {"matchExpressions": [{"key": "eks.amazonaws.com/capacityType", "operator": "In", "values": each}]}
            for each in values
        ]
        required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
        return wants_spot(Resource("PodSpec", "web", "", {"affinity": {"nodeAffinity": required}}, NOWHERE))

    assert wants(["SPOT"])
    assert not wants(["SPOT", "ON_DEMAND"])
    assert not wants(["SPOT"], ["ON_DEMAND"])
    assert not wants()
