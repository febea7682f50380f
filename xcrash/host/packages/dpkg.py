# SPDX-License-Identifier: Apache-2.0
"""Installed packages of Debian's dpkg, from its status file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import BinaryIO, Final

from xcrash.host.sysroot import Sysroot, note

STATUS: Final = "/var/lib/dpkg/status"
PARTS: Final = "/var/lib/dpkg/status.d"
"""A file for each package: images without a package manager have these instead."""

LARGEST_STATUS: Final = 256 << 20
MOST_PARTS: Final = 5000
_LONGEST_LINE = 1 << 16
_INSTALLED = ("installed", "triggers-awaited", "triggers-pending")
"""States in which a package is unpacked and configured (dpkg(1))."""


def installed(root: Sysroot, wanted: Callable[[str], bool]) -> dict[str, str]:
    """Version by name of the installed packages that are wanted; empty when the machine has no dpkg."""
    found: dict[str, str] = {}
    for path in (STATUS, *_parts(root)):
        file = root.stream(path)
        if file is None:
            continue
        with file:
            try:
                found.update(status(_lines(file), wanted))
            except OSError as error:
                note(root.unread, path, error.strerror or "cannot be read")
    return found


def status(lines: Iterable[bytes], wanted: Callable[[str], bool]) -> dict[str, str]:
    """Version by name of what a status file (deb822 paragraphs) says is installed; no Status line says so too."""
    found: dict[str, str] = {}
    name = version = ""
    is_installed = True
    for line in chain(_only_fields(lines), [b"\n"]):
        field, _, value = line.partition(b":")
        if field == b"Package":
            name = _text(value)
        elif field == b"Version":
            version = _text(value)
        elif field == b"Status":
            is_installed = _text(value).rpartition(" ")[2] in _INSTALLED
        else:
            if name and version and is_installed and wanted(name):
                found[name] = version
            name = version = ""
            is_installed = True
    return found


def _only_fields(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The three fields, and the blank line that ends a paragraph."""
    return (line for line in lines if line.startswith((b"Package:", b"Version:", b"Status:")) or not line.strip())


def _lines(file: BinaryIO) -> Iterator[bytes]:
    left, starts = LARGEST_STATUS, True
    while left > 0 and (line := file.readline(_LONGEST_LINE)):
        left -= len(line)
        if starts:
            yield line
        starts = line.endswith(b"\n")


def _parts(root: Sysroot) -> list[str]:
    names = [entry.name for entry in root.list(PARTS) if not entry.name.endswith(".md5sums")]
    return [f"{PARTS}/{name}" for name in names[:MOST_PARTS]]


def _text(value: bytes) -> str:
    return value.strip()[:256].decode("utf-8", "replace")
