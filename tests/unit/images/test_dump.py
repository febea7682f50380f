# SPDX-License-Identifier: Apache-2.0
"""identify_dump: formats, golden facts, and files that are no dump."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.errors import MemorySourceError
from xcrash.images import DumpIdentity
from xcrash.images.dump import identify_dump

INFO = dict(line.split("=", 1) for line in b.VMCOREINFO.splitlines())


def test_compressed_kdump_golden(save: Save) -> None:
    path = save("vmcore", b.Kdump().build())
    assert identify_dump(path) == DumpIdentity(
        path=str(path),
        size=path.stat().st_size,
        format="kdump-compressed",
        compression="zlib",
        machine="x86_64",
        release=b.RELEASE,
        version="#1 SMP Debian 6.1.1-1 (2026-01-01)",
        nodename="host1",
        build_id=b.BUILD_ID.hex(),
        crash_time=1767225600,
        page_size=4096,
        dump_level=31,
        producer="makedumpfile",
        vmcoreinfo=INFO,
        missing_bytes=0,
        identified_by=("release: utsname in the header", "build-id: BUILD-ID in VMCOREINFO"),
    )


def test_elf_core_golden(save: Save) -> None:
    path = save("vmcore", b.core().build())
    assert identify_dump(path) == DumpIdentity(
        path=str(path),
        size=path.stat().st_size,
        format="elf-kdump",
        machine="x86_64",
        release=b.RELEASE,
        build_id=b.BUILD_ID.hex(),
        crash_time=1767225600,
        page_size=4096,
        vmcoreinfo=INFO,
        missing_bytes=0,
        identified_by=("release: OSRELEASE in VMCOREINFO", "build-id: BUILD-ID in VMCOREINFO"),
    )


@pytest.mark.parametrize("inner", [b.Kdump().build(), b.core().build()], ids=["kdump", "elf"])
def test_flattened_is_its_inside(save: Save, inner: bytes) -> None:
    plain = identify_dump(save("plain", inner))
    packed = identify_dump(save("flat", b.flattened(inner)))
    assert packed.format == ("kdump-flattened" if plain.format == "kdump-compressed" else "elf-kdump-flattened")
    for name in ("machine", "release", "build_id", "crash_time", "vmcoreinfo", "missing_bytes", "dump_level"):
        assert getattr(packed, name) == getattr(plain, name)


def test_qemu_names_nothing_but_the_machine(save: Save) -> None:
    dump = identify_dump(save("vmcore", b.Kdump(release="", vmcoreinfo="").build()))
    assert (dump.release, dump.build_id, dump.machine, dump.producer) == (None, None, "x86_64", "QEMU")
    assert dump.identified_by == ()


def test_qemu_may_not_even_know_the_machine(save: Save) -> None:
    assert identify_dump(save("vmcore", b.Kdump(release="", machine="Unknown").build())).machine is None
    wide_qemu = b.Kdump(release="", machine="x86_64", bits=32)
    assert identify_dump(save("vmcore", wide_qemu.build())).machine == "i686"
    packed = identify_dump(save("vmcore", b.Kdump(release="", machine="Unknown", bits=32).build()))
    assert (packed.release, packed.missing_bytes) == (b.RELEASE, 0)


def test_qemu_with_the_vmcoreinfo_device(save: Save) -> None:
    dump = identify_dump(save("vmcore", b.Kdump(release="").build()))
    assert (dump.release, dump.identified_by[0]) == (b.RELEASE, "release: OSRELEASE in VMCOREINFO")


@pytest.mark.parametrize(
    ("bits", "order", "machine", "block"),
    [
        (64, "<", "aarch64", 65536),
        (64, "<", "ppc64le", 65536),
        (64, ">", "s390x", 4096),
        (64, ">", "ppc64", 65536),
        (32, "<", "i686", 4096),
        (32, "<", "armv7l", 4096),
        (32, ">", "ppc", 4096),
    ],
)
def test_foreign_layouts(save: Save, bits: int, order: str, machine: str, block: int) -> None:
    data = b.Kdump(bits=bits, order=order, machine=machine, block_size=block).build()
    dump = identify_dump(save("vmcore", data))
    assert (dump.machine, dump.release, dump.build_id) == (machine, b.RELEASE, b.BUILD_ID.hex())
    assert (dump.dump_level, dump.missing_bytes) == (31, 0)
    assert ("32-bit-layout" in dump.flags, "big-endian" in dump.flags) == (bits == 32, order == ">")
    assert identify_dump(save("short", data[:-1])).missing_bytes == 1


@pytest.mark.parametrize(
    ("status", "name"), [(0, None), (1, "zlib"), (2, "lzo"), (4, "snappy"), (0x20, "zstd"), (9, "zlib")]
)
def test_status_flags(save: Save, status: int, name: str | None) -> None:
    dump = identify_dump(save("vmcore", b.Kdump(status=status).build()))
    assert (dump.compression, dump.incomplete) == (name, bool(status & 8))


@pytest.mark.parametrize(
    ("version", "level", "has_info"), [(0, None, False), (1, 31, False), (2, 31, False), (3, 31, True)]
)
def test_fields_of_older_header_versions_only(save: Save, version: int, level: int | None, has_info: bool) -> None:
    dump = identify_dump(save("vmcore", b.Kdump(version=version).build()))
    assert (dump.dump_level, bool(dump.vmcoreinfo)) == (level, has_info)


def test_split_dump_counts_its_own_pages(save: Save) -> None:
    data = b.Kdump(split=(3, 5000)).build()
    dump = identify_dump(save("vmcore", data))
    assert (dump.flags, dump.missing_bytes) == (("split",), 0)
    assert identify_dump(save("short", data[:-7])).missing_bytes == 7


def test_diskdump_by_name(save: Save) -> None:
    dump = identify_dump(save("vmcore", b.Kdump(signature=b"DISKDUMP", status=0).build()))
    assert (dump.format, dump.release, dump.missing_bytes) == ("diskdump", b.RELEASE, None)


def test_unreadable_header_is_said(save: Save) -> None:
    dump = identify_dump(save("vmcore", b"KDUMP   " + b"\xff" * 5000))
    assert (dump.format, dump.flags, dump.release) == ("kdump-compressed", ("unreadable-header",), None)


@pytest.mark.parametrize(
    ("owner", "flag"), [(b"SNAP", "live"), (b"Xen", "xen"), (b"VMCOREINFO_XEN", "xen"), (b"ERASEINFO", "eraseinfo")]
)
def test_note_owners_become_flags(save: Save, owner: bytes, flag: str) -> None:
    notes = b.note(b"VMCOREINFO", 0, b.VMCOREINFO.encode()) + b.note(owner, 1, b"abc")
    assert identify_dump(save("vmcore", b.core(notes).build())).flags == (flag,)


def test_elf_of_qemu_without_vmcoreinfo(save: Save) -> None:
    notes = b.note(b"CORE", 1, bytes(336)) + b.note(b"QEMU", 0, bytes(432))
    dump = identify_dump(save("vmcore", b.core(notes, load_align=4096).build()))
    assert (dump.format, dump.producer, dump.release, dump.missing_bytes) == ("elf-kdump", "QEMU", None, 0)


def test_makedumpfile_marks_an_incomplete_elf(save: Save) -> None:
    assert identify_dump(save("vmcore", b.core(flags=1).build())).incomplete


def test_netdump_has_page_aligned_memory(save: Save) -> None:
    image = b.core(b.note(b"CORE", 1, bytes(4096 - 64 - 2 * 56 - 20)), load_align=4096)
    assert identify_dump(save("vmcore", image.build())).format == "netdump"


def test_xen_core_is_told_by_its_sections(save: Save) -> None:
    image = b.ElfFile(
        type=b.CORE, sections=[(".xen_prstatus", b.PROGBITS, bytes(64)), (".xen_pages", b.PROGBITS, bytes(8192))]
    )
    assert identify_dump(save("core", image.build())).format == "xendump"


def test_more_segments_than_the_header_can_count(save: Save) -> None:
    image = b.core(extended_counts=True)
    image.segments += [(b.PT_LOAD, b"m")] * 70_000
    # Contents first: the builder places each segment's bytes in order, so the last one ends the memory.
    data = image.build()
    dump = identify_dump(save("vmcore", data))
    assert (dump.flags, dump.release, dump.missing_bytes) == (("many-segments",), b.RELEASE, 0)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (bytes.fromhex("ed238f61730119a8"), "lkcd"),
        (bytes.fromhex("a8190173618f23fd"), "s390"),
        (bytes.fromhex("ddcc8b9a") * 4, "mclx"),
        (bytes.fromhex("edeb0ff0"), "xendump"),
        (b"LinuxGuestRecord", "xendump"),
        (b"QEVM\0\0\0\3", "kvm-save"),
        (b"LibvirtQemudSave", "kvm-save"),
        (b"sadump\0\0", "sadump"),
        (bytes.fromhex("d2bed2be"), "vmware-vmss"),
    ],
)
def test_other_formats_by_name(save: Save, head: bytes, name: str) -> None:
    dump = identify_dump(save("dump", head.ljust(8192, b"\0")))
    assert (dump.format, dump.release, dump.missing_bytes) == (name, None, None)


NOT_DUMPS: list[tuple[str, bytes, str, str]] = [
    ("empty", b"", "dump-empty", "is empty"),
    ("vmcore-dmesg.txt", b"[    0.000000] Linux version\n" * 400, "dump-not-a-dump", "is a text file, not a dump"),
    ("umlauts", "[ 0.1] Gerät größer\n".encode() * 400, "dump-not-a-dump", "is a text file"),
    ("vmlinux", b.vmlinux().build(), "dump-not-a-dump", "is an ELF executable"),
    ("x.ko", b.vmlinux(type=b.REL).build(), "dump-not-a-dump", "kernel module"),
    ("core.1234", b.core(b.note(b"CORE", 6, bytes(320))).build(), "dump-process-core", "core of a process"),
    ("vmcore.gz", gzip.compress(b.core().build()), "dump-not-a-dump", "is a gzip file"),
    ("disk.qcow2", b"QFI\xfb" + bytes(9000), "dump-not-a-dump", "qcow2"),
    ("zeros", bytes(9000), "dump-not-a-dump", "zeros where a header should be"),
    ("ram", bytes(range(256)) * 40, "dump-unknown-format", "of no format known"),
    ("cut-kdump", b.Kdump().build()[:4095], "dump-truncated", "4095 bytes only"),
    ("cut-elf", b.core().build()[:40], "dump-truncated", "without a whole header"),
    ("small-core", b.core(memory=b"").build(), "dump-truncated", "bytes only"),
    ("cut-flat", b.flattened(b.Kdump().build())[:100], "dump-truncated", "100 bytes only"),
]


@pytest.mark.parametrize(("name", "data", "code", "says"), NOT_DUMPS, ids=[case[0] for case in NOT_DUMPS])
def test_no_dump(save: Save, name: str, data: bytes, code: str, says: str) -> None:
    path = save(name, data)
    with pytest.raises(MemorySourceError) as caught:
        identify_dump(path)
    assert caught.value.code == code
    assert caught.value.message.startswith(str(path))
    assert says in caught.value.message
    assert caught.value.hint and not caught.value.hint.endswith(".")


def test_missing_directory_and_programs(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "x", "dump-missing"),
        (tmp_path, "dump-directory"),
        (Path("/bin/ls"), "dump-not-a-dump"),
    ):
        with pytest.raises(MemorySourceError) as caught:
            identify_dump(path)
        assert caught.value.code == code
