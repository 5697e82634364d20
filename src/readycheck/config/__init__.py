"""readycheck.yaml: environments, rule settings and exemptions (docs/configuration.md)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.config.environments import FAIL_ON, Environment, read_environment
from readycheck.config.history import HistorySetting, read_history
from readycheck.config.rules import (
    ExemptionRule,
    RuleSetting,
    exemption_rule,
    names_a_rule,
    nearest_rule,
    rule_settings,
)
from readycheck.config.services import read_service
from readycheck.documents.text import SourceText, Unreadable, read_text
from readycheck.documents.yaml import parse
from readycheck.engine import Selection
from readycheck.model import ServiceNaming
from readycheck.rule import Rule
from readycheck.section import ConfigError, Section, nearest
from readycheck.sources.files.tree import SKIPPED_FOLDERS, repository_of

DEFAULT_FILE = "readycheck.yaml"
LONGEST_EXEMPTION_DAYS = 180
_NOTIFY = "READYCHECK_NOTIFY_"

__all__ = [
    "DEFAULT_FILE",
    "Config",
    "Environment",
    "ExemptionRule",
    "HistorySetting",
    "RuleSetting",
    "load",
    "names_a_rule",
    "nearest_rule",
]


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
        repository=_folder(top, base, "repository"),
        packs=tuple(base / pack for pack in top.strings("packs")),
        fail_on=top.choice("fail_on", FAIL_ON, "high"),
        exclude=top.strings("exclude"),
        skip_folders=frozenset(top.strings("skip_folders")) or SKIPPED_FOLDERS,
        system_namespaces=top.choice("system_namespaces", ("judge", "skip"), "judge"),
        managed_namespaces=top.strings("managed_namespaces"),
        rules=rule_settings(top, rules),
        environments={name: read_environment(name, section, base, rules) for name, section in environments.entries()},
        exemptions=tuple(exemption_rule(section, rules) for section in top.sections("exemptions")),
        longest_exemption_days=top.integer("longest_exemption_days", LONGEST_EXEMPTION_DAYS),
        services=tuple(read_service(name, section, base) for name, section in top.section("services").entries()),
        history=read_history(top, base),
        notify=_notify(top),
        reports=_folder(top, base, "reports"),
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


def _folder(top: Section, base: Path, key: str) -> Path | None:
    """A folder of the repository that holds this file: configuration may narrow what is read, never widen it."""
    given = top.string(key)
    if not given:
        return None
    folder = base / given
    if not folder.is_dir():
        top.fail(f"`{folder}` is no folder", key)
    if not folder.resolve().is_relative_to(repository_of(base)):
        top.fail(f"`{given}` lies outside of the repository that holds this file", key)
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
