# SPDX-License-Identifier: Apache-2.0
"""``xcrash parse``: a recorded session, of any origin, as structure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from xcrash.cli.diagnostics import tell
from xcrash.cli.documents import plain
from xcrash.cli.output import write_document, write_text
from xcrash.cli.session_document import messages, parsed
from xcrash.errors import ReplayError
from xcrash.parse import sys as sys_command
from xcrash.parse.text import clean
from xcrash.transcript.complaints import command_errors, startup_messages
from xcrash.transcript.recording import Recording, read_sessions, sessions_in

_LARGEST = 1 << 28


@click.command(short_help="Read a recorded session into structure.")
@click.argument("file", metavar="FILE", type=click.Path(readable=False))
@click.option(
    "--timing", metavar="FILE", type=click.Path(readable=False), help="The timing of a typescript. [default: beside it]"
)
@click.option("--json", "json_", is_flag=True, help="Print one JSON document (xcrash.session/1).")
def parse(file: str, timing: str | None, json_: bool) -> None:
    """Read a recorded crash session (asciicast, typescript, ttyrec, text, compressed or not; - is stdin): banner,
    messages, commands."""
    recordings = read_stdin() if file == "-" else read_sessions(Path(file), Path(timing) if timing else None)
    tell_if_cut(file, recordings)
    body = session_body(recordings)
    if json_:
        write_document("session", body)
    else:
        write_text("\n\n".join(_summary(session) for session in body["sessions"] or [body]))


def read_stdin() -> tuple[Recording, ...]:
    """The sessions of a recording that is piped in; raises ReplayError when it is too large."""
    data = sys.stdin.buffer.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ReplayError("input-too-large", "stdin holds more than 256 MiB", "name the file instead")
    return sessions_in(data, "-")


def tell_if_cut(file: str, recordings: tuple[Recording, ...]) -> None:
    """Say on stderr that a recording ends before it should: what is in it is read all the same."""
    if not all(recording.complete for recording in recordings):
        tell(f"xcrash: warning: {file} ends too early: the last answer in it may not be whole")


def session_body(recordings: tuple[Recording, ...]) -> dict[str, Any]:
    """The body of ``xcrash.session/1``: the first session, and all of them as ``sessions`` where there are several."""
    bodies = [_session(recording) for recording in recordings]
    return {**bodies[0], "sessions": bodies if len(bodies) > 1 else None}


def _session(recording: Recording) -> dict[str, Any]:
    startup = clean(recording.startup_text).removesuffix(recording.prompt)
    answers = [
        (exchange.command, clean(exchange.output).removesuffix(recording.prompt)) for exchange in recording.exchanges
    ]
    banner = sys_command.parse(startup)
    if banner is None:
        banner = next((found for _, text in answers if (found := sys_command.parse(text))), None)
    errors = (message for command, text in answers for message in command_errors(command, text))
    return {
        "view": recording.view,
        "banner": plain(banner),
        "complete": recording.complete,
        "messages": messages([*startup_messages(startup), *errors]),
        "commands": [command_body(command, text) for command, text in answers],
    }


def command_body(command: str, output: str) -> dict[str, Any]:
    """One command of ``xcrash.session/1``."""
    return {"command": command, "output": output, "parsed": parsed(command, output)}


def _summary(body: dict[str, Any]) -> str:
    """The same for reading: banner labels, messages, and what each command gave."""
    lines = [f"view {body['view']}"] if body["view"] else []
    prompt = f"crash[{body['view']}]>" if body["view"] else "crash>"
    fields = body["banner"]["fields"] if body["banner"] else {}
    for label, value in fields.items():
        lines.append(f"{label:>12}: {', '.join(value) if isinstance(value, list) else value}")
    for message in body["messages"]:
        if message["class"] != "progress":
            lines.append(f"{message['class']}: {message['text']}")
    for entry in body["commands"]:
        size = len(entry["output"].splitlines())
        kind = entry["parsed"]["kind"] if entry["parsed"] else "text"
        lines.append(f"{prompt} {entry['command']}  ({size} lines, {kind})")
    return "\n".join(lines) or "nothing of a crash session was found in this text"
