# SPDX-License-Identifier: Apache-2.0
"""Which kind of root a directory is, told by what lies in it."""

from __future__ import annotations

import bz2
import lzma
import os
import shlex
import stat
import zlib
from pathlib import Path

from xcrash.errors import UsageError
from xcrash.host.sosreport import SosreportRoot
from xcrash.host.supportconfig import MARK, SupportconfigRoot
from xcrash.host.sysroot import LocalRoot, Sysroot, reason

_HEAD = 1 << 16
_TAR_NAMES = (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
_SUPPORTCONFIG_FILES = ("/basic-environment.txt", "/supportconfig.txt")


def open_root(directory: Path | None) -> Sysroot:
    """The root that ``directory`` holds: a sosreport, a supportconfig or a tree; None is the live machine.

    A directory whose only directory is a report, as unpacking one leaves it, is that report.

    Raises UsageError: "root-missing", "root-unreadable", "root-not-a-directory", "root-is-an-archive".
    """
    if directory is None:
        return LocalRoot()
    _refuse(directory)
    root = LocalRoot(directory)
    if root.kind == "live":
        return root
    inner = [entry.name for entry in root.list("/") if entry.kind == "directory"]
    for place in (directory, directory / inner[0]) if len(inner) == 1 else (directory,):
        report = _report(LocalRoot(place), place)
        if report is not None:
            return report
    return root


def _report(root: LocalRoot, place: Path) -> Sysroot | None:
    kind = root.kind_of
    if "directory" in (kind("/sos_commands"), kind("/sos_reports")):
        return SosreportRoot(place)
    if kind("/version.txt") == "file" and kind("/sos_logs") == "directory":
        return SosreportRoot(place)
    for name in _SUPPORTCONFIG_FILES:
        head = root.read(name, _HEAD) or b""
        if head.startswith(MARK) or b"\n" + MARK in head:
            return SupportconfigRoot(place)
    return None


def _refuse(path: Path) -> None:
    try:
        mode = path.stat().st_mode
        readable = os.access(path, os.X_OK)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            "root-missing", f"There is no directory {path}.", "Name the root of a machine: a mounted disk or a report."
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(
            "root-unreadable", f"{path} cannot be looked at: {reason(error)}.", "Name a directory that you can read."
        ) from None
    if stat.S_ISDIR(mode):
        if not readable:
            raise UsageError(
                "root-unreadable", f"The directory {path} cannot be read: permission denied.", "Try again as root."
            )
        return
    if stat.S_ISREG(mode) and _is_archive(path):
        raise UsageError(
            "root-is-an-archive",
            f"{path} is an archive; a root is a directory.",
            f"Unpack it with: tar -xf {shlex.quote(str(path))}\nthen name the directory that this makes.",
        )
    raise UsageError(
        "root-not-a-directory", f"{path} is not a directory.", "Name the root of a machine: a mounted disk or a report."
    )


def _is_archive(path: Path) -> bool:
    """A tar archive by its name, or by the first block of what is packed in it (POSIX ustar: "ustar" at 257)."""
    if path.name.lower().endswith(_TAR_NAMES):
        return True
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return _unpacked(head)[257:262] == b"ustar"


def _unpacked(head: bytes) -> bytes:
    try:
        if head.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(wbits=31).decompress(head, 512)
        if head.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(head, 512)
        if head.startswith(b"\xfd7zXZ\0"):
            return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20).decompress(head, 512)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, MemoryError):
        return b""
    return head[:512]
