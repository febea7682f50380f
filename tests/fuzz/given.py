# SPDX-License-Identifier: Apache-2.0
"""Bytes in the shape that a reader wants: a source, a file, a text, a machine; and what must hold for its answer."""

from __future__ import annotations

import atexit
import io
import posixpath
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from xcrash.host.sysroot import LARGEST_TEXT, Entry, EntryKind, RootKind
from xcrash.parse.lazy import encoded


class Target(NamedTuple):
    """A reader: ``call`` must return for any bytes; ``seeds`` are valid input, ``words`` pieces worth putting in."""

    call: Callable[[bytes], object]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()


def of_text(read: Callable[[str], object], seeds: Sequence[str], words: Sequence[str] = ()) -> Target:
    """A reader of text, which gets it as roots give it: bytes that are not UTF-8 are U+FFFD."""
    return Target(
        lambda data: encodes(read(data.decode("utf-8", "replace"))),
        [seed.encode() for seed in seeds],
        [word.encode() for word in words],
    )


def encodes(value: object) -> None:
    """What was read can be written as JSON, and so holds no lone surrogate."""
    msgspec.json.encode(value, enc_hook=encoded)


def is_printable(value: object) -> None:
    """As ``encodes``, and every text in it is safe to print."""
    encodes(value)
    for text in _texts(msgspec.to_builtins(value, enc_hook=encoded)):
        assert text.isprintable(), f"not safe to print: {text!r}"


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in _texts(item)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list | tuple) else []


@cache
def directory() -> Path:
    """A directory of this process for readers that want a file."""
    path = Path(tempfile.mkdtemp(prefix="xcrash-fuzz-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def file(data: bytes, name: str = "file") -> Path:
    """A file with these bytes, the same one at each call."""
    path = directory() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


_MARK = b"\n@@ "


def machine_of(files: Mapping[str, str], commands: Mapping[str, str] | None = None) -> bytes:
    """A seed for ``Machine``; the empty first record says "tree"."""
    records = {**files, **{f"$ {line}": text for line, text in (commands or {}).items()}}
    return b"".join(_MARK + name.encode() + b"\n" + text.encode() for name, text in records.items())


class Machine:
    """A root whose files and answers of commands are records of some bytes: ``@@ PATH`` or ``@@ $ COMMAND``, text."""

    where = "/"

    def __init__(self, data: bytes) -> None:
        kind, *records = data.split(_MARK)
        self.kind: RootKind = "sosreport" if kind.startswith(b"s") else "tree"
        self.unread: dict[str, str] = {}
        self._files: dict[str, bytes] = {}
        self._directories: dict[str, set[Entry]] = {}
        for record in records:
            name, _, text = record.partition(b"\n")
            self._add(name.decode("utf-8", "replace"), text)

    def _add(self, name: str, text: bytes) -> None:
        if name.startswith("$ "):
            self._files[name] = text
            return
        path, kind = posixpath.normpath("/" + name.lstrip("/")), "file"
        self._files[path] = text
        for _ in range(16):
            parent, last = posixpath.split(path)
            self._directories.setdefault(parent, set()).add(Entry(last, "file" if kind == "file" else "directory"))
            path, kind = parent, "directory"
            if path == "/":
                return

    def stream(self, path: str) -> BinaryIO | None:
        """As Sysroot says, and so all below."""
        data = self._files.get(path)
        return None if data is None else io.BytesIO(data)

    def read(self, path: str, limit: int = LARGEST_TEXT) -> bytes | None:
        data = self._files.get(path)
        return None if data is None else data[:limit]

    def text(self, path: str, limit: int = LARGEST_TEXT) -> str | None:
        data = self.read(path, limit)
        return None if data is None else data.decode("utf-8", "replace")

    def list(self, path: str) -> list[Entry]:
        return sorted(self._directories.get(path.rstrip("/") or "/", ()))

    def kind_of(self, path: str) -> EntryKind | None:
        if path in self._files:
            return "file"
        return "directory" if path in self._directories else None

    def local(self, path: str) -> Path | None:
        return None

    def command(self, *argv: str) -> str | None:
        return self.text("$ " + " ".join(argv))
