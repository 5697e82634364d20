"""One scan from end to end: configuration, sources, rules, exemptions, report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readycheck import __version__, packs
from readycheck.baseline import SCHEMA, Baseline, accept
from readycheck.config import DEFAULT_FILE, Config, Environment
from readycheck.config import load as load_config
from readycheck.engine import judge
from readycheck.exemptions import Exemptions
from readycheck.gate import decide
from readycheck.inventory import Inventory
from readycheck.joining import join
from readycheck.kubernetes.platform import managed_namespaces
from readycheck.model import Collected, Location, Outcome, Severity
from readycheck.provenance import provenance_of
from readycheck.report import Checkout, ExitCode, Gate, Report
from readycheck.section import ConfigError
from readycheck.sources import aws, cluster, terraform
from readycheck.sources.files import SOURCE as FILES
from readycheck.sources.files import FilesRequest, collect
from readycheck.sources.files.tree import repository_of, root_of
from readycheck.standing import standing

Progress = Callable[[str], None]
ReadFiles = Callable[[FilesRequest, Progress], Collected]


class ScanRequest(Struct, frozen=True):
    """What the command line asks for."""

    paths: tuple[Path, ...] = ()
    environment: str = ""
    config: Path | None = None
    """The configuration that the user named."""
    found_config: Path | None = None
    """The one that lies where the command was started; it may not bring rule code."""
    packs: tuple[Path, ...] = ()
    fail_on: str = ""
    allow_incomplete: bool = False
    fail_on_unknown: bool = False
    exit_zero: bool = False
    baseline: Baseline | None = None
    """What was accepted before."""
    accept: bool = False
    """Whether all that fails now is accepted."""
    new_since: str = ""
    """The revision that the tree is compared with; "" for none."""


def scan(
    request: ScanRequest,
    progress: Progress = lambda _: None,
    *,
    read_files: ReadFiles = collect,
    known: Sequence[Collected] = (),
) -> Report:
    """Read, judge and sum up.

    Args:
        request: what to scan and how.
        progress: told what is being done, for long work.
        read_files: reads the files; another than the usual one where they stand elsewhere.
        known: sources that have been read before, and are not asked again.

    Raises:
        ConfigError: the request or the configuration cannot be used.
        RuleError: a rule pack cannot be used.
    """
    file = request.config or request.found_config
    configured = load_config(file).packs if file else ()
    if configured and not request.config:
        raise ConfigError(
            f"{file}: `packs` is rule code, which is only run from a configuration that you name: --config {file}"
        )
    rules = packs.load((*request.packs, *configured))
    config = load_config(file, rules) if file else Config()
    environment = config.environment(request.environment)
    now = clock()
    begun = time.perf_counter()
    selections = config.select(rules, environment)
    types = frozenset(kind for selection in selections for kind in selection.rule.asks)
    collected = _collect(request, config, environment, progress, read_files, known, types=types)
    read = time.perf_counter()
    progress("judging")
    services = config.services_below(Path(root_of(_paths(request, environment))))
    sides = Inventory.sides(collected, environment=environment.name, now=now, services=services)
    exemptions = Exemptions(
        config.exemptions, environment.name, [rule.id for rule in rules], now, config.longest_exemption_days
    )
    for source in collected:
        for resource in source.resources:
            exemptions.note(resource)
    judged = judge(selections, *sides)
    managed = _managed(judged, config)
    if config.system_namespaces == "skip":
        # They are read all the same: what is judged elsewhere may lean on what runs there.
        judged = [outcome for outcome in judged if outcome.resource.root.scope not in managed]
    counterparts = join(sides, judged)
    outcomes = exemptions.apply(judged, counterparts)
    report = Report(
        version=__version__,
        environment=environment.name,
        taken_at=timestamp(now),
        sources=collected,
        outcomes=outcomes,
        exemptions=exemptions.uses(),
        gate=Gate(ExitCode.READY, ()),
        rules={rule.id: (rule.title, rule.help) for rule in rules},
        managed=managed,
        counterparts=counterparts,
        provenance=provenance_of(config, environment, request.paths, _paths(request, environment)),
        ruleset={each.rule.id: each for each in selections},
        seconds={"reading": round(read - begun, 3), "judging": round(time.perf_counter() - read, 3)},
        checkout=_checkout(request, config, environment),
    )
    before = None
    if request.new_since:
        from readycheck.since import report_at  # noqa: PLC0415 - with what reads a git revision

        progress(f"reading the tree at {request.new_since}")
        others = [source for source in collected if source.source != FILES]
        again = partial(scan, replace(request, new_since="", baseline=None, accept=False), progress, known=others)
        files = _files_of(request, config, environment)
        before = report_at(request.new_since, report, files, lambda read: again(read_files=read))
    return _weighed(request, config, environment, report, before)


def _weighed(
    request: ScanRequest, config: Config, environment: Environment, report: Report, before: Report | None
) -> Report:
    """The report with what the gate says of it.

    Args:
        request: what was asked for.
        config: what rules are soft, and which are hard.
        environment: the same.
        report: the scan.
        before: the scan of the tree as it was; None where that was not asked for.
    """
    accepted = request.baseline
    if request.accept:
        accepted = Baseline(SCHEMA, tuple(accept(accepted, (report,))))
    held = standing(
        report,
        soft=config.held("soft", environment),
        baseline=accepted,
        before=before,
        since=request.new_since,
    )
    fail_on = request.fail_on or environment.fail_on or config.fail_on
    gate = decide(
        report,
        held,
        fail_on=None if fail_on == "none" else Severity(fail_on),
        hard=config.held("hard", environment),
        allow_incomplete=request.allow_incomplete,
        fail_on_unknown=request.fail_on_unknown,
    )
    gate = replace(gate, lenient=request.exit_zero)
    return report.weighed(gate, held.tolerated, held.reopened)


def _checkout(request: ScanRequest, config: Config, environment: Environment) -> Checkout:
    """Where the scanned tree lies."""
    root = root_of(_paths(request, environment))
    configuration = Location(str(config.file), environment.line) if config.file else Location("")
    top = repository_of(Path(root))
    charts = [chart.chart for chart in environment.helm]
    scanned = (os.path.relpath(os.path.realpath(path), top) for path in (*_paths(request, environment), *charts))
    return Checkout(
        root, str(top), configuration, tuple("" if path == "." else path.replace(os.sep, "/") for path in scanned)
    )


def _managed(outcomes: Sequence[Outcome], config: Config) -> frozenset[str]:
    """The namespaces of what was judged that are the system's."""
    pattern = managed_namespaces(config.managed_namespaces)
    scopes = {outcome.resource.root.scope for outcome in outcomes}
    return frozenset(scope for scope in scopes if pattern.match(scope))


