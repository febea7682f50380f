# SPDX-License-Identifier: Apache-2.0
"""The first findings: what each rule says, what it stands on, and that one that breaks harms no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash import findings
from xcrash.findings import Finding, Seen, find
from xcrash.findings.values import Rule
from xcrash.parse import bt, mod, ps, sys
from xcrash.parse.log import records
from xcrash.sections import Evidence

TRANSCRIPTS = Path(__file__).parents[2] / "transcripts"
BANNER = """\
      KERNEL: vmlinux
    DUMPFILE: vmcore  [INCOMPLETE]
        CPUS: 4 [OFFLINE: 1]
        DATE: Thu Jan  1 00:00:00 UTC 1970
      UPTIME: 00:10:21
LOAD AVERAGE: 80.28, 0.44, 0.51
       TASKS: 101
     RELEASE: 6.1.0
      MEMORY: 0
       PANIC: "BUG: kernel NULL pointer dereference, address: 0000000000000000"
         PID: 398
     COMMAND: "sh"
"""
FINE = """\
      KERNEL: vmlinux
        CPUS: 2
        DATE: Sat Oct  8 17:39:28 UTC 2022
      UPTIME: 00:10:21
LOAD AVERAGE: 0.28, 0.44, 0.51
       TASKS: 101
     RELEASE: 6.1.0
      MEMORY: 2 GB
       PANIC: ""
"""
PS = """\
      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM
        1       0   0  ffff8d1a40280000  IN   0.3   168440     8700  systemd
       41       2   1  ffff8d1a40290000  UN   0.0        0        0  [kworker/0:1]
       42       2   1  ffff8d1a402a0000  UN   0.0        0        0  [kworker/0:1]
"""
TAINTS = "NAME  TAINTS\nxyz   OE(U)\n"
STACK = """\
PID: 398      TASK: ff201696c4352100  CPU: 1    COMMAND: "sh"
 #0 [ffffc90040013900] machine_kexec at ffffffff81d1657a
 #1 [ffffc90040013910] panic at ffffffff81d1657b
 #2 [ffffc90040013920] xyz_write at ffffffffc0301657 [xyz]
"""
LOG = """\
[    1.000000] Linux version 6.1
[  242.100000] INFO: task kworker/0:1:41 blocked for more than 120 seconds.
[  363.100000] INFO: task kworker/0:1:41 blocked for more than 241 seconds.
[  400.000000] Out of memory: Killed process 12 (eater) total-vm:1kB
"""


def at(label: str) -> Evidence:
    return Evidence("sys", len(label))


def titles(seen: Seen) -> dict[str, Finding]:
    return {one.title: one for one in find(seen).found}


def test_the_banner_of_a_sick_machine_is_told_worst_first() -> None:
    found = find(Seen(banner=sys.parse(BANNER), banner_at=at)).found
    assert [one.severity for one in found] == ["critical", "warning", "warning", "warning", "warning", "info"]
    assert found[0].title == "the kernel used a null pointer"
    assert found[0].evidence == at("PANIC") and "NULL pointer" in found[0].text
    assert {one.title for one in found[1:]} == {
        "load 80.28 on 3 CPUs",
        "crash does not know how much memory there was",
        "the date of the crash is not known",
        "the dump is incomplete",
        "1 of 4 CPUs offline",
    }


def test_a_machine_that_is_well_has_no_findings_and_the_rules_are_counted() -> None:
    result = find(Seen(banner=sys.parse(FINE)))
    assert (result.found, result.looked) == ((), 6)
    assert result.waiting == ("ps", "mod -t", "bt", "log")


def test_a_crash_by_hand_is_no_fault() -> None:
    banner = sys.parse(BANNER.replace("BUG: kernel NULL pointer dereference", "sysrq triggered crash"))
    assert titles(Seen(banner=banner))["the crash was triggered by hand"].severity == "info"


def test_uninterruptible_tasks_are_counted_and_the_longest_is_named_where_it_is_known() -> None:
    tasks = ps.parse(PS)
    one = titles(Seen(tasks=tasks))["2 tasks uninterruptible"]
    assert one.detail == "kworker/0:1 (2)" and one.evidence == Evidence("ps", 2)
    elapsed = '[ 0 00:02:10.000] [UN]  PID: 42  TASK: ffff8d1a402a0000  CPU: 1  COMMAND: "kworker/0:1"\n'
    longest = ps.parser(["-m"])
    assert longest is not None
    value = longest(elapsed)
    one = titles(Seen(tasks=tasks, elapsed=value))["2 tasks uninterruptible, the longest for 130 s"]  # type: ignore[arg-type]
    assert one.evidence == Evidence("ps", 3)


def test_a_foreign_module_in_the_panic_stack_is_critical() -> None:
    seen = Seen(banner=sys.parse(BANNER), stack=bt.parse(STACK), taints=mod.parse_taints(TAINTS))
    found = titles(seen)
    one = found["module xyz (out of tree, unsigned) in the panic stack"]
    assert (one.severity, one.detail, one.evidence) == ("critical", "frame #2 xyz_write", Evidence("bt", 3))
    assert found["1 module taints the kernel"].evidence == Evidence("mod -t", 1)


def test_each_kind_of_complaint_in_the_log_is_told_once_with_its_number_and_first_line() -> None:
    found = titles(Seen(log=records.parse(LOG).records, log_command="log -m"))
    assert found["hung task in the log"].detail == "2 times, first at 242.100 s"
    assert found["hung task in the log"].evidence == Evidence("log -m", 1)
    assert found["OOM kill in the log"].text.startswith("Out of memory: Killed process 12")


def test_a_rule_that_breaks_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(seen: Seen) -> object:
        raise ZeroDivisionError

    broken = Rule("sys", breaks)  # type: ignore[arg-type]
    monkeypatch.setattr(findings, "RULES", (broken, *findings.RULES))
    result = find(Seen(banner=sys.parse(BANNER)))
    assert result.failed == ("breaks",) and len(result.found) == 6


@settings(max_examples=50)
@given(st.text(), st.text())
def test_no_text_breaks_a_rule(one: str, other: str) -> None:
    seen = Seen(
        banner=sys.parse(BANNER.replace("vmcore", one)),
        tasks=ps.parse(PS + other),
        stack=bt.parse(STACK + one),
        taints=mod.parse_taints(TAINTS + other),
        log=records.parse(LOG + one).records,
    )
    assert find(seen).failed == ()
