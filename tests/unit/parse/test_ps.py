# SPDX-License-Identifier: Apache-2.0
"""The table of ``ps``."""

from __future__ import annotations

import json

import msgspec
import pytest

from tests.unit.parse.samples import CONTEXT, PS
from xcrash.parse import ps

HEADER = PS.splitlines()[0]


def row(text: str) -> ps.Task:
    (task,) = ps.parse(f"{HEADER}\n{text}\n").tasks
    return task


def test_table() -> None:
    table = ps.parse(PS)
    assert table.unread == ()
    assert [(t.pid, t.ppid, t.cpu, t.st, t.comm, t.active) for t in table.tasks] == [
        (0, 0, 0, "RU", "swapper/0", ""),
        (1, 0, 1, "IN", "init", ""),
        (188, 1, 0, "RU", "sh", ">"),
        (221, 197, 1, "RU", "exe", "-"),
    ]
    init = table.tasks[1]
    assert (init.line, PS[slice(*init.span)]) == (3, PS.splitlines()[2])
    assert (init.task, init.kstackp) == ("0xffff8bd6c1231840", None)
    assert (init.mem_percent, init.vsz, init.rss) == (0.3, 2304 * 1024, 1512 * 1024)
    assert [t.kernel_thread for t in table.tasks] == [True, False, False, False]


@pytest.mark.parametrize(
    ("damage", "active"),
    [
        (PS.replace("\n", "\r\n"), ">"),
        ("".join(f"> {line}\n" for line in PS.splitlines()), ">"),
        ("".join(f">>> {line}\n" for line in PS.splitlines()), ">"),
        ("".join(f"\t{line}\n" for line in PS.splitlines()), ">"),
        (f"> crash> ps | grep -v PID\n{''.join(f'> {line}{chr(10)}' for line in PS.splitlines()[1:])}", ">"),
        (PS.replace("[", "\\[").replace("]", "\\]"), ">"),
        (PS.replace("  ", " "), ">"),
    ],
)
def test_damage(damage: str, active: str) -> None:
    tasks = ps.parse(damage).tasks
    assert [(t.pid, t.comm) for t in tasks] == [(t.pid, t.comm) for t in ps.parse(PS).tasks]
    assert tasks[2].active == active


def test_layouts() -> None:
    old = (
        "   PID    PPID  CPU   TASK    ST  %MEM   VSZ   RSS  COMM\n"
        ">  1872   1871   0  cec66000  RU   0.4 12345  1234  crash\n"
    )
    assert ps.parse(old).tasks[0].task == "0xcec66000"
    stacks = (
        "      PID    PPID  CPU      KSTACKP      ST  %MEM      VSZ      RSS  COMM\n"
        "        0       0   0  ffffffff9b403de0  RU   0.0        0        0  [swapper/0]\n"
        ">     188       1   0         --         RU   0.3     2304     1576  sh\n"
    )
    assert [(t.task, t.kstackp) for t in ps.parse(stacks).tasks] == [(None, "0xffffffff9b403de0"), (None, None)]


@pytest.mark.parametrize(
    "comm", ["a b", "Web Content", "1234", "(sd-pam)", "kworker/u8:0", "[x", "0 0 0", "ffff8bd6c1231840", "-", ">"]
)
def test_names(comm: str) -> None:
    assert row(f"   12   1   0  ffff8bd6c1231840  IN   0.3   2304   1512  {comm}").comm == comm


def test_a_program_may_pose_as_a_kernel_thread() -> None:
    task = row("   12   1   0  ffff8bd6c1231840  IN   0.3   2304   1512  [kworker/0:0]")
    assert (task.comm, task.kernel_thread) == ("[kworker/0:0]", False)


def test_unknown_values_are_none() -> None:
    task = row("   12   ?   -  ffff8bd6c1231840  ??   0.0   0   0  [rcu_gp]")
    assert (task.ppid, task.cpu, task.st) == (None, None, "??")
    assert row("   12   1   0  ffff8bd6c1231840  IN   0.3   2304   1512").comm == ""
    # crash 8.0.2 on Linux 6.1, whose list of tasks it cannot read.
    assert row(">     140      -1   0  ffff888b41818000  RU   0.0     2304       68  insmod").ppid == -1


def test_remark_behind_a_row() -> None:
    assert (
        row("   12   1   0  ffff8bd6c1231840  IN   0.3   2304   1512  mysqld    <--- the one that hangs").comm
        == "mysqld"
    )


def test_broken_row() -> None:
    table = ps.parse(f"> {HEADER}\n> 12345  1234  10  ffff8bd6c1231840  IN   0.3  123456\n> 1512  sshd\n")
    assert [(t.pid, t.rss, t.comm) for t in table.tasks] == [(12345, 1512 * 1024, "sshd")]


def test_everything_else_is_unread() -> None:
    text = f'ps: current context no longer exists -- restoring "crash" context:\n\n{CONTEXT}\n{PS}(...)\n{HEADER}\n{PS}'
    table = ps.parse(text)
    assert len(table.tasks) == 8
    assert [line.line for line in table.unread] == [3, 4, 5, 6, 7, 14]
    assert [(remark.line, remark.severity) for remark in table.remarks] == [(1, "error")]
    assert table.unread[-1].text == "(...)"
    assert ps.parse(HEADER) == ps.Ps(tasks=())


@pytest.mark.parametrize(
    "text",
    [
        '[2954539280] [ID]  PID: 18       TASK: ffff8bd6c12b9840  CPU: 1    COMMAND: "rcu_preempt"\n',
        "   8 ffff8802316d8000   sda        ffff88022fa38000       0     0     0\n",
        "ps: invalid task or pid value: 99999\n",
        "  RU: 4\n",
    ],
)
def test_other_output_has_no_rows(text: str) -> None:
    assert ps.parse(text).tasks == ()


def test_json() -> None:
    document = json.loads(msgspec.json.encode(ps.parse(PS)))
    assert document["kind"] == "ps"
    assert document["tasks"][1]["task"] == "0xffff8bd6c1231840"
    again = msgspec.json.decode(msgspec.json.encode(document), type=ps.Ps)
    assert tuple(again.tasks) == ps.parse(PS).tasks


def test_a_policy_and_a_priority_are_columns_where_the_header_has_them() -> None:
    table = ps.parse(
        "      PID    PPID  CPU       TASK        ST  POLICY  PRIO  %MEM      VSZ      RSS  COMM\n"
        "       17       2   0  ffff8c18412be100  IN  NORMAL   120   0.0        0        0  [ksoftirqd/0]\n"
    )
    assert [(task.policy, task.prio, task.comm) for task in table.tasks] == [("NORMAL", 120, "ksoftirqd/0")]
    assert ps.parse(PS).tasks[0].policy is None
