# SPDX-License-Identifier: Apache-2.0
"""Run queues."""

from __future__ import annotations

from tests.unit.parse.kernel_samples import RUNQ, RUNQ_CLOCKS, RUNQ_GROUPS, RUNQ_RUNNING
from xcrash.parse import runq
from xcrash.parse.runq_times import parse_clocks, parse_lag, parse_running


def test_queues_of_every_scheduler() -> None:
    old, new, offline = runq.parse(RUNQ).cpus
    assert (old.cpu, old.runqueue, old.offline) == (0, "0xffff880001cdb460", False)
    assert old.current
    assert (old.current.pid, old.current.command, old.current.prio) == (2739, "bash", None)
    assert [(q.name, [(t.pid, t.prio) for t in q.tasks]) for q in (*old.queues, *new.queues)] == [
        ("ACTIVE PRIO_ARRAY", [(2739, 115), (1776, 115)]),
        ("EXPIRED PRIO_ARRAY", []),
        ("RT PRIO_ARRAY", [(161097, 98)]),
        ("CFS RB_ROOT", [(18, 120)]),
    ]
    assert (offline.cpu, offline.offline, offline.queues) == (2, True, ())


def test_groups_hold_their_tasks() -> None:
    (cpu,) = runq.parse(RUNQ_GROUPS).cpus
    assert [(g.level, g.queue, g.name, g.prio, g.throttled, [t.pid for t in g.tasks]) for g in cpu.groups] == [
        (0, "RT", None, None, False, []),
        (1, "RT", None, 0, True, [14750, 14749]),
        (2, "RT", None, 1, False, [14752]),
        (0, "CFS", None, None, False, [14734]),
        (1, "CFS", "libvirt", None, False, []),
    ]
    assert [g.parent for g in cpu.groups] == [
        None,
        "0xffffffff81ed93e0",
        "0xffff88022c6bbc00",
        None,
        "0xffffffff81ed93e0",
    ]
    assert [t.current for t in cpu.groups[3].tasks] == [True]


def test_tabs_indent_as_blanks_do() -> None:
    text = (
        "CPU 0\n  ROOT_TASK_GROUP: ffff8001025fa4c0  CFS_RQ: ffff0000fff422c0\n"
        "\t TASK_GROUP: ffff0000c130fc00  CFS_RQ: ffff00009125a400  <test_cg>\n"
        '\t\t   [110] PID: 330440  TASK: ffff00004cd61540  COMMAND: "stress-ng" [CURRENT]\n'
        '\t [100] PID: 97     TASK: ffff0000c2432a00  COMMAND: "kworker/0:1H"\n'
    )
    assert [[t.pid for t in g.tasks] for g in runq.parse(text).cpus[0].groups] == [[97], [330440]]


def test_tasks_without_queues() -> None:
    (cpu,) = runq.parse('CPU 0\n     [139] PID: 224    TASK: ffff8c1841d3b080  COMMAND: "yes"\n').cpus
    assert [(t.pid, t.prio) for t in cpu.tasks] == [(224, 139)]


def test_a_line_outside_of_any_cpu_is_unread() -> None:
    found = runq.parse("     [no tasks queued]\n" + RUNQ)
    assert [line.line for line in found.unread] == [1]


def test_clocks() -> None:
    zero, one = parse_clocks(RUNQ_CLOCKS).cpus
    assert (zero.cpu, zero.timestamp, zero.last_run, zero.pid) == (0, 7654442434, 7195037911, 224)
    assert (one.offline, one.timestamp, one.task) == (True, None, None)


def test_clocks_are_hexadecimal_if_one_of_them_is() -> None:
    text = ' CPU 0: 119e1585\n        11  PID: 2  TASK: ffff8c1841d3b080  COMMAND: "a"\n'
    (cpu,) = parse_clocks(text).cpus
    assert (cpu.timestamp, cpu.last_run) == (0x119E1585, 0x11)


def test_lag() -> None:
    assert runq.parser(["-T"]) is parse_lag
    found = parse_lag("  CPU 0: 0.00 secs\n  CPU 1: 12.01 secs\n  CPU 1: secs\n")
    assert [(c.cpu, c.lag) for c in found.cpus] == [(0, 0.0), (1, 12.01)]
    assert [line.line for line in found.unread] == [3]


def test_times_are_seconds() -> None:
    assert runq.parser(["-m"]) is parse_running
    assert [(c.cpu, c.seconds, c.command) for c in parse_running(RUNQ_RUNNING).cpus] == [
        (0, ((31 * 24 + 14) * 60 + 7) * 60 + 33.656, "swapper/0"),
        (1, 0.063, "proxy"),
    ]
