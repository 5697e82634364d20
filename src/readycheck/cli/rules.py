"""`readycheck rules`: what is checked, and whether rules do what their fixtures say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

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
    """List every rule, its severity and its title."""
    found = _load(packs)
    width = max(len(rule.id) for rule in found)
    for rule in found:
        click.echo(f"{rule.id:{width}}  {rule.declaration.severity.value:8}  {rule.title}")


@rules.command()
@click.argument("rule_id", metavar="ID")
@_PACK
def show(rule_id: str, packs: tuple[Path, ...]) -> None:
    """Show one rule: what it asks and why, what it judges, its options."""
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415 - see the package's docstring
    from readycheck.section import nearest  # noqa: PLC0415

    found = {rule.id: rule for rule in _load(packs)}
    if rule_id not in found:
        raise UsageFailure(f"no rule `{rule_id}`{nearest(rule_id, found)}")
    rule = found[rule_id]
    click.echo(f"{rule.id}: {rule.title}\n")
    click.echo(f"{rule.help}\n")
    click.echo(f"severity: {rule.declaration.severity.value}")
    click.echo(f"judges:   {', '.join(rule.declaration.kinds)}")
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
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR")
@_PACK
def test(folder: Path, packs: tuple[Path, ...]) -> None:
    """Test rules against the fixtures in DIR.

    DIR holds `rules/` and `fixtures/`, or it is a folder of fixtures for the rules of --pack and the built-in ones:
    `<area>/<name>/ok-*.yaml` and so on. See docs/writing-rules.md.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415 - see the package's docstring
    from readycheck.harness import run  # noqa: PLC0415

    own = folder / "rules"
    if own.is_dir():
        packs = (*packs, own)
    fixtures = folder / "fixtures" if own.is_dir() else folder
    tested = _load(packs)
    if packs:
        named = [str(pack.resolve()) for pack in packs]
        tested = [rule for rule in tested if any(str(Path(rule.file).resolve()).startswith(pack) for pack in named)]
    complaints = 0
    with explained():
        for result in run(fixtures, tested):
            complaints += len(result.complaints)
            click.echo(f"{'FAIL' if result.complaints else 'ok  '}  {result.name}")
            for complaint in result.complaints:
                click.echo(f"        {complaint}")
    if complaints:
        raise click.ClickException(f"{complaints} complaint{'' if complaints == 1 else 's'}")


def _load(packs: tuple[Path, ...]) -> list[Rule]:
    from readycheck.cli.errors import explained  # noqa: PLC0415 - see the package's docstring
    from readycheck.packs import load  # noqa: PLC0415

    with explained():
        return load(packs)
