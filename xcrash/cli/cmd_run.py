# SPDX-License-Identifier: Apache-2.0
"""``xcrash run``: start crash, send commands, print what it answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

from xcrash import overview
from xcrash.cli.diagnostics import tell
from xcrash.cli.documents import error_entry
from xcrash.cli.headless import opened_views
from xcrash.cli.options import Manner, session_options
from xcrash.cli.output import write_document, write_text
from xcrash.cli.session_document import command_entry, refuse_unrecorded, run_document, unsent_entry, views_entry
from xcrash.errors import SessionError, UsageError, XcrashError
from xcrash.images.identity import View
from xcrash.literal import one_line
from xcrash.open_session import OpenSession
from xcrash.open_views import OpenViews, named_view
from xcrash.parse.sys import Banner
from xcrash.session import CommandResult
from xcrash.session.command import check_command, ends_session
from xcrash.session.guard import Guard
from xcrash.ssh import is_address, parse_address
from xcrash.target import Choices


@click.command(short_help="Send commands to crash, print text or JSON.")
@click.argument("target", required=False, type=click.Path(readable=False))
@click.option("-c", "--command", "commands", metavar="CMD", multiple=True, help="A crash command; may be repeated.")
@click.option(
    "-i",
    "--input",
    "input_file",
    metavar="FILE",
    type=click.Path(readable=False),
    help="Commands, one a line, after -c; - is stdin.",
)
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(min=0.001), help="Interrupt a command after this.")
@click.option(
    "--idle-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0.001),
    help="Interrupt a command that neither prints nor computes for this long.",
)
@session_options
def run(
    choices: Choices,
    manner: Manner,
    commands: tuple[str, ...],
    input_file: str | None,
    timeout: float | None,
    idle_timeout: float | None,
) -> None:
    """Start crash on TARGET, run commands, print their output (--json: parsed)."""
    lines = [*commands, *_commands_in(input_file)]
    if not lines:
        raise UsageError("no-command", "no command was given", "name one with -c CMD, or a file of them with -i FILE")
    host = parse_address(choices.target or "").host if is_address(choices.target) else None
    guard = Guard(live=choices.target is None or host is not None, allowed=choices.allowed, host=host)
    for line in lines:
        _check(line, guard)
    with opened_views(choices, manner, lambda views: _check_views(views, lines)) as views:
        main = views.main
        banner = overview.read_banner(main)
        if not manner.quiet:
            for doubt in overview.doubts(main, banner, None):
                tell(f"xcrash: warning: {doubt.what}: {one_line(doubt.evidence)}: {doubt.meaning}; try: {doubt.remedy}")
        asked, error = _run_all(views, lines, Limits(timeout, idle_timeout), manner)
        if manner.json:
            body = {**_document(views, main, banner, asked), "views": views_entry(views)}
            write_document("run", {**body, "error": error_entry(error)} if error else body)
        if error:
            raise error


def _check(line: str, guard: Guard) -> None:
    command = named_view(line)[1]
    if not command.strip():
        raise UsageError("empty-command", "a command is empty", "name it with -c CMD")
    check_command(command, guard.aliases)
    if ends_session(command):
        raise UsageError("command-quit", f"{line!r} would end the session", "leave it out: xcrash ends it")
    guard.check(command)


def _check_views(views: OpenViews, lines: list[str]) -> None:
    """Raise for a command whose view there is not, and, of a recording, for one that has no answer in it."""
    addressed = [views.address(line) for line in lines]
    for view, opened in views.sessions.items():
        if opened.target.recording:
            refuse_unrecorded(opened.target.recording, (one.command for one in addressed if one.view == view))


class Limits(NamedTuple):
    """Seconds a command may take, and may neither print nor compute."""

    total: float | None
    idle: float | None


class Asked(NamedTuple):
    """One command and what became of it; ``view`` is None where there are none."""

    view: View | None
    command: str
    opened: OpenSession | None
    result: CommandResult | None
    error: XcrashError | None

    @property
    def survived(self) -> bool:
        """Did crash end over it, and another one start in its place?"""
        return bool(self.opened and self.result and self.opened.death(self.result))


def _document(views: OpenViews, main: OpenSession, banner: Banner | None, asked: list[Asked]) -> dict[str, Any]:
    entries = []
    for view, command, opened, result, error in asked:
        if opened and result:
            entries.append(command_entry(opened, result, view, error))
        elif error:
            entries.append(unsent_entry(command, view, error))
    return run_document(main, banner, (one.result for one in asked if one.result and one.opened is main), entries)


def _run_all(
    views: OpenViews, lines: list[str], limits: Limits, manner: Manner
) -> tuple[list[Asked], XcrashError | None]:
    """Run the commands in order; returns what became of each, and the first trouble. What was said is never lost.

    Of several views one that is not open, or not any more, does not keep the others from answering.
    """
    asked: list[Asked] = []
    error: XcrashError | None = None
    for line in lines:
        one = _ask(views, line, limits)
        if one.result or _goes_on(views, one.error):
            asked.append(one)
        if one.result and not manner.json:
            _show(one, views.several, len(lines) > 1)
        if one.error and error is None:
            error = one.error
        elif one.error:
            tell(f"xcrash: {line}: {one_line(one.error.message)}; try: {one_line(one.error.hint)}")
        if one.error and not one.survived and not _goes_on(views, one.error):
            return asked, error
    late = [one.command for one in asked if one.result and one.result.exit == "timeout"]
    if late and error is None:
        error = SessionError(
            "command-timeout",
            f"past the limit of {_in_words(limits)} and interrupted: {', '.join(late)}",
            "give it more time with --timeout or --idle-timeout SECONDS; its output so far is kept",
        )
    return asked, error


def _goes_on(views: OpenViews, error: XcrashError | None) -> bool:
    """Are the commands behind one that could not be answered asked all the same?"""
    return error is not None and (views.several or error.code == "command-deadly")


def _ask(views: OpenViews, line: str, limits: Limits) -> Asked:
    view, command = views.address(line)
    shown = view if views.several else views.targets[view].view
    opened: OpenSession | None = None
    result: CommandResult | None = None
    try:
        opened = views.opened(view)
        known = len(opened.session.results)
        session = opened.session
        result = opened.run(command, limits.total, limits.idle)
        return Asked(shown, command, opened, result, opened.death(result))
    except XcrashError as refusal:
        # A crash that died for good has said something first.
        result = next((one for one in session.results[known:] if one.exit == "died"), None) if opened else None
        return Asked(shown, command, opened, result, refusal)


def _show(one: Asked, labelled: bool, prompted: bool) -> None:
    """The answer as text, behind a prompt where there are several commands, with the view where there are several."""
    if one.opened is None or one.result is None:
        return
    text = one.opened.session.text(one.result.start, one.result.end)
    prompt = f"crash[{one.view}]> " if labelled else "crash> "
    write_text(f"{prompt}{one.command}\n{text}" if labelled or prompted else text)


def _in_words(limits: Limits) -> str:
    idle = f"{limits.idle:g} s of silence" if limits.idle is not None else ""
    return " or ".join(part for part in (f"{limits.total:g} s" if limits.total is not None else "", idle) if part)


def _commands_in(input_file: str | None) -> list[str]:
    """The commands of a file; blank lines and ``#`` comments are left out, as crash does."""
    if input_file is None:
        return []
    try:
        text = sys.stdin.read() if input_file == "-" else Path(input_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("input-unreadable", f"cannot read {input_file}: {error}", "check path and rights") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "//"))]
