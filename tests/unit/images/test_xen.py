# SPDX-License-Identifier: Apache-2.0
"""Hypervisors: the four files of a SUSE /boot, xen.efi, versions and debug builds by contents, then by name."""

from __future__ import annotations

import gzip
import struct
import subprocess
from pathlib import Path

import pytest

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.images.classify import classify_image
from xcrash.images.xen import is_debug_by_name, search_texts, version_by_name


@pytest.mark.parametrize(
    ("name", "data", "role", "bootable"),
    [
        ("xen-4.5.1_10-1.gz", gzip.compress(b.xen_boot()), "xen-boot", True),
        ("xen-dbg-4.5.1_10-1.gz", gzip.compress(b.xen_boot(b.xen_texts(debug="y"))), "xen-boot-debug", True),
        ("xen-syms-4.5.1_10-1", b.xen_syms().build(), "xen-syms", False),
        ("xen-syms-dbg-4.5.1_10-1", b.xen_syms(b.xen_texts(debug="y")).build(), "xen-syms-debug", False),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_the_four_xen_files_are_told_by_their_contents(
    save: Save, name: str, data: bytes, role: str, bootable: bool, known: bool
) -> None:
    image = classify_image(save(name if known else "a-file", data))
    assert (image.role, image.bootable, image.version) == (role, bootable, "4.17.7")
    assert image.build_id == b.XEN_BUILD_ID.hex()
    assert any(note.endswith("in it)") for note in image.notes)


def test_the_bootable_file_is_32_bits_and_the_mismatch_harmless(save: Save) -> None:
    image = classify_image(save("xen.gz", gzip.compress(b.xen_boot())))
    assert (image.elf_class, image.machine, image.crash_accepts, image.crash_needs_f) == (32, "i686", False, True)
    assert any("machine type mismatch" in note and "harmless" in note for note in image.notes)
    assert any("-f would not help" in note for note in image.notes)


def test_symbols_without_dwarf_say_that_crash_does_not_start(save: Save) -> None:
    image = classify_image(save("xen-syms-4.17-amd64", b.xen_syms().build()))
    assert (image.has_symbols, image.has_dwarf, image.crash_accepts) == (True, False, True)
    assert any(note.startswith("no debugging data") for note in image.notes)


@pytest.mark.parametrize("magic", [0x1BADB002, 0xE85250D6])
def test_a_hypervisor_that_does_not_tell_its_build_is_told_by_name(save: Save, magic: int) -> None:
    data = gzip.compress(b.xen_boot(b.xen_texts(version=None, debug=None), magic))
    image = classify_image(save("xen-dbg-4.5.1_10-1.gz", data))
    assert (image.role, image.version) == ("xen-boot-debug", "4.5.1_10-1")
    assert {"a debug build (by name)", "version by name"} <= set(image.notes)


def test_a_multiboot_program_is_xen_only_by_name(save: Save) -> None:
    data = b.xen_boot(b"no texts")
    assert classify_image(save("memtest", data)).notes[0] == "a multiboot program"
    image = classify_image(save("xen-4.5.gz", gzip.compress(data)))
    assert (image.role, image.version, image.notes[0]) == ("xen-boot", "4.5", "Xen by name")


def test_texts_of_linux_about_xen_do_not_make_a_hypervisor() -> None:
    assert not search_texts([b"Xen version: %d.%d%s%s\n\0debug=y\0"]).is_xen


def test_texts_across_chunks_are_found() -> None:
    texts = b.xen_texts(debug="y")
    for cut in range(1, len(texts), 7):
        found = search_texts([texts[:cut], texts[cut:]])
        assert found == (True, "4.17.7", True)


def test_symbols_prove_a_hypervisor_whose_texts_are_elsewhere(tmp_path: Path) -> None:
    source = tmp_path / "x.c"
    source.write_text("int xen_extra_version(void) { return 0; }\nvoid _start(void) { xen_extra_version(); }\n")
    built = tmp_path / "xen-syms"
    made = subprocess.run(["cc", "-static", "-nostdlib", "-no-pie", "-o", built, source], capture_output=True)
    if made.returncode:
        pytest.skip("no C compiler")
    assert classify_image(built, "/boot/anything").role == "xen-syms"


def test_xen_efi_golden(save: Save) -> None:
    image = classify_image(save("loader.efi", b.xen_efi()))
    assert (image.role, image.machine, image.version) == ("xen-efi", "x86_64", "4.17.7")
    assert (image.build_id, image.bootable) == (b.XEN_BUILD_ID[:16].hex(), True)
    image = classify_image(save("xen-4.17-amd64.efi", b.xen_efi(None)))
    assert (image.version, image.notes[0]) == ("4.17-amd64", "version by name")


def test_any_other_efi_program_is_other(save: Save) -> None:
    image = classify_image(save("grubx64.efi", b.pe([(".text", bytes(2000))])))
    assert (image.role, image.notes[0]) == ("other", "an EFI program")
    assert classify_image(save("short.efi", b"MZ" + bytes(90))).role == "other"


def test_a_hypervisor_for_arm_is_a_flat_image(save: Save) -> None:
    image = classify_image(save("xen", b.flat_image(b.xen_texts() + b.note(b"GNU", 3, b.XEN_BUILD_ID))))
    assert (image.role, image.machine, image.version) == ("xen-boot", "aarch64", "4.17.7")
    assert image.build_id == b.XEN_BUILD_ID.hex()


@pytest.mark.parametrize(
    ("name", "version", "debug"),
    [
        ("xen-4.5.1_10-1.gz", "4.5.1_10-1", False),
        ("/boot/xen-syms-dbg-4.5.1_10-1", "4.5.1_10-1", True),
        ("xen-4.13.5-9.38-d.gz", "4.13.5-9.38", True),
        ("xen-4.17-amd64.efi", "4.17-amd64", False),
        ("xen.gz-2.6.18-8.el5", "2.6.18-8.el5", False),
        ("xen.gz", None, False),
        ("xen-dbg.gz", None, True),
        ("xen-4.17-dev.gz", "4.17-dev", False),
        ("vmlinux-dbg", None, False),
    ],
)
def test_versions_and_debug_builds_in_names(name: str, version: str | None, debug: bool) -> None:
    assert (version_by_name(name), is_debug_by_name(name)) == (version, debug)


def test_a_multiboot_header_beyond_its_place_is_none(save: Save) -> None:
    text = bytes(40 << 10) + struct.pack("<I", 0x1BADB002) + b.xen_texts()
    elf = b.ElfFile(machine=b.I386, bits=32, sections=[(".text", b.PROGBITS, text)], segments=[(b.PT_LOAD, b"x")])
    assert classify_image(save("xen", elf.build())).notes[-2:] == (
        "Xen, stripped: of no use without its xen-syms",
        "crash would take it for a kernel: it looks at the format alone",
    )
