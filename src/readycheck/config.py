"""readycheck.yaml: environments, rule settings and exemptions (docs/configuration.md)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.documents.text import SourceText, Unreadable, read_text
from readycheck.documents.yaml import parse
from readycheck.engine import Selection
from readycheck.model import ServiceNaming, Severity
from readycheck.rule import Rule
from readycheck.section import ConfigError, Section, nearest
from readycheck.sources.aws import AwsRequest
from readycheck.sources.aws.configuration import configured as configured_aws
from readycheck.sources.cluster import ClusterRequest
from readycheck.sources.files import ChartRelease
from readycheck.sources.files.tree import SKIPPED_FOLDERS, repository_of
from readycheck.sources.terraform import TerraformRequest
from readycheck.sources.terraform.configuration import configured as configured_terraform

DEFAULT_FILE = "readycheck.yaml"
LONGEST_EXEMPTION_DAYS = 180
_NOTIFY = "READYCHECK_NOTIFY_"
KEEP_DAYS = 730


class RuleSetting(Struct, frozen=True):
    """What configuration says of one rule."""

    off: bool = False
    severity: Severity | None = None
    gate: str = ""
    """`soft`: its violations never fail a build; `hard`: they do whatever their severity; "": as severe as they are."""
    options: Mapping[str, Any] = field(default_factory=dict)


class ExemptionRule(Struct, frozen=True):
    """An exemption as configuration states it."""

    where: str
    rules: tuple[str, ...]
    match: Mapping[str, str]
    environment: str
    reason: str
    owner: str
    until: str


class Environment(Struct, frozen=True):
    """What one environment consists of and how it is judged."""

    name: str = ""
    line: int | None = None
    """Where the configuration names it."""
    paths: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    helm: tuple[ChartRelease, ...] = ()
    reports: tuple[str, ...] = ()
    """Globs of the Trivy reports on its images, absolute."""
    cluster: ClusterRequest | None = None
    terraform: TerraformRequest | None = None
    aws: tuple[AwsRequest, ...] = ()
    rules: Mapping[str, RuleSetting] = field(default_factory=dict)
    fail_on: str = ""


class HistorySetting(Struct, frozen=True):
    """Where scans are kept: a file (absolute) or a server's URL; "" for the user's own file. For how many days."""

    place: str = ""
    keep_days: int = KEEP_DAYS
    off: bool = False


class Config(Struct, frozen=True):
    """A whole configuration file, or none."""

    file: Path | None = None
    repository: Path | None = None
    packs: tuple[Path, ...] = ()
    fail_on: str = "high"
    exclude: tuple[str, ...] = ()
    skip_folders: frozenset[str] = SKIPPED_FOLDERS
    system_namespaces: str = "judge"
    managed_namespaces: tuple[str, ...] = ()
    """Which namespaces are the system's, as profiles or patterns."""
    rules: Mapping[str, RuleSetting] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    exemptions: tuple[ExemptionRule, ...] = ()
    longest_exemption_days: int = LONGEST_EXEMPTION_DAYS
    services: tuple[ServiceNaming, ...] = ()
    """What is said of services, with absolute paths."""
    history: HistorySetting = HistorySetting()
    notify: tuple[str, ...] = ()
    """The environment variables that hold the addresses of who gets the report."""
    reports: Path | None = None
    """A folder of templates that stand for some of the reports' own."""

    @property
    def keeps_to_itself(self) -> bool:
        """Whether the history that it names is a file of its own repository, or none."""
        place = self.history.place
        home = repository_of(self.file.parent) if self.file else Path()
        return not place or ("://" not in place and Path(place).resolve().is_relative_to(home))

    def environment(self, name: str) -> Environment:
        """The named environment; one of files alone where no name is given.

        Raises:
            ConfigError: there is none of that name.
        """
        if not name:
            return Environment()
        if name not in self.environments:
            if self.file is None:
                raise ConfigError(
                    f"--env {name}: there is no {DEFAULT_FILE} here that names environments;"
                    " `readycheck init` writes one, --config names one elsewhere"
                )
            raise ConfigError(f"{self.file}: no environment `{name}`{nearest(name, self.environments)}")
        return self.environments[name]

    def services_below(self, root: Path) -> Sequence[ServiceNaming]:
        """What is said of services, with paths from a scan root.

        Args:
            root: the absolute path of the scan root, without links.
        """
        return [
            replace(
                service,
                **{
                    part: Path(os.path.relpath(path, root)).as_posix()
                    for part in ("dockerfile", "chart", "path")
                    if (path := getattr(service, part))
                },
            )
            for service in self.services
        ]

    def held(self, how: str, environment: Environment) -> frozenset[str]:
        """The IDs of the rules that the configuration holds to be soft, or hard.

        Args:
            how: `soft` or `hard`.
            environment: the environment, whose own word counts more.
        """
        said = {
            rule: setting.gate for where in (self, environment) for rule, setting in where.rules.items() if setting.gate
        }
        return frozenset(rule for rule, gate in said.items() if gate == how)

    def select(self, rules: Sequence[Rule], environment: Environment) -> list[Selection]:
        """The rules that the environment wants, with their severities and options."""
        selections = []
        for rule in rules:
            settings = [where.rules.get(rule.id, RuleSetting()) for where in (self, environment)]
            if settings[-1].off or (settings[0].off and rule.id not in environment.rules):
                continue
            severity = settings[1].severity or settings[0].severity or rule.declaration.severity
            selections.append(Selection(rule, severity, {**settings[0].options, **settings[1].options}))
        return selections


