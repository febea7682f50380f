# SPDX-License-Identifier: Apache-2.0
"""The kernel's companions in /boot, told by the first bytes of their contents."""

from __future__ import annotations

import re
from typing import NamedTuple

from xcrash.images.image import Role
from xcrash.images.text import printable

SMALLEST_MAP = 16 << 10
"""Bytes that crash wants of a System.map before it takes it for one (symbols.c, is_system_map)."""

MOST_LINES = 100

_SYMBOL = re.compile(rb"[0-9a-fA-F]{8,16} [A-Za-z?] [^\s]+(?:\s+\[[^\]\n]*\])?")
_STUB = re.compile(rb"[0-9a-fA-F]{8,16} [A-Za-z?] The real System\.map is in ")
_SYMVERS = re.compile(rb"0x[0-9a-f]{8}\t[^\t\n]{1,512}\t[^\t\n]{1,512}(?:\t.*)?")
_SYMTYPE = re.compile(rb"(?:[setuE]#[^\s]{1,512} .*|/\* [^\s]{1,512}\.o(?:\.\w+)? \*/)")
_OPTION = re.compile(rb"(?:CONFIG_\w{1,200}=.*|# CONFIG_\w{1,200} is not set)")
_TITLE = re.compile(rb"^# ((Linux|Xen)/\S{1,40} (\S{1,80}) (?:Kernel )?Configuration)\s*$", re.MULTILINE)
_SALT = re.compile(rb'^CONFIG_BUILD_SALT="([^"\n]{1,200})"', re.MULTILINE)
_LOCAL = re.compile(rb'^CONFIG_LOCALVERSION="([^"\n]{0,100})"', re.MULTILINE)
_XEN_ADDRESS = re.compile(rb"(?:0x)?ffff82[cd][0-9a-f]{9} ")


class Lookalike(NamedTuple):
    """What the contents are, and what they tell; a release that is not sure is put together from parts of it."""

    role: Role
    notes: tuple[str, ...] = ()
    release: str | None = None
    version: str | None = None
    is_release_sure: bool = False


def text_role(head: bytes) -> Lookalike:
    """The role of a text file by its first 64 KiB; "other" for any other text."""
    lines = head.split(b"\n", MOST_LINES)[:MOST_LINES]
    if len(head) > 1 and not head.endswith(b"\n") and len(lines) < MOST_LINES:
        lines = lines[:-1] or lines
    lines = [line for line in lines if line.strip()]
    if not lines:
        return Lookalike("other", ("a text file",))
    if _XEN_ADDRESS.match(lines[0]):
        return Lookalike("other", ("the symbol map of Xen",))
    if _STUB.match(lines[0]):
        return Lookalike("system-map", ("a stub: the real System.map is in the kernel's debug package",))
    if _all(_SYMBOL, lines):
        short = () if len(head) >= SMALLEST_MAP else ("a stub: crash wants 16 KiB of a System.map",)
        return Lookalike("system-map", short or ("crash takes it beside a vmlinux, not in its place",))
    if _all(_SYMVERS, lines):
        return Lookalike("symvers", ("versions of exported symbols",))
    if _OPTION.search(head) and _all(_OPTION, [line for line in lines if not _is_remark(line)]):
        return _config(head)
    if _all(_SYMTYPE, lines[:1]) and sum(_SYMTYPE.fullmatch(line) is not None for line in lines) * 2 > len(lines):
        return Lookalike("symtypes", ("types of exported symbols",))
    return Lookalike("other", ("a text file",))


def cpio_role(head: bytes) -> Lookalike:
    """An initrd that is, or begins with, an uncompressed cpio archive (kernel Documentation: early-userspace)."""
    early = re.search(rb"kernel/(?:x86/microcode|firmware/acpi)", head[:4096])
    return Lookalike("initrd", ("begins with an archive for the early boot (microcode, ACPI tables)",) if early else ())


def _config(head: bytes) -> Lookalike:
    title, salt, local = _TITLE.search(head), _SALT.search(head), _LOCAL.search(head)
    version = printable(title[1]) if title else None
    if title and title[2] == b"Xen":
        debug = re.search(rb"^CONFIG_DEBUG=y", head, re.MULTILINE)
        return Lookalike("config", (f"configuration of Xen, a {'debug' if debug else 'release'} build",), None, version)
    if salt:
        return Lookalike("config", ("release by CONFIG_BUILD_SALT",), printable(salt[1]), version, True)
    if title:
        release = printable(title[3] + (local[1] if local else b""))
        return Lookalike("config", (), release, version)
    return Lookalike("config")


def _is_remark(line: bytes) -> bool:
    return line.startswith(b"#") and not line.startswith(b"# CONFIG_")


def _all(pattern: re.Pattern[bytes], lines: list[bytes]) -> bool:
    return bool(lines) and all(pattern.fullmatch(line.rstrip()) for line in lines)
