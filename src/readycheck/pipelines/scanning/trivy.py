"""Trivy in pipelines: its command line, its container, its GitHub action, and where its settings come from.

A flag outweighs an environment variable, and that `trivy.yaml` (Trivy: configuration; trivy-action: action.yaml).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from readycheck.model import Resource, Unjudged
from readycheck.pipelines.acts.doing import Doing, from_root
from readycheck.pipelines.acts.words import Call, names
from readycheck.pipelines.model import Command, Files, Use
from readycheck.pipelines.scanning.nouns import Scan, Subject

_ACTION = "aquasecurity/trivy-action"
_IMAGE = ("image", "i", "client")
_FILES = names("fs filesystem rootfs repo repository vm")
_OTHER = names("config conf k8s kubernetes aws convert plugin server version clean registry module help completion vex")
_VALUED = names(
    "--exit-code --severity -s --format -f --output -o --ignorefile --input --timeout --cache-dir --scanners",
    "--security-checks --vuln-type --pkg-types --template -t --skip-dirs --skip-files --ignore-policy --config -c",
    "--server --token --username --password --platform --image-src --docker-host --podman-host --cache-backend",
    "--cache-ttl --db-repository --java-db-repository --ignore-status --exit-on-eol --vex --compliance --report",
    "--sbom-sources --detection-priority --distro --file-patterns --image-config-scanners --ignored-licenses --branch",
    "--commit --tag --parallel --policy --config-policy --redis-ca --redis-cert --redis-key --token-header",
    "--custom-headers --registry-token --checks-bundle-repository --max-image-size --output-plugin-arg",
)
_SETTINGS = "trivy.yaml"
_LISTS_PACKAGES = ("cyclonedx", "spdx", "spdx-json")
_CRITICAL = "CRITICAL"
_VARIABLE = re.compile(r"\$\(|\$\{?\w|\$\[\[|\{\{|%\w+%")


def scans(doing: Doing, files: Files) -> Iterator[Scan]:
    """The scan that a command or a use of Trivy is.

    Args:
        doing: the command or use.
        files: finds `trivy.yaml`.
    """
    if isinstance(doing.cause, Use):
        yield from _of_use(doing, doing.cause, files)
        return
    call = trivy_call(doing.call)
    if call is not None:
        yield from _of_call(doing, call, files)


def trivy_call(call: Call) -> Call | None:
    """The call of Trivy that a command is, be it in its container; None where it is none.

    Args:
        call: what the command runs in the end.
    """
    if call.program == "trivy":
        return call
    if is_trivy_image(call.inside):
        # Its image starts Trivy by itself: the command is what Trivy is given.
        return Call("trivy", (call.path, *call.arguments) if call.path else call.arguments)
    return None


def is_trivy_image(image: str) -> bool:
    """Whether an image is Trivy's own, wherever it lies.

    Args:
        image: the reference.
    """
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0] == "trivy"


def _of_use(doing: Doing, use: Use, files: Files) -> Iterator[Scan]:
    name = use.name.lower()
    if name == _ACTION:
        kind = use.inputs.get("scan-type") or "image"
        of = _subject(kind)
        if of is not None:
            archive = use.inputs.get("input", "")
            named = use.inputs.get("image-ref", "") if of is Subject.IMAGE else use.inputs.get("scan-ref", "")
            settings = _Settings(_given_to_action(use), _environment(doing), files, report=use.inputs.get("output", ""))
            yield settings.scan(doing, use.name, of, archive or named)
    elif name.startswith("docker://") and is_trivy_image(name.removeprefix("docker://")):
        yield from _of_call(doing, Call("trivy", tuple(use.inputs.get("args", "").split())), files)


def _given_to_action(use: Use) -> Mapping[str, str]:
    """The settings that the action hands to Trivy; an input that is empty or the action's own default is not."""
    given = {
        setting: value
        for setting in ("exit-code", "severity", "format", "scanners", "config")
        if (value := use.inputs.get("trivy-config" if setting == "config" else setting, "").strip())
        and value != _DEFAULTS.get(setting)
    }
    if given.get("format") == "sarif" and use.inputs.get("limit-severities-for-sarif", "").lower() != "true":
        given["severity"] = _EVERY
    return given


_EVERY = "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL"
_DEFAULTS = {"severity": _EVERY, "format": "table"}