def load(file: Path, rules: Iterable[Rule] | None = None) -> Config:
    """Read a configuration file.

    Args:
        file: the file.
        rules: the rules that settings and exemptions may name; None: names are not checked yet.

    Raises:
        ConfigError: it cannot be read, or says something that is not understood; names file and line.
    """
    try:
        text = SourceText(str(file), read_text(file))
    except Unreadable as unreadable:
        raise ConfigError(f"{file}: {unreadable.reason}") from unreadable
    documents, faults = parse(text.text, templated=False)
    if faults:
        raise ConfigError(f"{file}:{faults[0].line}: {faults[0].reason}")
    if len(documents) > 1:
        raise ConfigError(f"{file}:{documents[1].line}: a configuration is one YAML document, this is a second one")
    body = documents[0].body if documents else {}
    if not isinstance(body, Mapping):
        raise ConfigError(f"{file}:1: a configuration is a mapping")
    return _read(Section(text, body, body), file, None if rules is None else {rule.id: rule for rule in rules})


def _read(top: Section, file: Path, rules: Mapping[str, Rule] | None) -> Config:
    base = file.parent
    environments = top.section("environments")
    config = Config(
        file=file,
        repository=_repository(top, base),
        packs=tuple(base / pack for pack in top.strings("packs")),
        fail_on=top.choice("fail_on", FAIL_ON, "high"),
        exclude=top.strings("exclude"),
        skip_folders=frozenset(top.strings("skip_folders")) or SKIPPED_FOLDERS,
        system_namespaces=top.choice("system_namespaces", ("judge", "skip"), "judge"),
        managed_namespaces=top.strings("managed_namespaces"),
        rules=_rules(top, rules),
        environments={name: _environment(name, section, base, rules) for name, section in environments.entries()},
        exemptions=tuple(_exemption(section, rules) for section in top.sections("exemptions")),
        longest_exemption_days=top.integer("longest_exemption_days", LONGEST_EXEMPTION_DAYS),
        services=tuple(_service(name, section, base) for name, section in top.section("services").entries()),
        history=_history(top, base),
        notify=_notify(top),
        reports=_reports(top, base),
    )
    for exemption, section in zip(config.exemptions, top.sections("exemptions"), strict=True):
        if exemption.environment and exemption.environment not in config.environments:
            section.fail(
                f"no environment `{exemption.environment}`{nearest(exemption.environment, config.environments)}",
                "environment",
            )
    for index, pack in enumerate(config.packs):
        if not pack.is_dir():
            top.fail(f"`{pack}` is no folder", "packs", index)
    top.done()
    return config


