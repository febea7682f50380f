# SPDX-License-Identifier: Apache-2.0
"""Small files of every format, put together byte by byte from the layouts in the specifications."""

from __future__ import annotations

import gzip
import random
import struct
from dataclasses import dataclass, field

import lz4.block

BUILD_ID = bytes(range(0x10, 0x24))
RELEASE = "6.1.0-50-cloud-amd64"
BANNER = f"Linux version {RELEASE} (builder@example.org) (gcc-12, GNU ld 2.40) #1 SMP Debian 6.1.1-1 (2026-01-01)\n"
WEAK_BANNER = BANNER.replace("#1 SMP", "# SMP")
VMCOREINFO = (
    f"OSRELEASE={RELEASE}\nBUILD-ID={BUILD_ID.hex()}\nPAGESIZE=4096\nKERNELOFFSET=2a000000\nCRASHTIME=1767225600\n"
)

EXEC, DYN, REL, CORE = 2, 3, 1, 4
X86_64, I386, PPC64, AARCH64, S390 = 62, 3, 21, 183, 22
PROGBITS, SYMTAB, STRTAB, NOTE, NOBITS = 1, 2, 3, 7, 8
PT_LOAD, PT_NOTE = 1, 4
PN_XNUM = 0xFFFF


def note(owner: bytes, kind: int, desc: bytes, order: str = "<") -> bytes:
    """One ELF note, owner with its NUL, both parts padded to 4 bytes."""
    name = owner + b"\0"
    return struct.pack(order + "III", len(name), len(desc), kind) + _padded(name) + _padded(desc)


def kernel_notes(order: str = "<", salt: str = RELEASE) -> bytes:
    """What .notes of a distribution's vmlinux holds, in the order found there."""
    return (
        note(b"Linux", 0x101, bytes(4), order)
        + note(b"Linux", 0x100, salt.encode() + b"\0", order)
        + note(b"Xen", 6, b"linux\0", order)
        + note(b"GNU", 3, BUILD_ID, order)
    )


@dataclass
class ElfFile:
    """An ELF file: header, program headers, contents, section names, section headers, in this order."""

    type: int = EXEC
    machine: int = X86_64
    bits: int = 64
    order: str = "<"
    flags: int = 0
    sections: list[tuple[str, int, bytes]] = field(default_factory=list)
    segments: list[tuple[int, bytes]] = field(default_factory=list)
    load_align: int = 0
    extended_counts: bool = False

    def build(self) -> bytes:
        """The file's bytes."""
        self._data = bytearray()
        rows = [self._segment(kind, contents) for kind, contents in self.segments]
        table = [self._section("", 0, b"", at_end=False)] if self.sections or self.extended_counts else []
        table += [self._section(name, kind, contents) for name, kind, contents in self.sections]
        names = b"\0" + b"".join(name.encode() + b"\0" for name, _, _ in self.sections) + b".shstrtab\0"
        if table:
            table.append(self._section(".shstrtab", STRTAB, names))
            if self.extended_counts:
                table[0] = self._shdr(0, 0, 0, len(table), len(table) - 1, len(rows))
        head = self._header(len(rows), len(table))
        return head + b"".join(rows) + bytes(self._data) + b"".join(table)

    @property
    def _contents_at(self) -> int:
        return (64 if self.bits == 64 else 52) + len(self.segments) * (56 if self.bits == 64 else 32)

    def _place(self, contents: bytes) -> int:
        at = self._contents_at + len(self._data)
        self._data += contents
        return at

    def _segment(self, kind: int, contents: bytes) -> bytes:
        at, size = self._place(contents), len(contents)
        if self.bits == 64:
            return struct.pack(self.order + "II6Q", kind, 0, at, 0, 0, size, size, self.load_align)
        return struct.pack(self.order + "8I", kind, at, 0, 0, size, size, 0, self.load_align)

    def _section(self, name: str, kind: int, contents: bytes, at_end: bool = True) -> bytes:
        names = [""] + [section for section, _, _ in self.sections] + [".shstrtab"]
        name_at = sum(len(earlier) + 1 for earlier in names[: names.index(name)])
        at = self._place(contents if kind != NOBITS else b"") if at_end else 0
        return self._shdr(name_at, kind, at, len(contents), 0, 0)

    def _shdr(self, name: int, kind: int, at: int, size: int, link: int, info: int) -> bytes:
        layout = "IIQQQQIIQQ" if self.bits == 64 else "10I"
        return struct.pack(self.order + layout, name, kind, 0, 0, at, size, link, info, 4, 0)

    def _header(self, segments: int, sections: int) -> bytes:
        wide = self.bits == 64
        ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if self.order == "<" else 2, 1]) + bytes(9)
        sizes = (64, 56, 64) if wide else (52, 32, 40)
        counts = (PN_XNUM, 0, 0xFFFF) if self.extended_counts else (segments, sections, max(0, sections - 1))
        return ident + struct.pack(
            self.order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"),
            *(self.type, self.machine, 1, 0, sizes[0] if segments else 0),
            *(self._contents_at + len(self._data) if sections else 0, self.flags, sizes[0]),
            *(sizes[1], counts[0], sizes[2], counts[1], counts[2]),
        )


