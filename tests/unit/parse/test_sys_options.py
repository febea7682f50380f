# SPDX-License-Identifier: Apache-2.0
"""``sys`` with an option and ``swap``: short tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse.account import check_damaged, check_time, damaged
from xcrash.parse import parser_for, swap
from xcrash.parse.sys_options import parse_calls, parse_config, parse_dmi, parse_taints

DMI = """\
        DMI_BIOS_VENDOR: LENOVO
       DMI_BIOS_VERSION: G4ET37WW (1.12 )
     DMI_PRODUCT_SERIAL: \

DMI_BOARD_NAME: a: b
"""
CALLS = """\
NUM  SYSTEM CALL                FILE AND LINE NUMBER
  0  __x64_sys_read             ../fs/read_write.c: 720
  9  sys_ni_syscall
459  __x64_sys_lsm_get_self_attr ../security/lsm_syscalls.c: 84
"""
CONFIG = """\
#
# Automatically generated make config: don't edit
# Linux kernel version: 2.6.16
#
CONFIG_X86_64=y
CONFIG_CC_VERSION_TEXT="gcc = 14"
# CONFIG_XEN is not set
"""
SWAP = """\
SWAP_INFO_STRUCT    TYPE       SIZE       USED     PCT  PRI  FILENAME
ffff880153d45f40  PARTITION  7192568k   1200580k   16%   -1  /dev/dm-1
ffff880153d45f80    FILE        1024k          0k   0%   -2  /my swap file
"""
SWAP_OLD = """\
FILENAME           TYPE         SIZE      USED   PCT  PRIORITY
/dev/sda8        PARTITION    136521k      448k    0%      -1
"""


def test_dmi_strings() -> None:
    found = parse_dmi(DMI)
    assert [(one.name, one.value) for one in found.strings] == [
        ("DMI_BIOS_VENDOR", "LENOVO"),
        ("DMI_BIOS_VERSION", "G4ET37WW (1.12 )"),
        ("DMI_PRODUCT_SERIAL", ""),
        ("DMI_BOARD_NAME", "a: b"),
    ]
    assert (found.unread, DMI[slice(*found.strings[0].span)].strip()) == ((), "DMI_BIOS_VENDOR: LENOVO")


@pytest.mark.parametrize(
    ("text", "mask", "letters"),
    [
        ("TAINTED_MASK: 201  PW\n", 0x201, "PW"),
        ("TAINTED_MASK: 0  \n", 0, ""),
        ("    TAINTED_MASK: 11201  POEL \n", 0x11201, "POEL"),
        ("TAINTED: 1\n", 1, None),
    ],
)
def test_taints(text: str, mask: int, letters: str | None) -> None:
    found = parse_taints(text)
    assert (found.mask, found.letters, found.unread) == (mask, letters, ())


def test_taints_that_crash_did_not_find() -> None:
    found = parse_taints("sys: cannot determine taints\nTAINTED_MASK: ??\n")
    assert (found.mask, found.letters, found.span, len(found.remarks)) == (None, None, None, 1)
    assert [one.text for one in found.unread] == ["TAINTED_MASK: ??"]


def test_system_calls() -> None:
    found = parse_calls(CALLS)
    assert [(one.num, one.name, one.file, one.file_line) for one in found.calls] == [
        (0, "__x64_sys_read", "../fs/read_write.c", 720),
        (9, "sys_ni_syscall", None, None),
        (459, "__x64_sys_lsm_get_self_attr", "../security/lsm_syscalls.c", 84),
    ]
    assert (found.radix, found.unread) == (10, ())


def test_system_calls_with_numbers_in_hexadecimal() -> None:
    found = parse_calls(CALLS.replace("  9  sys_ni", "  c  sys_ni"))
    assert (found.radix, [one.num for one in found.calls]) == (16, [0, 12, 0x459])


def test_config() -> None:
    found = parse_config(CONFIG)
    assert [(one.name, one.value) for one in found.options] == [
        ("CONFIG_X86_64", "y"),
        ("CONFIG_CC_VERSION_TEXT", '"gcc = 14"'),
        ("CONFIG_XEN", None),
    ]
    assert found.unread == ()
    none = parse_config("sys: kernel_config_data does not exist in this kernel\n")
    assert (none.options, len(none.remarks)) == ((), 1)


def test_swap_devices_and_files() -> None:
    found = swap.parse(SWAP)
    device, file = found.devices
    assert (device.swap_info_struct, device.type, device.filename) == ("0xffff880153d45f40", "PARTITION", "/dev/dm-1")
    assert (device.size, device.used, device.pct, device.pri) == (7192568 * 1024, 1200580 * 1024, 16, -1)
    assert (file.type, file.filename, found.unread) == ("FILE", "/my swap file", ())
    old = swap.parse(SWAP_OLD).devices[0]
    assert (old.filename, old.swap_info_struct, old.size, old.pri) == ("/dev/sda8", None, 136521 * 1024, -1)
    none = swap.parse(SWAP.split("\n", 1)[0])
    assert (none.devices, none.unread, none.remarks) == ((), (), ())
    assert len(swap.parse(SWAP.split("\n", 1)[1]).devices) == 2


PARSERS = {
    "sys -i": (parse_dmi, DMI),
    "sys -t": (parse_taints, "TAINTED_MASK: 201  PW\n"),
    "sys -c": (parse_calls, CALLS),
    "sys config": (parse_config, CONFIG),
    "swap": (swap.parse, SWAP),
}


@pytest.mark.parametrize("line", PARSERS)
def test_options_choose_the_shape(line: str) -> None:
    assert parser_for(line) is PARSERS[line][0]
    assert parser_for("sys -panic") is None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PARSERS)).flatmap(lambda name: st.tuples(st.just(name), damaged(PARSERS[name][1]))))
def test_no_line_of_damaged_text_is_lost(drawn: tuple[str, str]) -> None:
    name, text = drawn
    if name != "sys config":
        check_damaged(*PARSERS[name], text)
    assert PARSERS[name][0](text).__struct_config__.tag in ("sys-i", "sys-t", "sys-c", "sys-config", "swap")


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize(
    "hostile",
    [
        lambda n: "DMI_A: " + " " * n + "x\n" + "1 " * n + "\nTAINTED: " + "0" * n,
        lambda n: "0  a" + " " * n + "!\n" + "0  a " + "b:" * n,
        lambda n: "CONFIG_A=" + " " * n + "\n# CONFIG_" + "A" * n,
    ],
)
def test_time_grows_with_the_text(name: str, hostile: Callable[[int], str]) -> None:
    check_time(PARSERS[name][0], hostile)
