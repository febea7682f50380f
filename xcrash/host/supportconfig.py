# SPDX-License-Identifier: Apache-2.0
"""An unpacked supportconfig as a root: flat text files, whose sections are files and commands of the machine."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from xcrash.host.sysroot import LARGEST_TEXT, Entry, EntryKind, LocalRoot, RootKind, note

MARK: Final = b"#==["
LARGEST_FILE: Final = 64 << 20
MOST_FILES: Final = 1000
MOST_SECTIONS: Final = 50_000
MOST_ENTRIES: Final = 100_000
_LONGEST_TITLE = 4096
_CHUNK = 1 << 20

_HEADING = re.compile(rb"#==\[ ?([^\]\n]{1,80}?) ?\]")
_TAIL = re.compile(r"(.+?) - Last (\d{1,12}) Lines")
_FILES = ("Configuration File", "Log File", "File")
_MISSING = " - File not found"
_NOT_RUN = "ERROR: Command not found or not executable"


class Section(NamedTuple):
    """A piece of one of the text files: where its text lies, and how many lines of the original that is at most."""

    file: str
    start: int
    end: int
    last_lines: int | None = None


class SupportconfigRoot:
    """The directory of a supportconfig: answers "file X" and "command Y" from its sections; nothing lies in a tree.

    supportutils leaves comments and blank lines out of configuration files, so line numbers mean nothing.
    """

    kind: RootKind = "supportconfig"

    def __init__(self, directory: Path | str) -> None:
        self._root = LocalRoot(directory)
        self._index: _Index | None = None

    @property
    def where(self) -> str:
        """The directory that holds the text files."""
        return self._root.where

    @property
    def unread(self) -> dict[str, str]:
        """What could not be read, and why."""
        return self._root.unread

    def stream(self, path: str) -> BinaryIO | None:
        """The text of a file of the machine, in memory."""
        data = self.read(path, LARGEST_FILE)
        return None if data is None else io.BytesIO(data)

    def read(self, path: str, limit: int = LARGEST_TEXT) -> bytes | None:
        """Up to ``limit`` bytes of a file of the machine; None when the report does not hold it."""
        section = self._sections().files.get(_normal(path))
        if section is None:
            return None
        if section.last_lines is not None:
            note(self.unread, path, f"the report holds its last {section.last_lines} lines only")
        data = self._bytes(section, limit)
        if data is not None and data.startswith(b"cat: "):
            note(self.unread, path, data[:_LONGEST_TITLE].decode("utf-8", "replace").strip())
            return None
        return data

    def text(self, path: str, limit: int = LARGEST_TEXT) -> str | None:
        """``read`` as text; bytes that are not UTF-8 become U+FFFD. What lies behind ``limit`` is noted as unread."""
        data = self.read(path, limit + 1)
        if data is None:
            return None
        if len(data) > limit:
            note(self.unread, path, f"only the first {limit} bytes were looked at")
        return data[:limit].decode("utf-8", "replace")

    def list(self, path: str) -> list[Entry]:
        """What the report holds of a directory: names of files in it, and directories with such files below."""
        return sorted(self._sections().directories.get(_normal(path), set()))

    def kind_of(self, path: str) -> EntryKind | None:
        """What the report says ``path`` is; None when it holds nothing of it."""
        index, path = self._sections(), _normal(path)
        if path in index.files:
            return "file"
        return "directory" if path in index.directories else None

    def local(self, path: str) -> Path | None:
        """None: no file of the machine lies here with bytes of its own."""
        return None

    def command(self, *argv: str) -> str | None:
        """What the command printed when the report was made; None when the report does not hold it."""
        return self._output(_command_key(" ".join(argv)))

    def command_starting(self, *argv: str) -> tuple[str, str] | None:
        """The first command that begins with these words, as one line without its directory, and what it printed."""
        start = _command_key(" ".join(argv))
        for key in self._sections().commands:
            if key == start or key.startswith(start + " "):
                output = self._output(key)
                if output is not None:
                    return key, output
        return None

    def _output(self, key: str) -> str | None:
        section = self._sections().commands.get(key)
        if section is None:
            return None
        data = self._bytes(section, 4 * LARGEST_TEXT + 1)
        if data is None:
            return None
        if len(data) > 4 * LARGEST_TEXT:
            note(self.unread, key, f"only the first {4 * LARGEST_TEXT} bytes were looked at")
        text = data[: 4 * LARGEST_TEXT].decode("utf-8", "replace")
        if text.startswith(_NOT_RUN):
            note(self.unread, key, "not run: not found or not executable")
            return None
        return text

    def _bytes(self, section: Section, limit: int) -> bytes | None:
        """The section's text without the blank lines that end every section."""
        file = self._root.stream(section.file)
        if file is None:
            return None
        with file:
            try:
                file.seek(section.start)
                data = file.read(min(limit, section.end - section.start))
            except OSError:
                return None
        text = data.rstrip(b"\n")
        return data if len(text) == len(data) else text + (b"\n" if text else b"")

    def _sections(self) -> _Index:
        if self._index is None:
            self._index = _Index()
            names = [entry.name for entry in self._root.list("/") if entry.name.endswith(".txt")]
            if len(names) > MOST_FILES:
                note(self.unread, "/", f"more than {MOST_FILES} text files: the rest was not looked at")
            for name in names[:MOST_FILES]:
                self._add_file(self._index, "/" + name)
            self._index.fill_directories()
        return self._index

    def _add_file(self, index: _Index, name: str) -> None:
        file = self._root.stream(name)
        if file is None:
            return
        with file:
            try:
                marks, end = _marks(file)
                if end > LARGEST_FILE:
                    note(self.unread, name, f"only the first {LARGEST_FILE} bytes were looked at")
                    end = LARGEST_FILE
                for start, stop in pairwise([*marks[: max(0, MOST_SECTIONS - index.count)], end]):
                    index.add(file, name, start, stop)
                if len(marks) + index.count > MOST_SECTIONS:
                    note(self.unread, name, f"more than {MOST_SECTIONS} sections: the rest was not looked at")
            except OSError as error:
                note(self.unread, name, error.strerror or type(error).__name__)
            index.count += len(marks)


