# SPDX-License-Identifier: Apache-2.0
"""Mounted filesystems: ``mount``, ``-f`` (their open files), ``-i`` (their dirty inodes).

Source of the format: filesys.c:show_mounts; the first column is VFSMOUNT for kernels before 3.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.files import file_type
from xcrash.parse.rows import Table, pointer, text
from xcrash.parse.sections import extent, sections
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_INODE = re.compile(r"\s*([0-9a-f]{6,16})\s*$")
_HEADERS = ("OPEN FILES", "DIRTY INODES", "No open files found", "No dirty inodes found")
_LAYOUT = ("MOUNT", "SUPERBLK", "TYPE", "DEVNAME", "DIRNAME")
_LONGEST = 400


class MountFile(msgspec.Struct, frozen=True, kw_only=True):
    """One open file of a filesystem; the path is relative to its root."""

    line: int
    span: Span
    dentry: str | None
    inode: str | None
    type: str | None
    path: str = ""


class Mount(msgspec.Struct, frozen=True, kw_only=True):
    """One mount: ``mount`` is the struct mount, or the vfsmount before 3.3.

    ``open_files`` come with ``-f``, ``dirty_inodes`` with ``-i``; None where crash did not look.
    """

    line: int
    span: Span
    mount: str | None
    superblk: str | None
    type: str
    devname: str
    dirname: str
    open_files: tuple[MountFile, ...] | None = None
    dirty_inodes: tuple[str, ...] | None = None


class Mounts(CommandOutput, frozen=True, kw_only=True, tag="mount"):
    """The mounts of a namespace."""

    mounts: tuple[Mount, ...]


_MOUNTS = Table(
    Mount,
    {
        "MOUNT": ("mount", pointer),
        "VFSMOUNT": ("mount", pointer),
        "SUPERBLK": ("superblk", pointer),
        "TYPE": ("type", text),
        "DEVNAME": ("devname", text),
        "DIRNAME": ("dirname", text),
    },
)
_FILES = Table(
    MountFile,
    {"DENTRY": ("dentry", pointer), "INODE": ("inode", pointer), "TYPE": ("type", file_type), "PATH": ("path", text)},
    optional=1,
)


def parser(arguments: Sequence[str]) -> Callable[[str], Mounts] | None:
    """The parser for ``mount ARGUMENTS``."""
    return parse


def parse(text: str) -> Mounts:
    """The mounts, each with the files and inodes listed below it."""
    said = answer(text, "mount")
    mounts, left = [], []
    for mount, place, lines in sections(said.lines, _mount):
        lines = [line for line in lines if not _MOUNTS.header(line.text)]
        rest = lines
        if mount is None:
            left += rest
            continue
        kinds = {line.text.strip().rstrip(":") for line in rest} & set(_HEADERS)
        files, rest = _FILES.read(line for line in rest if line.text.strip().rstrip(":") not in _HEADERS)
        inodes = [found for found in map(_inode, rest) if found] if "DIRTY INODES" in kinds else []
        rest = [line for line in rest if not (inodes and _inode(line))]
        left += rest
        mounts.append(
            msgspec.structs.replace(
                mount,
                span=extent(place, lines, rest).span if files or inodes else mount.span,
                open_files=files if files or any("open" in kind.lower() for kind in kinds) else None,
                dirty_inodes=tuple(inodes) if any("dirty" in kind.lower() for kind in kinds) else None,
            )
        )
    return Mounts(mounts=tuple(mounts), remarks=said.remarks, unread=tuple(unread(left)))


def _mount(line: Line) -> Mount | None:
    mount = _MOUNTS.row(line, _LAYOUT)
    if (
        not mount
        or not mount.mount
        or not mount.superblk
        or mount.type in ("REG", "DIR", "CHR", "BLK", "FIFO", "LNK", "SOCK")
    ):
        return None
    # A device name may hold blanks (//server/My Share); the directory is what begins with a slash.
    name, slash, directory = mount.dirname.partition(" /")
    if slash and not name.startswith("/"):
        mount = msgspec.structs.replace(mount, devname=f"{mount.devname} {name}".rstrip(), dirname=f"/{directory}")
    return mount


def _inode(line: Line) -> str | None:
    found = _INODE.match(line.text) if len(line.text) < _LONGEST else None
    return f"0x{found[1]}" if found else None
