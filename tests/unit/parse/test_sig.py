# SPDX-License-Identifier: Apache-2.0
"""Signals of tasks."""

from __future__ import annotations

from tests.unit.parse.task_samples import SIG, SIG_GROUP
from xcrash.parse import sig


def test_a_task_has_its_actions_and_queues() -> None:
    (task,) = sig.parse(SIG).tasks
    assert (task.signal_struct, task.nr_threads) == ("0xf6018680", 1)
    assert [(a.sig, a.handler, a.mask, a.flags, a.flag_names) for a in task.actions] == [
        (1, "SIG_DFL", "0x0000000000000000", "0x0", ()),
        (12, "0x804867f", "0x0000000000000000", "0x10000004", ("SA_SIGINFO", "SA_RESTART")),
    ]
    assert (task.sigpending, task.blocked) == (False, "0x8000000200000800")
    assert task.private_pending and task.shared_pending
    assert task.private_pending.signal == "0x0000000200000800"
    assert [(i.sig, i.siginfo) for i in task.private_pending.sigqueue] == [(12, "0xf51b9c84"), (34, "0xf51b9594")]
    assert task.shared_pending.sigqueue == ()


def test_threads_of_a_group_follow_it() -> None:
    group, thread = sig.parse(SIG_GROUP).tasks
    assert (len(group.actions), group.sigpending, group.private_pending) == (1, None, None)
    assert (thread.actions, thread.sigpending, thread.blocked) == ((), True, "0x20014a0700000000")
    assert (thread.shared_pending, thread.private_pending is None) == (None, False)


def test_a_queue_outside_of_its_heading_is_unread() -> None:
    found = sig.parse("12  f51b9c84\nSIGPENDING: maybe\n")
    assert ([line.line for line in found.unread], found.tasks) == ([1, 2], ())


def test_the_list_of_signals() -> None:
    assert sig.parser(["-l"]) is sig.parse_list
    found = sig.parse_list(" [1] SIGHUP\n [6] SIGABRT/SIGIOT\n[33] SIGRTMIN+1\n[64] 12\n")
    assert [(s.sig, s.names) for s in found.signals] == [
        (1, ("SIGHUP",)),
        (6, ("SIGABRT", "SIGIOT")),
        (33, ("SIGRTMIN+1",)),
    ]
    assert [line.line for line in found.unread] == [4]


def test_a_set_by_names() -> None:
    assert sig.parser(["-s", "800A000000000201"]) is sig.parse_set
    found = sig.parse_set("SIGHUP SIGUSR1 SIGRTMAX-14 SIGRTMAX\nSIGHUP and more\n")
    assert found.names == ("SIGHUP", "SIGUSR1", "SIGRTMAX-14", "SIGRTMAX")
    assert [line.line for line in found.unread] == [2]
