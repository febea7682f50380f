# SPDX-License-Identifier: Apache-2.0
"""identify_dump on the rarer formats: what their headers tell, and how a short file shows."""

from __future__ import annotations

import pytest

from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d
from tests.unit.images.conftest import Save
from xcrash.images import DumpIdentity
from xcrash.images.dump import identify_dump


@pytest.mark.parametrize("version", [1, 2, 3, 5, 6, 7, 8, 9, 10])
@pytest.mark.parametrize("bits", [64, 32])
def test_lkcd_of_every_version(save: Save, version: int, bits: int) -> None:
    dump = identify_dump(save("lkcd", d.lkcd(version, bits, level=8 if version >= 5 else 4)))
    assert (dump.format, dump.release, dump.nodename, dump.machine) == ("lkcd", b.RELEASE, "host1", "x86_64")
    assert (dump.crash_time, dump.page_size, dump.pages) == (d.CRASHED_AT, 4096, 2)
    assert dump.compression == ("zlib" if version >= 5 else None)
    assert (dump.partial, dump.missing_bytes, dump.truncated) == (None, None, None)
    assert dump.identified_by == ("release: utsname in the header",)


def test_lkcd_flags_and_truncation(save: Save) -> None:
    dump = identify_dump(save("lkcd", d.lkcd(live=True, level=2, order=">")))
    assert (dump.flags, dump.partial) == (("live", "pages-left-out", "big-endian"), True)
    assert identify_dump(save("lkcd", d.lkcd(pages=100)[:66000])).missing_bytes == 65536 + 1600 - 66000
    assert identify_dump(save("lkcd", d.lkcd(4))).flags == ("unreadable-header",)


@pytest.mark.parametrize(("order", "arch", "machine"), [(">", 2, "s390x"), (">", 1, "s390"), ("<", 2, "s390x")])
def test_s390_header(save: Save, order: str, arch: int, machine: str) -> None:
    path = save("dump", d.s390(order=order, arch=arch))
    assert identify_dump(path, scan=False) == DumpIdentity(
        path=str(path),
        size=4096 + 8192 + 16,
        format="s390",
        machine=machine,
        crash_time=d.CRASHED_AT,
        page_size=4096,
        producer="s390-tools",
        missing_bytes=0,
        cpus=3,
        pages=2,
        memory_bytes=8192,
    )


def test_s390_without_its_end(save: Save) -> None:
    assert identify_dump(save("dump", d.s390(mark=b"")), scan=False).incomplete
    cut = identify_dump(save("dump", d.s390()[:-1000]), scan=False)
    assert (cut.missing_bytes, cut.truncated, cut.incomplete) == (1000, True, False)


@pytest.mark.parametrize(("bits", "machine"), [(32, "i686"), (64, None)])
def test_mclx_map_and_what_found_no_space(save: Save, bits: int, machine: str | None) -> None:
    dump = identify_dump(save("dump", d.mclx(bits)))
    assert (dump.format, dump.machine, dump.incomplete, dump.missing_bytes) == ("mclx", machine, False, None)
    assert identify_dump(save("dump", d.mclx(bits, left=8192))).incomplete
    assert identify_dump(save("dump", d.mclx(bits)[:5000])).missing_bytes == 3 * 4096 - 5000


def test_diskdump_tells_time_and_whether_it_was_finished(save: Save) -> None:
    data = bytearray(b.Kdump(signature=b"DISKDUMP", status=1).build())
    data[408:416] = d.CRASHED_AT.to_bytes(8, "little")
    data[444:448], data[452:456] = (100).to_bytes(4, "little"), (60).to_bytes(4, "little")
    dump = identify_dump(save("vmcore", bytes(data)))
    assert (dump.crash_time, dump.incomplete, dump.compression) == (d.CRASHED_AT, True, None)
    assert (dump.pages, dump.memory_bytes, dump.missing_bytes) == (60, 100 * 4096, None)
    packed = identify_dump(save("vmcore", b.Kdump(signature=b"DISKDUMP", status=8).build()))
    assert (packed.compression, packed.incomplete, packed.crash_time) == ("zlib", False, None)
    assert identify_dump(save("vmcore", bytes(data[:9000]))).missing_bytes == 4 * 4096 - 9000


