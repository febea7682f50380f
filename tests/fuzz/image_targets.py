# SPDX-License-Identifier: Apache-2.0
"""The readers of kernel, hypervisor and boot images."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from contextlib import suppress
from typing import Final

import lz4.frame
import zstandard

from tests.fuzz.given import Target, encodes, file, is_printable
from tests.unit.images import builders as b
from tests.unit.images import xen_builders as x
from tests.unit.images.test_dump_hostile import Bytes
from xcrash.errors import NamelistError
from xcrash.images import elf
from xcrash.images.banner import BannerSearch
from xcrash.images.banner_scan import banners_in
from xcrash.images.bootimage import contents, read_bzimage, search_flat, zboot_payload
from xcrash.images.classify import classify_image
from xcrash.images.compressed import gzip_name, has_gzip_extra, look_inside
from xcrash.images.elfimage import debuglink_of, read_elf, search_banner
from xcrash.images.kernel import identify_kernel
from xcrash.images.lookalike import cpio_role, text_role
from xcrash.images.namelist import check_namelist
from xcrash.images.notes import build_id_of, build_salt_of, iter_notes
from xcrash.images.pe import code_view_id, read_pe
from xcrash.images.streams import FARTHEST, READABLE, unpacked
from xcrash.images.vmcoreinfo import build_id_in, integer_in, parse_vmcoreinfo
from xcrash.images.xen import is_multiboot, search_texts, version_by_name, xen_of
from xcrash.images.xen_match import read_symbols
from xcrash.images.xen_notes import xen_of_crash, xen_of_guest

NAMES: Final = (
    "vmlinux-6.1", "vmlinuz-6.1.0-1-default", "xen-4.17.gz", "xen-syms-dbg-4.5.1_10-1", "xen-4.13.5-d.efi",
    "config-6.1.0-1-default", "System.map-6.1", "initrd.img-6.1", "nf.ko.debug",
)  # fmt: skip
"""The role of some files is told by their names: the first byte of the input chooses one."""

_KERNEL = b.vmlinux().build()
_SMALL = b.ElfFile(sections=[(".notes", b.NOTE, b.kernel_notes()), (".rodata", 1, b.BANNER.encode())]).build()
_XEN = b.xen_boot(b.xen_texts())[:1500]
_SYMVERS = b"0x12345678\tprintk\tvmlinux\tEXPORT_SYMBOL\n"
_SYMTYPES = b"s#task_struct struct task_struct { }\n/* kernel/fork.o */\n"
_MAP = b"ffffffff81000000 T _text\nffffffffa0000000 t init_module\t[nf]\n"
_STUB = b"ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n"
_CONFIG = (
    b'#\n# Linux/x86_64 6.1.0 Kernel Configuration\n#\nCONFIG_BUILD_SALT="6.1.0-1"\nCONFIG_LOCALVERSION="-default"\n'
    b"# CONFIG_DEBUG is not set\nCONFIG_SMP=y\n"
)
_TEXTS = [_SYMVERS, _SYMTYPES, _MAP, _STUB, _CONFIG, b"# Xen/x86 4.17.7 Configuration\nCONFIG_DEBUG=y\n"]
_PACKED = {
    "gzip": b.named_gzip("vmlinux", _SMALL, extra=b"ab"),
    "xz": lzma.compress(_SMALL),
    "bzip2": bz2.compress(_SMALL),
    "zstd": zstandard.compress(_SMALL),
    "lz4": lz4.frame.compress(_SMALL),
    "lzma": lzma.compress(_SMALL, lzma.FORMAT_ALONE),
}
_FILES = [
    _KERNEL, _SMALL, _XEN, b.module(dwarf=True), b.xen_syms().build(), b.xen_efi()[:3000],
    b.bzimage_with("6.1 (x)", b""), b.zboot(_PACKED["gzip"]), b.flat_image(b.kernel_notes()),
    b.cpio("kernel/x86/microcode"), *_TEXTS, *_PACKED.values(),
]  # fmt: skip
_CRASH_NOTE = b.note(b"Xen", 0x1000001, bytes(range(1, 81))) + b.note(b"VMCOREINFO_XEN", 0, b"OSRELEASE=4.17\n")
_GUEST_NOTE = b.note(b"Xen", 0x2000001, b"\xed\xeb\x0f\xf0" + bytes(28)) + b.note(b"Xen", 0x2000002, bytes(1280))


def elf_tables(data: bytes) -> None:
    """Headers, segments, sections, notes, and what is read at the places they name."""
    source = Bytes(data)
    image = read_elf(source)
    if image is None:
        return
    assert image.least_size >= 0 and len(image.segments) <= elf.MOST_SEGMENTS
    found = (image.symbols, image.has_dwarf, image.is_debug_only, image.is_program, image.has_linux_marks)
    banner = search_banner(source, image, thorough=True)
    is_printable((debuglink_of(source, image), xen_of(source, image), build_id_of(image.notes), len(found)))
    is_printable([section.name for section in image.sections or ()])
    assert set(read_symbols(source, image, ("start", "domain_list"))) <= {"start", "domain_list"}
    assert (banner.text is None) == (banner.release is None)


def notes(data: bytes) -> None:
    """ELF notes in both byte orders, and Xen's in them."""
    for endian, order in (("little", "<"), ("big", ">")):
        found = list(iter_notes(data, endian))
        assert len(found) <= len(data) // 12
        is_printable((build_id_of(found), build_salt_of(found), xen_of_crash(found, order), xen_of_guest(found, order)))