def vmlinux(**changes: object) -> ElfFile:
    """A kernel with symbols and DWARF, its sections as in a distribution's build; ``changes`` set fields of ElfFile."""
    order = str(changes.get("order", "<"))
    notes = kernel_notes(order)
    image = ElfFile(
        sections=[
            (".text", PROGBITS, bytes(64)),
            (".rodata", PROGBITS, f"junk %s Linux version %s\0{WEAK_BANNER}\0more\0{BANNER}\0rest".encode()),
            (".notes", NOTE, notes),
            ("__ksymtab", PROGBITS, bytes(16)),
            (".debug_info", PROGBITS, bytes(32)),
            (".symtab", SYMTAB, bytes(48)),
        ],
        segments=[(PT_NOTE, notes), (PT_LOAD, bytes(16))],
    )
    for name, value in changes.items():
        setattr(image, name, value)
    return image


def with_section(image: ElfFile, name: str, kind: int, contents: bytes) -> ElfFile:
    """The image with one section replaced or added."""
    image.sections = [section for section in image.sections if section[0] != name] + [(name, kind, contents)]
    return image


def without_section(image: ElfFile, *names: str) -> ElfFile:
    """The image with sections removed."""
    image.sections = [section for section in image.sections if section[0] not in names]
    return image


def core(notes: bytes | None = None, memory: bytes = bytes(8192), **changes: object) -> ElfFile:
    """An ELF kdump: one note segment and one of memory."""
    if notes is None:
        notes = note(b"CORE", 1, bytes(336)) + note(b"VMCOREINFO", 0, VMCOREINFO.encode())
    image = ElfFile(type=CORE, segments=[(PT_NOTE, notes), (PT_LOAD, memory)])
    for name, value in changes.items():
        setattr(image, name, value)
    return image