@pytest.mark.parametrize(("bits", "machine", "at"), [(64, "x86_64", 408), (32, "i686", 404)])
def test_time_in_a_kdump_header(save: Save, bits: int, machine: str, at: int) -> None:
    data = bytearray(b.Kdump(bits=bits, machine=machine, vmcoreinfo="OSRELEASE=6.1\n").build())
    data[at : at + 4] = d.CRASHED_AT.to_bytes(4, "little")
    assert identify_dump(save("vmcore", bytes(data))).crash_time == d.CRASHED_AT
    other = b.Kdump(bits=bits, machine=machine, vmcoreinfo="CRASHTIME=5\n")
    assert identify_dump(save("vmcore", other.build())).crash_time == 5


def test_partial_incomplete_and_truncated_are_three_facts(save: Save) -> None:
    def facts(data: bytes) -> tuple[bool | None, bool, bool | None]:
        dump = identify_dump(save("vmcore", data))
        return dump.partial, dump.incomplete, dump.truncated

    assert facts(b.Kdump(dump_level=0).build()) == (False, False, False)
    assert facts(b.Kdump(dump_level=31).build()) == (True, False, False)
    assert facts(b.Kdump(dump_level=0, status=9).build()) == (False, True, False)
    assert facts(b.Kdump(dump_level=0).build()[:-1]) == (False, False, True)
    assert facts(b.core().build()) == (None, False, False)
    assert facts(d.kvm_stream()) == (None, False, None)


@pytest.mark.parametrize(("size", "machine"), [(336, "x86_64"), (144, "i686"), (200, None)])
def test_qemu_without_a_name_for_the_machine_still_saves_registers(save: Save, size: int, machine: str | None) -> None:
    data = bytearray(b.Kdump(release="", machine="Unknown", vmcoreinfo="").build())
    notes = b.note(b"CORE", 1, bytes(size)) + b.note(b"QEMU", 0, bytes(440))
    data[4096 + 512 : 4096 + 512 + len(notes)] = notes
    data[4096 + 56 : 4096 + 64] = len(notes).to_bytes(8, "little")
    assert identify_dump(save("vmcore", bytes(data))).machine == machine


def test_kvm_save_of_libvirt(save: Save) -> None:
    dump = identify_dump(save("guest.save", d.libvirt_save()), scan=False)
    assert (dump.format, dump.guest_name, dump.machine, dump.producer) == ("kvm-save", "web & db", "x86_64", "libvirt")
    assert (dump.memory_bytes, dump.cpus, dump.page_size) == (1 << 30, 2, 4096)
    assert (dump.flags, dump.compression, dump.missing_bytes) == (("was-running",), None, None)
    swapped = identify_dump(save("guest.save", d.libvirt_save(order=">")), scan=False)
    assert (swapped.guest_name, swapped.flags) == ("web & db", ("was-running",))


def test_kvm_save_that_libvirt_packed(save: Save) -> None:
    dump = identify_dump(
        save("guest.save", d.libvirt_save(compressed=3, inner=b"\xfd7zXZ\0" + bytes(8000))), scan=False
    )
    assert (dump.compression, dump.flags) == ("xz", ("was-running",))
    odd = identify_dump(save("guest.save", d.libvirt_save(inner=b"junk" * 2000)), scan=False)
    assert "unreadable-stream" in odd.flags


@pytest.mark.parametrize("configured", [True, False])
def test_kvm_stream_tells_the_size_of_memory(save: Save, configured: bool) -> None:
    dump = identify_dump(save("vmsave", d.kvm_stream(configured=configured)), scan=False)
    assert (dump.memory_bytes, dump.guest_name, dump.producer, dump.flags) == (1 << 29, None, "QEMU", ())
    assert identify_dump(save("vmsave", d.indexed(d.kvm_stream())), scan=False).flags == ("indexed",)


