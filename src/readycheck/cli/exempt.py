"""`readycheck exempt`: the exemptions of a project, and those that have had their day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from readycheck.cli.configuration import config_option, found_config

if TYPE_CHECKING:
    from readycheck.report import ExemptionUse, Report

_MATCHED = ("kind", "namespace", "name", "container")


@click.group()
def exempt() -> None:
    """Add, list and prune exemptions.

    Each says who may leave which rule unmet, why and until when.
    """


@exempt.command("add")
@click.argument("rule")
@click.option("--reason", required=True, help="Why, for whoever reads it in a year.")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option("--until", required=True, metavar="DATE", help="Its last day, as 2027-01-31.")
@click.option("--env", "environment", default="", metavar="NAME", help="In this environment alone.")
@click.option("--kind", default="", metavar="PATTERN", help="Of things of this kind alone.")
@click.option("--namespace", default="", metavar="PATTERN", help="Of things in this namespace alone.")
@click.option("--name", default="", metavar="PATTERN", help="Of things of this name alone.")
@click.option("--container", default="", metavar="PATTERN", help="Of this container alone.")
@config_option
def add(rule: str, reason: str, owner: str, until: str, environment: str, config: Path | None, **match: str) -> None:
    """Write an exemption from RULE into the configuration.

    RULE and the patterns may hold `*`. Everything else in the file stays as it is, to the byte.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415 - see the package's docstring; so below
    from readycheck.config import DEFAULT_FILE  # noqa: PLC0415
    from readycheck.exempting import with_exemption  # noqa: PLC0415

    file = config or found_config() or Path(DEFAULT_FILE)
    entry: dict[str, object] = {"rule": rule}
    matched = {key: match[key] for key in _MATCHED if match[key]}
    if matched:
        entry["match"] = matched
    if environment:
        entry["environment"] = environment
    entry |= {"reason": reason, "owner": owner, "until": until}
    with explained():
        _check(file, rule, environment, reason, owner, until)
        _write(file, with_exemption(file, entry))
    click.echo(f"{file}: exempts {', '.join(matched.values()) or 'everything'} from {rule} until {until}")


@exempt.command("list")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--env", "environments", multiple=True, metavar="NAME", help="In this environment; may be repeated.")
@click.option("--all-envs", is_flag=True, help="In every environment of readycheck.yaml.")
@config_option
def list_exemptions(
    paths: tuple[Path, ...], environments: tuple[str, ...], config: Path | None, *, all_envs: bool
) -> None:
    """Scan, and list every exemption.

    Each with what came of it; those that end soonest stand first.
    """
    from readycheck.outputs.page.layout import plural, printable  # noqa: PLC0415

    reports = _scanned(paths, environments, config, all_envs=all_envs)
    uses = sorted(_merged(reports), key=lambda use: (-int(use.status), use.until, use.where))
    for use in uses:
        said = use.problem or f"{use.reason}{f' ({use.owner})' if use.owner else ''}"
        exempted = f"{plural(use.count, 'failure')}, " if use.count else ""
        until = f"until {use.until}, " if use.until else ""
        click.echo(printable(f"{use.word:12} {', '.join(use.rules)}  {exempted}{until}{use.where}: {said}"))
    if not uses:
        click.echo("no exemption is written anywhere")


