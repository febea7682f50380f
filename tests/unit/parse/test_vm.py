# SPDX-License-Identifier: Apache-2.0
"""The address spaces of tasks."""

from __future__ import annotations

from tests.unit.parse.task_samples import VM, VM_PAGES, VM_STRUCT
from xcrash.parse import vm


def test_a_task_has_its_sizes_and_areas() -> None:
    kernel, init = vm.parse(VM).tasks
    assert (kernel.mm, kernel.rss, kernel.vmas) == ("0x0", 0, ())
    assert (init.mm, init.pgd) == ("0xffff8c184106ee00", "0xffff8c1841ec4000")
    assert (init.rss, init.total_vm) == (1512 * 1024, 2304 * 1024)
    text, heap = init.vmas
    assert (text.start, text.end, text.flags, text.file) == ("0x400000", "0x401000", "0x8000071", "/bin/busybox")
    assert (heap.file, heap.pages) == ("", ())
    assert VM[slice(*text.span)] == VM.splitlines()[8]


def test_pages_belong_to_the_area_above() -> None:
    (task,) = vm.parse(VM_PAGES).tasks
    stack, library = task.vmas
    assert [(p.virtual, p.physical, p.swap, p.file, p.offset) for p in (*stack.pages, *library.pages)] == [
        ("0x804d000", "0x219d000", None, None, None),
        ("0x804f000", None, "/dev/sda8", None, 24225),
        ("0x40001000", None, None, "/lib/ld-2.1.1.so", 0x1000),
        ("0x40002000", None, None, None, None),
    ]
    assert VM_PAGES[slice(*stack.span)].endswith("OFFSET: 24225")


def test_structs_are_values() -> None:
    (task,) = vm.parse(VM_STRUCT).tasks
    (mm,) = task.structs
    assert (mm.name, [m.name for m in mm.members], mm.truncated) == ("mm_struct", ["mmap", "count", "total_vm"], False)
    assert mm.members[0].value == "0xc6caa1c0"
    cut = vm.parse("\n".join(VM_STRUCT.splitlines()[:3]))
    assert [s.truncated for s in cut.tasks[0].structs] == [True]


def test_an_area_without_its_task_is_read() -> None:
    (task,) = vm.parse("ffff8c185ffcf6e0 7f873619c000 7f87361a0000 c044411 \n").tasks
    assert (task.task, task.vmas[0].start) == (None, "0x7f873619c000")


def test_a_page_without_an_area_is_unread() -> None:
    assert [line.text for line in vm.parse("401000      1fc39000\n").unread] == ["401000      1fc39000"]


def test_a_crash_that_is_too_old_says_so_beside_the_data() -> None:
    text = (
        'PID: 140      TASK: ffff88d0c2cdc800  CPU: 0    COMMAND: "awk"\n'
        "       MM               PGD          RSS    TOTAL_VM\n"
        "ffff88d0c25b5f80  ffff88d0c192c000  436512k  441764k \n\n"
        "vm: invalid structure member offset: mm_struct_mmap\n"
        "    FILE: memory.c  LINE: 4007  FUNCTION: vm_area_dump()\n\n"
        "[/usr/bin/crash] error trace: 7fea36214a8c => 7fea36213749\n"
    )
    found = vm.parse(text)
    assert [remark.line for remark in found.remarks] == [5, 6, 8]
    assert {remark.severity for remark in found.remarks} == {"error"}
    assert ([task.rss for task in found.tasks], found.unread) == ([436512 * 1024], ())


def test_not_found() -> None:
    found = vm.parse('PID: 186  TASK: ffff8c1841f248c0  CPU: 1  COMMAND: "sh"\n(not found)\n')
    assert (len(found.tasks), found.unread) == (1, ())


def test_flags_by_names() -> None:
    assert vm.parser(["-f", "3875"]) is vm.parse_flags
    found = vm.parse_flags("3875: (READ|EXEC|MAYREAD)\n")
    assert (found.value, found.flags) == ("0x3875", ("READ", "EXEC", "MAYREAD"))
    assert vm.parse_flags("3875: what").unread[0].text == "3875: what"
