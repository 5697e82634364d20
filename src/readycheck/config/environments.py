"""What one environment consists of: files, charts, a cluster, states, accounts."""

from __future__ import annotations

from collections.abc import Mapping
from glob import escape
from pathlib import Path

from msgspec import Struct, field

from readycheck.config.rules import RuleSetting, rule_settings
from readycheck.model import Severity
from readycheck.rule import Rule
from readycheck.section import Section
from readycheck.sources.aws import AwsRequest
from readycheck.sources.aws.configuration import configured as configured_aws
from readycheck.sources.cluster import ClusterRequest
from readycheck.sources.files import ChartRelease
from readycheck.sources.terraform import TerraformRequest
from readycheck.sources.terraform.configuration import configured as configured_terraform

FAIL_ON = (*(severity.value for severity in Severity), "none")


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


def read_environment(name: str, section: Section, base: Path, rules: Mapping[str, Rule] | None) -> Environment:
    """An environment.

    Args:
        name: what it is called.
        section: what is said of it.
        base: the folder that relative paths start at.
        rules: the rules that may be named, by ID; None: names are not checked yet.

    Raises:
        ConfigError: it says something that is not understood.
    """
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
        rules=rule_settings(section, rules),
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
    kubeconfig = section.file("kubeconfig", base)
    cluster = ClusterRequest(
        context=section.string("context"),
        kubeconfig=kubeconfig,
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
