# SPDX-License-Identifier: Apache-2.0
"""Identify a dump: its format, the kernel it is of, and whether the file is whole."""

from __future__ import annotations

from pathlib import Path

import msgspec

from xcrash.errors import XcrashError
from xcrash.images.elf import HEADER_BYTES
from xcrash.images.elfcore import read_elf_core
from xcrash.images.flattened import FlattenedFile
from xcrash.images.identity import DumpIdentity
from xcrash.images.kdump import read_kdump
from xcrash.images.magic import COMPRESSED, DUMPS, HEAD_BYTES, classify, noun
from xcrash.images.source import DUMP, Source, open_image
from xcrash.images.text import printable


def identify_dump(path: Path) -> DumpIdentity:
    """Identify the dump; MemorySourceError for a file that is missing, unreadable or no dump.

    A dump that does not name its kernel is identified all the same, with release None.
    """
    with open_image(path, DUMP) as image:
        name = classify(image.read_at(0, HEAD_BYTES))
        if name == "unknown" and path.suffix == ".guest":
            name = "vmware-guest"
        if name != "elf" and name not in DUMPS:
            raise _not_a_dump(image, name)
        identity = _from_flattened(image) if name == "kdump-flattened" else _from_headers(image, name)
        if image.size < HEAD_BYTES:
            raise _refuse(
                image,
                "truncated",
                f"starts like {noun(name)} but has {image.size} bytes only",
                "copy the dump again, and look for a full disk where it was written",
            )
        return identity


def _from_headers(source: Source, name: str) -> DumpIdentity:
    if name == "elf":
        return read_elf_core(source)
    if name in ("kdump-compressed", "diskdump"):
        return read_kdump(source, name)
    return DumpIdentity(path=source.path, size=source.size or 0, format=name)


def _from_flattened(image: Source) -> DumpIdentity:
    inner = FlattenedFile(image)
    # Writers leave a hole behind the header: asking for more would mean to look for it in every record.
    name = classify(inner.read_at(0, HEADER_BYTES))
    identity = _from_headers(inner, name) if name in ("elf", "kdump-compressed") else None
    format_name = "elf-kdump-flattened" if name == "elf" else "kdump-flattened"
    return msgspec.structs.replace(
        identity or DumpIdentity(path=image.path, size=0, format=format_name, flags=("unreadable-header",)),
        size=image.size,
        format=format_name,
        missing_bytes=inner.missing_bytes(),
    )


_HINTS = {
    "empty": "the dump was not written: look at the log of kdump and for a full disk",
    "zeros": "the writer did not finish, or a copy failed: look at the log of kdump",
    "text": "vmcore-dmesg.txt and the like lie beside the dump; name the vmcore itself",
    "unknown": "raw RAM has no header: crash wants it as FILE@ADDRESS",
}
_CODES = {"empty": "empty", "unknown": "unknown-format"}


def _not_a_dump(image: Source, name: str) -> XcrashError:
    unpack = "unpack it first: crash reads no dump through a decompressor" if name in COMPRESSED else None
    hint = unpack or _HINTS.get(name, "name the dump itself")
    return _refuse(image, _CODES.get(name, "not-a-dump"), f"is {noun(name)}, not a dump", hint)


def _refuse(image: Source, code: str, what: str, hint: str) -> XcrashError:
    return DUMP.refuse(code, f"{printable(image.path)} {what}", hint)
