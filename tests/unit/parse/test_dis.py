# SPDX-License-Identifier: Apache-2.0
"""Disassembly."""

from __future__ import annotations

import pytest

from tests.unit.parse import data_samples as samples
from xcrash.parse import dis


def test_instructions_have_their_source_line() -> None:
    first, second, third = dis.parse(samples.DIS).instructions
    assert (first.address, first.symbol, first.offset) == ("0xffffffff8a875c50", "panic", 0)
    assert (first.instruction, first.source_line, first.current) == ("endbr64", 341, False)
    assert (second.offset, second.instruction) == (4, "nopl   0x0(%rax,%rax,1)")
    assert (third.offset, third.source_line, third.current) == (0x3F, 343, True)
    assert third.instruction is not None
    assert third.instruction.endswith("# 0xffffffff8c334218 <crash_kexec_post_notifiers>")
    assert samples.DIS[slice(*first.span)].splitlines()[0] == "debian/build/kernel/panic.c: 341"


def test_old_versions_pad_with_blanks() -> None:
    first, second, third = dis.parse(samples.DIS_OLD).instructions
    assert (second.symbol, second.offset, second.instruction) == ("sys_signal", 1, "mov    %esp,%ebp")
    assert (third.address, third.symbol, third.offset, third.instruction) == ("0x81ec624", None, None, "push   %ebp")
    assert (first.file, first.source_line) == (None, None)


@pytest.mark.parametrize(
    ("line", "symbol", "offset", "instruction"),
    [
        ("   0xffffffff8a875c50 <panic>:\tendbr64", "panic", 0, "endbr64"),
        ("0xc0000000000f7a60 <.panic+0x10>:\tmflr    r0", ".panic", 16, "mflr    r0"),
        ("0xffffffff81000002 <__per_cpu_end+-2130939902>:\tadd    %al,(%rax)", "__per_cpu_end", -2130939902, None),
        ("0xffffffff8a876000 <__warn.cold+102>:\tpop    %r15", "__warn.cold", 102, "pop    %r15"),
        ("0xffffffff8a000000 <<core::fmt::A as core::B>::pad+8>:\tret", "<core::fmt::A as core::B>::pad", 8, "ret"),
        ("   0x0:\t", None, None, None),
    ],
)
def test_other_forms(line: str, symbol: str | None, offset: int | None, instruction: str | None) -> None:
    (found,) = dis.parse(line).instructions
    assert (found.symbol, found.offset) == (symbol, offset)
    assert instruction in (None, found.instruction)


def test_gdb_names_the_function_once() -> None:
    found = dis.parse(
        "Dump of assembler code for function nfd_read:\n   0xf7e12058 <+0>:\tsub    $0x20,%esp\n   0x5 <+4>:\tret\n"
    )
    assert [(item.symbol, item.offset) for item in found.instructions] == [("nfd_read", 0), ("nfd_read", 4)]


def test_an_instruction_that_a_mailer_broke_off() -> None:
    found = dis.parse("0xffffffff8020a970 <machine_check+128>:\n    jmpq   0xffffffff8044d25b <paranoid_exit1>\n")
    assert [item.instruction for item in found.instructions] == ["jmpq   0xffffffff8044d25b <paranoid_exit1>"]
    assert found.unread == ()


def test_source_listing() -> None:
    found = dis.parse_source(samples.DIS_SOURCE)
    assert (found.file, found.source_line) == ("fs/dcache.c", 276)
    assert [(line.source_line, line.current) for line in found.lines] == [
        (274, False),
        (275, False),
        (276, True),
        (277, False),
    ]
    assert found.lines[2].text.strip() == "dentry->d_op->d_iput(dentry, inode);"


def test_source_that_is_not_there() -> None:
    found = dis.parse_source("FILE: kernel/panic.c\nLINE: 341\n\ndis: panic: source code is not available\n\n")
    assert (found.file, found.lines) == ("kernel/panic.c", ())
    assert [remark.text for remark in found.remarks] == ["dis: panic: source code is not available"]
    assert dis.parser(["-s", "panic"]) is dis.parse_source
