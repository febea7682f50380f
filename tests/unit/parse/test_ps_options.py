# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: W291  # crash ends many lines with blanks
"""What the options of ``ps`` print instead of the table."""

from __future__ import annotations

import pytest

from xcrash.parse import ps
from xcrash.parse.ps import details, families, last_run, states

LAST_RUN = """\
[7636029131] [RU]  PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
[6558393693] [IN]  PID: 192      TASK: ffff8c1841f09840  CPU: 0    COMMAND: "web worker 1"
"""
ELAPSED = """\
CPU: 0
[0 00:00:00.006] [RU]  PID: 186      TASK: ffff8c1841f248c0  CPU: 0    COMMAND: "sh"

CPU: 1
[ 2 01:02:03.5] [UN] PID: 348  TASK: df9ecbc0 CPU: 1 COMMAND: "udevd"
"""
TIMES = """\
PID: 10318  TASK: f7b85550  CPU: 5   COMMAND: "bash"
    RUN TIME: 1 days, 01:35:32
  START TIME: 5209
       UTIME: 95
       STIME: 57

PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
    RUN TIME: 00:03:46
  START TIME: 544270625
       UTIME: 12000000
       STIME: 1416000000
"""
ARGUMENTS = """\
PID: 0        TASK: ffffffff8b810940  CPU: 0    COMMAND: "swapper/0"
ps: no user stack

PID: 3948   TASK: f722ee30  CPU: 0   COMMAND: "automount"
ARG: /usr/sbin/automount --timeout=60 /net program 
ENV: SELINUX_INIT=YES
     TERM=linux
     _=/usr/sbin/automount

PID: 7      TASK: f722ee38  CPU: 0   COMMAND: "kthread"
(no user stack)
"""
LIMITS = """\
PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
      RLIMIT     CURRENT       MAXIMUM  
         CPU   (unlimited)   (unlimited)
       STACK     8388608     (unlimited)
        CORE        0        (unlimited)
      NOFILE      1024          4096    
"""
CHILDREN = """\
PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
  PID: 181      TASK: ffff8c1841ecc8c0  CPU: 1    COMMAND: "syslogd"
  PID: 183      TASK: ffff8c1841f21840  CPU: 0    COMMAND: "klogd"

PID: 218      TASK: ffff8c1841f1b080  CPU: 1    COMMAND: "sh"
  (no children)
"""
PARENTS = """\
PID: 0        TASK: ffffffff8b810940  CPU: 0    COMMAND: "swapper/0"
 PID: 1        TASK: ffff8c1841231840  CPU: 1    COMMAND: "init"
  PID: 186      TASK: ffff8c1841f248c0  CPU: 1    COMMAND: "sh"
"""
STATES = "  RU: 5\n  IN: 50\n  ID: 42\n"


def test_tasks_by_the_time_they_last_ran() -> None:
    found = last_run.parse_last_run(LAST_RUN)
    assert [(task.last_run, task.st, task.pid, task.command) for task in found.tasks] == [
        (7636029131, "RU", 186, "sh"),
        (6558393693, "IN", 192, "web worker 1"),
    ]
    assert LAST_RUN[slice(*found.tasks[1].span)] == LAST_RUN.splitlines()[1]
    assert found.tasks[0].elapsed is None and found.unread == ()


def test_seconds_since_tasks_last_ran() -> None:
    found = last_run.parse_elapsed(ELAPSED + "nonsense\nps: invalid cpu\n")
    assert [(task.elapsed, task.cpu, task.line) for task in found.tasks] == [
        (0.006, 0, 2),
        (2 * 86400 + 3600 + 120 + 3.5, 1, 5),
    ]
    assert [line.text for line in found.unread] == ["nonsense"]
    assert [remark.severity for remark in found.remarks] == ["error"]


def test_seconds_are_as_exact_as_printed() -> None:
    row = '[0 00:02:56.991] [UN]  PID: 5  TASK: ffff8c1841f21840  CPU: 0  COMMAND: "x"\n'
    assert [str(task.elapsed) for task in last_run.parse_elapsed(row).tasks] == ["176.991"]


def test_times() -> None:
    old, new = details.parse_times(TIMES).tasks
    assert (old.run_time, old.start_time, old.utime, old.stime) == (86400 + 5732, 5209, 95, 57)
    assert (new.run_time, new.stime) == (226, 1416000000)
    assert new.task is not None and new.task.pid == 1
    assert TIMES[slice(*new.span)].endswith("1416000000")


