# SPDX-License-Identifier: Apache-2.0
"""The command line: which command, and every error turned into words and an exit status."""

from __future__ import annotations

import importlib
import sys

import click
from click.shell_completion import CompletionItem

from xcrash import __version__
from xcrash.cli import diagnostics
from xcrash.errors import UsageError, XcrashError

COMMANDS = {
    "completions": "xcrash.cli.cmd_completions:completions",
    "demo": "xcrash.cli.cmd_open:demo",
    "doctor": "xcrash.cli.cmd_doctor:doctor",
    "images": "xcrash.cli.cmd_images:images",
    "lens": "xcrash.cli.cmd_lens:lens",
    "open": "xcrash.cli.cmd_open:open_target",
    "parse": "xcrash.cli.cmd_parse:parse",
    "paths": "xcrash.cli.cmd_paths:paths",
    "plan": "xcrash.cli.cmd_plan:plan",
    "replay": "xcrash.cli.cmd_replay:replay",
    "run": "xcrash.cli.cmd_run:run",
    "schema": "xcrash.cli.cmd_schema:schema",
}
"""Where each command is. A run imports its own only: to import all of them takes longer than most of them take."""


class TargetGroup(click.Group):
    """A group whose first word may be a target: ``xcrash vmcore`` opens it (a file named like a command: ./demo)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``open`` in front of anything that is no command and no option of the group itself."""
        if args[:1] == ["--version"]:
            return super().parse_args(ctx, args)
        at = _first_word(args)
        if at is not None and args[at] in COMMANDS:
            args = [args[at], *args[:at], *args[at + 1 :]]
        elif (args and args[0] not in ("-h", "--help")) or not (args or ctx.resilient_parsing):
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The first word: a command, a file to open, an option of opening."""
        found = super().shell_complete(ctx, incomplete)
        target = self.get_command(ctx, "open")
        if incomplete.startswith("-") and target:
            known = {item.value for item in found}
            found += [item for item in target.shell_complete(ctx, incomplete) if item.value not in known]
            return found
        # In front: bash forgets what it got before it.
        return [CompletionItem(incomplete, type="file"), *found]


def _first_word(args: list[str]) -> int | None:
    """Where the first argument stands that is neither an option nor the value of one."""
    # Imported here: options bring discovery with them, which --version does not need.
    from xcrash.cli.options import VALUED

    skip = False
    for at, arg in enumerate(args):
        if skip:
            skip = False
        elif arg == "--":
            return None
        elif arg.startswith("-") and arg != "-":
            skip = arg in VALUED
        else:
            return at
    return None


@click.group(
    cls=TargetGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="[TARGET] | COMMAND [ARGS]...",
    epilog=(
        "Exit status: 0 done, 2 usage, 3 no matching kernel image, 4 dump missing or unreadable, host not reached,"
        " 5 crash could not start, 6 crash died, hung or timed out, 7 recording unreadable or without the"
        " answer, 70 internal error, 130 interrupted."
    ),
)
@click.version_option(__version__, prog_name="xcrash")
def cli() -> None:
    """Debug a Linux kernel, crashed or running, with the crash utility.

    \b
    xcrash DUMP                        the terminal UI on a dump
    xcrash                             what can be opened here, to choose from
    xcrash FILE.cast                   the same on a recorded session
    xcrash ssh://root@HOST             the running kernel of another machine
    xcrash demo                        the same on the bundled recording
    xcrash plan [DUMP]                 what would be started, and why
    xcrash paths                       where its files are
    xcrash completions bash            completion for the shell (zsh, fish)

    Without a terminal a plain overview is printed instead.
    """


def main() -> None:
    """Run the command line and exit with its status."""
    json = "--json" in sys.argv[1:]
    try:
        diagnostics.reopen_closed_streams()
        diagnostics.end_on_signals()
        cli.main(prog_name="xcrash", standalone_mode=False)
        status = 0
    except XcrashError as error:
        status = diagnostics.report(error, json)
    except click.exceptions.Exit as ending:
        status = ending.exit_code
    except (click.Abort, KeyboardInterrupt):
        diagnostics.tell("xcrash: interrupted")
        status = diagnostics.INTERRUPTED
    except click.ClickException as error:
        status = diagnostics.report(UsageError("usage", error.format_message(), "xcrash --help"), json)
    except Exception:
        status = diagnostics.report_bug(json)
    sys.exit(status)
