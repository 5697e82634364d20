"""The command line. Each command's module imports the engine only when it runs, so that --help stays quick."""

from __future__ import annotations

import click

from readycheck import __version__
from readycheck.cli.completion import completion
from readycheck.cli.diff import diff
from readycheck.cli.exempt import exempt
from readycheck.cli.fix import fix
from readycheck.cli.history import history
from readycheck.cli.init import init
from readycheck.cli.report import report
from readycheck.cli.rules import rules
from readycheck.cli.scan import scan
from readycheck.cli.schema import schema
from readycheck.cli.simulate import simulate

_EXIT_CODES = """\b
Exit codes of a scan:
  0  ready
  1  violations at or above --fail-on
  2  wrong usage or configuration
  3  incomplete: something that was asked for could not be read or judged
  4  an exemption has expired or is invalid
2 beats 1 beats 3 beats 4, and the last line says every reason in words.
"""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXIT_CODES,
)
@click.version_option(__version__, "-V", "--version", prog_name="readycheck", message="%(prog)s %(version)s")
def main() -> None:
    """Check whether a system is ready for production.

    `readycheck scan` judges the current folder and needs no configuration; `readycheck init` writes one.
    """


for command in (scan, fix, report, history, diff, simulate, rules, exempt, init, schema, completion):
    main.add_command(command)
