"""What the command says of itself, and how it helps while one types."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from readycheck import __version__
from readycheck.cli import main


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for child, its in command.commands.items():
            yield from commands(its, f"{name} {child}".strip())


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"readycheck {__version__}\n"


def test_the_exit_codes_stand_one_below_the_other() -> None:
    lines = CliRunner().invoke(main, ["--help"]).output.splitlines()
    at = lines.index("  Exit codes of a scan:")
    assert [line.split()[0] for line in lines[at + 1 : at + 6]] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(("name", "command"), list(commands(main)))
def test_every_command_and_option_explains_itself(name: str, command: click.Command) -> None:
    shown = CliRunner().invoke(main, [*name.split(), "-h"], terminal_width=80)
    assert shown.exit_code == 0
    assert command.help
    assert command.help.split("\n")[0].endswith(".")
    assert "\\b" not in shown.output
    usage, *lines = shown.output.splitlines()
    assert usage.startswith(f"Usage: main {name}".rstrip())
    # Neither too wide nor cut.
    assert not [line for line in lines if len(line) > 100 or line.endswith("...")]
    assert all(option.help for option in command.params if isinstance(option, click.Option))


@pytest.fixture
def bash_completion(tmp_path: Path) -> list[str]:
    """A bash that has read what `readycheck completion bash` prints, with readycheck on its PATH."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = CliRunner().invoke(main, ["completion", "bash"]).output
    (tmp_path / "completion").write_text(script, encoding="utf-8")
    command = tmp_path / "readycheck"
    command.write_text(f'#!{bash}\nexec {sys.executable} -m readycheck "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return [bash, "--norc", "-c"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["readycheck", "sc"], ["scan", "schema"]),
        (["readycheck", "rules", "s"], ["show"]),
        (["readycheck", "scan", "--fail-on", "c"], ["critical"]),
        (["readycheck", "scan", "--allow"], ["--allow-incomplete"]),
    ],
)
def test_bash_completes_commands_and_options(
    bash_completion: list[str], tmp_path: Path, typed: list[str], offered: list[str]
) -> None:
    # What bash does when Tab is pressed: it sets COMP_WORDS and COMP_CWORD and calls what is registered.
    asked = f"""
        source {tmp_path}/completion
        COMP_WORDS=({" ".join(typed)}) COMP_CWORD={len(typed) - 1}
        function=$(complete -p readycheck | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        $function readycheck {typed[-1]}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        [*bash_completion, asked],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (offered, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(shell: str) -> None:
    assert "_READYCHECK_COMPLETE" in CliRunner().invoke(main, ["completion", shell]).output
