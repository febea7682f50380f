# SPDX-License-Identifier: Apache-2.0
"""``xcrash parse``: a recorded session, of any origin, as structure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from xcrash.cli.documents import plain
from xcrash.cli.output import write_document, write_text
from xcrash.cli.session_document import messages, parsed
from xcrash.errors import ReplayError
from xcrash.parse import sys as sys_command
from xcrash.parse.text import clean
from xcrash.session import classify
from xcrash.session.messages import Message, is_error_line
from xcrash.transcript.recording import Recording, from_text, read_recording

_LARGEST = 1 << 28


@click.command(short_help="Read a recorded session into structure.")
@click.argument("file", metavar="FILE")
@click.option("--json", "json_", is_flag=True, help="Print one JSON document (xcrash.session/1).")
def parse(file: str, json_: bool) -> None:
    """Read a recorded crash session (asciicast or text; - is stdin): banner, messages, commands."""
    body = _session(_recording(file))
    if json_:
        write_document("session", body)
    else:
        write_text(_summary(body))


def _recording(file: str) -> Recording:
    if file != "-":
        return read_recording(Path(file))
    data = sys.stdin.buffer.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ReplayError("input-too-large", "stdin holds more than 256 MiB", "name the file instead")
    return from_text("-", data.decode("utf-8", "replace"))


def _session(recording: Recording) -> dict[str, Any]:
    startup = clean(recording.startup_text)
    answers = [
        (exchange.command, clean(exchange.output).removesuffix(recording.prompt)) for exchange in recording.exchanges
    ]
    banner = sys_command.parse(startup)
    if banner is None:
        banner = next((found for _, text in answers if (found := sys_command.parse(text))), None)
    return {
        "banner": plain(banner),
        "messages": messages([*_messages(startup), *_errors(answers)]),
        "commands": [
            {"command": command, "output": text, "parsed": parsed(command, text)} for command, text in answers
        ],
    }


def _messages(text: str) -> list[Message]:
    found = (classify(line) for line in text.splitlines())
    return [message for message in found if message]


def _errors(answers: list[tuple[str, str]]) -> list[Message]:
    """The lines with which crash refused or gave up a command."""
    found = []
    for command, text in answers:
        for line in text.splitlines():
            if is_error_line(line, command):
                known = classify(line, frozenset({"command-error"}))
                meaning = "crash refused the command, or could not finish it"
                found.append(known or Message(kind="command-error", text=line.strip(), meaning=meaning))
    return found


def _summary(body: dict[str, Any]) -> str:
    """The same for reading: banner labels, messages, and what each command gave."""
    lines = []
    fields = body["banner"]["fields"] if body["banner"] else {}
    for label, value in fields.items():
        lines.append(f"{label:>12}: {', '.join(value) if isinstance(value, list) else value}")
    for message in body["messages"]:
        if message["class"] != "progress":
            lines.append(f"{message['class']}: {message['text']}")
    for entry in body["commands"]:
        size = len(entry["output"].splitlines())
        kind = entry["parsed"]["kind"] if entry["parsed"] else "text"
        lines.append(f"crash> {entry['command']}  ({size} lines, {kind})")
    return "\n".join(lines) or "nothing of a crash session was found in this text"