def environments_of(request: ScanRequest) -> tuple[str, ...]:
    """The names of all environments of the configuration.

    Raises:
        ConfigError: there is no configuration, it cannot be read, or it names none.
    """
    file = request.config or request.found_config
    names = tuple(load_config(file).environments) if file else ()
    if not names:
        where = str(file) if file else f"there is no {DEFAULT_FILE} here, and --config names none"
        raise ConfigError(f"--all-envs: no environment is named: {where}")
    return names


def clock() -> float:
    """Now, or the moment that SOURCE_DATE_EPOCH names.

    Raises:
        ConfigError: SOURCE_DATE_EPOCH is no number of seconds.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return time.time()
    try:
        now = float(given)
        datetime.fromtimestamp(now, UTC)
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"SOURCE_DATE_EPOCH={given} is no number of seconds since 1970") from None
    return now


def timestamp(now: float) -> str:
    """A moment as reports show it, in UTC.

    Args:
        now: in seconds since the epoch.
    """
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_apart(environment: Environment) -> bool:
    """Whether an environment consists of something else than files of a tree."""
    return bool(
        environment.helm or environment.reports or environment.cluster or environment.terraform or environment.aws
    )


def _paths(request: ScanRequest, environment: Environment) -> tuple[Path, ...]:
    """What of the file system is scanned."""
    return request.paths or environment.paths or (() if _is_apart(environment) else (Path(),))


def files_of(request: ScanRequest) -> FilesRequest | None:
    """Which files a scan reads, and how; None where it reads none.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    file = request.config or request.found_config
    config = load_config(file) if file else Config()
    return _files_of(request, config, config.environment(request.environment))


def files_of_others(request: ScanRequest) -> Mapping[str, FilesRequest]:
    """Which files the other environments of the configuration read, by their names.

    Where a scan names no environment itself, there are no others.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    file = request.config or request.found_config
    config = load_config(file) if file and request.environment else Config()
    others = ((name, _files_of(ScanRequest(), config, each)) for name, each in config.environments.items())
    return {name: files for name, files in others if files is not None and name != request.environment}


def cluster_of(request: ScanRequest) -> cluster.ClusterRequest | None:
    """Which cluster the environment of a scan names; None where it names none.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    file = request.config or request.found_config
    return load_config(file).environment(request.environment).cluster if file else None


def _files_of(request: ScanRequest, config: Config, environment: Environment) -> FilesRequest | None:
    paths = _paths(request, environment)
    if not (paths or environment.helm or environment.reports):
        return None
    return FilesRequest(
        paths=tuple(paths),
        exclude=(*config.exclude, *environment.exclude),
        exclude_base=config.file.parent if config.file else None,
        repository=config.repository,
        charts=environment.helm,
        reports=environment.reports,
        skip_folders=config.skip_folders,
    )


def _collect(
    request: ScanRequest,
    config: Config,
    environment: Environment,
    progress: Progress,
    read_files: ReadFiles,
    known: Sequence[Collected],
    *,
    types: frozenset[str],
) -> Sequence[Collected]:
    paths = _paths(request, environment)
    for path in paths:
        if not path.exists():
            raise ConfigError(f"{path}: no such file or folder")
    collected = []
    files = _files_of(request, config, environment)
    if files is not None:
        progress("reading files")
        collected.append(read_files(files, progress))
    if known:
        return [*collected, *known]
    if environment.cluster is not None:
        collected.append(cluster.collect(environment.cluster, progress))
    if environment.terraform is not None:
        roots = (Path(root_of(paths)),) if paths else ()
        request_of_states = replace(environment.terraform, bases=(*roots, *environment.terraform.bases))
        collected.append(terraform.collect(request_of_states, progress))
    if environment.aws:
        collected.append(aws.collect(environment.aws, collected, progress, types=types))
    return collected
