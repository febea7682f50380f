# SPDX-License-Identifier: Apache-2.0
"""An unpacked sosreport as a root: copies of files at their own paths, and what commands printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from xcrash.host.sysroot import LARGEST_TEXT, LocalRoot, note

COMMANDS: Final = "/sos_commands"
LONGEST_NAME: Final = 255
"""Bytes in a file name, where sos cuts the names it makes of commands."""
MOST_PLUGINS: Final = 1000
MOST_OUTPUTS: Final = 50_000

_AT_THE_TOP: Final = {
    "date": "date",
    "dmidecode": "dmidecode",
    "dpkg -l": "installed-debs",
    "hostname": "hostname",
    "lsmod": "lsmod",
    "rpm -qa": "installed-rpms",
    "uname -a": "uname",
    "uptime": "uptime",
}
"""Commands whose output has a link at the top of the report. installed-rpms shows dates beside what rpm prints."""

_NOT_RUN = re.compile(
    r"[^\n]{0,400}(?:command not found|failed to run command|No such file or directory)[^\n]{0,400}\n?"
)


class SosreportRoot(LocalRoot):
    """The directory of a sosreport. Devices, permissions and sizes in it mean nothing; empty /proc files neither."""

    def __init__(self, directory: Path | str) -> None:
        super().__init__(directory, "sosreport")
        self._outputs: dict[str, list[str]] | None = None

    def read(self, path: str, limit: int = LARGEST_TEXT) -> bytes | None:
        """As of any root, but nothing for an empty file of /proc or /sys: sos leaves one where it could not read."""
        data = super().read(path, limit)
        if data == b"" and limit > 0 and self._of_the_kernel(path):
            note(self.unread, path, "empty in the report: sos could not read it")
            return None
        return data

    def command(self, *argv: str) -> str | None:
        """What the command printed when the report was made; None when the report does not hold it.

        Only the very words that sos used find an output ("dmesg -T" is another command than "dmesg").
        """
        if not argv:
            return None
        line = " ".join(argv)
        candidates = list(self._index().get(mangled(line), ()))
        if line in _AT_THE_TOP:
            candidates.append("/" + _AT_THE_TOP[line])
        answer = None
        for path in candidates:
            text = self.text(path, limit=4 * LARGEST_TEXT) if self.kind_of(path) == "file" else None
            if text is not None and _NOT_RUN.fullmatch(text):
                note(self.unread, line, text.strip())
            elif text:
                return text
            elif text is not None:
                answer = text
        return answer

    def _of_the_kernel(self, path: str) -> bool:
        local = self.local(path)
        return local is not None and str(local).removeprefix(self.where).startswith(("/proc/", "/sys/"))

    def _index(self) -> dict[str, list[str]]:
        """Name of an output to its paths, by plugin in alphabetical order."""
        if self._outputs is None:
            self._outputs, room = {}, MOST_OUTPUTS
            plugins = [entry.name for entry in self.list(COMMANDS) if entry.kind == "directory"]
            for plugin in plugins[:MOST_PLUGINS]:
                entries = self.list(f"{COMMANDS}/{plugin}")[:room]
                room -= len(entries)
                for entry in entries:
                    if entry.kind in ("file", "link"):
                        self._outputs.setdefault(entry.name, []).append(f"{COMMANDS}/{plugin}/{entry.name}")
        return self._outputs


def mangled(command: str) -> str:
    """The file name that sos gives to a command's output (sos/report/plugins/__init__.py, _mangle_command)."""
    name = re.sub(r"^/(usr/)?s?bin/", "", command)
    name = re.sub(r"[^\w\-./]+", "_", name)
    return name.replace("/", ".").strip(" ._-")[:LONGEST_NAME]
