# SPDX-License-Identifier: Apache-2.0
"""The backtrace that gdb unwinds."""

from __future__ import annotations

from xcrash.parse.bt import gdb

BT = """\
#0  __preempt_count_add (val=1) at arch/x86/include/asm/preempt.h:79
#2  0xffffffff8a875f20 in panic (fmt=fmt@entry=0xffffffff8b0b0995 "sysrq, key=(1)\\n") at kernel/panic.c:530
#4  0xffffffff8a8a41fa in __handle_sysrq (key=<optimized out>, check_mask=check_mask@entry=false) at tty/sysrq.c:613
#12 0xffffffff8aa0012f in entry_SYSCALL_64 () at arch/x86/entry/entry_64.S:121
#13 0x00007f5720b368e7 in ?? () from /lib64/libc.so.6
(More stack frames follow...)
"""


def test_frames_and_their_arguments() -> None:
    found = gdb.parse(BT)
    assert [(frame.level, frame.function, frame.address) for frame in found.frames] == [
        (0, "__preempt_count_add", None),
        (2, "panic", "0xffffffff8a875f20"),
        (4, "__handle_sysrq", "0xffffffff8a8a41fa"),
        (12, "entry_SYSCALL_64", "0xffffffff8aa0012f"),
        (13, "??", "0x00007f5720b368e7"),
    ]
    assert found.frames[1].arguments == {"fmt": '0xffffffff8b0b0995 "sysrq, key=(1)\\n"'}
    assert found.frames[2].arguments == {"key": "<optimized out>", "check_mask": "false"}
    assert found.frames[2].source is not None and found.frames[2].source.line == 613
    assert (found.frames[4].object, found.frames[4].source) == ("/lib64/libc.so.6", None)
    assert (found.stopped, found.unread) == ("(More stack frames follow...)", ())


def test_what_is_no_frame_is_unread_or_a_remark() -> None:
    found = gdb.parse("gdb: gdb request failed: bt\nNo stack.\nBacktrace stopped: previous frame inner to this frame\n")
    assert [remark.severity for remark in found.remarks] == ["error"]
    assert [line.text for line in found.unread] == ["No stack."]
    assert found.stopped == "Backtrace stopped: previous frame inner to this frame"


def test_only_backtraces_have_a_parser() -> None:
    assert gdb.parser(["bt"]) is gdb.parse and gdb.parser(["where", "3"]) is gdb.parse
    assert gdb.parser([]) is None and gdb.parser(["print", "jiffies"]) is None
