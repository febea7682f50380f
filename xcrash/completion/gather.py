# SPDX-License-Identifier: Apache-2.0
"""Gather names through the session's own queue, one small command at a time, when its user asks for nothing.

Each command writes into a file of the private directory: its answer costs neither the terminal nor the spool anything.
Measured on a vmlinux of 0.6 GB: ``sym -l`` 0.7 s and 9 MB, ``rd -r`` of the kernel's BTF (every type) 0.1 s and 5 MB,
``help CMD``, ``ps`` and ``mod`` 10 ms each. gdb's own ``info types`` and ``complete`` take minutes the first time and
are never sent.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import msgspec

from xcrash.completion import reading
from xcrash.completion.btf import type_names
from xcrash.completion.complete import complete, needed
from xcrash.completion.known import Completion, Kind, Known
from xcrash.errors import XcrashError
from xcrash.session import CommandResult, Session
from xcrash.session.command_line import read_line

TIMEOUT = 20.0
"""Seconds after which a command is given up, and never tried again."""

_MOST_BYTES = 1 << 27
_BTF = ("__start_BTF", "__stop_BTF")
_COMMANDS: dict[Kind, str] = {"command": "help", "symbol": "sym -l", "task": "ps", "module": "mod"}

_Need = tuple[Kind, str]


class Completions:
    """The names of one session. Without a ``directory`` (a recording) only what the user's commands tell is known.

    ``want`` and ``complete`` return at once and may be called for every key; ``finished`` reads files and belongs on a
    thread that may wait. Background commands that a session never answers are simply never known.
    """

    def __init__(self, session: Session, directory: Path | None = None) -> None:
        self._session, self._directory = session, directory
        self._lock = threading.Lock()
        self._asked: set[_Need] = set()
        self._sent: dict[int, tuple[_Need, Path]] = {}
        self._btf: tuple[int, int] | None = None
        self._typed = False
        self._files = 0
        self.known = Known()

    def complete(self, line: str, cursor: int) -> list[Completion]:
        """What could stand at the cursor, as far as it is known now."""
        return complete(line, cursor, msgspec.structs.replace(self.known, aliases=self._session.guard.aliases))

    @property
    def gathering(self) -> bool:
        """Were names asked for that crash has not told yet?"""
        with self._lock:
            return bool(self._sent)

    def want_for(self, line: str, cursor: int) -> None:
        """Gather what completing this place needs."""
        for kind, prefix in needed(line, cursor, self.known):
            self.want(kind, prefix)

    def want(self, kind: Kind, prefix: str = "") -> None:
        """Gather the names of a kind once; for "option", ``prefix`` is the command. Types need the symbols first."""
        if kind == "type":
            with self._lock:
                self._typed, found = True, self._btf
            if found is None:
                self.want("symbol")
            else:
                self._ask(("type", ""), f"rd -r {{}} {found[0]:x} {found[1] - found[0]}")
        elif kind == "option":
            known = prefix in self.known.commands
            self._ask((kind, prefix), f"help {prefix} > {{}}") if known else self.want("command")
        elif kind in _COMMANDS:
            self._ask((kind, ""), f"{_COMMANDS[kind]} > {{}}")

    def _ask(self, need: _Need, command: str) -> None:
        if self._directory is None or self._session.gone:
            return
        with self._lock:
            if need in self._asked:
                return
            self._asked.add(need)
            self._files += 1
            path = self._directory / f"names-{self._files}"
            try:
                # Under the lock, so that the answer is not there before its number is known.
                number = self._session.submit(command.format(path), TIMEOUT, background=True)
            except XcrashError:
                return  # the session ends, or its directory has a name crash cannot take
            self._sent[number] = (need, path)

    def finished(self, result: CommandResult) -> bool:
        """A command ended: read the names in its answer. True when it was one of these, and not its user's."""
        with self._lock:
            need, path = self._sent.pop(result.id, (None, None))
        if need is None or path is None:
            if not result.background and result.exit == "ok":
                self._overheard(result)
            return result.background
        text = _taken(path)
        if result.exit == "ok":
            self._read(need, text)
        elif result.exit == "interrupted":  # by a Ctrl-C meant for something else
            with self._lock:
                self._asked.discard(need)
        return True

    def _overheard(self, result: CommandResult) -> None:
        parsed = read_line(result.command, self._session.guard.aliases)
        if parsed.text in ("ps", "mod") and not parsed.redirections and result.bytes < _MOST_BYTES:
            text = self._session.text(result.start, result.end)
            self._learn(tasks=reading.tasks_in(text)) if parsed.text == "ps" else self._learn(
                modules=reading.modules_in(text)
            )

    def _read(self, need: _Need, data: bytes) -> None:
        kind, command = need
        if kind == "type":
            self._learn(types=type_names(data))
            return
        text = data.decode("utf-8", "replace")
        if kind == "command":
            self._learn(commands=reading.command_names(text))
        elif kind == "option":
            self._learn(options={**self.known.options, command: reading.options_of(text)})
        elif kind == "task":
            self._learn(tasks=reading.tasks_in(text))
        elif kind == "module":
            self._learn(modules=reading.modules_in(text))
        elif kind == "symbol":
            self._learn(symbols=reading.symbols_in(text))
            start, stop = (reading.address_of(text, name) for name in _BTF)
            with self._lock:
                fits = start is not None and stop is not None and 0 < stop - start < _MOST_BYTES
                self._btf = (start, stop) if fits and start is not None and stop is not None else None
                typed = self._typed and self._btf is not None
            if typed:
                self.want("type")

    def _learn(self, **names: object) -> None:
        with self._lock:
            self.known = msgspec.structs.replace(self.known, **names)


def _taken(path: Path) -> bytes:
    """The bytes of an answer; the file is removed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as handle:
            data = handle.read(_MOST_BYTES)
        path.unlink()
    except OSError:
        return b""
    return data