@exempt.command("prune")
@config_option
@click.option("--dry-run", is_flag=True, help="Say what would be taken out, and leave it.")
def prune(config: Path | None, *, dry_run: bool) -> None:
    """Take out of the configuration what exempts nothing any more.

    That is what has expired, and what no scan needs.

    Every environment is scanned. Where something could not be read or judged that an exemption is about, it stays.
    Comments and annotations are listed, to be taken out by hand.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415
    from readycheck.config import load  # noqa: PLC0415
    from readycheck.exempting import without_exemptions  # noqa: PLC0415
    from readycheck.report import ExemptionStatus  # noqa: PLC0415
    from readycheck.section import ConfigError  # noqa: PLC0415

    with explained():
        file = config or found_config()
        if file is None:
            raise ConfigError("there is no readycheck.yaml here, and --config names none")
        loaded = load(file)
        reports = _scanned((), (*loaded.environments, ""), config, all_envs=False)
        indexes = {entry.where: index for index, entry in enumerate(loaded.exemptions)}
        gone: list[int] = []
        for use in _merged(reports):
            if use.status is ExemptionStatus.UNUSED and not _is_certain(use, reports):
                click.echo(f"{use.where}: stays: not all that it may be about could be judged")
            elif use.status in {ExemptionStatus.UNUSED, ExemptionStatus.EXPIRED}:
                own = use.where in indexes
                gone += [indexes[use.where]] if own else []
                todo = ("would go" if dry_run else "gone") if own else "take it out by hand"
                click.echo(f"{use.where}: {use.word}: {', '.join(use.rules)}: {todo}")
        if gone and not dry_run:
            _write(file, without_exemptions(file, gone))


def _check(file: Path, rule: str, environment: str, reason: str, owner: str, until: str) -> None:
    """Refuse what would exempt nothing."""
    from readycheck import packs  # noqa: PLC0415
    from readycheck.config import Config, ExemptionRule, load, names_a_rule, nearest_rule  # noqa: PLC0415
    from readycheck.exemptions import Exemptions  # noqa: PLC0415
    from readycheck.scan import clock  # noqa: PLC0415
    from readycheck.section import ConfigError  # noqa: PLC0415

    loaded = load(file) if file.exists() else Config()
    loaded.environment(environment)
    rules = [each.id for each in packs.load(loaded.packs)]
    if not names_a_rule(rule, rules):
        raise ConfigError(f"no rule `{rule}`{nearest_rule(rule, rules)}")
    written = ExemptionRule("", (rule,), {}, environment, reason, owner, until)
    (use,) = Exemptions((written,), environment, rules, clock(), loaded.longest_exemption_days).uses()
    if use.problem:
        raise ConfigError(f"it would exempt nothing: {use.problem}")


def _scanned(
    paths: Sequence[Path], environments: Sequence[str], config: Path | None, *, all_envs: bool
) -> list[Report]:
    from readycheck.cli.errors import explained  # noqa: PLC0415
    from readycheck.cli.progress import progress  # noqa: PLC0415
    from readycheck.scan import ScanRequest, environments_of, scan  # noqa: PLC0415

    found = found_config() if config is None else None
    with explained(), progress() as tell:
        request = ScanRequest(paths=tuple(paths), config=config, found_config=found)
        names = environments_of(request) if all_envs else tuple(dict.fromkeys(environments)) or ("",)
        return [
            scan(ScanRequest(paths=tuple(paths), environment=name, config=config, found_config=found), tell)
            for name in names
        ]


def _merged(reports: Sequence[Report]) -> list[ExemptionUse]:
    """Each exemption once: one that any environment needs is needed."""
    from msgspec.structs import replace  # noqa: PLC0415

    merged: dict[tuple[str, tuple[str, ...]], ExemptionUse] = {}
    for report in reports:
        for use in report.exemptions:
            known = merged.get((use.where, use.rules))
            if known is not None:
                use = replace(use, count=use.count + known.count, status=min(use.status, known.status))  # noqa: PLW2901
            merged[use.where, use.rules] = use
    return list(merged.values())


def _is_certain(use: ExemptionUse, reports: Sequence[Report]) -> bool:
    """Whether everything could be judged that an exemption may be about."""
    from fnmatch import fnmatchcase  # noqa: PLC0415

    from readycheck.model import Status  # noqa: PLC0415

    if any(source.failed or source.problems for report in reports for source in report.sources):
        return False
    undecided = {
        outcome.rule
        for report in reports
        for status in (Status.UNKNOWN, Status.ERROR)
        for outcome in report.by_status[status]
    }
    return not any(fnmatchcase(rule, pattern) for rule in undecided for pattern in use.rules)


def _write(file: Path, text: str) -> None:
    from readycheck.outputs.files import write_whole  # noqa: PLC0415
    from readycheck.section import ConfigError  # noqa: PLC0415

    try:
        write_whole(file, text.encode())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from error
