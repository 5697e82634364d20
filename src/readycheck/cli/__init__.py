"""The command line. Each command's module imports the engine only when it runs, so that --help stays quick."""

from __future__ import annotations

import click

from readycheck import __version__
from readycheck.cli.completion import completion
from readycheck.cli.init import init
from readycheck.cli.rules import rules
from readycheck.cli.scan import scan
from readycheck.cli.schema import schema


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="readycheck", message="%(prog)s %(version)s")
def main() -> None:
    r"""Check whether a system is ready for production.

    \b
    Exit codes:
      0  ready
      1  violations at or above --fail-on
      2  wrong usage or configuration
      3  incomplete: something that was asked for could not be read or judged
      4  an exemption has expired
    """


for command in (scan, rules, init, schema, completion):
    main.add_command(command)
