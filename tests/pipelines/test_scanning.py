"""What is taken for a scan, what it looks into, and whether a critical vulnerability makes it fail."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import pytest

from readycheck.inventory import Inventory
from readycheck.model import Place
from readycheck.pipelines.acts import Push
from readycheck.pipelines.model import Command, Job, Step, Use
from readycheck.pipelines.scanning import Scan, Subject, published, scans_of

NOTHING = Inventory(())
PLACE = Place(NOTHING.environment, ())
NO_CODE = "exits with 0 whatever it finds (no exit code is set)"


def scans(line: str, variables: Mapping[str, str] | None = None) -> list[Scan]:
    command = Command(tuple(shlex.split(line)), PLACE, variables=variables or {})
    return list(scans_of(Job("job", "job", PLACE, steps=(Step("", PLACE, commands=(command,)),)), NOTHING))


def scan_of(line: str, variables: Mapping[str, str] | None = None) -> Scan:
    (scan,) = scans(line, variables)
    return scan


def scan_using(name: str, inputs: Mapping[str, str], variables: Mapping[str, str] | None = None) -> Scan:
    step = Step("", PLACE, uses=Use(name, "v1", inputs, PLACE), variables=variables or {})
    (scan,) = scans_of(Job("job", "job", PLACE, steps=(step,)), NOTHING)
    return scan


@pytest.mark.parametrize(
    ("line", "of", "target"),
    [
        ("trivy image --exit-code 1 acme/web:1", Subject.IMAGE, "acme/web:1"),
        ("trivy i acme/web:1", Subject.IMAGE, "acme/web:1"),
        ("trivy --cache-dir .cache image --format table -o out.txt $IMAGE", Subject.IMAGE, "$IMAGE"),
        ("trivy --exit-code 1 acme/web:1", Subject.IMAGE, "acme/web:1"),
        ("trivy image --input web.tar", Subject.IMAGE, "web.tar"),
        ("trivy fs --exit-code 1 .", Subject.FILES, "."),
        ("trivy repo https://example.com/acme/web", Subject.FILES, "https://example.com/acme/web"),
        ("trivy rootfs /", Subject.FILES, "/"),
        ("trivy sbom bom.json", Subject.SBOM, "bom.json"),
        ("docker run --rm -v /tmp:/tmp aquasec/trivy:0.68.1 image acme/web:1", Subject.IMAGE, "acme/web:1"),
        ("docker run aquasec/trivy -q image --exit-code 1 acme/web:1", Subject.IMAGE, "acme/web:1"),
        ("podman run public.ecr.aws/aquasecurity/trivy:0.68.1 fs .", Subject.FILES, "."),
        ("grype acme/web:1 --fail-on high", Subject.IMAGE, "acme/web:1"),
        ("grype dir:. --fail-on high", Subject.FILES, "dir:."),
        ("grype sbom:./bom.json -f critical", Subject.SBOM, "./bom.json"),
        ("docker run anchore/grype:v0.100.0 acme/web:1 --fail-on critical", Subject.IMAGE, "acme/web:1"),
        ("snyk container test acme/web:1 --file=Dockerfile", Subject.IMAGE, "acme/web:1"),
        ("snyk test --all-projects", Subject.FILES, ""),
        ("docker scout cves acme/web:1", Subject.IMAGE, "acme/web:1"),
        ("docker scout cves fs://.", Subject.FILES, "."),
    ],
)
def test_a_scan_is_known_with_what_it_looks_into(line: str, of: Subject, target: str) -> None:
    scan = scan_of(line)
    assert (scan.of, scan.target) == (of, target)


@pytest.mark.parametrize(
    "line",
    [
        "trivy image --download-db-only",
        "trivy --version",
        "trivy plugin install referrer",
        "trivy convert --format sarif report.json",
        "trivy config --exit-code 1 .",
        "trivy k8s --report summary",
        "grype db update",
        "snyk monitor",
        "docker build -t trivy .",
        "docker run acme/web:1 image",
        "echo trivy image acme/web:1",
    ],
)
def test_what_looks_for_no_vulnerabilities_in_images_or_files_is_no_scan(line: str) -> None:
    assert scans(line) == []


@pytest.mark.parametrize(
    ("line", "harmless"),
    [
        ("trivy image --exit-code 1 web", ""),
        ("trivy image --exit-code=3 --severity=CRITICAL web", ""),
        ("trivy image --exit-code 1 -s critical,high web", ""),
        ("trivy image web", NO_CODE),
        ("trivy image --exit-on-eol 1 web", NO_CODE),
        ("trivy image --exit-code 0 web", "exits with 0 whatever it finds"),
        ("trivy image --exit-code 1 --severity HIGH web", "fails for severity HIGH only and not for CRITICAL"),
        ("trivy image --exit-code 1 --format sarif --severity CRITICAL web", ""),
        ("trivy image --exit-code 1 --format spdx-json web", "lists packages and looks for no vulnerabilities"),
        ("trivy image --exit-code 1 --format cyclonedx --scanners vuln web", ""),
        (
            "trivy image --exit-code 1 --scanners secret,misconfig web",
            "looks for secret,misconfig and not for vulnerabilities",
        ),
        ("trivy image --exit-code 1 --security-checks vuln,secret web", ""),
        ("docker run -e TRIVY_EXIT_CODE=1 aquasec/trivy image web", ""),
        ("grype web", "exits with 0 whatever it finds (no severity to fail on is set)"),
        ("grype web --fail-on negligible", ""),
        ("snyk container monitor web", "only tells Snyk what is in the image"),
        ("docker scout cves --exit-code web", ""),
        ("docker scout cves -e --only-severity high web", "fails for severity high only and not for critical"),
        ("docker scout quickview --exit-code web", "exits with 0 whatever it finds (no --exit-code)"),
        ("gtcs scan", "only reports: GitLab's container scanning never fails for what it finds"),
    ],
)
def test_whether_a_critical_vulnerability_makes_it_fail(line: str, harmless: str) -> None:
    scan = scan_of(line)
    assert (scan.harmless, scan.unsure) == (harmless, "")


def test_a_flag_outweighs_the_environment() -> None:
    environment = {"TRIVY_EXIT_CODE": "1", "TRIVY_SEVERITY": "HIGH"}
    assert scan_of("trivy image web", environment).harmless == "fails for severity HIGH only and not for CRITICAL"
    assert scan_of("trivy image --severity CRITICAL web", environment).harmless == ""
    assert scan_of("trivy image --exit-code 0 web", environment).harmless == "exits with 0 whatever it finds"


@pytest.mark.parametrize("value", ["$CODE", "${CODE:-1}", "${{ inputs.code }}", "$(code)", "$[[ inputs.code ]]"])
def test_an_exit_code_that_a_variable_decides_is_unsure(value: str) -> None:
    scan = scan_of(f"trivy image --exit-code '{value}' web")
    assert scan.unsure == f"its exit code is `{value}`, which cannot be told here"


def test_a_named_file_of_settings_that_is_not_at_hand_is_unsure() -> None:
    assert scan_of("trivy image -c ci/t.yaml web").unsure == "its settings are in ci/t.yaml, which is not in the tree"
    assert scan_of("trivy image --exit-code 1 --severity CRITICAL web", {"TRIVY_CONFIG": "t.yaml"}).unsure != ""


@pytest.mark.parametrize(
    ("inputs", "harmless"),
    [
        ({"image-ref": "web", "exit-code": "1"}, ""),
        ({"image-ref": "web"}, NO_CODE),
        (
            {"image-ref": "web", "exit-code": "1", "severity": "HIGH"},
            "fails for severity HIGH only and not for CRITICAL",
        ),
        ({"image-ref": "web", "exit-code": "1", "severity": "HIGH", "format": "sarif"}, ""),
        ({"image-ref": "web", "exit-code": "0", "format": "sarif"}, "exits with 0 whatever it finds"),
    ],
)
def test_the_action_of_trivy(inputs: Mapping[str, str], harmless: str) -> None:
    assert scan_using("aquasecurity/trivy-action", inputs).harmless == harmless


def test_an_input_that_is_the_action_s_own_default_leaves_the_environment_its_say() -> None:
    inputs = {"image-ref": "web", "severity": "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL"}
    environment = {"TRIVY_SEVERITY": "LOW", "TRIVY_EXIT_CODE": "1"}
    scan = scan_using("aquasecurity/trivy-action", inputs, environment)
    assert scan.harmless == "fails for severity LOW only and not for CRITICAL"


def test_an_image_of_trivy_is_used_like_its_command() -> None:
    scan = scan_using("docker://aquasec/trivy", {"args": "image --exit-code 1 acme/web:1"})
    assert (scan.of, scan.target, scan.harmless) == (Subject.IMAGE, "acme/web:1", "")


@pytest.mark.parametrize(
    ("name", "inputs", "harmless"),
    [
        ("anchore/scan-action", {"image": "web"}, ""),
        (
            "anchore/scan-action",
            {"image": "web", "fail-build": "false"},
            "exits with 0 whatever it finds (no severity to fail on is set)",
        ),
        ("snyk/actions/docker", {"image": "web"}, ""),
        ("snyk/actions/docker", {"image": "web", "command": "monitor"}, "only tells Snyk what is in the image"),
        ("docker/scout-action", {"command": "cves", "image": "web", "exit-code": "true"}, ""),
        ("docker/scout-action", {"command": "cves", "image": "web"}, "exits with 0 whatever it finds (no --exit-code)"),
        ("azure/container-scan", {"image-name": "web"}, ""),
        ("crazy-max/ghaction-container-scan", {"image": "web", "severity_threshold": "CRITICAL"}, ""),
        (
            "crazy-max/ghaction-container-scan",
            {"image": "web"},
            "does not fail for critical vulnerabilities (no severity_threshold)",
        ),
    ],
)
def test_actions_of_other_scanners(name: str, inputs: Mapping[str, str], harmless: str) -> None:
    assert scan_using(name, inputs).harmless == harmless


@pytest.mark.parametrize(
    ("images", "told"),
    [
        (("r/web:$CI_COMMIT_SHA",), True),
        (("r/web:${{ github.sha }}",), True),
        (("r/web:$(git rev-parse --short HEAD)",), True),
        (("r/web:sha-1", "r/web:latest"), False),
        (("r/web:${{ steps.meta.outputs.tags }}",), False),
        (("r/web:1.4",), False),
        (("$SHA_REGISTRY/web:latest",), False),
        ((), False),
    ],
)
def test_a_name_of_the_commit_is_one_that_nobody_uses_unasked(images: tuple[str, ...], told: bool) -> None:  # noqa: FBT001
    push = Push(what="docker push", step=None, cause=None, place=PLACE, images=images)
    assert published.names_its_commit(push) is told