class _Index:
    """Every section by what it is of; the first one with text counts."""

    def __init__(self) -> None:
        self.files: dict[str, Section] = {}
        self.commands: dict[str, Section] = {}
        self.directories: dict[str, set[Entry]] = {}
        self.count = 0

    def add(self, file: BinaryIO, name: str, start: int, stop: int) -> None:
        """Enter the section that ``start`` begins, whose next one is at ``stop``."""
        file.seek(start)
        heading = _HEADING.match(file.readline(_LONGEST_TITLE))
        title = file.readline(_LONGEST_TITLE)
        if heading is None or not title.startswith(b"#") or file.tell() > stop:
            return
        what = heading[1].decode("utf-8", "replace")
        about = title[1:].decode("utf-8", "replace").strip()
        section = Section(name, file.tell(), stop)
        if what == "Command":
            key = _command_key(about)
            _keep(self.commands, key, section)
            if key.startswith("cat /") and " " not in key[4:]:
                _keep(self.files, _normal(key[4:]), section)
        elif what in _FILES and about.startswith("/") and not about.endswith(_MISSING):
            tail = _TAIL.fullmatch(about)
            path = tail[1] if tail else about
            _keep(self.files, _normal(path), section._replace(last_lines=int(tail[2]) if tail else None))

    def fill_directories(self) -> None:
        """Enter every file in its directory, and that in its own, up to the root."""
        room = MOST_ENTRIES
        for path in self.files:
            kind: EntryKind = "file"
            while path != "/" and room > 0:
                room -= 1
                path, name = posixpath.split(path)
                if path in self.directories and Entry(name, kind) in self.directories[path]:
                    break
                self.directories.setdefault(path, set()).add(Entry(name, kind))
                kind = "directory"


def _keep(sections: dict[str, Section], key: str, section: Section) -> None:
    known = sections.get(key)
    if known is None or known.end - known.start <= 2:
        sections[key] = section


def _marks(file: BinaryIO) -> tuple[list[int], int]:
    """Where the sections begin, and the file's size, LARGEST_FILE + 1 for more than that."""
    marks: list[int] = []
    for offset, chunk in _chunks(file):
        at = chunk.find(b"\n" + MARK)
        while at >= 0 and len(marks) <= MOST_SECTIONS:
            marks.append(offset + at + 1)
            at = chunk.find(b"\n" + MARK, at + 1)
    return marks, min(file.seek(0, io.SEEK_END), LARGEST_FILE + 1)


def _chunks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The file in pieces that overlap by less than a mark, as if a line feed stood before it."""
    offset, carry = -1, b"\n"
    while offset < LARGEST_FILE and (chunk := file.read(_CHUNK)):
        yield offset, carry + chunk
        whole = carry + chunk
        carry = whole[-len(MARK) :]
        offset += len(whole) - len(carry)


def _normal(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))


def _command_key(line: str) -> str:
    """A command as one line: its program without the directory, single blanks, no quotes."""
    words = re.sub(r"[\"']", "", line).split()
    return " ".join([posixpath.basename(words[0]), *words[1:]]) if words else ""