def _repository(top: Section, base: Path) -> Path | None:
    """The folder that counts as the repository. Configuration may narrow what is read, never widen it."""
    given = top.string("repository")
    if not given:
        return None
    folder = base / given
    if not folder.is_dir():
        top.fail(f"`{folder}` is no folder", "repository")
    if not folder.resolve().is_relative_to(repository_of(base)):
        top.fail(f"`{given}` lies outside of the repository that holds this file", "repository")
    return folder


def _notify(top: Section) -> tuple[str, ...]:
    """Names of variables of readycheck's own: a configuration may not have the values of others sent anywhere."""
    names = top.strings("notify")
    for index, name in enumerate(names):
        if not name.startswith(_NOTIFY) or not name.isidentifier():
            top.fail(
                f"`notify` takes the names of environment variables that begin with {_NOTIFY} and hold an address",
                "notify",
                index,
            )
    return names


def _reports(top: Section, base: Path) -> Path | None:
    """The folder of templates; in the repository of this file, since they are read into a report."""
    given = top.string("reports")
    if not given:
        return None
    folder = base / given
    if not folder.is_dir():
        top.fail(f"`{folder}` is no folder", "reports")
    if not folder.resolve().is_relative_to(repository_of(base)):
        top.fail(f"`{given}` lies outside of the repository that holds this file", "reports")
    return folder


def _history(top: Section, base: Path) -> HistorySetting:
    top.known.add("history")
    given = top.body.get("history")
    # A bare `off` is a boolean in YAML 1.1.
    if given is False or given == "off":
        return HistorySetting(off=True)
    if not isinstance(given, Mapping):
        return HistorySetting(_place(top.string("history"), base))
    section = top.section("history")
    setting = HistorySetting(_place(section.string("place"), base), section.integer("keep_days", KEEP_DAYS))
    if setting.keep_days < 1:
        section.fail("`keep_days` must be 1 or more", "keep_days")
    section.done()
    return setting


def _place(given: str, base: Path) -> str:
    if not given or "://" in given:
        return given
    return str((base / Path(given).expanduser()).absolute())


def _service(name: str, section: Section, base: Path) -> ServiceNaming:
    naming = ServiceNaming(
        name,
        workload=section.string("workload"),
        dockerfile=_part(section, base, "dockerfile", Path.is_file, "no file"),
        chart=_part(section, base, "chart", lambda folder: (folder / "Chart.yaml").is_file(), "no chart"),
        path=_part(section, base, "path", Path.is_dir, "no folder"),
    )
    section.done()
    return naming


def _part(section: Section, base: Path, key: str, fits: Callable[[Path], bool], otherwise: str) -> str:
    """The absolute path of a part of a service; "" where none is given."""
    given = section.string(key)
    if not given:
        return ""
    path = base / given
    if not fits(path):
        section.fail(f"`{path}` is {otherwise}", key)
    return str(path.resolve())


GATES = ("soft", "hard")
FAIL_ON = (*(severity.value for severity in Severity), "none")


def _environment(name: str, section: Section, base: Path, rules: Mapping[str, Rule] | None) -> Environment:
    files = section.section("files")
    images = section.section("images")
    environment = Environment(
        name=name,
        line=int(section.where().rpartition(":")[2]),
        paths=tuple(base / path for path in files.strings("paths")),
        exclude=files.strings("exclude"),
        helm=tuple(_chart(chart, base) for chart in files.sections("helm")),
        reports=tuple(str(Path(escape(str(base.absolute()))) / glob) for glob in images.strings("trivy")),
        cluster=_cluster(section, base),
        terraform=configured_terraform(section, base),
        aws=configured_aws(section),
        rules=_rules(section, rules),
        fail_on=section.choice("fail_on", FAIL_ON),
    )
    for index, path in enumerate(environment.paths):
        if not path.exists():
            files.fail(f"`{path}` does not exist", "paths", index)
    files.done()
    images.done()
    section.done()
    return environment


