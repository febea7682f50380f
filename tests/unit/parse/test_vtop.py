# SPDX-License-Identifier: Apache-2.0
"""Translations of addresses, numbers and page table entries."""

from __future__ import annotations

from tests.unit.parse.task_samples import EVAL, VTOP
from xcrash.parse import convert, pte, vtop


def test_an_address_in_swap() -> None:
    swapped = vtop.parse(VTOP).translations[0]
    assert (swapped.virtual, swapped.physical, swapped.note) == ("0x7f07398c5000", None, "not mapped")
    assert [(level.level, level.address, level.entry) for level in swapped.levels] == [
        ("PGD", "0x6da707f0", "0x800000000232b067"),
        ("PTE", "0x6f807628", "0x7fffffffd0b6002"),
    ]
    assert [(p.pte, p.swap, p.offset) for p in swapped.ptes] == [("0x7fffffffd0b6002", "/dev/zram0", 96847)]
    assert [(v.vma, v.flags) for v in swapped.vmas] == [("0xffff891d0e5d5320", "0x8100073")]
    assert (swapped.swap, swapped.offset, swapped.file, swapped.pages) == ("/dev/zram0", 96847, None, ())


def test_a_huge_page() -> None:
    huge = vtop.parse(VTOP).translations[1]
    assert (huge.virtual, huge.physical) == ("0xff2d950aa3a9c000", "0x8aa3a9c000")
    assert [(level.level, level.size) for level in huge.levels] == [
        ("PGD DIRECTORY", None),
        ("PAGE DIRECTORY", None),
        ("PMD", None),
        ("PAGE", "2MB"),
    ]
    assert huge.ptes[0].flags == ("PRESENT", "RW", "ACCESSED", "DIRTY", "PSE", "GLOBAL", "NX")
    (page,) = huge.pages
    assert page.flags
    assert (page.cnt, page.flags.value, page.flags.names) == (1, "0x36002c", ("referenced", "uptodate"))
    assert (huge.vmas, huge.swap) == ((), None)
    assert VTOP[slice(*huge.span)].startswith("VIRTUAL  ")


def test_machine_addresses_and_tasks() -> None:
    text = (
        'PID: 1359   TASK: c5caf000  CPU: 1   COMMAND: "a"\nVIRTUAL   PHYSICAL\nc806e000  2216000\n\n'
        "PAGE DIRECTORY: ffff880001001000 [machine]\n   PTE: c00941b8 => 2216063 [machine]\n"
        "FILE: /lib/libc-2.1.1.so  OFFSET: 9c000\n"
    )
    (found,) = vtop.parse(text).translations
    assert found.task
    assert (found.task.pid, [level.machine for level in found.levels]) == (1359, [True, True])
    assert (found.file, found.offset) == ("/lib/libc-2.1.1.so", 0x9C000)


def test_a_table_is_read_by_its_own_header() -> None:
    text = (
        "VIRTUAL  PHYSICAL\n80b4000  660f000\n  VMA  START  END  FLAGS  FILE\nc773daa0 80b4000 810c000 77\n"
        "  PAGE    PHYSICAL   INODE     OFFSET  CNT FLAGS\nc0393258   660f000         0     17000  1  uptodate\n"
    )
    (found,) = vtop.parse(text).translations
    (page,) = found.pages
    assert page.flags
    assert (page.inode, page.offset, page.cnt, page.flags.names) == ("0x0", "0x17000", 1, ("uptodate",))
    assert [v.vma for v in found.vmas] == ["0xc773daa0"]


def test_a_heading_without_an_address_is_no_translation() -> None:
    found = vtop.parse("VIRTUAL  PHYSICAL\nnothing here\n")
    assert (found.translations, [line.text for line in found.unread]) == ((), ["nothing here"])


def test_entries_present_and_swapped() -> None:
    text = (
        " PTE    PHYSICAL  FLAGS\nd8e067   d8e000   (PRESENT|RW)\n\n"
        " PTE      SWAP     OFFSET\n13f600  /dev/hda2   5104\n"
    )
    present, swapped = pte.parse(text).ptes
    assert (present.pte, present.physical, present.flags) == ("0xd8e067", "0xd8e000", ("PRESENT", "RW"))
    assert (swapped.pte, swapped.swap, swapped.offset, swapped.physical) == ("0x13f600", "/dev/hda2", 5104, None)
    assert pte.parse("d8e067   d8e000   PRESENT\n").unread[0].line == 1


def test_numbers_in_every_notation() -> None:
    found = convert.parse_eval(EVAL)
    assert (found.hexadecimal, found.decimal, found.signed) == ("0xffffffffffffffff", 2**64 - 1, -1)
    assert (found.octal, found.binary, found.bits_set) == ("1" + "7" * 21, "1" * 64, (3, 2, 1, 0))
    round_one = convert.parse_eval("hexadecimal: a000  (40KB)\n    decimal: 40960  \n")
    assert (round_one.hexadecimal, round_one.multiple, round_one.decimal) == ("0xa000", "40KB", 40960)


def test_a_wrapped_number_and_a_comment() -> None:
    text = "     decimal: 955737218856  <<<<<<< IO pending time is 955s\n      binary: \n" + "01" * 32 + "\n"
    found = convert.parse_eval(text)
    assert (found.decimal, found.binary, found.unread) == (955737218856, "01" * 32, ())
    lost = convert.parse_eval("binary: \nnothing\n")
    assert (lost.binary, [line.line for line in lost.unread]) == (None, [1, 2])


def test_pages_and_addresses() -> None:
    assert [(p.address, p.page) for p in convert.parse_btop("512a000: 512a\n").pages] == [("0x512a000", "0x512a")]
    assert [(p.address, p.page) for p in convert.parse_ptob("512a: 512a000\n").pages] == [("0x512a000", "0x512a")]
    found = convert.parse_ptov("VIRTUAL           PHYSICAL        \nffff8c1840001000  1000            \n")
    assert [(a.virtual, a.physical) for a in found.addresses] == [("0xffff8c1840001000", "0x1000")]


def test_per_cpu_offsets() -> None:
    found = convert.parse_ptov(
        "PER-CPU OFFSET: b0c0\n  CPU    VIRTUAL\n  [0]  ffff88021e20b0c0\n  [1]  ffff88021e24b0c0\n"
    )
    assert [(a.offset, a.cpu, a.virtual) for a in found.per_cpu] == [
        ("0xb0c0", 0, "0xffff88021e20b0c0"),
        ("0xb0c0", 1, "0xffff88021e24b0c0"),
    ]
    assert found.unread == ()


def test_characters() -> None:
    found = convert.parse_ascii("62696c2f7273752f: /usr/lib\n")
    assert [(v.value, v.characters) for v in found.values] == [("0x62696c2f7273752f", "/usr/lib")]
    chart = convert.parse_ascii(
        "\n      0    1   2   3   4   5   6   7\n    +-------------------------------\n"
        "  0 | NUL DLE  SP  0   @   P   '   p\n  C |  FF  FS  ,   <   L   \\   l   |\n"
    )
    assert chart.chart == (("NUL", "DLE", "SP", "0", "@", "P", "'", "p"), ("FF", "FS", ",", "<", "L", "\\", "l", "|"))
    assert chart.unread == ()
