# SPDX-License-Identifier: Apache-2.0
"""The context block of ``set``."""

from __future__ import annotations

from tests.unit.parse.data_samples import SET_VARIABLES
from tests.unit.parse.samples import CONTEXT, PANIC
from xcrash.parse import read
from xcrash.parse import set as set_
from xcrash.parse.answer import NoData, answer


def test_context() -> None:
    context = set_.parse(CONTEXT)
    assert context is not None
    assert (context.pid, context.command, context.cpu) == (5102, "mysqld", 3)
    assert (context.task, context.thread_info) == ("0xffff8f6cd27b0000", "0xffff8f6cd27b0000")
    assert (context.state, context.activity) == ("TASK_INTERRUPTIBLE|TASK_NOLOAD", None)
    assert CONTEXT[slice(*context.span)] == CONTEXT.rstrip("\n")


def test_old_kernels_have_no_thread_info() -> None:
    context = set_.parse(
        CONTEXT.replace("  [THREAD_INFO: ffff8f6cd27b0000]", "").replace("ffff8f6cd27b0000", "cec66000")
    )
    assert context is not None
    assert (context.task, context.thread_info) == ("0xcec66000", None)


def test_remark_behind_a_value() -> None:
    context = set_.parse(CONTEXT.replace("CPU: 3", "CPU: 3--------\u521a\u597d").replace("0]", "0]   # \u5730\u5740"))
    assert context is not None
    assert context.fields["CPU"] == "3"
    assert context.fields["TASK"] == "ffff8f6cd27b0000  [THREAD_INFO: ffff8f6cd27b0000]"


def test_other_output() -> None:
    assert set_.parse("set: no panic task found!\n") is None
    context = set_.parse(PANIC)
    assert context is not None
    assert list(context.fields) == ["PID", "COMMAND", "TASK", "CPU", "STATE"]


def test_variables() -> None:
    found = set_.parse_variables(SET_VARIABLES)
    assert [(variable.name, variable.value) for variable in found.variables] == [
        ("scroll", "on (/usr/bin/less)"),
        ("radix", "10 (decimal)"),
        ("null-stop", "on"),
        ("gdb", "off"),
        ("scope", "(not set)"),
    ]
    assert (found.remarks, found.unread) == ((), ())


def test_a_refused_task_is_a_remark_and_other_lines_are_kept() -> None:
    refused = read("set 99999", "set: invalid task or pid value: 99999\n")
    assert isinstance(refused, NoData)
    assert [remark.text for remark in refused.remarks] == ["set: invalid task or pid value: 99999"]
    context = read("set 1", f"{CONTEXT}\nset: no more\nmore\n")
    assert isinstance(context, set_.Context)
    assert [line.text for line in context.unread] == ["more"]
    assert [remark.text for remark in context.remarks] == ["set: no more"]
    assert context.pid == 5102


def test_one_variable_and_errors() -> None:
    (radix,) = set_.parse_variables("output radix: 16 (hex)\n").variables
    assert (radix.name, radix.value) == ("output radix", "16 (hex)")
    failed = set_.parse_variables("set: invalid task or pid value: nosuch\n")
    assert failed.variables == ()
    assert [remark.text for remark in failed.remarks] == ["set: invalid task or pid value: nosuch"]


def test_set_alone_shows_the_context_or_in_minimal_mode_the_variables() -> None:
    assert isinstance(read("set", CONTEXT), set_.Context)
    shown = read("set", SET_VARIABLES)
    assert isinstance(shown, set_.Variables)
    assert len(shown.variables) == 5


def test_what_is_no_data_of_a_command() -> None:
    text = (
        "irq: invalid structure member offset: irq_desc_t_handler\n[./crash] error trace: 4a1b7d => 4e21f5\n"
        "  4e21f5: OFFSET_verify+117\n  4a1b7d: (undetermined)\n--\n"
        "-- MORE --  forward: <SPACE>, <ENTER> or j  backward: b or k  quit: q\n"
    )
    said = answer(text, "irq")
    assert [line.text for line in said.lines if line.text] == []
    assert [remark.line for remark in said.remarks] == [1, 2, 3, 4]
    assert answer("    ffffffff90803e98: default_idle_call+56\n", "bt").remarks == ()
