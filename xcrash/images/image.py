# SPDX-License-Identifier: Apache-2.0
"""What one file of a /boot or debuginfo directory is, and what crash would do with it."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal[
    "kernel-boot",
    "kernel-elf",
    "kernel-debuginfo",
    "xen-boot",
    "xen-efi",
    "xen-syms",
    "xen-boot-debug",
    "xen-syms-debug",
    "system-map",
    "module-debuginfo",
    "symvers",
    "symtypes",
    "initrd",
    "config",
    "dump",
    "other",
]


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """A classified file; None where its contents do not tell, or cannot be reached within the reading limits.

    ``path`` is the file's place on the machine it belongs to, ``file`` where it was read here (they differ under
    ``--root``). ``format`` and ``compression`` use the names of ``magic``; facts of a compressed file are those of what
    is inside. ``version`` is the whole text ("Linux version ...", a hypervisor's version). ``crash_needs_f``: would
    crash want ``-f`` for it; ``crash_accepts``: would crash take it as a namelist at all. ``also``: other names of
    it, links. ``notes`` say why, in words.
    """

    path: str
    file: str
    role: Role
    size: int | None = None
    format: str | None = None
    compression: str | None = None
    elf_class: int | None = None
    machine: str | None = None
    bootable: bool | None = None
    build_id: str | None = None
    release: str | None = None
    version: str | None = None
    has_symbols: bool | None = None
    has_dwarf: bool | None = None
    gzip_name: str | None = None
    debuglink: str | None = None
    crash_needs_f: bool | None = None
    crash_accepts: bool | None = None
    also: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
