# SPDX-License-Identifier: Apache-2.0
"""Identify the dumps of Xen guests that are no ELF files: of xm dump-core before Xen 3.1, and of xm save.

Layouts: libxc's xenctrl.h (xc_core_header) and crash's xendump.c (xc_core_verify, xc_save_verify).
"""

from __future__ import annotations

import re
import struct

from xcrash.images.fields import read_fields
from xcrash.images.identity import DumpIdentity, XenDump
from xcrash.images.memory import Extent, StoredMemory
from xcrash.images.source import Source, shortfall
from xcrash.images.text import printable
from xcrash.images.xen_notes import GUESTS

SAVE_SIGNATURE = b"LinuxGuestRecord"
LARGEST_CONFIG = 256 << 10
PAGE_SIZE = 4096
"""Of x86; the header says nothing of pages of 16 KiB (ia64)."""

_HEADER = {
    "magic": (0, "I"),
    "vcpus": (4, "I"),
    "pages": (8, "I"),
    "contexts_at": (12, "I"),
    "index_at": (16, "I"),
    "pages_at": (20, "I"),
}
_MACHINES = {2800: "i686", 5168: "x86_64"}
"""By the size of a vcpu_guest_context_t."""

_NAME = re.compile(rb"\(name '?([^()'\s]{1,128})'?\)")
_MEMORY = re.compile(rb"\(memory (\d{1,9})\)")
_IMAGE = re.compile(rb"\(image\s{1,8}\((linux|hvm)\b")


def read_xendump(source: Source) -> DumpIdentity:
    """Identify the dump."""
    head = source.read_at(0, 4096)
    return _saved(source, head) if head.startswith(SAVE_SIGNATURE) else _core(source, head)


def xendump_memory(source: Source) -> StoredMemory:
    """The guest's memory as far as its place is known: pages lie in the order of the guest's frames, mostly."""
    head = source.read_at(0, 4096)
    if head.startswith(SAVE_SIGNATURE):
        return StoredMemory(source, [Extent(0, 0, source.size or 0)], placed=False)
    core = read_fields(head, _order(head), _HEADER)
    return StoredMemory(source, [Extent(0, core["pages_at"], core["pages"] * PAGE_SIZE)], placed=False)


def _order(head: bytes) -> str:
    return "<" if head[3:4] == b"\xf0" else ">"


def _core(source: Source, head: bytes) -> DumpIdentity:
    order = _order(head)
    core = read_fields(head, order, _HEADER)
    vcpus, pages = core["vcpus"], core["pages"]
    size = (core["index_at"] - core["contexts_at"]) // vcpus if vcpus else 0
    machine = _MACHINES.get(size)
    page_size = PAGE_SIZE if machine else None
    missing = None
    if source.size is not None and pages and core["pages_at"]:
        missing = shortfall(core["pages_at"] + pages * PAGE_SIZE, source.size) if machine else None
    return DumpIdentity(
        path=source.path,
        size=source.size or 0,
        format="xendump",
        machine=machine,
        page_size=page_size,
        missing_bytes=missing,
        cpus=vcpus or None,
        pages=pages or None,
        memory_bytes=pages * PAGE_SIZE if machine and pages else None,
        producer="xm dump-core",
        xen=XenDump(views=("domU",), guest=GUESTS.get(core["magic"]), nr_vcpus=vcpus or None, nr_pages=pages or None),
    )


def _saved(source: Source, head: bytes) -> DumpIdentity:
    """A configuration in S-expressions, its length before it in big-endian order, then frames and pages."""
    size = min(int.from_bytes(head[16:20], "big"), LARGEST_CONFIG)
    config = source.read_at(20, size)
    name, memory, image = _NAME.search(config), _MEMORY.search(config), _IMAGE.search(config)
    (frames,) = struct.unpack("<Q", source.read_at(20 + size, 8).ljust(8, b"\0")) if config else (0,)
    pages = frames if 0 < frames < 1 << 40 else None
    guest = None if image is None else "hvm" if image[1] == b"hvm" else "pv"
    return DumpIdentity(
        path=source.path,
        size=source.size or 0,
        format="xendump",
        memory_bytes=int(memory[1]) << 20 if memory else None,
        guest_name=printable(name[1]) if name else None,
        producer="xm save",
        xen=XenDump(views=("domU",), guest=guest, nr_pages=pages),
    )