def classify_any(data: bytes) -> None:
    """A file of a boot directory."""
    name = NAMES[data[0] % len(NAMES)] if data else "vmlinux"
    image = classify_image(file(data[1:]), f"/boot/{name}")
    is_printable(image)
    encodes(version_by_name(name))


def identify_any(data: bytes) -> None:
    """A file taken for a kernel."""
    with suppress(NamelistError):
        kernel = identify_kernel(file(data))
        is_printable(kernel)
        check_namelist(kernel)


def streams(data: bytes) -> None:
    """Compressed data; the first byte chooses what it is taken for."""
    if data:
        total = sum(len(chunk) for chunk in unpacked(Bytes(data[1:]), READABLE[data[0] % len(READABLE)]))
        assert total <= FARTHEST + (1 << 20)
    is_printable((gzip_name(data[1:]), has_gzip_extra(data[1:])))


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(data)


def inside(data: bytes) -> None:
    """Any contents, well compressed; the first byte chooses how."""
    which, data = (data[0], data[1:]) if data else (0, data)
    if which & 2:
        name, packed = "zstd", _zstd(data)
    elif which & 4:
        name, packed = "lz4", lz4.frame.compress(data)
    else:
        name, packed = "gzip", gzip.compress(data, 1)
    found = look_inside(Bytes(packed), name, thorough=bool(which & 1), small=(16 << 20) if which & 8 else 0)
    is_printable((found.format, build_salt_of(found.notes)))


def boot_image(data: bytes) -> None:
    """A bzImage, a compressed EFI image, a flat Image."""
    source = Bytes(data)
    boot = read_bzimage(source)
    is_printable((boot.version, boot.machine, boot.payload))
    part = zboot_payload(source)
    is_printable(search_flat(contents(*part) if part else contents(source, None)).build_id)


def pe(data: bytes) -> None:
    """An EFI program."""
    image = read_pe(Bytes(data).read_at)
    if image:
        is_printable((image.machine, [section.name for section in image.sections]))
        is_printable(code_view_id(Bytes(data).read_at, image))


def lookalike(data: bytes) -> None:
    """The texts and archives beside a kernel."""
    is_printable((text_role(data), cpio_role(data)))


def vmcoreinfo(data: bytes) -> None:
    """VMCOREINFO, and numbers in it."""
    values = parse_vmcoreinfo(data)
    is_printable((values, build_id_in(values), [integer_in(values, key) for key in values]))


