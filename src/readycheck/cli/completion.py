"""`readycheck completion`."""

from __future__ import annotations

import click

_WHERE = """\b
Where it belongs:
  bash  readycheck completion bash > ~/.local/share/bash-completion/completions/readycheck
  zsh   readycheck completion zsh > "${fpath[1]}/_readycheck"
  fish  readycheck completion fish > ~/.config/fish/completions/readycheck.fish
"""


@click.command(epilog=_WHERE)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands and options in SHELL."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only needed here

    completer = get_completion_class(shell)
    if completer is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(completer(context.find_root().command, {}, "readycheck", "_READYCHECK_COMPLETE").source())
