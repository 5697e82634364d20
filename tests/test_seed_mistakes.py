"""One mistake at a time, made in a tree that has none: the rules that it breaks fail, and no other."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from readycheck.model import Status
from readycheck.scan import ScanRequest, scan

GOOD = Path(__file__).parents[1] / "fixtures" / "seed" / "good"

PIPELINE = ".github/workflows/services.yml"
DOCKERFILE = "services/payment/Dockerfile"
SECRET = "secrets/production/payment.sops.yaml"  # noqa: S105 - the path of one
BACKEND = "tf/envs/production/backend.tf"
CONFIG = "tf/envs/production/config.yaml"
TRIVY = "      - uses: aquasecurity/trivy-action@v0.36.0\n"
MATRIX = """\
  image:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        service: [account, gateway, payment]
"""
SIGNING = """\
apiVersion: v1
kind: Secret
metadata:
  name: payment-signing
  namespace: services
stringData:
  SIGNING_PASSWORD: walnut-ferry-8830-meadow
"""
PUSH = """\
      - if: github.ref == 'refs/heads/main'
        run: docker push "$REGISTRY/${{ matrix.service }}:${{ github.sha }}"
"""
AGE = """\
  age:
    - recipient: age1notarealrecipientnotarealrecipientnotarealrecipientnotarea
      enc: bm90LWEtcmVhbC13cmFwcGVkLWRhdGEta2V5