def test_hostile_domain_name_is_text(save: Save) -> None:
    dump = identify_dump(save("s", d.libvirt_save("<domain><name>x\x1b[2J&#27;]0;</name></domain>")), scan=False)
    assert dump.guest_name == "x\ufffd[2J]0;"


def test_sadump_on_one_disk(save: Save) -> None:
    data = d.Sadump().build()
    dump = identify_dump(save("dump", data), scan=False)
    assert (dump.format, dump.machine, dump.page_size, dump.cpus) == ("sadump", "x86_64", 4096, 1)
    # One o'clock by a clock whose UTC is local time plus 60 minutes.
    assert (dump.crash_time, dump.memory_bytes, dump.pages) == (d.CRASHED_AT + 7200, 6 * 4096, 2)
    assert (dump.flags, dump.partial, dump.missing_bytes) == (("pages-left-out",), True, 0)
    assert identify_dump(save("dump", data[:-100]), scan=False).missing_bytes == 100


def test_sadump_of_a_disk_set_and_of_an_unknown_time_zone(save: Save) -> None:
    dump = identify_dump(save("dump", d.Sadump(disk=1, zone=2047, efer=0).build()), scan=False)
    assert (dump.flags, dump.missing_bytes) == (("disk-1-of-a-set", "pages-left-out"), None)
    assert (dump.crash_time, dump.machine) == (None, None)
    second = d.put(8192, (0, "s", b"sadump\0\0"), (152, "I", 2))
    assert identify_dump(save("dump", second), scan=False).flags == ("disk-2-of-a-set",)
    wide = identify_dump(save("dump", d.Sadump(block=8192).build()), scan=False)
    assert (wide.page_size, wide.missing_bytes) == (8192, 0)


def test_vmss_with_memory_inside(save: Save) -> None:
    data = d.vmss(memory=b"M" * 8192)
    dump = identify_dump(save("vm.vmss", data), scan=False)
    assert (dump.format, dump.cpus, dump.memory_bytes, dump.page_size) == ("vmware-vmss", 4, 8192, 4096)
    assert (dump.flags, dump.missing_bytes) == ((), 0)
    assert identify_dump(save("vm.vmss", data[:-1000]), scan=False).truncated


def test_vmss_wants_its_memory_beside_it(save: Save) -> None:
    data = d.vmss(regions=((0, 0, 2), (2, 16, 1))).ljust(8192, b"\0")
    path = save("vm.vmsn", data)
    alone = identify_dump(path, scan=False)
    assert (alone.flags, alone.missing_bytes, alone.memory_bytes) == (("vmem-missing",), None, 3 * 4096)
    save("vm.vmem", bytes(3 * 4096))
    assert (identify_dump(path).flags, identify_dump(path).missing_bytes) == ((), 0)
    save("vm.vmem", bytes(4096))
    assert identify_dump(path).missing_bytes == 2 * 4096


def test_vmss_that_crash_does_not_read(save: Save) -> None:
    old = identify_dump(save("vm.vmss", d.vmss(magic=0xBED0BED0).ljust(8192, b"\0")))
    assert old.flags == ("vmem-missing", "unreadable-header", "32-bit-checkpoint")
    packed = d.vmss().replace(b"\0\0", b"", 0)[:-2] + d.vm_block("Memory", b"M" * 5000, compressed=True) + b"\0\0"
    assert "compressed-memory" in identify_dump(save("vm.vmss", packed)).flags


def test_debug_guest_and_its_memory(save: Save) -> None:
    path = save("debug.guest", d.vmware_guest())
    dump = identify_dump(path)
    assert (dump.format, dump.machine, dump.cpus, dump.memory_bytes) == ("vmware-guest", "x86_64", 1, 4 * 4096)
    assert (dump.flags, dump.missing_bytes) == (("vmem-missing",), None)
    save("debug.vmem", bytes(4 * 4096))
    assert (identify_dump(path).flags, identify_dump(path).missing_bytes) == ((), 0)
    assert identify_dump(save("debug.guest", d.vmware_guest()[:-1])).missing_bytes == 1
    odd = identify_dump(save("debug.guest", b"\xff\0\1" * 2000))
    assert "unreadable-header" in odd.flags
