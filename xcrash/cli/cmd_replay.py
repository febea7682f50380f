# SPDX-License-Identifier: Apache-2.0
"""``xcrash replay``: a recording as a session, as text, or made fit to be given away."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from xcrash.cli.cmd_parse import command_body, read_stdin, session_body, tell_if_cut
from xcrash.cli.diagnostics import tell
from xcrash.cli.options import ansi_option
from xcrash.cli.output import write_document, write_text
from xcrash.cli.session_document import refuse_unrecorded
from xcrash.errors import ReplayError, UsageError
from xcrash.parse.text import clean
from xcrash.session import Session, Spool, Timing
from xcrash.session.command import check_command, ends_session
from xcrash.target import Choices, Target
from xcrash.transcript.recording import Piece, Recording, read_sessions
from xcrash.transcript.replay import ReplayTransport, differs
from xcrash.transcript.scrub import scrub_file


@click.command(short_help="Play a recording: the terminal UI, text, or a copy without names.")
@click.argument("file", metavar="FILE", type=click.Path(readable=False))
@click.option("--print", "print_", is_flag=True, help="Print it as text, as without a terminal.")
@click.option("--speed", metavar="N", type=click.FloatRange(min=0), default=0.0, help="1 as recorded, 2 twice as fast.")
@click.option("-c", "--command", "commands", metavar="CMD", multiple=True, help="Ask this instead; may be repeated.")
@click.option("--strict", is_flag=True, help="Exit with 7 and a diff where the session is not what was recorded.")
@click.option("--session", "number", metavar="N", type=click.IntRange(min=1), default=1, help="Which one of several.")
@click.option(
    "--timing", metavar="FILE", type=click.Path(readable=False), help="The timing of a typescript. [default: beside it]"
)
@click.option(
    "--scrub", "out", metavar="OUT", type=click.Path(readable=False), help="Write a copy without names and addresses."
)
@click.option("--json", "json_", is_flag=True, help="Print one JSON document.")
@ansi_option
def replay(
    file: str,
    print_: bool,
    speed: float,
    commands: tuple[str, ...],
    strict: bool,
    number: int,
    timing: str | None,
    out: str | None,
    json_: bool,
    ansi: bool,
) -> None:
    """Play a recorded crash session of any origin: in the terminal UI, or as text where there is no terminal."""
    clock = Path(timing) if timing else None
    if out is not None:
        _scrub(file, out, clock, json_)
        return
    recordings = read_stdin() if file == "-" else read_sessions(Path(file), clock)
    if number > len(recordings):
        count = f"{len(recordings)} sessions" if len(recordings) > 1 else "1 session"
        raise UsageError("no-session", f"{file} holds {count}", f"--session takes 1 to {len(recordings)}")
    recording = recordings[number - 1]
    tell_if_cut(file, recordings)
    if len(recordings) > 1 and not json_ and not (recording.others and not commands):
        tell(f"xcrash: {file} holds {len(recordings)} sessions; this is number {number}")
    if strict and not commands:
        _check(recording)
    if commands:
        _ask(recording, commands, speed, strict, json_)
    elif json_:
        write_document("session", session_body(recordings))
    elif print_ or strict or not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        _print(recording, speed, bool(recording.others))
        for other in recording.others:
            _print(other, speed, True)
    else:
        from xcrash.tui.app import run_app

        run_app(Target(kind="recording", path=file, recording=recording), Choices(target=file, speed=speed), ansi=ansi)


def _scrub(file: str, out: str, timing: Path | None, json: bool) -> None:
    done = scrub_file(Path(file), Path(out), timing)
    if json:
        write_document("scrub", {"input": file, "output": out, "changes": done.changes, "names": done.names})
        return
    lines = [f"{kind:>10}: {_places(count, done.names[kind])}" for kind, count in done.changes.items() if count]
    write_text("\n".join([f"{out}: {sum(done.changes.values())} places changed", *lines]))


def _places(count: int, names: int) -> str:
    return f"{count} in {names} different" if names else str(count)


def _print(recording: Recording, speed: float, labelled: bool) -> None:
    """The session as it would stand on a terminal, with the recorded pauses unless ``speed`` is 0.

    ``labelled``: with the view in front and in its prompts.
    """
    prompt, shown = recording.prompt, recording.label if labelled else recording.prompt
    if labelled:
        write_text(f"# view {recording.view}\n")
    texts = [(recording.startup, "")] + [(one.pieces, f"{one.command}\n") for one in recording.exchanges]
    for pieces, typed in texts:
        if typed:
            write_text(f"{shown}{typed}")
        for pause, text in _lines(pieces, prompt):
            if speed > 0:
                time.sleep(pause / speed)
            write_text(text)


def _lines(pieces: tuple[Piece, ...], prompt: str) -> Iterator[tuple[float, str]]:
    """The pieces as whole lines, each with the pause before it, without the prompt behind them."""
    rest, pause = "", 0.0
    for number, piece in enumerate(pieces, 1):
        text = rest + piece.text
        cut = text.rfind("\n") + 1 if number < len(pieces) else len(text.removesuffix(prompt))
        pause += piece.delay
        rest = text[cut:]
        if cut:
            yield pause, clean(text[:cut])
            pause = 0.0


class _Play:
    """A session on a recording, without a screen."""

    def __init__(self, recording: Recording, speed: float, strict: bool) -> None:
        self._spool = Spool.create(Path(tempfile.gettempdir()))
        timing = Timing(settle=0.0, settle_glued=0.0) if speed == 0 else Timing()
        self._session = Session(ReplayTransport(recording, speed, strict), self._spool, timing=timing)

    def __enter__(self) -> Session:
        self._session.start()
        try:
            self._session.wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return self._session

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._spool.close()


def _ask(recording: Recording, commands: tuple[str, ...], speed: float, strict: bool, json: bool) -> None:
    for command in commands:
        check_command(command)
    if not strict:  # a strict session tells the difference with the recording itself
        refuse_unrecorded(recording, commands)
    asked = []
    with _Play(recording, speed, strict) as session:
        for command in commands:
            result = session.run(command)
            asked.append((command, clean(session.text(result.start, result.end))))
            if not json:
                write_text(f"{recording.prompt}{command}\n{asked[-1][1]}" if len(commands) > 1 else asked[-1][1])
    if json:
        body = session_body((recording,))
        write_document("session", {**body, "commands": [command_body(*one) for one in asked]})


def _check(recording: Recording) -> None:
    """Raise a ReplayError unless the recording is whole and a session on it gives what is in it."""
    if not recording.complete:
        raise ReplayError(
            "recording-cut",
            f"{recording.path} is cut off behind {len(recording.exchanges)} commands",
            "replay it without --strict; what is in it is readable",
        )
    if not recording.exchanges:
        return
    with _Play(recording, 0.0, False) as session:
        for number, exchange in enumerate(recording.exchanges, 1):
            if ends_session(exchange.command):
                break
            try:
                result = session.run(exchange.command)
            except UsageError:
                continue  # a line that no session of xcrash sends, such as one of a shell's
            recorded = clean(exchange.output.removesuffix(recording.prompt)).splitlines()
            played = clean(session.text(result.start, result.end)).splitlines()
            if recorded != played:
                raise differs(recorded, played, f"the answer to command {number}, {exchange.command!r},")
