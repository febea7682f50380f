# SPDX-License-Identifier: Apache-2.0
"""identify_dump on dumps of Xen machines and guests."""

from __future__ import annotations

import pytest

from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d
from tests.unit.images.conftest import Save
from xcrash.images.dump import identify_dump
from xcrash.images.identity import XenDump

XEN_INFO = "PAGESIZE=4096\nSYMBOL(frame_table)=ffff82e000000000\nSIZE(page_info)=32\n"


def machine_core(notes: bytes, memory: bytes = bytes(8192)) -> bytes:
    """A core of the machine whose one segment of memory starts at address 0."""
    return b.core(b.note(b"CORE", 1, bytes(336)) + notes, memory).build()


def test_crash_of_the_machine_gives_both_views(save: Save) -> None:
    memory = bytes(256) + b".5-pre\0" + b"-" * 249 + b"Tue Jan 3 git:abc\0" + bytes(7000)
    notes = d.crash_info(0x7F000000, 0x1234, extra=256, changeset=512) + b.note(b"VMCOREINFO_XEN", 0, XEN_INFO.encode())
    dump = identify_dump(save("vmcore", machine_core(notes, memory)))
    assert dump.flags == ("xen",)
    assert dump.xen == XenDump(
        views=("dom0", "hypervisor"),
        version="4.17.5-pre",
        changeset="Tue Jan 3 git:abc",
        phys_start=0x7F000000,
        dom0_p2m_mfn=0x1234,
        vmcoreinfo=dict(line.split("=", 1) for line in XEN_INFO.splitlines()),
    )


@pytest.mark.parametrize(
    ("longs", "views", "start", "p2m"),
    [
        ((), ("hypervisor",), None, None),
        ((0x1234,), ("dom0", "hypervisor"), None, 0x1234),
        ((0x100000, 0), ("hypervisor",), 0x100000, 0),
    ],
)
@pytest.mark.parametrize("code", ["Q", "I"])
def test_older_notes_have_fewer_longs(
    save: Save, longs: tuple[int, ...], views: tuple[str, ...], start: int | None, p2m: int | None, code: str
) -> None:
    xen = identify_dump(save("vmcore", machine_core(d.crash_info(*longs, code=code)))).xen
    assert xen is not None
    assert (xen.views, xen.version, xen.phys_start, xen.dom0_p2m_mfn) == (views, "4.17", start, p2m)


@pytest.mark.parametrize("version", [(3, 0), (3, 1), (3, 4), (4, 0), (4, 1), (4, 4)])
@pytest.mark.parametrize("bits", [32, 64])
def test_the_hosts_of_old_worlds(save: Save, version: tuple[int, int], bits: int) -> None:
    """A Dom0 of 2.6.18 under a hypervisor of the same width; its note does not tell yet where Xen was loaded."""
    code, machine = ("I", b.I386) if bits == 32 else ("Q", b.X86_64)
    notes = d.crash_info(0x3C0DE, major=version[0], minor=version[1], code=code)
    banner = b"Linux version 2.6.18-53.el5xen (builder@example.org) (gcc 4.1.2) #1 SMP 2007\n"
    core = b.core(
        b.note(b"CORE", 1, bytes(144)) + notes, bytes(4096) + banner + bytes(4096), bits=bits, machine=machine
    )
    dump = identify_dump(save("vmcore", core.build()))
    assert (dump.machine, dump.release) == ("i686" if bits == 32 else "x86_64", "2.6.18-53.el5xen")
    assert dump.xen == XenDump(views=("dom0", "hypervisor"), version=f"{version[0]}.{version[1]}", dom0_p2m_mfn=0x3C0DE)


def test_a_32_bit_dom0_under_a_64_bit_hypervisor_has_notes_of_64_bits(save: Save) -> None:
    notes = d.crash_info(0x7F000000, 0x1234, major=4, minor=4)
    core = b.core(b.note(b"CORE", 1, bytes(144)) + notes, bits=32, machine=b.I386)
    dump = identify_dump(save("vmcore", core.build()))
    assert dump.xen and (dump.machine, dump.xen.version) == ("i686", "4.4")
    assert (dump.xen.phys_start, dump.xen.dom0_p2m_mfn) == (0x7F000000, 0x1234)


