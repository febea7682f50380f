# SPDX-License-Identifier: Apache-2.0
"""The lines a user typed into the crash prompt, of this session and of former ones: ``$XDG_STATE_HOME/xcrash/history``.

One line for each, the oldest first. Several sessions append to the file at once: each line is one write.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from xcrash import locations

MOST_LINES = 5000
MOST_BYTES = 4 << 20
LONGEST = 1500
"""Characters of a line; crash itself takes no more (defs.h:BUFSIZE)."""


def history_path() -> Path:
    """Where the lines are kept."""
    return locations.state() / "history"


class History:
    """The lines, newest last; a line that was typed again is there once. Nothing here raises for the file's sake.

    ``trouble`` says in words why lines are not kept, empty as long as they are.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or history_path()
        self.trouble = ""
        # Each once, where it was typed last.
        self.lines = list(dict.fromkeys(reversed(self._read())))[:MOST_LINES][::-1]

    def add(self, line: str) -> None:
        """Take a line in; one with control characters stays out of the file."""
        line = line.strip()
        if not line:
            return
        self._put(line)
        if line.isprintable() and len(line) <= LONGEST:
            self._append(f"{line}\n".encode("utf-8", "replace"))

    def search(self, words: str, most: int = 200) -> list[str]:
        """The lines that hold every word, newest first."""
        wanted = words.lower().split()
        found = (line for line in reversed(self.lines) if all(word in line.lower() for word in wanted))
        return [line for line, _ in zip(found, range(most), strict=False)]

    def _put(self, line: str) -> None:
        if self.lines and self.lines[-1] == line:
            return
        if line in self.lines:
            self.lines.remove(line)
        self.lines.append(line)

    def _read(self) -> list[str]:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return []
        except OSError as error:
            self.trouble = f"{self._path} cannot be read: {error.strerror}"
            return []
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                self.trouble = f"{self._path} is not a regular file"
                return []
            file.seek(max(0, facts.st_size - MOST_BYTES))
            lines = file.read(MOST_BYTES).decode("utf-8", "replace").split("\n")
        # The first line may be the end of one, the last is what stands behind the last newline.
        kept = lines[1 if facts.st_size > MOST_BYTES else 0 :][-2 * MOST_LINES :]
        good = [line for line in kept if line.strip() and line.isprintable() and len(line) <= LONGEST]
        if facts.st_size > MOST_BYTES:
            self._shorten(good[-MOST_LINES:])
        return good

    def _append(self, data: bytes) -> None:
        if self.trouble:
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
            descriptor = os.open(self._path, flags, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)
        except OSError as error:
            self.trouble = f"{self._path} cannot be written: {error.strerror}"

    def _shorten(self, lines: list[str]) -> None:
        """Write the newest lines into a file that takes the place of the old one."""
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in lines))
            new.replace(self._path)
        except OSError as error:
            self.trouble = f"{self._path} cannot be shortened: {error.strerror}"
