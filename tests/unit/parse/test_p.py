# SPDX-License-Identifier: Apache-2.0
"""Printed values."""

from __future__ import annotations

from tests.unit.parse import data_samples as samples
from xcrash.parse import p
from xcrash.parse.c_value import Members, Pointer


def test_values_have_their_number_and_what_was_printed() -> None:
    found = p.parse(samples.P)
    assert [(result.expression, result.cpu, result.history) for result in found.results] == [
        ("runqueues", None, 5),
        ("jiffies", None, 1),
        (None, None, 2),
        ("panic", None, 4),
        ("runqueues", 1, 6),
    ]
    structure, number, pointer, function, _ = (result.value for result in found.results)
    assert isinstance(structure, Members)
    assert number == 4294894131
    assert pointer == Pointer(address="0xffffffff8b810940", type="struct task_struct *", symbol="init_task")
    assert function == Pointer(address="0xffffffff8a875c50", type="void (const char *, ...)", symbol="panic")
    assert samples.P[slice(*found.results[3].span)].startswith("panic = ")


def test_hexadecimal_values_stay_as_printed() -> None:
    (mask,) = p.parse("__cpu_online_mask = $1 = {\n  bits = {0x2, 0x0}\n}\n").results
    assert isinstance(mask.value, Members)
    assert p.parse("jiffies = $7 = 0x9ed174b\n").results[0].value == "0x9ed174b"


def test_a_per_cpu_variable_has_an_address_for_each_cpu() -> None:
    variable = p.parse(samples.P_PER_CPU).per_cpu
    assert variable is not None
    assert variable.declaration is not None
    assert (variable.declaration.name, variable.declaration.declaration) == ("runqueues", "struct rq runqueues")
    assert [(address.cpu, address.address) for address in variable.addresses] == [
        (0, "0xffff8c185f235e80"),
        (1, "0xffff8c185f335e80"),
    ]


def test_errors_and_warnings_are_remarks() -> None:
    found = p.parse("WARNING: x is not percpu; cpuspec ignored.\nx = $18 = 1\np: gdb request failed: p nosuch\n")
    assert [remark.severity for remark in found.remarks] == ["warning", "error"]
    assert [result.value for result in found.results] == [1]


def test_a_value_that_is_none_is_unread() -> None:
    found = p.parse("x = $1 = 1 = 2\n$2 = 3\n")
    assert [line.text for line in found.unread] == ["x = $1 = 1 = 2"]
    assert [result.history for result in found.results] == [2]


def test_a_head_whose_value_never_comes_is_unread() -> None:
    found = p.parse("panic = $4 = \n {void (\nconst char *, ...)} 0xffffffff8a875c50 <panic>\n$2 = 3\nlast = $5 =\n")
    assert [(line.line, line.text) for line in found.unread] == [
        (1, "panic = $4 = "),
        (2, " {void ("),
        (3, "const char *, ...)} 0xffffffff8a875c50 <panic>"),
        (5, "last = $5 ="),
    ]
    assert [result.history for result in found.results] == [2]


def test_what_grep_left_of_the_addresses() -> None:
    found = p.parse("  [45]: ff440db1af39cfc0\n")
    assert found.per_cpu is not None and found.unread == ()
    assert [(part.cpu, part.address) for part in found.per_cpu.addresses] == [(45, "0xff440db1af39cfc0")]
