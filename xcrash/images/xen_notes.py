# SPDX-License-Identifier: Apache-2.0
"""What the Xen notes of a dump say.

Note types: Xen's public/elfnote.h. Contents: xen/include/xen/elfcore.h (crash_xen_info_t; kexec_crash_save_info and
machine_crash_shutdown fill it) for a crash of the machine, docs/misc/dump-core-format.txt for the dump of a guest.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from xcrash.images.fields import page_size_or_none, read_fields
from xcrash.images.identity import XenDump
from xcrash.images.memory import Memory
from xcrash.images.notes import Note
from xcrash.images.text import c_string
from xcrash.images.vmcoreinfo import parse_vmcoreinfo

XEN_OWNERS = frozenset((b"Xen", b"VMCOREINFO_XEN"))
CRASH_INFO = 0x1000001
DUMPCORE_HEADER, DUMPCORE_XEN_VERSION = 0x2000001, 0x2000002
GUESTS = {0xF00FEBED: "pv", 0xF00FEBEE: "hvm"}
"""Magic numbers of guests' dumps (libxc's xenctrl.h)."""

_LONGS = {64: (8, "Q"), 72: (9, "Q"), 80: (10, "Q"), 32: (8, "I"), 36: (9, "I"), 40: (10, "I")}
_HEADER = {"magic": (0, "Q"), "vcpus": (8, "Q"), "pages": (16, "Q"), "page_size": (24, "Q")}
_EXTRA_AT, _CAPABILITIES_AT, _CHANGESET_AT = 16, 176, 1200
_EXTRA = re.compile(r"[-.+~\w]{1,64}")


def xen_of_crash(notes: Sequence[Note], order: str, memory: Memory | None = None) -> XenDump | None:
    """What a crash of the machine noted; with its memory also the texts that the note only points to."""
    info = next((note.desc for note in notes if note.owner == b"Xen" and note.type == CRASH_INFO), b"")
    text = next((note.desc for note in notes if note.owner == b"VMCOREINFO_XEN"), b"")
    if len(info) not in _LONGS:
        return XenDump(views=("hypervisor",), vmcoreinfo=parse_vmcoreinfo(text)) if text else None
    count, code = _LONGS[len(info)]
    longs = struct.unpack(f"{order}{count}{code}", info)
    # The last is the Dom0's; the one before was put in between later.
    p2m = longs[-1] if count > 8 else None
    return XenDump(
        views=("dom0", "hypervisor") if p2m else ("hypervisor",),
        version=_version(longs[0], longs[1], _text_at(memory, longs[2])),
        changeset=_text_at(memory, longs[3]),
        phys_start=longs[8] if count == 10 else None,
        dom0_p2m_mfn=p2m,
        vmcoreinfo=parse_vmcoreinfo(text),
    )


def xen_of_guest(notes: Sequence[Note], order: str) -> tuple[XenDump, int | None]:
    """What xl dump-core noted of a guest, and the size of its pages."""
    by_type = {note.type: note.desc for note in notes if note.owner == b"Xen"}
    header = read_fields(by_type.get(DUMPCORE_HEADER, b""), order, _HEADER)
    desc = by_type.get(DUMPCORE_XEN_VERSION, b"")
    version = read_fields(desc, order, {"major": (0, "Q"), "minor": (8, "Q")})
    xen = XenDump(
        views=("domU",),
        version=_version(version["major"], version["minor"], c_string(desc[_EXTRA_AT : _EXTRA_AT + 16])),
        changeset=c_string(desc[_CHANGESET_AT : _CHANGESET_AT + 64]),
        capabilities=c_string(desc[_CAPABILITIES_AT : _CAPABILITIES_AT + 1024]),
        guest=GUESTS.get(header["magic"]),
        nr_vcpus=header["vcpus"] or None,
        nr_pages=header["pages"] or None,
    )
    return xen, page_size_or_none(header["page_size"])


def _version(major: int, minor: int, extra: str | None) -> str | None:
    if not 0 < major < 100 or minor > 1000:
        return None
    return f"{major}.{minor}{extra if extra and _EXTRA.fullmatch(extra) else ''}"


def _text_at(memory: Memory | None, address: int) -> str | None:
    """A text in memory; None where there is none, or no text."""
    data = memory.read(address, 64).split(b"\0", 1)[0] if memory and address else b""
    return c_string(data) if data and all(0x20 <= byte < 0x7F for byte in data) else None
