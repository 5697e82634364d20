"""`readycheck rules`: what is checked, and whether rules do what their fixtures say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from readycheck.cli.configuration import config_option, found_config

if TYPE_CHECKING:
    from readycheck.rule import Rule

_PACK = click.option(
    "--pack",
    "packs",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of rules of your own; may be given several times.",
)


@click.group()
def rules() -> None:
    """List, show and test rules."""


@rules.command("list")
@_PACK
def list_rules(packs: tuple[Path, ...]) -> None:
    """List every rule.

    Its severity and title, and below them what it judges and which options it takes.
    """
    from readycheck.rule_pages import judged  # noqa: PLC0415 - see the package's docstring

    found = _load(packs)
    width = max(len(rule.id) for rule in found)
    for rule in found:
        click.echo(f"{rule.id:{width}}  {rule.declaration.severity.value:8}  {rule.title}")
        options = ", ".join(option.name for option in rule.options)
        click.echo(f"{'':{width}}  {'':8}  {judged(rule)}{f'; options: {options}' if options else ''}")


@rules.command()
@click.argument("rule_id", metavar="ID")
@_PACK
def show(rule_id: str, packs: tuple[Path, ...]) -> None:
    """Show what a rule asks, why, and its options."""
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415 - see the package's docstring
    from readycheck.config import nearest_rule  # noqa: PLC0415
    from readycheck.rule_pages import judged  # noqa: PLC0415

    found = {rule.id: rule for rule in _load(packs)}
    if rule_id not in found:
        raise UsageFailure(f"no rule `{rule_id}`{nearest_rule(rule_id, found)}")
    rule = found[rule_id]
    click.echo(f"{rule.id}: {rule.title}\n")
    click.echo(f"{rule.help}\n")
    click.echo(f"severity: {rule.declaration.severity.value}")
    click.echo(f"judges:   {judged(rule)}")
    for option in rule.options:
        click.echo(f"option:   {option.name} ({option.type_name}, {option.shown_default} by default): {option.help}")
    click.echo(f"file:     {rule.file}")


@rules.command()
@click.option("--check", type=click.Path(path_type=Path, dir_okay=False), help="Fail where this file is out of date.")
@_PACK
def docs(check: Path | None, packs: tuple[Path, ...]) -> None:
    """Print the page on all rules, in Markdown."""
    from readycheck.rule_pages import render  # noqa: PLC0415 - see the package's docstring

    page = render(_load(packs))
    if check is None:
        click.echo(page, nl=False)
    elif not check.is_file() or check.read_text("utf-8") != page:
        raise click.ClickException(f"{check} is out of date: `readycheck rules docs > {check}` writes it anew")


@rules.command()
def rbac() -> None:
    """Print the ClusterRole that a scan of a live cluster takes.

    It lets list what rules ask about, and do nothing else.
    """
    from readycheck.kubernetes.apis import APIS, cluster_role  # noqa: PLC0415 - see the package's docstring

    click.echo(cluster_role(APIS), nl=False)
    click.echo(_BINDING, nl=False)


@rules.command()
@click.option("--env", "environment", metavar="NAME", default="", help="For the rules that are on there.")
@config_option
@_PACK
def iam(environment: str, config: Path | None, packs: tuple[Path, ...]) -> None:
    """Print the policy of IAM that a scan of an AWS account takes.

    It lets read what the rules that are on look at, and do nothing else.
    """
    from readycheck.aws.calls import actions_for  # noqa: PLC0415 - see the package's docstring
    from readycheck.aws.policies import iam_policy  # noqa: PLC0415
    from readycheck.cli.errors import explained  # noqa: PLC0415
    from readycheck.config import Config  # noqa: PLC0415
    from readycheck.config import load as load_config  # noqa: PLC0415

    found = _load(packs)
    with explained():
        file = config or found_config()
        configured = load_config(file, found) if file else Config()
        selections = configured.select(found, configured.environment(environment))
    click.echo(iam_policy(actions_for({kind for each in selections for kind in each.rule.asks})), nl=False)


_BINDING = """\
# Who may use it is for you to say; for a service account:
# ---
# apiVersion: rbac.authorization.k8s.io/v1
# kind: ClusterRoleBinding
# metadata:
#   name: readycheck
# roleRef:
#   apiGroup: rbac.authorization.k8s.io
#   kind: ClusterRole
#   name: readycheck
# subjects:
#   - kind: ServiceAccount
#     name: readycheck
#     namespace: readycheck
"""


@rules.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR")
@_PACK
def test(folder: Path, packs: tuple[Path, ...]) -> None:
    """Test rules against the fixtures in DIR.

    DIR holds `rules/` and `fixtures/`, or it is a folder of fixtures for the rules of --pack and the built-in ones:
    `<area>/<name>/ok-*.yaml` and so on. See docs/writing-rules.md.
    """
    from readycheck.cli.errors import UsageFailure, explained  # noqa: PLC0415 - see the package's docstring
    from readycheck.harness import run  # noqa: PLC0415

    own = folder / "rules"
    if own.is_dir():
        packs = (*packs, own)
    fixtures = folder / "fixtures" if own.is_dir() else folder
    tested = [rule for rule in _load(packs) if not packs or any(_stands_in(rule, pack) for pack in packs)]
    if not tested:
        raise UsageFailure(f"{', '.join(map(str, packs))}: no rule stands there")
    failed = checked = 0
    with explained():
        for result in run(fixtures, tested):
            checked += 1
            failed += bool(result.complaints)
            click.echo(f"{'FAIL' if result.complaints else 'ok  '}  {result.name}")
            for complaint in result.complaints:
                click.echo(f"        {complaint}")
    if failed:
        raise click.ClickException(f"{failed} of {checked} are not as announced")
    click.echo(f"All {checked} are as announced.")


def _stands_in(rule: Rule, pack: Path) -> bool:
    return Path(rule.file).resolve().is_relative_to(pack.resolve())


def _load(packs: tuple[Path, ...]) -> list[Rule]:
    from readycheck.cli.errors import explained  # noqa: PLC0415 - see the package's docstring
    from readycheck.packs import load  # noqa: PLC0415

    with explained():
        return load(packs)
