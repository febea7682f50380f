# SPDX-License-Identifier: Apache-2.0
"""A running machine over OpenSSH as a root: what is asked often is asked at once, and nothing is written there."""

from __future__ import annotations

import io
import os
import posixpath
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from xcrash.host.command import DEADLINE, LARGEST_OUTPUT
from xcrash.host.sysroot import (
    LARGEST_TEXT,
    LONGEST_PATH,
    MOST_ENTRIES,
    Entry,
    EntryKind,
    RootKind,
    note,
)
from xcrash.ssh.connection import Connection, Reply, Request, error_of

MOST_REHEARSALS = 24
"""Rounds; a look at a machine hardly ever needs more than ten."""

_BLOCK = 4096
_KINDS: dict[str, EntryKind] = {
    "file": "file",
    "directory": "directory",
    "character": "character",
    "block": "block",
    "other": "other",
}
_SORTS: dict[str, EntryKind] = {
    "f": "file",
    "d": "directory",
    "l": "link",
    "c": "character",
    "b": "block",
    "o": "other",
}
_UNKNOWN = Reply(b"", "absent")
_MARGIN = 10.0
_BEYOND = "failed cannot skip to specified offset"
"""What GNU dd says of an offset behind the end of a file."""


class Myself(NamedTuple):
    """Who we are on that machine, and what its login gave us; empty where nothing was set."""

    uid: int | None
    home: str
    path: str
    temporary: str
    environ: dict[str, str]


class FarFile:
    """A file of another machine, as far as those need it who look into images and memory; OSError as for a local one.

    ``str`` is its path there, with all links resolved where it exists.
    """

    def __init__(self, root: SshRoot, path: str, status: os.stat_result | None) -> None:
        self._root = root
        self._path = path
        self._status = status

    def __str__(self) -> str:
        return self._path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FarFile) and other._path == self._path

    def __hash__(self) -> int:
        return hash(self._path)

    def __truediv__(self, name: str) -> FarFile:
        """An entry of this directory, which must not be a link; it is looked at when it has to be."""
        return FarFile(self._root, posixpath.join(self._path, name), None)

    def stat(self) -> os.stat_result:
        """Mode, size, device and inode."""
        if self._status is None:
            reply = self._root.look(self._path)
            self._status, _ = _status(self._path, reply)
            if self._status is None:
                raise error_of(reply.result)
        return self._status

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes at ``offset``, of a file or a device."""
        first = offset // _BLOCK
        count = -(-(offset + size) // _BLOCK) - first
        reply = self._root.blocks(Request("blocks", self._path, (first, count, _BLOCK)))
        data = reply.data[offset - first * _BLOCK :][:size]
        if reply.result not in ("ok", _BEYOND) and len(data) < size:
            raise error_of(reply.result)
        return data


class SshRoot:
    """The live machine behind a connection.

    An answer that came once is not asked for again: a new look takes a new root.
    """

    kind: RootKind = "live"

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.unread: dict[str, str] = {}
        self._known: dict[Request, Reply] = {}
        self._wanted: dict[Request, None] | None = None
        self.myself = _myself(connection)

    @property
    def where(self) -> str:
        """The address: "ssh://root@dom0"."""
        return str(self.connection.address)

    def rehearse(self, look: Callable[[], object]) -> None:
        """Fetch what ``look`` reads, in as few round trips as it has steps that depend on each other.

        ``look`` is called with nothing there but what is known already, what it asked for is fetched together, and so
        on until it asks for nothing new. Commands are not run for it. Notes made meanwhile are dropped.
        """
        before = dict(self.unread)
        try:
            for _ in range(MOST_REHEARSALS):
                self._wanted = {}
                look()
                if not self._wanted:
                    break
                requests = list(self._wanted)
                self._known.update(zip(requests, self.connection.ask_all(requests), strict=True))
        finally:
            self._wanted = None
            self.unread.clear()
            self.unread.update(before)

    def _answer(self, request: Request) -> Reply:
        known = self._known.get(request)
        if known is not None:
            return known
        if self._wanted is not None:
            self._wanted[request] = None
            return _UNKNOWN
        self._known[request] = reply = self.connection.ask(request)
        return reply

    def look(self, path: str) -> Reply:
        """What there is to know of a path without reading it."""
        return self._answer(Request("look", path))

    def blocks(self, request: Request) -> Reply:
        """Bytes of a file, in a rehearsal, too: a look into a file would end at once without them."""
        known = self._known.get(request)
        if known is None:
            known = self.connection.ask(request)
            if self._wanted is not None:
                self._known[request] = known
        return known

    def _ask(self, op: str, path: str, *numbers: int) -> Reply:
        """The reply about ``path``; a refusal is noted and reads as nothing there."""
        if "\n" in path or "\0" in path:
            return _UNKNOWN
        if len(path) > LONGEST_PATH:
            note(self.unread, path[:80] + "...", "the path is too long")
            return _UNKNOWN
        reply = self._answer(Request(op, "/" + path.lstrip("/"), numbers))
        if reply.result == "denied" or reply.result.startswith("failed"):
            note(self.unread, path, error_of(reply.result).strerror or "cannot be read")
            return reply._replace(result="absent")
        return reply

    def stream(self, path: str) -> BinaryIO | None:
        """A regular file, read piece by piece."""
        place = self.local(path)
        if place is None or self.kind_of(path) != "file":
            return None
        return io.BufferedReader(_Stream(place), 1 << 18)

    def read(self, path: str, limit: int = LARGEST_TEXT) -> bytes | None:
        """Up to ``limit`` bytes from the start of a regular file; None when there is none or it cannot be read."""
        reply = self._ask("read", path, limit)
        if reply.result in ("character", "block", "other"):
            note(self.unread, path, "not a regular file")
        return reply.data if reply.result == "ok" else None

    def text(self, path: str, limit: int = LARGEST_TEXT) -> str | None:
        """``read`` as text; bytes that are not UTF-8 become U+FFFD. What lies behind ``limit`` is noted as unread."""
        data = self.read(path, limit + 1)
        if data is None:
            return None
        if len(data) > limit:
            note(self.unread, path, f"only the first {limit} bytes were looked at")
        return data[:limit].decode("utf-8", "replace")

    def list(self, path: str) -> list[Entry]:
        """The directory's entries, sorted by name; empty when it is none, cut at MOST_ENTRIES."""
        reply = self._ask("list", path, MOST_ENTRIES + 1)
        if reply.result != "directory":
            return []
        names = [item.decode("utf-8", "surrogateescape") for item in reply.data.split(b"\0")[:-1]]
        if len(names) > MOST_ENTRIES:
            note(self.unread, path, f"more than {MOST_ENTRIES} entries: the rest was not looked at")
        return sorted(Entry(name[1:], _SORTS.get(name[:1], "other")) for name in names[:MOST_ENTRIES])

    def kind_of(self, path: str) -> EntryKind | None:
        """What ``path`` is after all links; None when there is nothing."""
        return _KINDS.get(self._ask("kind", path).result)

    def local(self, path: str) -> FarFile | None:
        """The file as something to read by position; it need not exist."""
        if "\n" in path or "\0" in path or len(path) > LONGEST_PATH:
            return None
        path = "/" + path.lstrip("/")
        status, resolved = _status(path, self._ask("look", path))
        return FarFile(self, resolved, status)

    def command(self, *argv: str, deadline: float = DEADLINE) -> str | None:
        """What a command prints there; None when it is not there, fails, or takes longer than ``deadline`` seconds."""
        if self._wanted is not None:
            return None
        return run_far(self.connection, argv, self.unread, deadline)