@dataclass
class Kdump:
    """A compressed kdump: header, sub header with notes, two bitmaps, descriptors, page data."""

    bits: int = 64
    order: str = "<"
    version: int = 6
    machine: str = "x86_64"
    release: str = RELEASE
    block_size: int = 4096
    status: int = 1
    signature: bytes = b"KDUMP   "
    vmcoreinfo: str = VMCOREINFO
    dump_level: int = 31
    pfns: tuple[int, ...] = (1, 2, 3, 100, 5000)
    zero_pages: tuple[int, ...] = (5001,)
    split: tuple[int, int] | None = None
    page: bytes = b"P" * 100

    def build(self) -> bytes:
        """The file's bytes."""
        block, notes = self.block_size, note(b"VMCOREINFO", 0, self.vmcoreinfo.encode(), self.order)
        info_at, notes_at = block + 512, block + 512 + len(self.vmcoreinfo)
        sub = self._sub_header(info_at, notes_at, len(notes)).ljust(512, b"\0") + self.vmcoreinfo.encode() + notes
        bitmap = bytearray(block)
        for pfn in self.pfns + self.zero_pages:
            bitmap[pfn // 8] |= 1 << (pfn % 8)
        return self._header().ljust(block, b"\0") + sub.ljust(block, b"\0") + b"\xff" * block + bitmap + self._pages()

    def _header(self) -> bytes:
        utsname = (
            "Linux" if self.release else "",
            "host1",
            self.release,
            "#1 SMP Debian 6.1.1-1 (2026-01-01)",
            self.machine,
            "",
        )
        fields = b"".join(text.encode().ljust(65, b"\0") for text in utsname)
        time = "6xqq" if self.bits == 64 else "2xii"
        counts = (self.status, self.block_size, 1, 2, 8192, 0, 0, 0, 0, 2)
        return (
            self.signature
            + struct.pack(f"{self.order}i", self.version)
            + fields
            + struct.pack(f"{self.order}{time}IiiI4IIi", 0, 0, *counts)
        )

    def _sub_header(self, info_at: int, notes_at: int, notes_size: int) -> bytes:
        layouts = {64: "QiiQQ6QQQQ", 32: "IiiII4xQI4xQI4xQI4xQQQ"}
        layout = (
            "IiiIIQIQIQIQQQ" if self.bits == 32 and (self.machine == "i686" or not self.release) else layouts[self.bits]
        )
        start, end = self.split or (0, 0)
        return struct.pack(
            self.order + layout,
            *(0, self.dump_level, int(self.split is not None), start, end),
            *(info_at, len(self.vmcoreinfo), notes_at, notes_size, 0, 0, start, end, 8192),
        )

    def _pages(self) -> bytes:
        start, end = self.split or (0, 1 << 30)
        own = [pfn for pfn in self.pfns if start <= pfn < end]
        pfns = sorted([*own, *(pfn for pfn in self.zero_pages if start <= pfn < end)])
        zero_at = self.block_size * 4 + 24 * len(pfns)
        rows = []
        at = zero_at + 20
        for pfn in pfns:
            is_own = pfn in own
            rows.append(
                struct.pack(self.order + "QIIQ", at if is_own else zero_at, len(self.page) if is_own else 20, 1, 0)
            )
            at += len(self.page) if is_own else 0
        return b"".join(rows) + b"Z" * 20 + self.page * len(own)


def flattened(inner: bytes, piece: int = 1024, end: bool = True) -> bytes:
    """The file as makedumpfile -F writes it to a pipe."""
    head = (b"makedumpfile\0\0\0\0" + struct.pack(">qq", 1, 1)).ljust(4096, b"\0")
    pieces = [(at, inner[at : at + piece]) for at in range(0, len(inner), piece)]
    records = b"".join(struct.pack(">qq", at, len(data)) + data for at, data in pieces)
    return head + records + (b"\xff" * 16 if end else b"")


def bzimage(version: str) -> bytes:
    """The setup header of an x86 boot image."""
    image = bytearray(8192)
    image[0x1FE:0x200] = b"\x55\xaa"
    image[0x202:0x206] = b"HdrS"
    image[0x20E:0x210] = struct.pack("<H", 0x1000 - 0x200)
    image[0x1000 : 0x1000 + len(version)] = version.encode()
    return bytes(image)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def named_gzip(name: str, data: bytes, extra: bytes = b"") -> bytes:
    """A gzip file with a stored name, as the tool makes it from a named file; perhaps with an extra field before it."""
    plain = gzip.compress(data)
    field_bytes = struct.pack("<H", len(extra)) + extra if extra else b""
    return (
        plain[:3]
        + bytes([0x08 | (0x04 if extra else 0)])
        + plain[4:10]
        + field_bytes
        + name.encode()
        + b"\0"
        + plain[10:]
    )


def lz4_legacy(data: bytes) -> bytes:
    """lz4 -l, the framing of compressed kernels."""
    blocks = [lz4.block.compress(data[at : at + (8 << 20)], store_size=False) for at in range(0, len(data), 8 << 20)]
    return b"\x02\x21\x4c\x18" + b"".join(struct.pack("<I", len(block)) + block for block in blocks)


def padding(size: int, seed: int = 7) -> bytes:
    """Bytes that do not compress, to make a compressed file large enough."""
    return random.Random(seed).randbytes(size)  # noqa: S311


def bzimage_with(version: str, payload: bytes, protocol: int = 0x20F, setup_sectors: int = 39) -> bytes:
    """A boot image with a kernel in it."""
    image = bytearray(bzimage(version))
    image[0x1F1] = setup_sectors
    struct.pack_into("<H", image, 0x206, protocol)
    struct.pack_into("<H", image, 0x236, 1)
    start = ((setup_sectors or 4) + 1) * 512
    offset = max(0x2CC, len(image) - start)
    struct.pack_into("<II", image, 0x248, offset, len(payload))
    return bytes(image).ljust(start + offset, b"\0") + payload + bytes(64)


XEN_VERSION = "4.17.7"
XEN_BUILD_ID = bytes(range(0x40, 0x54))


def xen_texts(version: str | None = XEN_VERSION, debug: str | None = "n") -> bytes:
    """The texts of a hypervisor that tell what it is."""
    loader = f"Xen {version} (c/s deadbeef) EFI loader\r\n".encode("utf-16le") if version else b""
    info = f"\0debug={debug}\0".encode() if debug else b"\0debug=%c\0"
    return b"\0Xen version %d.%d%s (%s %s) (%s@%s) (%s) %s %s\n" + bytes(100) + info + bytes(33) + loader + bytes(64)


def xen_boot(texts: bytes | None = None, magic: int = 0x1BADB002) -> bytes:
    """What is in xen.gz: a 32-bit file with a multiboot header and everything in .text."""
    text = struct.pack("<III", magic, 0, -magic & 0xFFFFFFFF) + bytes(500) + (xen_texts() if texts is None else texts)
    notes = note(b"GNU", 3, XEN_BUILD_ID)
    return ElfFile(
        machine=I386,
        bits=32,
        sections=[(".text", PROGBITS, text + padding(3000)), (".note", NOTE, notes)],
        segments=[(PT_LOAD, text), (PT_NOTE, notes)],
    ).build()


def xen_syms(texts: bytes | None = None) -> ElfFile:
    """xen-syms: 64-bit, with the symbol table."""
    notes = note(b"GNU", 3, XEN_BUILD_ID)
    return ElfFile(
        sections=[
            (".text", PROGBITS, bytes(64)),
            (".rodata", PROGBITS, xen_texts() if texts is None else texts),
            (".note.gnu.build-id", NOTE, notes),
            (".symtab", SYMTAB, bytes(2048)),
        ],
        segments=[(PT_LOAD, bytes(16)), (PT_NOTE, notes)],
    )


def pe(sections: list[tuple[str, bytes]], machine: int = 0x8664) -> bytes:
    """An EFI program with these sections."""
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80)
    head = head.ljust(0x80, b"\0") + b"PE\0\0" + struct.pack("<HHIIIHH", machine, len(sections), 0, 0, 0, 240, 0)
    at = len(head) + 240 + 40 * len(sections)
    table, data = b"", b""
    for name, contents in sections:
        size = len(contents) + -len(contents) % 512
        row = struct.pack("<IIII", len(contents), 0x1000, size, at + len(data))
        table += name.encode().ljust(8, b"\0") + row + bytes(16)
        data += contents.ljust(size, b"\0")
    return head + bytes(240) + table + data


