# SPDX-License-Identifier: Apache-2.0
"""Small dumps of the rarer formats, put together byte by byte from the layouts in the specifications."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import zstandard

from tests.unit.images import builders as b

UTSNAME = ("Linux", "host1", b.RELEASE, "#1 SMP Debian 6.1.1-1 (2026-01-01)", "x86_64", "(none)")
CRASHED_AT = 1767225600
PROC_BANNER = b"%s version %s (builder@example.org) (gcc-12) %s\n\0"
BANNER = b"\0" + b.BANNER.encode() + b"\0"


def put(size: int, *fields: tuple[int, str, int | bytes], order: str = "<") -> bytes:
    """A header of ``size`` bytes with values at their places; the code "s" puts bytes."""
    head = bytearray(size)
    for at, code, value in fields:
        if isinstance(value, bytes):
            head[at : at + len(value)] = value
        else:
            struct.pack_into(order + code, head, at, value)
    return bytes(head)


def utsname(names: tuple[str, ...] = UTSNAME) -> bytes:
    return b"".join(name.encode().ljust(65, b"\0") for name in names)


def crash_info(
    *longs: int, major: int = 4, minor: int = 17, extra: int = 0, changeset: int = 0, order: str = "<", code: str = "Q"
) -> bytes:
    """XEN_ELFNOTE_CRASH_INFO with the two last, optional longs."""
    values = (major, minor, extra, changeset, 0, 0, 0, 0, *longs)
    return b.note(b"Xen", 0x1000001, struct.pack(f"{order}{len(values)}{code}", *values), order)


def xen_core(magic: int = 0xF00FEBED, pages: dict[int, bytes] | None = None, section: str = ".xen_p2m") -> bytes:
    """The dump of a guest by xl dump-core."""
    pages = pages if pages is not None else {0: b"first", 1: b"second", 7: b"third"}
    version = struct.pack("<QQ16s144s1024s64sQQ", 4, 17, b".5-pre", b"", b"xen-3.0-x86_64 ", b"abcdef", 0, 4096)
    notes = (
        b.note(b"Xen", 0x2000000, b"")
        + b.note(b"Xen", 0x2000001, struct.pack("<4Q", magic, 2, len(pages), 4096))
        + b.note(b"Xen", 0x2000002, version)
        + b.note(b"Xen", 0x2000003, struct.pack("<Q", 1))
    )
    row = "<QQ" if section == ".xen_p2m" else "<Q"
    table = b"".join(struct.pack(row, *((pfn, 0x1000 + pfn)[: len(row) - 1])) for pfn in pages)
    return b.ElfFile(
        type=b.CORE,
        sections=[
            (".note.Xen", b.NOTE, notes),
            (".xen_prstatus", b.PROGBITS, bytes(5168 * 2)),
            (section, b.PROGBITS, table),
            (".xen_pages", b.PROGBITS, b"".join(page.ljust(4096, b"\0") for page in pages.values())),
        ],
    ).build()


def xc_core(magic: int = 0xF00FEBED, order: str = "<", vcpus: int = 2, pages: int = 3, context: int = 5168) -> bytes:
    """The dump of a guest by an old xm dump-core."""
    index_at = 24 + vcpus * context
    head = struct.pack(order + "6I", magic, vcpus, pages, 24, index_at, 16384)
    return head.ljust(16384, b"\0") + b"G" * 4096 * pages


def xen_save(
    config: bytes = b"(domain (domid 7) (name 'web 1') (memory 512) (image (linux (kernel /boot/k))))",
) -> bytes:
    config = config.replace(b"web 1", b"web1")
    return (b"LinuxGuestRecord" + struct.pack(">I", len(config)) + config + struct.pack("<Q", 131072)).ljust(
        8192, b"\0"
    )


def lkcd(
    version: int = 8, bits: int = 64, level: int = 8, pages: int = 2, order: str = "<", live: bool = False
) -> bytes:
    """An LKCD dump of the given header version; pages of 100 packed bytes."""
    v1, packed = version == 1, version >= 8
    number_at = 56 if v1 else 48
    time_at = {(True, 64): 320, (True, 32): 316, (False, 64): 312, (False, 32): 308}[v1, bits]
    time_at, wide = (308, True) if packed else (time_at, bits == 64)
    names_at = time_at + (16 if wide else 8)
    compress_at = 722 if packed else 728 if bits == 64 else 712
    head = put(
        65536,
        (0, "Q", 0xA8190173618F23CD if live else 0xA8190173618F23ED),
        (8, "I", version | 0x40000000),
        (16, "I", level),
        (20, "I", 4096),
        (number_at, "I", pages),
        (time_at, "Q" if wide else "I", CRASHED_AT),
        (names_at, "s", utsname()),
        (compress_at, "I", 2 if version >= 5 else 0),
        order=order,
    )
    return head + b"".join(struct.pack(order + "QII", at * 4096, 100, 2) + bytes(100) for at in range(pages))


def s390(memory: bytes = b"M" * 8192, order: str = ">", arch: int = 2, mark: bytes = b"DUMP_END") -> bytes:
    tod = 0x7D91048BCA000000 + (CRASHED_AT * 1_000_000 << 12)
    head = put(
        4096,
        (0, "Q", 0xA8190173618F23FD),
        (0x14, "I", 4096),
        (0x18, "Q", len(memory)),
        (0x30, "I", len(memory) // 4096),
        (0x38, "Q", tod),
        (0x48, "I", arch),
        (0x5D, "H", 3),
        order=order,
    )
    return head + memory + mark.ljust(16, b"\0")


def mclx(bits: int = 32, left: int = 0) -> bytes:
    if bits == 32:
        places = ((16, "I", 4096), (20, "I", 1), (24, "I", 2), (32, "I", 1 << 20), (36, "I", left))
        return put(3 * 4096, (0, "s", struct.pack("<4I", *[0x9A8BCCDD] * 4)), *places)
    places = ((32, "I", 4096), (36, "I", 1), (40, "I", 2), (48, "Q", 1 << 20), (56, "Q", left))
    return put(3 * 4096, (0, "s", struct.pack("<4Q", *[0x9A8BCCDD] * 4)), *places)


DOMAIN_XML = (
    "<domain type='kvm' id='3'>\n  <name>web &amp; db</name>\n  <memory unit='KiB'>1048576</memory>\n"
    "  <vcpu placement='static'>2</vcpu>\n  <os>\n    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n  </os>\n"
    "</domain>\n"
)


def kvm_stream(memory: int = 1 << 29, configured: bool = True, contents: bytes = b"") -> bytes:
    """What QEMU writes for migrate or savevm, its first section cut after the size of the memory."""
    machine = b"pc-q35-7.2"
    configuration = b"\x07" + struct.pack(">I", len(machine)) + machine if configured else b""
    ram = b"\x01" + struct.pack(">I", 2) + b"\x03ram" + struct.pack(">IIQ", 0, 4, memory | 4)
    return (b"QEVM" + struct.pack(">I", 3) + configuration + ram + contents).ljust(8192, b"\0")


def libvirt_save(xml: str = DOMAIN_XML, compressed: int = 0, order: str = "<", inner: bytes | None = None) -> bytes:
    text = xml.encode() + b"\0"
    head = b"LibvirtQemudSave" + struct.pack(order + "4I", 2, len(text), 1, compressed)
    return head.ljust(92, b"\0") + text + (kvm_stream() if inner is None else inner)


def indexed(data: bytes) -> bytes:
    """A saved guest with the index that crash appends to it."""
    return data + struct.pack("<QQIIQQ", len(data), 0, 12, 4, 0, 0xFEEDBABEDEADBEEF)


@dataclass
class Sadump:
    """A dump of the firmware on one disk, or on the first of a set."""

    pages: dict[int, bytes] = field(default_factory=lambda: {1: b"one", 5: b"five"})
    zone: int = 60
    disk: int = 0
    efer: int = 0x500
    block: int = 4096

    def build(self) -> bytes:
        bitmap = bytearray(self.block)
        for pfn in self.pages:
            bitmap[pfn // 8] |= 1 << pfn % 8
        head = put(
            self.block,
            (0, "s", b"sadump\0\0"),
            (16, "H", 2026),
            (18, "B", 1),
            (19, "B", 1),
            (20, "B", 1),
            (28, "h", self.zone),
            (40, "I", self.block),
            (48, "I", 1),
            (52, "I", 1),
            (56, "I", 1),
            (60, "I", self.block * 8),
            (64, "I", 6),
            (80, "I", 1),
        )
        partition = put(self.block, (0, "s", b"sadump\0\0"), (152, "I", self.disk))
        disks = put(self.block, (0, "I", 1)) if self.disk else b""
        state = put(self.block, (0, "I", 1152), (20 + 1152 - 32, "Q", self.efer))
        contents = b"".join(self.pages[pfn].ljust(self.block, b"\0") for pfn in sorted(self.pages))
        return partition + disks + head + state + b"\xff" * self.block + bytes(bitmap) + contents


def vm_item(name: str, value: bytes, *indices: int) -> bytes:
    """One value of a group of a VMware checkpoint."""
    tag = len(name) << 8 | len(indices) << 6 | len(value)
    return struct.pack("<H", tag) + name.encode() + struct.pack(f"<{len(indices)}I", *indices) + value


def vm_block(name: str, contents: bytes, compressed: bool = False) -> bytes:
    """The same for a value that is a block of bytes."""
    tag = len(name) << 8 | (62 if compressed else 63)
    return struct.pack("<H", tag) + name.encode() + struct.pack("<QQH", len(contents), len(contents), 0) + contents


def vmss(memory: bytes | None = None, regions: tuple[tuple[int, int, int], ...] = (), magic: int = 0xBED2BED2) -> bytes:
    """A suspended VMware guest, with its memory or without."""
    items = vm_item("align_mask", struct.pack("<I", 0xFFFF), 0)
    items += vm_item("regionsCount", struct.pack("<I", len(regions))) if regions else b""
    for number, region in enumerate(regions):
        for name, value in zip(("regionPageNum", "regionPPN", "regionSize"), region, strict=True):
            items += vm_item(name, struct.pack("<I", value), number)
    items += vm_block("Memory", memory) if memory is not None else b""
    groups = [("cpu", vm_item("cpu:numVCPUs", struct.pack("<I", 4)) + b"\0\0"), ("memory", items + b"\0\0")]
    at = 4096
    table, contents = b"", b""
    for name, data in groups:
        table += name.encode().ljust(64, b"\0") + struct.pack("<QQ", at + len(contents), len(data))
        contents += data
    return (struct.pack("<III", magic, 8, len(groups)) + table).ljust(4096, b"\0") + contents


def vmware_guest(pages: int = 4, vcpus: int = 1, hole: tuple[int, int] = (2, 6)) -> bytes:
    """A debug.guest file, its memory with one hole."""
    head = put(
        78,
        (0, "I", 4),
        (4, "I", vcpus),
        (8, "B", 1),
        (22, "Q", (pages + hole[1]) * 4096 - 1),
        (30, "Q", pages),
        (42, "I", 1),
        (46, "Q", hole[0]),
        (54, "Q", hole[1]),
    )
    return head + bytes(vcpus * (391 + 4096))


@dataclass
class KdumpOfPages(b.Kdump):
    """A compressed kdump of QEMU whose pages are given; ``status`` tells how they are packed."""

    release: str = ""
    vmcoreinfo: str = ""
    zero_pages: tuple[int, ...] = ()
    contents: dict[int, bytes] = field(default_factory=dict)

    def build(self) -> bytes:
        self.pfns = tuple(sorted(self.contents))
        return super().build()

    def _pages(self) -> bytes:
        rows, data = [], b""
        at = self.block_size * 4 + 24 * len(self.pfns)
        for pfn in self.pfns:
            page = self.contents[pfn].ljust(self.block_size, b"\0")
            packed = self._packed(page)
            rows.append(struct.pack(self.order + "QIIQ", at + len(data), len(packed), self.status, 0))
            data += packed
        return b"".join(rows) + data

    def _packed(self, page: bytes) -> bytes:
        if self.status == 1:
            return zlib.compress(page)
        return zstandard.compress(page) if self.status == 0x20 else page
