# SPDX-License-Identifier: Apache-2.0
"""The JSON document of a session: what of it goes where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from xcrash import overview
from xcrash.cli.documents import dump_entry, error_entry, plain
from xcrash.errors import ReplayError, XcrashError
from xcrash.images.identity import View
from xcrash.open_session import OpenSession
from xcrash.open_views import OpenViews
from xcrash.parse import ps, read, sys
from xcrash.rescue import Offer
from xcrash.session import CommandResult, Message
from xcrash.target import Target

if TYPE_CHECKING:
    from xcrash.transcript.recording import Recording

LONGEST_TEXT = 1 << 26
"""Bytes of one command's output that a document holds; a reader of JSON has to keep all of it in memory."""


def parsed(command: str, text: str) -> Any:
    """What the parser of ``command`` read from ``text``; None when there is no parser for it."""
    return plain(read(command, text))


def messages(found: Iterable[Message]) -> list[Any]:
    """Messages of the table as ``class``, ``text``, ``meaning``, ``remedy``."""
    return [plain(message) for message in found]


def command_entry(
    opened: OpenSession, result: CommandResult, view: str | None = None, error: XcrashError | None = None
) -> dict[str, Any]:
    """One command of ``xcrash.run/1``."""
    text = opened.session.text(result.start, result.end, LONGEST_TEXT)
    return {
        "view": view,
        "command": result.command,
        "exit": result.exit,
        "seconds": round(result.seconds, 6),
        "bytes": result.bytes,
        "parsed": parsed(result.command, text),
        "text": text,
        "cut": result.bytes > LONGEST_TEXT,
        "error": error_entry(error) if error else None,
    }


def unsent_entry(command: str, view: str | None, error: XcrashError) -> dict[str, Any]:
    """A command of ``xcrash.run/1`` that no crash was asked, and why."""
    return {
        "view": view,
        "command": command,
        "exit": "error",
        "seconds": 0.0,
        "bytes": 0,
        "parsed": None,
        "text": "",
        "cut": False,
        "error": error_entry(error),
    }


def _argv(opened: OpenSession) -> list[str] | None:
    """The command line of crash, as it was recorded for a recording."""
    if opened.plan:
        return list(opened.plan.argv)
    recording = opened.target.recording
    return list(recording.facts.argv) or None if recording else None


def _rung(offer: Offer | None) -> dict[str, Any] | None:
    """The rung of the rescue ladder a session stands on; None for a plain start."""
    return {"options": list(offer.options), "when": offer.rung.when, "cost": offer.rung.cost} if offer else None


def run_document(
    opened: OpenSession,
    banner: sys.Banner | None,
    results: Iterable[CommandResult],
    entries: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The body of ``xcrash.run/1``; ``target`` and ``session`` say what was opened and how.

    ``entries`` are its commands where not all of them are ``results`` of this session.
    """
    results = list(results)
    listed = next((one for one in results if one.command.strip() == "ps" and one.exit == "ok"), None)
    tasks = ps.parse(opened.session.text(listed.start, listed.end)) if listed else None
    commands = [command_entry(opened, result) for result in results] if entries is None else entries
    unasked = {"views": None, "findings": None, "hypervisor": None}
    return {**_opened(opened, banner, tasks), **unasked, "commands": commands}


def views_entry(views: OpenViews) -> dict[str, Any] | None:
    """The ``views`` of ``xcrash.run/1``; None for a target that has none."""
    if not views.several and views.main.target.view is None:
        return None
    return {view: _view(views, view) for view in views.targets}


def _view(views: OpenViews, view: View) -> dict[str, Any]:
    error = views.errors.get(view)
    if error:
        unknown: dict[str, Any] = {"session": None, "banner": None, "messages": [], "doubts": []}
        return {"target": _target(views.targets[view]), **unknown, "error": error_entry(error)}
    opened = views.sessions[view]
    return {**_opened(opened, overview.read_banner(opened), None), "error": None}


def _opened(opened: OpenSession, banner: sys.Banner | None, tasks: ps.Ps | None) -> dict[str, Any]:
    session = opened.session
    return {
        "target": _target(opened.target),
        "session": {
            "crash": session.version,
            "argv": _argv(opened),
            "decisions": plain(opened.plan.decisions) if opened.plan else None,
            "start_seconds": session.start_seconds if opened.plan else None,
            "recording": opened.recording,
            "rung": _rung(opened.rung),
        },
        "banner": plain(banner),
        "messages": messages(session.messages),
        "doubts": plain(overview.doubts(opened, banner, tasks)),
    }


def _target(target: Target) -> dict[str, Any]:
    return {
        "kind": target.kind,
        "path": target.path,
        "dump": dump_entry(target.dump),
        "vmlinux": plain(target.kernel),
        "match": plain(target.match),
        "warnings": list(target.warnings),
    }


def refuse_unrecorded(recording: Recording, commands: Iterable[str]) -> None:
    """Raise ReplayError ``not-recorded`` if a recording lacks the answer to one of the commands."""
    missing = [line for line in commands if recording.answer_to(line) is None]
    if missing:
        names = list(dict.fromkeys(exchange.command for exchange in recording.exchanges))
        known = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
        raise ReplayError(
            "not-recorded",
            f"{recording.path} has no answer to: {', '.join(missing)}",
            f"recorded commands: {known or 'none'}",
        )