def _of_call(doing: Doing, call: Call, files: Files) -> Iterator[Scan]:
    plain = call.plain(_VALUED)
    verb = plain[0] if plain else ""
    old_form = bool(verb) and verb not in _OTHER and _subject(verb) is None
    # Before 0.30 an image needed no subcommand.
    of = Subject.IMAGE if old_form else _subject(verb)
    target = call.option("--input") or next(iter(plain if old_form else plain[1:]), "")
    if of is None or not target or call.has("--download-db-only", "--download-java-db-only", "--reset", "--help", "-h"):
        return
    flags = {setting: value for setting, options in _FLAGS.items() if (value := call.option(*options)) is not None}
    written = call.option("--output", "-o") or (doing.cause.output if isinstance(doing.cause, Command) else "")
    settings = _Settings(flags, _environment(doing), files, doing.folder, written)
    yield settings.scan(doing, "trivy" if old_form else f"trivy {verb}", of, target)


_FLAGS: Mapping[str, tuple[str, ...]] = {
    "exit-code": ("--exit-code",),
    "severity": ("--severity", "-s"),
    "format": ("--format", "-f"),
    "scanners": ("--scanners", "--security-checks"),
    "config": ("--config", "-c"),
}


def _subject(verb: str) -> Subject | None:
    if verb in _IMAGE:
        return Subject.IMAGE
    if verb == "sbom":
        return Subject.SBOM
    return Subject.FILES if verb in _FILES else None


def _environment(doing: Doing) -> Mapping[str, str]:
    """What is set in Trivy's environment, `docker run -e TRIVY_EXIT_CODE=1` too."""
    set_here = doing.cause.variables if isinstance(doing.cause, Command) else doing.step.variables
    words = (word.removeprefix("--env=") for word in doing.words)
    passed = (word.partition("=") for word in words if re.match(r"TRIVY_\w+=", word))
    return {**set_here, **{name: value for name, _, value in passed}}


# Settings ----------------------------------------------------------------------------------------------------------


class _Settings(Struct, frozen=True, dict=True):
    """Where the settings of one scan come from, the first that says something first.

    Args:
        given: flags or inputs.
        environment: the environment.
        files: finds the file.
        folder: the folder that Trivy runs in.
        report: the file that it writes.
    """

    given: Mapping[str, str]
    environment: Mapping[str, str]
    files: Files
    folder: str = ""
    report: str = ""

    def scan(self, doing: Doing, what: str, of: Subject, target: str) -> Scan:
        """The scan that these settings make of a call."""
        try:
            harmless, unsure, remark = self._harmless(), "", self._remark
        except Unjudged as unjudged:
            harmless, unsure, remark = "", unjudged.reason, ""
        return doing.act(
            Scan, what, of=of, target=target, harmless=harmless, unsure=unsure, report=self.report, remark=remark
        )

    def _harmless(self) -> str:
        if self._value("format") in _LISTS_PACKAGES and not self._value("scanners"):
            return "lists packages and looks for no vulnerabilities"
        scanners = self._value("scanners")
        if scanners and "vuln" not in re.split(r"[,\s]+", scanners):
            return f"looks for {scanners} and not for vulnerabilities"
        code = self._value("exit-code")
        if code in ("", "0"):
            return "exits with 0 whatever it finds" + ("" if code else " (no exit code is set)")
        severities = self._value("severity")
        if severities and _CRITICAL not in re.split(r"[,\s]+", severities.upper()):
            return f"fails for severity {severities} only and not for CRITICAL"
        return ""

    @property
    def _remark(self) -> str:
        every = self._value("format") == "sarif" and self._value("severity") == _EVERY
        return "fails for any severity: SARIF drops the limit" if every else ""

    def _value(self, setting: str) -> str:
        variable = f"TRIVY_{setting.upper().replace('-', '_')}"
        value = self.given.get(setting) or self.environment.get(variable) or self._in_file(setting)
        if _VARIABLE.search(value):
            raise Unjudged(f"its {setting.replace('-', ' ')} is `{value}`, which cannot be told here")
        return value.strip()

    def _in_file(self, setting: str) -> str:
        if self._file is None or setting == "config":
            return ""
        path = "scan.scanners" if setting == "scanners" else setting
        value = self._file.get(path)
        if isinstance(value, list):
            return ",".join(map(str, value))
        return "" if value is None else str(value)

    @cached_property
    def _file(self) -> Resource | None:
        named = self.given.get("config") or self.environment.get("TRIVY_CONFIG", "")
        if _VARIABLE.search(f"{self.folder}{named}"):
            if named:
                raise Unjudged(f"its settings are in `{named}`, which cannot be told here")
            return None
        found = self.files.file(from_root(named or _SETTINGS, self.folder))
        if found is None and named:
            raise Unjudged(f"its settings are in {posixpath.normpath(named)}, which is not in the tree")
        return found
