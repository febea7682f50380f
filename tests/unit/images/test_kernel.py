# SPDX-License-Identifier: Apache-2.0
"""identify_kernel: golden facts of whole, compressed, foreign and stripped images."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.images import KernelImage, identify_kernel


def test_vmlinux_golden(save: Save) -> None:
    path = save("vmlinux", b.vmlinux().build())
    assert identify_kernel(path) == KernelImage(
        path=str(path),
        size=path.stat().st_size,
        format="elf",
        elf_class=64,
        machine="x86_64",
        endian="little",
        elf_type="exec",
        build_id=b.BUILD_ID.hex(),
        release=b.RELEASE,
        release_from="banner",
        version_text=b.BANNER.strip(),
        has_symbols=True,
        has_dwarf=True,
        is_debug_only=False,
        is_linux=True,
        missing_bytes=0,
    )


@pytest.mark.parametrize(
    ("machine", "bits", "order", "name"),
    [
        (b.X86_64, 64, "<", "x86_64"),
        (b.I386, 32, "<", "i686"),
        (b.AARCH64, 64, "<", "aarch64"),
        (b.PPC64, 64, ">", "ppc64"),
        (b.PPC64, 64, "<", "ppc64le"),
        (b.S390, 64, ">", "s390x"),
        (b.S390, 32, ">", "s390"),
        (243, 64, "<", "riscv64"),
        (258, 64, "<", "loongarch64"),
        (40, 32, "<", "arm"),
        (0xFFF0, 64, "<", "65520"),
    ],
)
def test_machines_have_the_name_of_uname(save: Save, machine: int, bits: int, order: str, name: str) -> None:
    image = identify_kernel(save("vmlinux", b.vmlinux(machine=machine, bits=bits, order=order).build()))
    assert (image.machine, image.elf_class, image.endian) == (name, bits, "little" if order == "<" else "big")
    assert (image.build_id, image.release) == (b.BUILD_ID.hex(), b.RELEASE)
    assert image.missing_bytes == 0


def test_release_falls_back_to_the_build_salt(save: Save) -> None:
    image = identify_kernel(save("vmlinux", b.without_section(b.vmlinux(), ".rodata").build()))
    # Without .rodata the whole file is searched, and there is no banner in it.
    assert (image.release, image.release_from, image.version_text) == (b.RELEASE, "BUILD_SALT", None)
    assert image.is_linux is True


def test_banner_wins_over_the_salt_of_a_borrowed_configuration(save: Save) -> None:
    image = b.with_section(b.vmlinux(), ".notes", b.NOTE, b.kernel_notes(salt="5.10.0-1-amd64"))
    assert identify_kernel(save("vmlinux", image.build())).release == b.RELEASE


def test_banner_without_build_number_serves_when_it_is_alone(save: Save) -> None:
    image = b.with_section(b.vmlinux(), ".rodata", b.PROGBITS, b.WEAK_BANNER.encode() + b"\0")
    assert identify_kernel(save("vmlinux", image.build())).version_text == b.WEAK_BANNER.strip()


def test_banner_across_a_chunk_boundary(save: Save) -> None:
    for before in range((1 << 20) - len(b.BANNER) - 1, (1 << 20) + 2, 37):
        rodata = bytes(before) + b.BANNER.encode() + bytes(100)
        image = b.with_section(b.vmlinux(), ".rodata", b.PROGBITS, rodata)
        assert identify_kernel(save("vmlinux", image.build())).version_text == b.BANNER.strip()


def test_sections_beyond_sixteen_bits_are_counted_in_section_zero(save: Save) -> None:
    image = identify_kernel(save("vmlinux", b.vmlinux(extended_counts=True).build()))
    assert (image.has_symbols, image.has_dwarf, image.build_id) == (True, True, b.BUILD_ID.hex())
    assert image.missing_bytes == 0


def test_notes_come_from_segments_when_section_headers_are_gone(save: Save) -> None:
    image = identify_kernel(save("vmlinux", b.vmlinux(sections=[]).build()))
    assert (image.build_id, image.release) == (b.BUILD_ID.hex(), b.RELEASE)
    assert (image.has_symbols, image.has_dwarf) == (False, False)


def test_debuglink_is_kept(save: Save) -> None:
    image = b.with_section(b.vmlinux(), ".gnu_debuglink", b.PROGBITS, b"vmlinux.debug\0\0\0\1\2\3\4")
    assert identify_kernel(save("vmlinux", image.build())).debuglink == "vmlinux.debug"


def test_dwarf_is_contents_not_a_section_header(save: Save) -> None:
    image = b.with_section(b.vmlinux(), ".debug_info", b.NOBITS, bytes(32))
    assert identify_kernel(save("vmlinux", image.build())).has_dwarf is False
    image = b.with_section(b.without_section(image, ".debug_info"), ".zdebug_info", b.PROGBITS, bytes(32))
    assert identify_kernel(save("vmlinux", image.build())).has_dwarf is True


@pytest.mark.parametrize(
    ("name", "compress"), [("gzip", gzip.compress), ("xz", lzma.compress), ("bzip2", bz2.compress)]
)
def test_compressed_vmlinux(save: Save, name: str, compress: object) -> None:
    assert callable(compress)
    image = identify_kernel(save("vmlinux.z", compress(b.vmlinux().build())))
    assert (image.format, image.contains, image.machine, image.elf_type) == (name, "elf", "x86_64", "exec")
    assert (image.release, image.build_id, image.is_linux) == (b.RELEASE, b.BUILD_ID.hex(), True)
    assert (image.has_symbols, image.has_dwarf, image.missing_bytes) == (True, True, None)


def test_compressed_vmlinux_with_notes_far_inside(save: Save) -> None:
    image = b.vmlinux(segments=[(b.PT_LOAD, bytes(30 << 20)), (b.PT_NOTE, b.kernel_notes())])
    assert identify_kernel(save("vmlinux.gz", gzip.compress(image.build(), 1))).build_id == b.BUILD_ID.hex()


def test_damaged_compressed_vmlinux_says_what_was_reached(save: Save) -> None:
    whole = gzip.compress(b.vmlinux().build() + bytes(range(256)) * 40)
    for cut in range(20, len(whole), 97):
        image = identify_kernel(save("vmlinux.gz", whole[:cut]))
        assert image.build_id in (None, b.BUILD_ID.hex())


def test_gzip_keeps_the_stored_name(save: Save) -> None:
    stream = io.BytesIO()
    with gzip.GzipFile("vmlinux-6.1", "wb", fileobj=stream) as packed:
        packed.write(b.vmlinux().build())
    assert identify_kernel(save("renamed.gz", stream.getvalue())).gzip_name == "vmlinux-6.1"
    assert identify_kernel(save("nameless.gz", gzip.compress(b""))).gzip_name is None


def test_bzimage_gives_its_release(save: Save) -> None:
    image = identify_kernel(save("vmlinuz", b.bzimage(f"{b.RELEASE} (builder@example.org) #1 SMP")))
    assert (image.format, image.release, image.release_from) == ("bzImage", b.RELEASE, "bzImage header")


def test_hostile_text_is_made_printable(save: Save) -> None:
    banner = b"Linux version 6.1\x1b[31m (x\x07y) \xff \xe2\x80\xae #1 \n"
    image = identify_kernel(save("v", b.with_section(b.vmlinux(), ".rodata", b.PROGBITS, banner).build()))
    assert image.version_text is not None
    assert image.version_text.isprintable()
    msgspec.json.encode(image)


def test_real_program_of_this_machine() -> None:
    image = identify_kernel(Path(sys.executable))
    assert (image.format, image.is_linux, image.missing_bytes) == ("elf", False, 0)
    assert identify_kernel(Path("/bin/ls")).has_dwarf is False


def test_import_does_not_load_elftools() -> None:
    probe = "import sys, xcrash.images; print([m for m in sys.modules if m.startswith('elftools')])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
