# SPDX-License-Identifier: Apache-2.0
"""Shorten the index that gdb 10 keeps of a kernel, with which a start is slower than without one.

An index (GDB manual, "Index Section Format", version 8) names for each symbol the compilation units that define it.
gdb 10 writes the first unit of most types, and every unit of those whose name DWARF holds in place (DW_FORM_string:
names of up to three letters): ``pid``, ``key``, ``bio`` and ``net`` have some 1,500 each. When crash asks whether there
is a symbol of that name, gdb 10 expands all of them, for it looks a type up as a variable as well
(gdb/dwarf2/read.c:dw2_symtab_iter_next). gdb 16 tells the two apart.

The first few units of a type are kept, as gdb takes the first that fits; variables and functions keep every unit.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import tempfile
from array import array
from pathlib import Path

KEPT = 8
"""Units kept of a type: of the types with longer names gdb 10 itself keeps one."""

LARGEST = 256 << 20
_MARK = b"\0xcrash short\0"
"""At the end, where nothing refers to: this index is short already."""

_VERSION = 8
_HEADER = struct.Struct("<6I")
_TYPE = 1


def shorten(path: Path) -> None:
    """Shorten the index at ``path`` once, in one step for those who read it; a damaged one is removed. Raises OSError.

    Also removed is one that cannot be replaced: no index is better than a long one.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    with os.fdopen(handle, "rb") as file:
        size = os.fstat(handle).st_size
        if os.pread(handle, len(_MARK), max(0, size - len(_MARK))) == _MARK:
            return
        short = shortened(file.read()) if size <= LARGEST else None
    try:
        if short is None:
            path.unlink(missing_ok=True)
        else:
            _replace(path, short)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _replace(path: Path, data: bytes) -> None:
    part, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}-")
    try:
        with os.fdopen(part, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(part)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def shortened(data: bytes) -> bytes | None:
    """The index ``data`` with at most KEPT units for each type, marked; None when it is damaged."""
    found = _lists(data)
    if found is None:
        return None
    lists, pool = found
    result = bytearray(data)
    for offset in lists:
        at = pool + offset
        if at + 4 > len(data):
            return None
        (count,) = struct.unpack_from("<I", data, at)
        if count * 4 > len(data) - at - 4:
            return None
        if count > KEPT:
            units = _first(struct.unpack_from(f"<{count}I", data, at + 4))
            struct.pack_into(f"<{len(units) + 1}I", result, at, len(units), *units)
    return bytes(result) + _MARK


def _lists(data: bytes) -> tuple[set[int], int] | None:
    """The offsets of the lists of units in the constant pool, and where that begins; None when they lead outside."""
    if len(data) < _HEADER.size:
        return None
    version, units, types, addresses, symbols, pool = _HEADER.unpack_from(data)
    in_order = _HEADER.size <= units <= types <= addresses <= symbols <= pool <= len(data)
    if version != _VERSION or not in_order or (pool - symbols) % 8:
        return None
    slots = array("I", data[symbols:pool])
    if sys.byteorder == "big":
        slots.byteswap()
    names, lists = slots[0::2], slots[1::2]
    if max(names, default=0) > len(data) - pool:
        return None
    return {offset for name, offset in zip(names, lists, strict=True) if name or offset}, pool


def _first(units: tuple[int, ...]) -> list[int]:
    """All but the types behind the first few; bits 28 to 30 of a unit are what the symbol is in it."""
    kept: list[int] = []
    types = 0
    for unit in units:
        if unit >> 28 & 7 == _TYPE:
            types += 1
            if types > KEPT:
                continue
        kept.append(unit)
    return kept