def test_text_that_is_none_does_not_become_a_version(save: Save) -> None:
    memory = b"\xff\x1b[2J" * 1000
    xen = identify_dump(save("vmcore", machine_core(d.crash_info(extra=4, changeset=1 << 60), memory))).xen
    assert (xen and xen.version, xen and xen.changeset) == ("4.17", None)


def test_xen_notes_in_a_compressed_kdump(save: Save) -> None:
    data = bytearray(b.Kdump().build())
    at = int.from_bytes(data[4096 + 48 : 4096 + 56], "little")
    notes = d.crash_info(0x100000, 0x99)
    data[at : at + len(notes)] = notes
    data[4096 + 56 : 4096 + 64] = len(notes).to_bytes(8, "little")
    dump = identify_dump(save("vmcore", bytes(data)))
    assert (dump.flags, dump.xen and dump.xen.views) == (("xen",), ("dom0", "hypervisor"))


@pytest.mark.parametrize(
    ("magic", "section", "guest"), [(0xF00FEBED, ".xen_p2m", "pv"), (0xF00FEBEE, ".xen_pfn", "hvm")]
)
def test_core_of_a_guest(save: Save, magic: int, section: str, guest: str) -> None:
    data = d.xen_core(magic, section=section)
    dump = identify_dump(save("core", data))
    assert (dump.format, dump.machine, dump.producer, dump.page_size) == ("xendump", "x86_64", "xl dump-core", 4096)
    assert (dump.cpus, dump.pages, dump.memory_bytes, dump.missing_bytes) == (2, 3, 3 * 4096, 0)
    assert dump.xen == XenDump(
        views=("domU",),
        version="4.17.5-pre",
        changeset="abcdef",
        guest=guest,
        nr_vcpus=2,
        nr_pages=3,
        capabilities="xen-3.0-x86_64",
    )


def test_core_of_a_guest_without_notes(save: Save) -> None:
    image = b.ElfFile(type=b.CORE, sections=[(".xen_pages", b.PROGBITS, bytes(8192))])
    dump = identify_dump(save("core", image.build()))
    assert dump.xen == XenDump(views=("domU",))
    assert (dump.page_size, dump.memory_bytes) == (None, None)


@pytest.mark.parametrize(
    ("magic", "order", "context", "guest", "machine"),
    [
        (0xF00FEBED, "<", 5168, "pv", "x86_64"),
        (0xF00FEBEE, "<", 2800, "hvm", "i686"),
        (0xF00FEBED, ">", 100, "pv", None),
    ],
)
def test_old_core_of_a_guest(save: Save, magic: int, order: str, context: int, guest: str, machine: str | None) -> None:
    data = d.xc_core(magic, order, context=context)
    dump = identify_dump(save("core", data))
    assert (dump.format, dump.machine, dump.cpus, dump.pages) == ("xendump", machine, 2, 3)
    assert dump.xen == XenDump(views=("domU",), guest=guest, nr_vcpus=2, nr_pages=3)
    assert dump.missing_bytes == (0 if machine else None)
    assert identify_dump(save("core", data[:-9])).missing_bytes == (9 if machine else None)


def test_saved_guest(save: Save) -> None:
    dump = identify_dump(save("web.save", d.xen_save()))
    assert (dump.guest_name, dump.memory_bytes, dump.producer) == ("web1", 512 << 20, "xm save")
    assert dump.xen == XenDump(views=("domU",), guest="pv", nr_pages=131072)
    hvm = identify_dump(save("web.save", d.xen_save(b"(domain (name w)(image (hvm (device_model q))))")))
    assert (hvm.guest_name, hvm.xen and hvm.xen.guest) == ("w", "hvm")