def xen_efi(version: str | None = XEN_VERSION) -> bytes:
    """xen.efi."""
    build_id = bytes(28) + b"RSDS" + XEN_BUILD_ID[:16] + struct.pack("<I", 1) + b"\0"
    return pe(
        [(".text", bytes(64)), (".rodata", xen_texts(None)), (".buildid", build_id), (".init", xen_texts(version))]
    )


def module(dwarf: bool = False, only_debug: bool = False) -> bytes:
    """A kernel module."""
    contents = NOBITS if only_debug else PROGBITS
    info = f"license=GPL\0vermagic={RELEASE} SMP preempt mod_unload modversions \0".encode()
    sections = [
        (".text", contents, bytes(64)),
        (".modinfo", contents, info),
        (".gnu.linkonce.this_module", contents, bytes(896)),
        (".note.gnu.build-id", NOTE, note(b"GNU", 3, BUILD_ID)),
        (".symtab", SYMTAB, bytes(1500)),
    ]
    return ElfFile(type=REL, sections=sections + [(".debug_info", PROGBITS, bytes(64))] * dwarf).build()


def flat_image(contents: bytes, magic: bytes = b"ARM\x64") -> bytes:
    """An arm64 Image: a header of 64 bytes, then the kernel as it lies in memory."""
    return (b"MZ".ljust(0x38, b"\0") + magic).ljust(64, b"\0") + contents


def zboot(payload: bytes, compression: str = "gzip") -> bytes:
    """A compressed EFI boot image."""
    head = b"MZ\0\0zimg" + struct.pack("<IIII", 0x200, len(payload), 0, 0) + compression.encode().ljust(32, b"\0")
    return head.ljust(0x200, b"\0") + payload


def cpio(*names: str) -> bytes:
    """A newc archive of empty files."""
    data = b""
    for name in (*names, "TRAILER!!!"):
        fields = (0, 0o100644, 0, 0, 1, 0, 0, 0, 0, 0, 0, len(name) + 1, 0)
        entry = b"070701" + b"".join(f"{value:08x}".encode() for value in fields) + name.encode() + b"\0"
        data += _padded(entry)
    return data.ljust(512, b"\0")
