"""Scanners other than Trivy: Grype, Snyk, Docker Scout, GitLab's own, and those whose policy lies elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from readycheck.pipelines.acts.doing import Doing
from readycheck.pipelines.acts.words import Call, names, segments
from readycheck.pipelines.model import Command, Use
from readycheck.pipelines.scanning.nouns import Scan, Subject

_SEVERITIES = names("negligible low medium high critical")
_NOT_CRITICAL = "does not fail for critical vulnerabilities"
_ELSEWHERE = "what makes it fail is a policy that is kept elsewhere"
_FILES = re.compile(r"^(?:dir|file|path):|^[./]")


def scans(doing: Doing) -> Iterator[Scan]:
    """The scan that a command or a use of one of these is.

    Args:
        doing: the command or use.
    """
    if isinstance(doing.cause, Use):
        known = _USES.get(doing.cause.name.lower())
        if known is not None:
            yield from known(doing, doing.cause)
        return
    told = _TOOLS.get(doing.call.program)
    if told is not None:
        yield from told(doing, doing.call)
    elif re.fullmatch(r"(?:[\w.-]+/)*grype(?:[:@].*)?", doing.call.inside):
        yield from _grype(doing, Call("grype", (doing.call.path, *doing.call.arguments)))


# Commands ----------------------------------------------------------------------------------------------------------


def _grype(doing: Doing, call: Call) -> Iterator[Scan]:
    plain = call.plain(
        names("-o --output -f --fail-on -c --config --scope --file --platform --distro --exclude --name -t")
    )
    if plain and plain[0] not in names("db version help config completion explain"):
        variables = doing.cause.variables if isinstance(doing.cause, Command) else {}
        fails_on = call.option("--fail-on", "-f") or variables.get("GRYPE_FAIL_ON_SEVERITY", "")
        yield _grype_scan(doing, "grype", plain[0], fails_on)


def _grype_scan(doing: Doing, what: str, target: str, fails_on: str) -> Scan:
    of = Subject.FILES if _FILES.match(target) else Subject.SBOM if target.startswith("sbom:") else Subject.IMAGE
    known = fails_on.lower() in _SEVERITIES
    return doing.act(
        Scan,
        what,
        of=of,
        target=target.removeprefix("sbom:").removeprefix("docker:").removeprefix("registry:"),
        harmless="" if fails_on else "exits with 0 whatever it finds (no severity to fail on is set)",
        unsure=f"the severity that it fails on is `{fails_on}`" if fails_on and not known else "",
        remark="gates by Grype",
    )


def _snyk(doing: Doing, call: Call) -> Iterator[Scan]:
    plain = call.plain(names("--file -f --org --platform --policy-path --project-name"))
    if plain[:2] == ["container", "test"]:
        yield doing.act(
            Scan, "snyk container test", of=Subject.IMAGE, target="".join(plain[2:3]), remark="gates by Snyk"
        )
    elif plain[:1] == ["test"]:
        of = Subject.IMAGE if call.has("--docker") else Subject.FILES
        yield doing.act(Scan, "snyk test", of=of, target="".join(plain[1:2]), remark="gates by Snyk")
    elif plain[:2] == ["container", "monitor"]:
        yield doing.act(
            Scan,
            "snyk container monitor",
            of=Subject.IMAGE,
            target="".join(plain[2:3]),
            harmless="only tells Snyk what is in the image",
        )


def _docker(doing: Doing, call: Call) -> Iterator[Scan]:
    plain = call.plain(names("--format --output -o --only-severity --only-package-type --platform --org --env --ref"))
    if call.program == "docker" and plain[:1] != ["scout"]:
        return
    verbs = plain[1:] if call.program == "docker" else plain
    if verbs[:1] in (["cves"], ["quickview"]):
        only = call.option("--only-severity") or ""
        fails = call.has("--exit-code", "-e") and verbs[0] == "cves"
        yield _scout(doing, f"docker scout {verbs[0]}", "".join(verbs[1:2]), only, fails=fails)


def _scout(doing: Doing, what: str, target: str, only: str, *, fails: bool) -> Scan:
    of = (
        Subject.FILES if target.startswith("fs://") else Subject.SBOM if target.startswith("sbom://") else Subject.IMAGE
    )
    harmless = "" if fails else "exits with 0 whatever it finds (no --exit-code)"
    if fails and only and "critical" not in only.lower():
        harmless = f"fails for severity {only} only and not for critical"
    return doing.act(
        Scan, what, of=of, target=re.sub(r"^[a-z-]+://", "", target), harmless=harmless, remark="gates by Docker Scout"
    )


def _gitlab(doing: Doing, call: Call) -> Iterator[Scan]:
    if call.arguments[:1] == ("scan",):
        variables = doing.cause.variables if isinstance(doing.cause, Command) else {}
        harmless = "only reports: GitLab's container scanning never fails for what it finds"
        target = variables.get("CS_IMAGE", "")
        yield doing.act(Scan, "GitLab container scanning", of=Subject.IMAGE, target=target, harmless=harmless)


def _by_policy(doing: Doing, call: Call) -> Iterator[Scan]:
    if {"image", "images", "container", "docker", "scan"} & set(call.arguments):
        yield doing.act(Scan, call.program, of=Subject.IMAGE, unsure=_ELSEWHERE)


_TOOLS: Mapping[str, Callable[[Doing, Call], Iterator[Scan]]] = {
    "grype": _grype,
    "snyk": _snyk,
    "docker": _docker,
    "docker-scout": _docker,
    "gtcs": _gitlab,
    **dict.fromkeys(
        ("twistcli", "wizcli", "anchore-cli", "anchorectl", "sysdig-cli-scanner", "scannercli"), _by_policy
    ),
}


# Ready-made steps --------------------------------------------------------------------------------------------------


def _anchore(doing: Doing, use: Use) -> Iterator[Scan]:
    inputs = use.inputs
    image, sbom = inputs.get("image", ""), inputs.get("sbom", "")
    target = image or (f"sbom:{sbom}" if sbom else f"dir:{inputs.get('path', '')}")
    fails = inputs.get("fail-build", "true").lower() != "false"
    yield _grype_scan(doing, use.name, target, inputs.get("severity-cutoff") or "medium" if fails else "")


def _snyk_docker(doing: Doing, use: Use) -> Iterator[Scan]:
    inputs = use.inputs
    monitors = inputs.get("command", "test") != "test"
    harmless = "only tells Snyk what is in the image" if monitors else ""
    image = inputs.get("image", "")
    yield doing.act(Scan, use.name, of=Subject.IMAGE, target=image, harmless=harmless, remark="gates by Snyk")


def _scout_action(doing: Doing, use: Use) -> Iterator[Scan]:
    inputs = use.inputs
    commands = segments(inputs.get("command", ""))
    if commands & {"cves", "compare", "quickview"}:
        fails = inputs.get("exit-code", "").lower() == "true" and "cves" in commands
        yield _scout(doing, use.name, inputs.get("image", ""), inputs.get("only-severities", ""), fails=fails)


def _azure(doing: Doing, use: Use) -> Iterator[Scan]:
    image = use.inputs.get("image-name", "")
    yield doing.act(Scan, use.name, of=Subject.IMAGE, target=image, remark="gates by Trivy in Azure's action")


def _threshold(doing: Doing, use: Use) -> Iterator[Scan]:
    inputs = use.inputs
    harmless = "" if inputs.get("severity_threshold") else f"{_NOT_CRITICAL} (no severity_threshold)"
    target = inputs.get("image") or inputs.get("tarball", "")
    yield doing.act(Scan, use.name, of=Subject.IMAGE, target=target, harmless=harmless)


def _policy_action(doing: Doing, use: Use) -> Iterator[Scan]:
    yield doing.act(Scan, use.name, of=Subject.IMAGE, unsure=_ELSEWHERE)


_USES: Mapping[str, Callable[[Doing, Use], Iterator[Scan]]] = {
    "anchore/scan-action": _anchore,
    "snyk/actions/docker": _snyk_docker,
    "docker/scout-action": _scout_action,
    "azure/container-scan": _azure,
    "crazy-max/ghaction-container-scan": _threshold,
    **dict.fromkeys(
        (
            "paloaltonetworks/prisma-cloud-scan",
            "sysdiglabs/scan-action",
            "wiz-sec/wizcli",
            "lacework/lw-scanner-action",
            "aquasecurity/aqua-scanner-action",
        ),
        _policy_action,
    ),
}
"""Ready-made steps that scan images, in lower case."""
