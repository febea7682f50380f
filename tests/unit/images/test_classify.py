# SPDX-License-Identifier: Apache-2.0
"""classify_image: the role of each kind of file by its contents, and what crash would do with it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from pathlib import Path

import lz4.frame
import msgspec
import pytest
import zstandard

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.images.classify import classify_image
from xcrash.images.image import Image

VMLINUX = b.with_section(b.vmlinux(), ".text", b.PROGBITS, b.padding(4000))
NO_DWARF = b.without_section(b.with_section(b.vmlinux(), ".text", b.PROGBITS, b.padding(4000)), ".debug_info")


def test_a_whole_vmlinux_golden(save: Save) -> None:
    path = save("vmlinux", VMLINUX.build())
    assert classify_image(path, "/usr/lib/debug/boot/vmlinux-R") == Image(
        path="/usr/lib/debug/boot/vmlinux-R",
        file=str(path),
        role="kernel-debuginfo",
        size=path.stat().st_size,
        format="elf",
        elf_class=64,
        machine="x86_64",
        bootable=False,
        build_id=b.BUILD_ID.hex(),
        release=b.RELEASE,
        version=b.BANNER.strip(),
        has_symbols=True,
        has_dwarf=True,
        crash_needs_f=False,
        crash_accepts=True,
        notes=("whole: text, symbols and debug information in one file",),
    )


def test_a_kernel_without_dwarf_says_what_crash_lacks(save: Save) -> None:
    image = classify_image(save("anything", NO_DWARF.build()))
    assert (image.role, image.has_dwarf, image.crash_accepts) == ("kernel-elf", False, True)
    assert image.notes[0].startswith("no debugging data: crash does not start with it alone, it needs its .debug")


def test_a_stripped_kernel_names_the_file_with_its_symbols(save: Save) -> None:
    elf = b.with_section(b.vmlinux(), ".gnu_debuglink", b.PROGBITS, b"vmlinux.debug\0\0\0\1\2\3\4")
    elf = b.with_section(b.without_section(elf, ".symtab", ".debug_info"), ".text", b.PROGBITS, bytes(2000))
    image = classify_image(save("vmlinux", elf.build()))
    assert (image.role, image.has_symbols, image.debuglink) == ("kernel-elf", False, "vmlinux.debug")
    assert "no symbol table: its symbols are in vmlinux.debug" in image.notes


def test_an_only_keep_debug_file_is_debuginfo_that_needs_its_partner(save: Save) -> None:
    elf = b.with_section(b.vmlinux(), ".debug_info", b.PROGBITS, bytes(2000))
    for name in (".text", ".rodata"):
        elf = b.with_section(elf, name, b.NOBITS, bytes(64))
    image = classify_image(save("vmlinux-R.debug", elf.build()))
    assert (image.role, image.build_id, image.release) == ("kernel-debuginfo", b.BUILD_ID.hex(), b.RELEASE)
    assert image.notes == ('text and data are in another file: alone, crash says "no text and data contents" about it',)


def test_a_vdso_is_no_kernel_though_it_has_its_notes(save: Save) -> None:
    notes = b.note(b"Linux", 0, bytes(4)) + b.kernel_notes()
    elf = b.ElfFile(type=b.DYN, sections=[(".note", b.NOTE, notes)], segments=[(b.PT_NOTE, notes)])
    image = classify_image(save("vdso64.so", elf.build()))
    assert (image.role, image.notes[0]) == ("other", "the vDSO of a kernel")


COMPRESSIONS = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "bzip2": bz2.compress,
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
}


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_compressed_kernel_has_the_facts_of_what_is_inside(save: Save, name: str) -> None:
    image = classify_image(save("vmlinux.z", COMPRESSIONS[name](NO_DWARF.build())))
    assert (image.role, image.format, image.compression) == ("kernel-elf", "elf", name)
    assert (image.build_id, image.release, image.machine) == (b.BUILD_ID.hex(), b.RELEASE, "x86_64")
    assert (image.has_symbols, image.has_dwarf) == (True, False)
    assert image.crash_accepts is (name in ("gzip", "xz", "bzip2"))
    assert image.crash_needs_f is (name == "gzip")


def test_the_framing_of_the_kernels_own_lz4_is_read(save: Save) -> None:
    image = classify_image(save("vmlinux.lz4", b.lz4_legacy(VMLINUX.build())))
    assert (image.role, image.compression, image.build_id) == ("kernel-debuginfo", "lz4", b.BUILD_ID.hex())


def large(tail: int) -> bytes:
    """A kernel too large to be unpacked whole for a look: notes, 17 MiB of memory, ``tail`` bytes, section headers."""
    elf = b.vmlinux(segments=[(b.PT_NOTE, b.kernel_notes()), (b.PT_LOAD, bytes(17 << 20))])
    sections = [(".comment", b.PROGBITS, bytes(tail)), *elf.sections]
    elf.sections = sections
    return elf.build()


def test_a_large_compressed_kernel_is_told_by_its_header_and_notes(save: Save) -> None:
    image = classify_image(save("vmlinux-R.gz", b.named_gzip("vmlinux-R", large(1 << 20))))
    assert (image.role, image.build_id, image.release) == ("kernel-elf", b.BUILD_ID.hex(), b.RELEASE)
    assert (image.has_symbols, image.has_dwarf) == (None, None)
    assert (image.crash_accepts, image.crash_needs_f, image.gzip_name) == (True, False, "vmlinux-R")


def test_a_large_compressed_kernel_with_no_room_for_symbols_has_none(save: Save) -> None:
    image = classify_image(save("vmlinux.gz", b.named_gzip("vmlinux", large(16))))
    assert (image.has_symbols, image.has_dwarf) == (False, False)
    assert "no symbol table" in image.notes


def test_a_large_compressed_kernel_with_much_behind_its_segments_is_debuginfo(save: Save) -> None:
    image = classify_image(save("vmlinux.gz", gzip.compress(large(97 << 20), 1)))
    assert (image.role, image.has_dwarf) == ("kernel-debuginfo", None)
    assert image.notes[0] == "97 MiB of it are not loaded: debug information, by the size of it"


def test_a_compressed_elf_named_vmlinuz_is_a_boot_image_by_name(save: Save) -> None:
    image = classify_image(save("vmlinuz-3.0.101-63-xen", gzip.compress(NO_DWARF.build())))
    assert (image.role, image.bootable) == ("kernel-boot", True)
    assert "a boot image by name" in image.notes


@pytest.mark.parametrize(
    ("name", "data", "role", "note"),
    [
        ("a.ko", b.module(), "other", "kernel module"),
        ("a.ko.xz", lzma.compress(b.module()), "other", "kernel module"),
        ("a.o", b.ElfFile(type=b.REL, sections=[(".text", b.PROGBITS, b"x")]).build(), "other", "an object file"),
        ("vmcore", b.core().build(), "dump", "an ELF core"),
        ("vmcore.kdump", b.Kdump().build(), "dump", "a compressed kdump"),
        ("vmcore.flat", b.flattened(b.Kdump().build()), "dump", "a flattened kdump"),
        ("core", b.core(b.note(b"CORE", 6, bytes(32))).build(), "other", "the core of a process, not of a kernel"),
        ("empty", b"", "other", "empty"),
        ("zeros", bytes(5000), "other", "zeros where a header should be"),
        ("noise", bytes(range(256)) * 20, "other", "of no format known to xcrash"),
        ("hello", b"hello\n", "other", "a text file"),
        ("vmlinux-R.lzo", b"\x89LZO\0\r\n\x1a\n" + bytes(2000), "kernel-elf", "a kernel by name"),
        ("vmlinuz.lzo", b"\x89LZO\0\r\n\x1a\n" + bytes(2000), "kernel-boot", "a boot image by name"),
        ("initrd.gz", b"\x1f\x8b\x08" + b"\xff" * 50, "initrd", "an initrd by name"),
        ("x.gz", b"\x1f\x8b\x08" + b"\xff" * 50, "other", "a gzip file, damaged, or nothing in it"),
        ("x.gz.xz", lzma.compress(gzip.compress(b"x" * 9000, mtime=0)), "other", "inside an xz file"),
        ("head", VMLINUX.build()[:40], "other", "an ELF file whose header cannot be read"),
        ("vmcore.gz", gzip.compress(b.Kdump().build()), "dump", "unpack it first"),
        ("k.rpm", b"\xed\xab\xee\xdb" + bytes(90), "other", "an RPM package"),
    ],
)
def test_other_files_say_what_they_are(save: Save, name: str, data: bytes, role: str, note: str) -> None:
    image = classify_image(save(name, data))
    assert image.role == role
    assert any(note in said for said in image.notes)
    assert image.crash_accepts is False


@pytest.mark.parametrize("only_debug", [False, True])
@pytest.mark.parametrize("compress", [bytes, zstandard.compress])
def test_a_module_with_dwarf_is_module_debuginfo(save: Save, only_debug: bool, compress: type[bytes]) -> None:
    image = classify_image(save("a.ko.debug", compress(b.module(dwarf=True, only_debug=only_debug))))
    assert (image.role, image.build_id) == ("module-debuginfo", b.BUILD_ID.hex())
    assert image.release == (None if only_debug else b.RELEASE)


def test_a_program_is_taken_by_crash_and_not_by_xcrash() -> None:
    image = classify_image(Path("/bin/ls"))
    assert (image.role, image.crash_accepts) == ("other", True)
    assert image.notes[-1] == "crash would take it for a kernel: it looks at the format alone"


def test_a_vmlinux_cut_short_says_so(save: Save) -> None:
    image = classify_image(save("vmlinux", VMLINUX.build()[:-700]))
    assert image.notes[0].startswith("cut short: at least ")
    assert image.build_id == b.BUILD_ID.hex()


def test_files_that_must_not_be_opened_are_not(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert classify_image(tmp_path / "pipe").notes == ("a FIFO: not opened",)
    assert classify_image(Path("/dev/zero")).notes == ("a device: not opened",)


def test_what_cannot_be_read_is_other_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert classify_image(tmp_path / "none").notes == ("no such file",)
    assert classify_image(tmp_path).notes == ("is a directory, not a file",)
    assert classify_image(tmp_path / "loop").notes[0].startswith("cannot be read: ")
    for name in ("a\0b", "x" * 300):
        image = classify_image(tmp_path / name)
        assert (image.role, image.size) == ("other", None)
        assert image.notes


class Counted:
    """Bytes in memory that count what is read of them."""

    def __init__(self, data: bytes) -> None:
        self.path, self.data, self.size, self.read = "vmlinux", data, len(data), 0

    def read_at(self, offset: int, size: int) -> bytes:
        found = self.data[offset : offset + size] if offset >= 0 else b""
        self.read += len(found)
        return found


def test_a_large_uncompressed_kernel_costs_few_bytes() -> None:
    from xcrash.images.kernel import look_at

    elf = b.with_section(b.vmlinux(), ".rodata", b.PROGBITS, b.WEAK_BANNER.encode() + bytes(8 << 20))
    source = Counted(b.with_section(elf, ".debug_info", b.PROGBITS, bytes(16 << 20)).build())
    kernel = look_at(source, source.size, thorough=False).kernel
    assert (kernel.build_id, kernel.has_dwarf, kernel.release) == (b.BUILD_ID.hex(), True, b.RELEASE)
    assert source.read < 128 << 10


def test_a_kernel_with_its_banner_far_away_costs_a_bounded_search() -> None:
    from xcrash.images.kernel import look_at

    elf = b.with_section(b.vmlinux(), ".rodata", b.PROGBITS, bytes(8 << 20) + b.BANNER.encode())
    source = Counted(elf.build())
    assert look_at(source, source.size, thorough=False).kernel.release_from == "BUILD_SALT"
    assert source.read < 512 << 10
    assert look_at(source, source.size, thorough=True).kernel.release_from == "banner"


def test_an_old_kernel_without_salt_is_searched_for_its_banner() -> None:
    from xcrash.images.kernel import look_at

    elf = b.with_section(b.vmlinux(), ".notes", b.NOTE, b.note(b"GNU", 3, b.BUILD_ID))
    elf = b.with_section(elf, ".rodata", b.PROGBITS, bytes(8 << 20) + b.BANNER.encode())
    source = Counted(elf.build())
    assert look_at(source, source.size, thorough=False).kernel.release == b.RELEASE


def test_an_image_is_json(save: Save) -> None:
    assert msgspec.json.decode(msgspec.json.encode(classify_image(save("v", VMLINUX.build()))), type=Image).size