class _Stream(io.RawIOBase):
    def __init__(self, file: FarFile) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence)
        self._at = max(0, offset + (self._file.stat().st_size if base is None else base))
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        data = self._file.read_at(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def run_far(
    connection: Connection, argv: tuple[str, ...], unread: dict[str, str], deadline: float = DEADLINE
) -> str | None:
    """``xcrash.host.command.run_command`` on the other machine."""
    shown = " ".join(argv).encode("utf-8", "backslashreplace").decode("utf-8")
    try:
        request = Request("run", "", (int(deadline), LARGEST_OUTPUT + 1, len(argv)), argv)
        reply = connection.ask(request, deadline + _MARGIN)
    except ValueError:
        unread[shown] = "not an argument that can be passed"
        return None
    if reply.result == "absent":
        return None
    said = [line.strip() for line in reply.result.removeprefix("ran").split("|") if line.strip()]
    output = reply.data[:LARGEST_OUTPUT].decode("utf-8", "replace")
    if "late" in said:
        unread[shown] = f"no answer within {deadline:g} s"
        return None
    if len(reply.data) > LARGEST_OUTPUT:
        unread[shown] = f"only the first {LARGEST_OUTPUT} bytes of its output were looked at"
        return output
    status = next((line for line in reversed(said) if line.startswith("status ")), "status ?")
    if status != "status 0":
        last = next((line for line in reversed(said) if line != status), "")
        unread[shown] = f"exit {status}: {last[:200]}" if last else f"exit {status}"
        return None
    return output


def _status(path: str, reply: Reply) -> tuple[os.stat_result | None, str]:
    """From the answer to "look": mode, size, device, inode and device number of stat, and the path without links."""
    numbers, _, resolved = reply.data.decode("utf-8", "surrogateescape").partition("\n")
    words = numbers.split()
    if reply.result not in _KINDS or len(words) != 6:
        return None, path
    try:
        mode, size, device, inode = int(words[0], 16), int(words[1]), int(words[2]), int(words[3])
        number = os.makedev(int(words[4], 16), int(words[5], 16))
    except (ValueError, OverflowError):
        return None, path
    status = os.stat_result((mode, inode, device, 1, 0, 0, size, 0, 0, 0), {"st_rdev": number})
    resolved = resolved.removesuffix("\n")
    return status, resolved if resolved.startswith("/") else path


def _myself(connection: Connection) -> Myself:
    lines = connection.ask(Request("self")).data.decode("utf-8", "surrogateescape").split("\n")
    uid, home, path, temporary, user, logname, zone = [*lines, *[""] * 7][:7]
    environ = {"HOME": home, "PATH": path, "TMPDIR": temporary, "USER": user, "LOGNAME": logname, "TZ": zone}
    return Myself(
        int(uid) if uid.isdigit() else None,
        home,
        path,
        temporary,
        {name: text for name, text in environ.items() if text},
    )