def test_times_of_old_versions() -> None:
    (task,) = details.parse_times("   USER TIME: 12\n SYSTEM TIME: 3\n       ETIME: 3\n").tasks
    assert (task.utime, task.stime, task.run_time) == (12, 3, None)


def test_arguments_and_environment() -> None:
    found = details.parse_arguments(ARGUMENTS)
    swapper, automount, kthread = found.tasks
    assert (swapper.arg, swapper.env) == (None, None)
    assert automount.arg == "/usr/sbin/automount --timeout=60 /net program"
    assert automount.env == ("SELINUX_INIT=YES", "TERM=linux", "_=/usr/sbin/automount")
    assert kthread.arg is None
    assert [(remark.line, remark.text) for remark in found.remarks] == [(2, "ps: no user stack")]
    assert found.unread == ()


def test_limits() -> None:
    found = details.parse_limits(LIMITS)
    (task,) = found.tasks
    assert [(limit.rlimit, limit.current, limit.maximum) for limit in task.limits] == [
        ("CPU", "unlimited", "unlimited"),
        ("STACK", 8388608, "unlimited"),
        ("CORE", 0, "unlimited"),
        ("NOFILE", 1024, 4096),
    ]
    assert found.unread == ()
    assert [line.text for line in details.parse_limits("  CORE   -1   (unlimited)\n").unread] == [
        "  CORE   -1   (unlimited)"
    ]


def test_families() -> None:
    found = families.parse_children(CHILDREN)
    assert [[task.pid for task in family.tasks] for family in found.families] == [[1, 181, 183], [218]]
    assert CHILDREN[slice(*found.families[0].span)] == "\n".join(CHILDREN.splitlines()[:3])
    assert found.unread == ()
    (descent,) = families.parse_parents(PARENTS).families
    assert [task.command for task in descent.tasks] == ["swapper/0", "init", "sh"]
    threads = families.parse_threads(PARENTS.splitlines()[0] + "\n  (no threads)\n")
    assert ([len(family.tasks) for family in threads.families], threads.unread) == ([1], ())
    assert [line.line for line in families.parse_threads("  (no threads)\n").unread] == [1]


def test_states() -> None:
    found = states.parse_states(STATES + "RU: 9\nXX: many\n")
    assert found.tasks == {"RU": 5, "IN": 50, "ID": 42}
    assert [line.line for line in found.unread] == [4, 5]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        *(([], "ps"), (["-A"], "ps"), (["-Gs", "1"], "ps"), (["-y", "FIFO"], "ps"), (["-n"], "ps"), (["1", "2"], "ps")),
        *((["-l"], "ps-l"), (["-m", "-C0,1"], "ps-m"), (["-lC", "0"], "ps-l"), (["-t", "1"], "ps-t")),
        *((["-a"], "ps-a"), (["-ur"], "ps-r"), (["-p"], "ps-p"), (["-c"], "ps-c"), (["-g", "1"], "ps-g")),
        *((["-S"], "ps-states"), (["-yl"], "ps")),
    ],
)
def test_options_choose_the_shape(arguments: list[str], kind: str) -> None:
    assert ps.parser(arguments)("").__struct_config__.tag == kind


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-l"], LAST_RUN),
        (["-m"], ELAPSED),
        (["-t"], TIMES),
        (["-a"], ARGUMENTS),
        (["-r"], LIMITS),
        (["-p"], PARENTS),
        (["-c"], CHILDREN),
        (["-S"], STATES),
    ],
)
def test_quoting_and_margins_change_nothing(arguments: list[str], text: str) -> None:
    parse = ps.parser(arguments)
    assert parse(text).unread == ()
    for margin in ("> ", ">> ", "    ", "\t"):
        found = parse("".join(f"{margin}{line}\n" for line in text.splitlines()))
        assert not [line for line in found.unread if "no user stack" not in line.text]


def test_what_only_looks_like_the_head_of_a_cpu_is_unread() -> None:
    found = last_run.parse_elapsed("CPU: 0\nCPU:\x1b[1m0\nCPU: 1 [OFFLINE]\n")
    assert [line.text for line in found.unread] == ["CPU:0"]
