# SPDX-License-Identifier: Apache-2.0
"""Boot images: bzImage with its payload, arm64 Image, EFI zboot, unified kernel images."""

from __future__ import annotations

import gzip
import lzma

import pytest
import zstandard

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.images import check_namelist, identify_kernel
from xcrash.images.bootimage import search_flat
from xcrash.images.classify import classify_image

VERSION = f"{b.RELEASE} (builder@example.org) #1 SMP"
KERNEL = b.without_section(b.vmlinux(), ".symtab", ".debug_info").build()


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("gzip", gzip.compress(KERNEL)),
        ("xz", lzma.compress(KERNEL)),
        ("lzma", lzma.compress(KERNEL, lzma.FORMAT_ALONE)),
        # The kernel's build appends the unpacked size where the format does not end with it.
        ("zstd", zstandard.compress(KERNEL) + len(KERNEL).to_bytes(4, "little")),
        ("lz4", b.lz4_legacy(KERNEL) + (45 << 20).to_bytes(4, "little")),
    ],
)
def test_a_bzimage_gives_the_build_id_of_the_kernel_inside(save: Save, name: str, payload: bytes) -> None:
    path = save("vmlinuz", b.bzimage_with(VERSION, payload))
    image = classify_image(path)
    assert (image.role, image.bootable, image.release) == ("kernel-boot", True, b.RELEASE)
    assert (image.version, image.build_id, image.machine) == (VERSION, b.BUILD_ID.hex(), "x86_64")
    assert (image.crash_accepts, image.compression) == (False, None)
    kernel = identify_kernel(path)
    assert (kernel.payload, kernel.contains, kernel.release_from) == (name, "elf", "bzImage header")


def test_a_setup_of_no_sectors_means_four(save: Save) -> None:
    image = classify_image(save("vmlinuz", b.bzimage_with(VERSION, gzip.compress(KERNEL), setup_sectors=0)))
    assert image.build_id == b.BUILD_ID.hex()


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b.bzimage(VERSION), "the kernel inside was not found: build-id unknown"),
        (b.bzimage_with(VERSION, gzip.compress(KERNEL), protocol=0x207), "the kernel inside was not found"),
        (b.bzimage_with(VERSION, b"\x89LZO\0\r\n\x1a\n" + bytes(99)), "compressed with lzop and could not be read"),
        (b.bzimage_with(VERSION, gzip.compress(KERNEL)[:60]), "compressed with gzip and could not be read"),
    ],
)
def test_a_bzimage_whose_kernel_is_out_of_reach_says_so(save: Save, data: bytes, note: str) -> None:
    image = classify_image(save("vmlinuz", data))
    assert (image.role, image.release, image.build_id) == ("kernel-boot", b.RELEASE, None)
    assert note in image.notes[0]


def vdso_notes() -> list[bytes]:
    """What a vDSO brings into every kernel: a build-id of its own, before or behind the version's number."""
    number = b.note(b"Linux", 0, bytes(4)) + b.note(b"Linux", 0x100, b"6.1\0")
    build_id = b.note(b"GNU", 3, bytes(20))
    return [number + build_id, build_id + number]


FLAT = (
    bytes(3000) + b.BANNER.encode() + b"\0" + bytes(900).join(vdso_notes()) + bytes(900) + b.kernel_notes() + bytes(100)
)


@pytest.mark.parametrize(
    ("data", "compression"),
    [
        (b.flat_image(FLAT), None),
        (gzip.compress(b.flat_image(FLAT)), "gzip"),
        (b.zboot(gzip.compress(b.flat_image(FLAT))), None),
        (b.zboot(zstandard.compress(b.flat_image(FLAT)), "zstd"), None),
    ],
)
def test_an_arm64_image_is_searched(save: Save, data: bytes, compression: str | None) -> None:
    image = classify_image(save("vmlinuz", data))
    assert (image.role, image.machine, image.compression) == ("kernel-boot", "aarch64", compression)
    assert (image.release, image.version, image.build_id) == (b.RELEASE, b.BANNER.strip(), b.BUILD_ID.hex())


@pytest.mark.parametrize("notes", vdso_notes())
def test_the_build_id_of_the_vdso_is_not_the_kernels(notes: bytes) -> None:
    image = bytes(1000) + notes + bytes(1000)
    for cut in range(900, 1200, 4):
        assert search_flat([image[:cut], image[cut:]]).build_id is None
    for after in range(0, 600, 4):
        assert search_flat([bytes(700) + notes + bytes(after)]).build_id is None
    assert search_flat([notes + bytes(200), b.note(b"GNU", 3, b.BUILD_ID)]).build_id == b.BUILD_ID.hex()


def test_a_flat_image_in_pieces_gives_the_same() -> None:
    for size in (64, 100, 700, 1021, len(FLAT)):
        found = search_flat([FLAT[at : at + size] for at in range(0, len(FLAT), size)])
        assert (found.banner.release, found.build_id) == (b.RELEASE.encode(), b.BUILD_ID.hex())


def test_a_unified_kernel_image_has_the_facts_of_its_kernel(save: Save) -> None:
    sections = [
        (".osrel", b'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\n'),
        (".uname", b.RELEASE.encode()),
        (".cmdline", b"root=/dev/vda1"),
        (".linux", b.bzimage_with(VERSION, zstandard.compress(KERNEL))),
    ]
    image = classify_image(save("linux.efi", b.pe(sections)))
    assert (image.role, image.release, image.build_id) == ("kernel-boot", b.RELEASE, b.BUILD_ID.hex())
    assert image.notes[0] == "a unified kernel image of Debian GNU/Linux 12"


@pytest.mark.parametrize("compress", [zstandard.compress, b.lz4_legacy, lambda d: lzma.compress(d, lzma.FORMAT_ALONE)])
def test_a_kernel_that_crash_cannot_unpack_passes_as_a_namelist(save: Save, compress: type[bytes]) -> None:
    kernel = identify_kernel(save("vmlinux.z", compress(b.vmlinux().build())))
    check_namelist(kernel)
    assert (kernel.is_linux, kernel.release) == (True, b.RELEASE)