"""

Change = Callable[[Path], None]


def mistake(told: str, *changes: Change, broken: tuple[str, ...] = ()) -> ParameterSet:
    """What somebody does to the tree, and the rules that it breaks."""
    return pytest.param(changes, set(broken), id=told)


def put(file: str, old: str, new: str) -> Change:
    """Writes something in place of what stands once in a file."""

    def change(tree: Path) -> None:
        text = (tree / file).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (tree / file).write_text(text.replace(old, new), "utf-8")

    return change


def without(file: str, pattern: str) -> Change:
    """Takes away what a pattern finds in a file."""

    def change(tree: Path) -> None:
        text, found = re.subn(pattern, "", (tree / file).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        assert found, f"{pattern!r} finds nothing in {file}"
        (tree / file).write_text(text, "utf-8")

    return change


def gone(pattern: str) -> Change:
    """Takes files and folders away."""

    def change(tree: Path) -> None:
        found = sorted(tree.glob(pattern))
        assert found, f"{pattern} finds nothing"
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def copied(link: str) -> Change:
    """Puts a copy in the place of a link."""

    def change(tree: Path) -> None:
        text = (tree / link).read_text("utf-8")
        (tree / link).unlink()
        (tree / link).write_text(text, "utf-8")

    return change


def added(file: str, text: str) -> Change:
    """Adds a file."""

    def change(tree: Path) -> None:
        (tree / file).write_text(text, "utf-8")

    return change


MISTAKES = [
    mistake("nothing"),
    mistake("trivy finds and goes on", put(PIPELINE, 'exit-code: "1"', 'exit-code: "0"'), broken=("image/scan-gate",)),
    mistake(
        "trivy may fail", put(PIPELINE, TRIVY, TRIVY + "        continue-on-error: true\n"), broken=("image/scan-gate",)
    ),
    mistake(
        "trivy looks for others", put(PIPELINE, "severity: CRITICAL", "severity: HIGH"), broken=("image/scan-gate",)
    ),
    mistake(
        "pushed before the scan",
        put(PIPELINE, PUSH, ""),
        put(PIPELINE, TRIVY, PUSH.replace("${{ github.sha }}", "latest") + TRIVY),
        broken=("image/scan-gate",),
    ),
    mistake(
        "pushed before the scan that the deploy waits for, under the name of its commit",
        put(PIPELINE, PUSH, ""),
        put(PIPELINE, TRIVY, PUSH + TRIVY),
    ),
    mistake(
        "another image is scanned",
        put(PIPELINE, "image-ref: ${{ env.REGISTRY }}/${{ matrix.service }}", "image-ref: ${{ env.REGISTRY }}/builder"),
        broken=("image/scan-gate",),
    ),
    mistake("root", without(DOCKERFILE, r"^USER [^\n]*\n"), broken=("image/non-root",)),
    mistake("a base that moves", put(DOCKERFILE, "FROM scratch", "FROM alpine:latest"), broken=("image/pinned-base",)),
    mistake("a toolchain that moves", put(DOCKERFILE, ":1.22.12-alpine3.21", ":latest"), broken=("image/pinned-base",)),
    mistake("a full distribution", put(DOCKERFILE, "FROM scratch", "FROM debian:12.8"), broken=("image/minimal-base",)),
    mistake(
        "one stage",
        without(DOCKERFILE, r"^FROM scratch\nCOPY [^\n]*\n"),
        broken=("image/minimal-base", "image/multistage"),
    ),
    mistake(
        "a critical that could be fixed",
        put("reports/payment.json", '"Status": "affected"', '"Status": "fixed",\n "FixedVersion": "1.23.99"'),
        broken=("image/vulnerabilities",),
    ),
    mistake(
        "a deploy that waits for no test",
        put(PIPELINE, "needs: [image, regression-tests]", "needs: [image]"),
        broken=("delivery/regression-tests",),
    ),
    mistake(
        "tests that may fail",
        put(PIPELINE, "  regression-tests:\n", "  regression-tests:\n    continue-on-error: true\n"),
        broken=("delivery/regression-tests",),
    ),
    mistake("no tests of pull requests", put(PIPELINE, "  pull_request:\n", ""), broken=("delivery/smoke-tests",)),
    mistake(
        "a manifest that is left out",
        put("deploy/production/kustomization.yaml", "  - payment.yaml\n", ""),
        broken=("delivery/kustomize-flow",),
    ),
    mistake(
        "a name that is misspelt",
        put("deploy/production/kustomization.yaml", "  - payment.yaml\n", "  - payments.yaml\n"),
        broken=("delivery/kustomize-flow",),
    ),
    mistake(
        "a path that is misspelt",
        put("clusters/production/services.yaml", "./deploy/production", "./deploy/prod"),
        broken=("delivery/kustomize-flow",),
    ),
    mistake(
        "secrets that Flux cannot read",
        without("clusters/production/secrets.yaml", r"^  decryption:.*"),
        broken=("secret/flux-decryption",),
    ),
    mistake(
        "suspended in git",
        put("clusters/production/services.yaml", "  prune: true\n", "  prune: true\n  suspend: true\n"),
        broken=("delivery/gitops",),
    ),
    mistake("another key", put(".sops.yaml", "00000000beef", "00000000feed"), broken=("secret/sops-rules",)),
    mistake("no rules for SOPS", gone(".sops.yaml"), broken=("secret/sops-rules",)),
    mistake(
        "one value in clear",
        without(SECRET, r"(?<=SIGNING_KEY: )ENC[^\n]*"),
        put(SECRET, "SIGNING_KEY: ", "SIGNING_KEY: walnut-ferry-8830-meadow"),
        broken=("secret/encrypted",),
    ),
    mistake("without its mac", without(SECRET, r"^  mac: [^\n]*\n"), broken=("secret/encrypted",)),
    mistake(
        "age alone",
        without(SECRET, r"^  kms:.*?(?=^  lastmodified)"),
        put(SECRET, "sops:\n", "sops:\n" + AGE),
        broken=("secret/sops-kms", "secret/sops-rules"),
    ),
    mistake(
        "a chart that does not render",
        put("charts/payment/templates/pdb.yaml", "{{ .Release.Name }}", "{{ .Values.budget.name }}"),
        broken=("delivery/chart-per-service",),
    ),
    mistake(
        "a password in the compose file",
        put(
            "docker-compose.yml",
            "payment:1.4.0\n",
            "payment:1.4.0\n    environment:\n      DATABASE_PASSWORD: kumquat-harbour-47\n",
        ),
        broken=("secret/plain-text",),
    ),
    mistake(
        "a password in the pipeline",
        put(PIPELINE, "${{ secrets.REGISTRY_PASSWORD }}", "thimble-quarry-2093-linen"),
        broken=("secret/plain-text",),
    ),
    mistake(
        "a token in one config",
        put(CONFIG, "vault:\n", "vault:\n  token: InventedToken9Qk7vTz2mWx4\n"),
        broken=("secret/plain-text", "terraform/environment-config"),
    ),
    mistake(
        "a key that one config lacks", without(CONFIG, r"^network: [^\n]*\n"), broken=("terraform/environment-config",)
    ),
    mistake(
        "environments by name",
        put("run.sh", "tf/envs/*/", "tf/envs/dev tf/envs/staging"),
        broken=("terraform/run-all",),
    ),
    mistake("the template too", without("run.sh", r"^  if .*?^  fi\n"), broken=("terraform/run-all",)),
    mistake("no lock", put(BACKEND, "    use_lockfile = true\n", ""), broken=("terraform/state-backend",)),
    mistake(
        "a backend that is missing",
        gone(BACKEND),
        broken=("terraform/environment-folders", "terraform/state-backend"),
    ),
    mistake("a lower bound that a lock file pins", put("tf/common/versions.tf", "~> 4.4", ">= 4.4")),
    mistake(
        "a lower bound without lock files",
        put("tf/common/versions.tf", "~> 4.4", ">= 4.4"),
        gone("tf/envs/*/.terraform.lock.hcl"),
        broken=("terraform/version-pins",),
    ),
    mistake(
        "a copy of what the others link to", copied("tf/envs/production/vault.tf"), broken=("terraform/shared-files",)
    ),
    mistake(
        "a module that one environment calls otherwise",
        copied("tf/envs/production/docker.tf"),
        put("tf/envs/production/docker.tf", "local.config.network", '"production"'),
    ),
    mistake("no template", gone("tf/envs/template"), broken=("terraform/environment-template",)),
    mistake(
        "a script that substitutes nothing",
        without("scripts/create-environment.sh", r"^sed [^\n]*\n"),
        broken=("terraform/environment-template",),
    ),
    mistake(
        "a script that copies from elsewhere",
        put("scripts/create-environment.sh", "cp -a tf/envs/template", "cp -a tf/template"),
        broken=("terraform/environment-template",),
    ),
    mistake(
        "an operation that is missing",
        put("Makefile", "new-environment:\n\t./scripts/create-environment.sh $(NAME)\n", ""),
        broken=("terraform/makefile",),
    ),
    mistake(
        "a module from a branch",
        put(
            "tf/common/docker.tf",
            '"../../modules/services/docker"',
            '"git::https://git.example.com/platform/modules.git//docker?ref=main"',
        ),
        broken=("terraform/version-pins",),
    ),
    mistake(
        "a chart that is missing",
        gone("charts/payment"),
        broken=("delivery/chart-per-service", "delivery/kustomize-flow"),
    ),
    mistake(
        "a service that no pipeline builds",
        put(PIPELINE, MATRIX, MATRIX.replace(", payment", "")),
        without(PIPELINE, r"^  smoke-tests:.*?(?=^  regression-tests)"),
        put(PIPELINE, "regression account gateway payment", "regression account gateway"),
        broken=("delivery/build-on-change", "delivery/smoke-tests"),
    ),
    mistake(
        "no pipeline",
        gone(".github"),
        broken=(
            "delivery/build-on-change",
            "delivery/ephemeral-environment",
            "delivery/regression-tests",
            "delivery/smoke-tests",
        ),
    ),
    mistake(
        "pushed to the cluster",
        gone("clusters"),
        gone("deploy"),
        put(PIPELINE, "run: make deploy", "run: helm upgrade --install payment charts/payment --namespace services"),
        broken=("delivery/gitops",),
    ),
    mistake(
        "deployed by tag",
        put(PIPELINE, "    branches: [main]\n", '    branches: [main]\n    tags: ["v*"]\n'),
        put(
            PIPELINE,
            "  deploy:\n    if: github.ref == 'refs/heads/main'\n",
            "  deploy:\n    if: github.ref_type == 'tag'\n",
        ),
        put("clusters/production/flux-system/gotk-sync.yaml", "branch: main", "tag: v1.4.0"),
        broken=("delivery/deploy-on-main",),
    ),
    mistake("root by number", put(DOCKERFILE, "USER 10001:10001", "USER 0:0"), broken=("image/non-root",)),
    mistake(
        "a password in the image",
        put(DOCKERFILE, "EXPOSE 8080\n", "EXPOSE 8080\nENV DATABASE_PASSWORD=kumquat-harbour-47\n"),
        broken=("secret/plain-text",),
    ),
    mistake(
        "a Secret in clear",
        added("deploy/production/payment-signing.yaml", SIGNING),
        put(
            "deploy/production/kustomization.yaml", "  - payment.yaml\n", "  - payment.yaml\n  - payment-signing.yaml\n"
        ),
        broken=("secret/encrypted",),
    ),
    mistake(
        "an env file",
        added("services/payment/.env.production", "SIGNING_KEY=InventedKey7Qk7vTz2mWx4\n"),
        broken=("secret/encrypted",),
    ),
    mistake(
        "secret values of variables",
        added("tf/envs/production/terraform.tfvars", 'registry_password = "thimble-quarry-2093-linen"\n'),
        broken=("secret/encrypted", "secret/plain-text", "terraform/environment-folders"),
    ),
    mistake(
        "a config that is no YAML",
        put(CONFIG, "vault:\n", "vault: {\n"),
        broken=("terraform/environment-config",),
    ),
    mistake(
        "a file that no other environment has",
        added("tf/envs/production/debug.tf", 'output "services" {\n  value = keys(local.config.services)\n}\n'),
        broken=("terraform/environment-folders",),
    ),
    mistake(
        "a template that lacks a file", gone("tf/envs/template/vault.tf"), broken=("terraform/environment-template",)
    ),
    mistake(
        "a state on somebody's disk",
        added(BACKEND, 'terraform {\n  backend "local" {}\n}\n'),
        broken=("terraform/state-backend",),
    ),
    mistake(
        "any version of Terraform",
        without("tf/common/versions.tf", r"^  required_version[^\n]*\n"),
        broken=("terraform/version-pins",),
    ),
    mistake(
        "a deploy of one environment",
        put("Makefile", "\t./run.sh apply\n", "\tterraform -chdir=tf/envs/dev apply -auto-approve\n"),
        gone("run.sh"),
        broken=("terraform/run-all",),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("changes", "broken"), MISTAKES)
def test_a_mistake_breaks_its_own_rules_and_no_other(
    changes: tuple[Change, ...],
    broken: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    require_tool: Callable[[str], Path],
) -> None:
    require_tool("kustomize")
    pytest.importorskip("helm_python", reason="the extra `helm` is not installed")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25
    tree = shutil.copytree(GOOD, tmp_path / "tree", symlinks=True)
    for change in changes:
        change(tree)
    with chdir(tree):
        report = scan(ScanRequest(paths=(Path(),), config=Path("readycheck.yaml")))
    assert {each.rule for each in report.outcomes if each.status in (Status.FAIL, Status.ERROR)} == broken
