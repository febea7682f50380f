# SPDX-License-Identifier: Apache-2.0
"""``xcrash run``: start crash, send commands, print what it answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import click

from xcrash import overview
from xcrash.cli.diagnostics import tell
from xcrash.cli.documents import error_entry
from xcrash.cli.headless import opened
from xcrash.cli.options import Manner, session_options
from xcrash.cli.output import write_document, write_text
from xcrash.cli.session_document import refuse_unrecorded, run_document
from xcrash.errors import SessionError, UsageError, XcrashError
from xcrash.literal import one_line
from xcrash.open_session import OpenSession
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
        if not line.strip():
            raise UsageError("empty-command", "a command is empty", "name it with -c CMD")
        check_command(line, guard.aliases)
        if ends_session(line):
            raise UsageError("command-quit", f"{line!r} would end the session", "leave it out: xcrash ends it")
        guard.check(line)
    with opened(choices, manner) as session:
        if session.target.recording:
            refuse_unrecorded(session.target.recording, lines)
        banner = overview.read_banner(session)
        if not manner.quiet:
            for doubt in overview.doubts(session, banner, None):
                tell(f"xcrash: warning: {doubt.what}: {one_line(doubt.evidence)}: {doubt.meaning}; try: {doubt.remedy}")
        error = _run_all(session, lines, Limits(timeout, idle_timeout), manner)
        if manner.json:
            body = run_document(session, banner, session.session.results)
            write_document("run", {**body, "error": error_entry(error)} if error else body)
        if error:
            raise error


class Limits(NamedTuple):
    """Seconds a command may take, and may neither print nor compute."""

    total: float | None
    idle: float | None


def _run_all(session: OpenSession, lines: list[str], limits: Limits, manner: Manner) -> XcrashError | None:
    """Run the commands in order; returns what ended the session early or timed out. What was said is never lost."""
    late = []
    error: XcrashError | None = None
    for number, line in enumerate(lines):
        try:
            session.session.run(line, limits.total, limits.idle)
        except XcrashError as refusal:
            error = refusal
        answered = len(session.session.results) > number
        if answered and session.session.results[number].exit == "timeout":
            late.append(line)
        if answered and not manner.json:
            result = session.session.results[number]
            text = session.session.text(result.start, result.end)
            write_text(f"crash> {line}\n{text}" if len(lines) > 1 else text)
        if error:
            return error
    if late:
        return SessionError(
            "command-timeout",
            f"past the limit of {_in_words(limits)} and interrupted: {', '.join(late)}",
            "give it more time with --timeout or --idle-timeout SECONDS; its output so far is kept",
        )
    return None


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