def banner(data: bytes) -> None:
    """The kernel's and the hypervisor's texts, in pieces of any size."""
    step = max(1, data[0]) if data else 1
    search = BannerSearch()
    pieces = [data[at : at + step] for at in range(0, min(len(data), 64 * step), step)]
    for piece in pieces:
        search.feed(piece)
    is_printable((search_texts(pieces), is_multiboot(data)))
    is_printable([(found.release, found.version) for found in banners_in(data)])


def page(data: bytes) -> None:
    """A page of a dump, packed as its flags say."""
    from xcrash.images.page_memory import unpack_page

    assert len(unpack_page(data[1:4097], data[0], 4096)) <= 4096 if data else True


def _gzip_members() -> bytes:
    buffer = io.BytesIO()
    for _ in range(3):
        buffer.write(gzip.compress(b"x" * 20))
    return buffer.getvalue()


TARGETS: Final = {
    "elf": Target(
        elf_tables,
        [_KERNEL, _SMALL, b.xen_syms().build(), x.build(), b.vmlinux(order=">", bits=32, machine=b.PPC64).build(),
         b.vmlinux(extended_counts=True).build(), b.core().build()[:2000]],
        [b"\x7fELF\2\1\1", b"\x7fELF\1\2\1", b".rodata\0", b".gnu_debuglink\0", b"\xff\xff", b"__ksymtab\0"],
    ),
    "notes": Target(
        notes, [b.kernel_notes(), b.kernel_notes(">"), _CRASH_NOTE, _GUEST_NOTE], [b"GNU\0", b"Xen\0", b"Linux\0"]
    ),
    "classify-image": Target(
        classify_any, [bytes([at]) + data for at in range(len(NAMES)) for data in _FILES[at::3]], [b"\x7fELF", b"HdrS"]
    ),
    "identify-kernel": Target(identify_any, _FILES, [b"\x7fELF", b"HdrS", b"vmlinux"]),
    "streams": Target(
        streams,
        [bytes([READABLE.index(name)]) + data for name, data in _PACKED.items()]
        + [bytes([READABLE.index("lz4")]) + b.lz4_legacy(b"y" * 99), bytes([READABLE.index("gzip")]) + _gzip_members()],
        [b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"BZh9", b"\x28\xb5\x2f\xfd", b"\x02\x21\x4c\x18", b"\x04\x22\x4d\x18"],
    ),
    "compressed-inside": Target(inside, [bytes([at]) + data for at in range(10) for data in (_KERNEL, _SMALL)]),
    "boot-image": Target(
        boot_image,
        [b.bzimage_with("6.1.0-1 (builder) #1 SMP", gzip.compress(_SMALL)), b.bzimage("6.1"), b.zboot(_PACKED["zstd"]),
         b.flat_image(b.kernel_notes() + b.BANNER.encode()), b.flat_image(b"x", b"RSC\x05")],
        [b"HdrS", b"MZ\0\0zimg", b"Linux\0\0\0", b"GNU\0", b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"],
    ),
    "pe": Target(pe, [b.xen_efi()[:3000], b.pe([(".text", b"x"), (".buildid", b"RSDS" + bytes(21))])], [b"PE\0\0"]),
    "lookalike": Target(
        lookalike, [*_TEXTS, b.cpio("kernel/x86/microcode")],
        [b"CONFIG_", b" is not set\n", b"0x", b"\t", b"s#", b"/* "]
    ),
    "vmcoreinfo": Target(vmcoreinfo, [b.VMCOREINFO.encode()], [b"BUILD-ID=", b"PAGESIZE=", b"CRASHTIME="]),
    "banner": Target(
        banner,
        [b"\x40" + b.BANNER.encode() + b"\0", b"\xff" + b.xen_texts(), b"\x20" + b.WEAK_BANNER.encode() + b"\0"],
        [b"Linux version ", b"#1 SMP", b"X\0e\0n\0 \0", b" \0(\0c\0/\0s\0", b"\0debug=y\0", b"Xen version %d.%d%s ("],
    ),
    "page": Target(
        page, [b"\x01" + zlib.compress(bytes(4096)), b"\x20" + zstandard.compress(bytes(4096)), b"\x02" + bytes(64)]
    ),
}  # fmt: skip
