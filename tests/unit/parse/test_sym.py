# SPDX-License-Identifier: Apache-2.0
"""Symbols."""

from __future__ import annotations

from tests.unit.parse import data_samples as samples
from xcrash.parse import sym


def test_symbols_have_offset_module_and_source() -> None:
    panic, call, readdir, percpu, end, unknown = sym.parse(samples.SYM).symbols
    assert (panic.address, panic.type, panic.name, panic.offset) == ("0xffffffff8a875c55", "T", "panic", 5)
    assert panic.file == "debian/build/build_amd64_none_cloud-amd64/kernel/panic.c"
    assert panic.source_line == 341
    assert (call.offset, call.file) == (0x34, "../linux-2.2.5/arch/i386/kernel/signal.c")
    assert (readdir.module, readdir.file) == ("ext3", None)
    assert (percpu.address, percpu.offset) == ("0x19000", None)
    assert end.offset == -2130939904
    assert (unknown.type, unknown.name) == ("?", "attach_uart401")


def test_modules_begin_and_end_in_old_and_new_versions() -> None:
    found = sym.parse(samples.SYM_MODULE)
    assert [(edge.module, edge.section, edge.edge) for edge in found.modules] == [
        ("uart401", None, "START"),
        ("uart401", None, "END"),
        ("qemu_fw_cfg", "TEXT", "START"),
        ("qemu_fw_cfg", "RO_AFTER_INIT", "END"),
    ]
    assert [symbol.name for symbol in found.symbols] == ["uart401intr", "fw_cfg_sysfs_attr_show"]


def test_an_unknown_symbol_has_alternatives() -> None:
    found = sym.parse(samples.SYM_MISSING)
    assert found.symbols == ()
    assert [symbol.name for symbol in found.alternatives] == ["panic_on_this_cpu", "panic_on_other_cpu"]
    assert [remark.severity for remark in found.remarks] == ["error", "note"]


def test_errors_are_remarks_and_damaged_rows_unread() -> None:
    found = sym.parse("sym: invalid address: 0\nffffffff8a875c55 (T)\nffffffff8xx75c55 (T) panic\n")
    assert [remark.text for remark in found.remarks] == ["sym: invalid address: 0"]
    assert [line.line for line in found.unread] == [2, 3]
