# SPDX-License-Identifier: Apache-2.0
"""The machine."""

from __future__ import annotations

from tests.unit.parse import data_samples as samples
from xcrash.parse import mach


def test_labels_and_stacks() -> None:
    found = mach.parse(samples.MACH)
    assert (found.machine_type, found.memory_size, found.cpus, found.cpus_offline) == ("x86_64", 536346624, 2, 1)
    assert (found.processor_speed, found.hz, found.page_size, found.kernel_stack_size) == (2596, 1000, 4096, 16384)
    addresses = {label.label: label.address for label in found.labels}
    assert addresses["KERNEL VIRTUAL BASE"] == "0xffff8c1840000000"
    assert addresses["KERNEL STACK SIZE"] is None
    assert [(stack.stacks, stack.cpu, stack.address, stack.note) for stack in found.stacks] == [
        ("IRQ STACKS", 0, "0xffffcd9600000000", None),
        ("IRQ STACKS", 1, "0xffffcd96000fd000", None),
        ("VC STACKS", 0, "0xfffffe2e0ee32000", "unavailable"),
        ("(unknown) STACKS", 0, "0xfffffe2e0ee35000", "unavailable"),
    ]


def test_old_versions_and_unknown_speed() -> None:
    found = mach.parse(samples.MACH_OLD)
    assert (found.machine_type, found.hypervisor, found.processor_speed, found.hz) == ("i686", "KVM", None, 100)
    assert found.unread == ()


def test_a_note_behind_a_stack_and_text_below_are_no_labels() -> None:
    stacks = "  IRQ STACKS:\n    CPU 0: ffff0807dd7d4440  # base\n    CPU 1: ffff0807dd7f8440\n"
    found = mach.parse(f"{stacks}Signed-off-by: Me <me@x.org>\n")
    assert [label.label for label in found.labels] == ["IRQ STACKS"]
    assert [(stack.stacks, stack.cpu) for stack in found.stacks] == [("IRQ STACKS", 0), ("IRQ STACKS", 1)]
    assert [line.line for line in found.unread] == [4]


def test_memory_map() -> None:
    found = mach.parse_memory(samples.MACH_MEMORY)
    assert [(item.start, item.end, item.type) for item in found.ranges] == [
        ("0x0000000000000000", "0x00000000000a0000", "E820_RAM"),
        ("0x00000000000f0000", "0x0000000000100000", "E820_RESERVED"),
    ]


def test_data_of_each_cpu() -> None:
    found = mach.parse_cpus(samples.MACH_CPUS)
    assert [(cpu.cpu, cpu.name, cpu.members[0].value) for cpu in found.cpus] == [
        (0, "cpuinfo_x86", 15),
        (1, "cpuinfo_x86", 15),
    ]


def test_console_log() -> None:
    first, second = mach.parse_console(samples.MACH_CONSOLE).messages
    assert (first.timestamp, first.level) == (65.219056911, 5)
    assert second.text.startswith("BT: seq 0x25")


def test_an_option_of_another_machine_is_an_error() -> None:
    found = mach.parse_console(
        "mach: invalid option -- 'o'\nUsage:\n  mach [-m | -c -[xd] | -o]\nEnter \"help mach\" for details.\n"
    )
    assert [remark.severity for remark in found.remarks] == ["error", "usage", "usage", "usage"]
    assert found.unread == ()
