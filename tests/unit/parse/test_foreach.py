# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: W291  # crash ends many lines with blanks
"""``foreach`` is read by the parser of the command it runs; ``task``, which it runs most."""

from __future__ import annotations

import pytest

from tests.unit.parse import bt_samples
from xcrash.parse import foreach, parser_for, ps, task
from xcrash.parse.bt import Bt
from xcrash.parse.c_value import Members, Text
from xcrash.parse.ps.details import PsTimes

SET = """\
PID: 0        TASK: ffffffff8b810940  CPU: 0    COMMAND: "swapper/0"
    PID: 0
COMMAND: "swapper/0"
   TASK: ffffffff8b810940  (1 of 2)  [THREAD_INFO: ffffffff8b810940]
    CPU: 0
  STATE: TASK_RUNNING 

PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
    PID: 1
COMMAND: "init"
   TASK: ffff8c1841231840  [THREAD_INFO: ffff8c1841231840]
    CPU: 1
  STATE: TASK_INTERRUPTIBLE 
"""
MEMBERS = """\
PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
  pid = 1,
  comm = "init\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000",
task: pids: not a task_struct or thread_info member

PID: 99     TASK: ffff8804750d5500  CPU: 0   COMMAND: "events/0"
  pids[2] =   {
    node = {
      next = 0xffff8801165391b0
    },
    pid = 0xffff8801f0876e00
  }
"""
STRUCTURES = """\
PID: 2958   TASK: c6718000  CPU: 0   COMMAND: "bash"
struct task_struct {
  state = 0x1, 
  stack = 0xffffcd9600470000,
  usage = {
    counter = 2
  }
}

struct thread_info {
  task = 0xf2451550, 
  cpu = 0x1
}
"""


def test_the_child_reads_what_foreach_prints() -> None:
    for line in (
        "foreach bt",
        "foreach UN bt -l",
        "foreach 'event.*' bt",
        "foreach 1 bt -R schedule",
        "foreach \\vm bt",
    ):
        read = parser_for(line)
        assert read is not None
        found = read(bt_samples.FOREACH)
        assert isinstance(found, Bt) and len(found.traces) == 3, line
    table = parser_for("foreach ps -t")
    assert table is not None and isinstance(table(""), PsTimes)


@pytest.mark.parametrize("line", ["foreach", "foreach UN", "foreach bt vm", "foreach test", "foreach foo"])
def test_nothing_reads_several_commands_at_once_or_none(line: str) -> None:
    assert parser_for(line) is None


def test_what_foreach_itself_says_is_a_remark() -> None:
    read = parser_for("foreach bt")
    assert read is not None
    found = read("foreach: invalid argument\n" + bt_samples.FOREACH + "bt: seek error\nnonsense\n")
    assert isinstance(found, Bt)
    assert [remark.text for remark in found.remarks] == ["foreach: invalid argument", "bt: seek error"]
    assert [line.text for line in found.unread] == ["nonsense"]


def test_contexts_of_many_tasks() -> None:
    read = parser_for("foreach set")
    assert read is not None
    found = read(SET)
    assert isinstance(found, foreach.Contexts)
    contexts = [entry.context for entry in found.tasks if entry.context]
    assert [(context.pid, context.state) for context in contexts] == [
        *((0, "TASK_RUNNING"), (1, "TASK_INTERRUPTIBLE")),
    ]
    assert SET[slice(*contexts[1].span)].startswith("    PID: 1\nCOMMAND")
    assert found.unread == ()
    assert [line.text for line in foreach.parse_set(SET + "nonsense\n").unread] == ["nonsense"]
    assert [line.line for line in foreach.parse_set("a\nb\n").unread] == [1, 2]
    (cut,) = foreach.parse_set(SET.splitlines()[0]).tasks
    assert cut.task is not None and cut.context is None


def test_members_of_tasks() -> None:
    found = task.parse(MEMBERS)
    first, second = found.tasks
    assert [(member.name, member.value) for member in first.members] == [("pid", 1), ("comm", Text(string="init"))]
    assert second.task is not None and second.task.command == "events/0"
    (pids,) = second.members
    assert isinstance(pids.value, Members)
    assert pids.value.members[1].value == "0xffff8801f0876e00"
    assert MEMBERS[slice(*second.span)].endswith("}")
    assert [remark.line for remark in found.remarks] == [4]
    assert found.unread == ()


def test_structures_of_tasks() -> None:
    found = task.parse(STRUCTURES + "nonsense\n")
    (shown,) = found.tasks
    assert [(one.name, len(one.members)) for one in shown.structures] == [("task_struct", 3), ("thread_info", 2)]
    assert shown.structures[1].members[0].value == "0xf2451550"
    assert [line.text for line in found.unread] == ["nonsense"]
    assert task.parser(["-x"]) is task.parse


def test_ps_of_foreach_is_the_table() -> None:
    read = parser_for("foreach ps")
    assert read is not None
    assert isinstance(read("  12   1   0  ffff8bd6c1231840  IN   0.3   2304   1512  a\n"), ps.Ps)
