# SPDX-License-Identifier: Apache-2.0
"""``xcrash completions``: the shell's part in completing commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from xcrash.cli.output import write_text

_INSTALL = {
    "bash": (
        "# Install (a new shell reads it, where bash-completion is installed):",
        "#   mkdir -p ~/.local/share/bash-completion/completions",
        "#   xcrash completions bash > ~/.local/share/bash-completion/completions/xcrash",
    ),
    "zsh": (
        "# Install (into a directory that is in fpath before compinit is called in ~/.zshrc):",
        "#   mkdir -p ~/.zfunc",
        "#   xcrash completions zsh > ~/.zfunc/_xcrash",
    ),
    "fish": (
        "# Install:",
        "#   mkdir -p ~/.config/fish/completions",
        "#   xcrash completions fish > ~/.config/fish/completions/xcrash.fish",
    ),
}


@click.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(tuple(_INSTALL)))
def completions(shell: str) -> None:
    """Print the script that lets SHELL complete commands, options and the names of dumps and recordings.

    \b
    bash   xcrash completions bash > ~/.local/share/bash-completion/completions/xcrash
    zsh    xcrash completions zsh > ~/.zfunc/_xcrash            (a directory in fpath)
    fish   xcrash completions fish > ~/.config/fish/completions/xcrash.fish
    """
    from xcrash.cli.main import cli

    made = get_completion_class(shell)
    if made is None:
        raise click.ClickException(f"there is no completion for {shell}")
    # Not its own source(): that of bash starts a bash to ask for its version.
    script = ShellComplete.source(made(cli, {}, "xcrash", "_XCRASH_COMPLETE")).strip("\n")
    first, _, rest = script.partition("\n")
    # zsh knows what a file completes by its first line.
    lines = [first, *_INSTALL[shell], rest] if first.startswith("#compdef") else [*_INSTALL[shell], script]
    write_text("\n".join(lines))