def _cluster(environment: Section, base: Path) -> ClusterRequest | None:
    if "cluster" not in environment.body:
        return None
    section = environment.section("cluster")
    kubeconfig = section.string("kubeconfig")
    cluster = ClusterRequest(
        context=section.string("context"),
        kubeconfig=base / Path(kubeconfig).expanduser() if kubeconfig else None,
        in_cluster=section.take("in_cluster", bool, default=False, wanted="true or false"),
        timeout_seconds=section.integer("timeout_seconds", ClusterRequest().timeout_seconds),
        deadline_seconds=section.integer("deadline_seconds", ClusterRequest().deadline_seconds),
        concurrency=section.integer("concurrency", ClusterRequest().concurrency),
    )
    if cluster.in_cluster and (cluster.context or kubeconfig):
        section.fail(
            "`in_cluster` takes the service account of the pod: it goes with no context and no kubeconfig", "in_cluster"
        )
    for key in ("timeout_seconds", "deadline_seconds", "concurrency"):
        if getattr(cluster, key) < 1:
            section.fail(f"`{key}` must be 1 or more", key)
    section.done()
    return cluster


def _chart(section: Section, base: Path) -> ChartRelease:
    section.require("chart")
    folder = base / section.string("chart")
    if not (folder / "Chart.yaml").is_file():
        section.fail(f"`{folder}` is no chart: it holds no Chart.yaml", "chart")
    chart = ChartRelease(
        chart=folder,
        values=tuple(_values_file(section, base, folder, index) for index in range(len(section.strings("values")))),
        release=section.string("release"),
        namespace=section.string("namespace"),
    )
    section.done()
    return chart


def _values_file(section: Section, base: Path, chart: Path, index: int) -> Path:
    """A values file stands where its path leads from the configuration, or from the chart."""
    name = section.strings("values")[index]
    found = next((file for file in (base / name, chart / name) if file.is_file()), None)
    return found or section.fail(
        f"`{name}` does not exist, neither beside the configuration nor in the chart", "values", index
    )


def _rules(section: Section, rules: Mapping[str, Rule] | None) -> dict[str, RuleSetting]:
    settings = section.section("rules")
    return {rule_id: _setting(settings, rule_id, rules) for rule_id in settings.body}


def _setting(settings: Section, rule_id: str, rules: Mapping[str, Rule] | None) -> RuleSetting:
    if rules is not None and rule_id not in rules:
        settings.fail(f"no rule `{rule_id}`{nearest_rule(rule_id, rules)}", rule_id)
    value = settings.body[rule_id]
    # A bare `off` is a boolean in YAML 1.1.
    if value is False or value == "off":
        return RuleSetting(off=True)
    section = settings.section(rule_id)
    severity = section.choice("severity", (severity.value for severity in Severity))
    gate = section.choice("gate", GATES)
    options = {}
    for option in rules[rule_id].options if rules is not None else ():
        section.known.add(option.name)
        if option.name not in section.body:
            continue
        given = section.body[option.name]
        if not option.accepts(given):
            section.fail(f"`{option.name}` must be of type {option.type_name}", option.name)
        options[option.name] = option.convert(given)
    if rules is not None:
        section.done()
    return RuleSetting(severity=Severity(severity) if severity else None, gate=gate, options=options)


def _exemption(section: Section, rules: Mapping[str, Rule] | None) -> ExemptionRule:
    section.require("rule")
    match = section.section("match")
    matched = {key: match.string(key) for key in ("kind", "namespace", "name", "container") if key in match.body}
    match.known.update(("kind", "namespace", "name", "container"))
    match.done()
    pattern = section.string("rule")
    exemption = ExemptionRule(
        where=section.where(),
        rules=(pattern,),
        match=matched,
        environment=section.string("environment"),
        reason=section.string("reason"),
        owner=section.string("owner"),
        until=section.string("until"),
    )
    section.done()
    if rules is not None and not names_a_rule(pattern, rules):
        section.fail(f"no rule `{pattern}`{nearest_rule(pattern, rules)}", "rule")
    return exemption


def names_a_rule(pattern: str, rules: Iterable[str]) -> bool:
    """Whether `workload/replicas` or `workload/*` names at least one rule."""
    return any(fnmatchcase(rule_id, pattern) for rule_id in rules)


def nearest_rule(rule_id: str, rules: Iterable[str]) -> str:
    """The rule that may have been meant, or where all of them are listed."""
    return nearest(rule_id, rules) or ": `readycheck rules list` names them all"
