# SPDX-License-Identifier: Apache-2.0
"""Values of a banner that cannot be, and the ordinary ones that look odd but are fine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.parse import ps, sys
from xcrash.plausible import Doubt, Known, doubts
from xcrash.session import Message
from xcrash.transcript.recording import read_recording

TRANSCRIPTS = Path(__file__).parents[2] / "transcripts"
BANNER = """\
      KERNEL: vmlinux
    DUMPFILE: vmcore  [PARTIAL DUMP]
        CPUS: {cpus}
        DATE: {date}
      UPTIME: 00:01:21
LOAD AVERAGE: 0.28, 0.44, 0.51
       TASKS: {tasks}
     RELEASE: {release}
       PANIC: "sysrq"
         PID: {pid}
     COMMAND: "{command}"
        TASK: ffff8d1a40280000
         CPU: 0
       STATE: TASK_RUNNING (PANIC)
"""
FINE: dict[str, object] = {
    "cpus": "2",
    "date": "Sat Oct  8 17:39:28 UTC 2022",
    "tasks": 101,
    "release": "6.1.0-50-amd64",
    "pid": 398,
    "command": "sh",
}
HEADER = "   PID    PPID  CPU       TASK        ST  %MEM     VSZ    RSS  COMM\n"
HIDDEN = "WARNING: active task ff201696c4352100 on cpu 1 not found in PID hash"


def banner(**other: object) -> sys.Banner:
    found = sys.parse(BANNER.format(**{**FINE, **other}))
    assert found is not None
    return found


def listing(count: int, first: int = 1) -> ps.Ps:
    rows = (f"   {first + one}  0  0  ffff880012345678  IN  0.1  1  1  a\n" for one in range(count))
    return ps.parse(HEADER + "".join(rows))


def message(text: str) -> Message:
    return Message(kind="startup-warning", text=text, meaning="")


def test_an_ordinary_start_gives_no_doubt() -> None:
    known = Known(version="9.0.2", dump_release="6.1.0-50-amd64", kernel_release="6.1.0-50-amd64")
    assert doubts(banner(), listing(101, 300), (), known) == ()
    assert doubts(None) == ()


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.cast")), ids=lambda path: path.stem)
def test_real_sessions_give_no_doubt_but_with_a_crash_that_is_too_old(path: Path) -> None:
    recording = read_recording(path)
    found = sys.parse(recording.startup_text)
    listed = recording.answer_to("ps")
    tasks = ps.parse(listed) if listed else None
    facts = recording.facts
    given = doubts(found, tasks, (), Known(version=facts.crash, argv=facts.argv, dump_release=facts.release))
    if found and facts.crash == "8.0.2" and not {"--minimal"} & set(facts.argv):
        (doubt,) = given
        assert doubt.what == "TASKS" and doubt.meaning.startswith("crash 8.0.2 is older than Linux 6.1.0")
    else:
        assert given == ()


def test_too_few_tasks_of_an_old_crash_name_the_crash_that_is_needed() -> None:
    (doubt,) = doubts(banner(tasks=3), None, (), Known(version="8.0.2"))
    assert doubt == Doubt(
        what="TASKS",
        evidence="3 on 2 CPUs; the kernel's own threads alone are 12 or more",
        meaning="crash 8.0.2 is older than Linux 6.1.0-50-amd64 needs: 8.0.3 or later (address spaces became maple "
        "trees, slabs changed): the task list is incomplete",
        remedy="a newer crash (--crash PATH)",
    )


def test_too_few_tasks_of_a_crash_that_is_new_enough_have_another_cause() -> None:
    (doubt,) = doubts(banner(tasks=3), None, (), Known(version="9.0.2"))
    assert "older" not in doubt.meaning
    assert "build-id" in doubt.remedy


@pytest.mark.parametrize(
    ("cpus", "tasks", "doubted"),
    [("2", 12, False), ("2", 11, True), ("64 [OFFLINE: 62]", 12, False), ("64", 100, True), ("1", 9, True)],
)
def test_how_few_are_too_few(cpus: str, tasks: int, doubted: bool) -> None:
    assert bool(doubts(banner(cpus=cpus, tasks=tasks))) is doubted


def test_few_tasks_on_purpose_are_no_doubt() -> None:
    assert doubts(banner(tasks=2), None, (), Known(argv=("crash", "--active"))) == ()


def test_a_task_that_is_not_in_the_pid_hash_is_a_doubt() -> None:
    (doubt,) = doubts(banner(), None, [message("WARNING: something else"), message(HIDDEN)])
    assert (doubt.what, doubt.evidence) == ("TASKS", HIDDEN)
    assert "incomplete" in doubt.meaning


def test_a_list_shorter_than_the_banner_says_is_a_doubt_of_a_dump_and_not_of_a_live_machine() -> None:
    (doubt,) = doubts(banner(pid=0), listing(54))
    assert doubt.evidence == "the banner says 101, ps lists 54"
    assert doubts(banner(pid=0), listing(54), (), Known(live=True)) == ()


def test_rows_that_could_not_be_read_explain_a_shorter_list() -> None:
    tasks = ps.parse(HEADER + "  398  1  0  ffff880012345678  IN  0.1  1  1  a\nps: something went wrong\n")
    assert doubts(banner(), tasks) == ()


def test_another_release_is_another_kernel() -> None:
    found = doubts(banner(), None, (), Known(dump_release="6.1.0-49-amd64", kernel_release="6.1.0-49-amd64"))
    assert [one.evidence for one in found] == [
        "crash reads 6.1.0-50-amd64, the dump's header is 6.1.0-49-amd64",
        "crash reads 6.1.0-50-amd64, the vmlinux is 6.1.0-49-amd64",
    ]
    assert {one.meaning for one in found} == {"the vmlinux belongs to another kernel"}


@pytest.mark.parametrize("command", ["\ufffd\x10\ufffd", "\\x7f\\xc3"])
def test_a_command_of_binary_bytes_is_a_doubt(command: str) -> None:
    (doubt,) = doubts(banner(command=command))
    assert doubt.what == "COMMAND"
    assert "wrong" in doubt.meaning


@pytest.mark.parametrize("command", ["kworker/0:1", "Web Content", "(sd-pam)", "[x]", "héllo", "a\"b"])  # fmt: skip
def test_odd_but_real_commands_are_no_doubt(command: str) -> None:
    assert doubts(banner(command=command)) == ()


@pytest.mark.parametrize(
    "date", ["Thu Jan  1 00:00:00 UTC 1970", "Wed Dec 31 23:59:59 -01 1969", "Sat Oct  8 17:39:28 UTC 29471"]
)
def test_a_date_that_cannot_be_is_a_doubt(date: str) -> None:
    (doubt,) = doubts(banner(date=date))
    assert doubt.evidence == f"crash prints {date}"


def test_garbage_with_an_offset_by_hand_blames_the_offset() -> None:
    found = doubts(banner(pid=77777777, command="\ufffd"), None, (), Known(argv=("crash", "--kaslr", "auto")))
    assert [one.what for one in found] == ["COMMAND", "PID"]
    assert {one.meaning for one in found} == {"--kaslr is wrong: crash reads other memory than it means"}


def test_a_panic_task_that_ps_does_not_list_is_a_doubt() -> None:
    (doubt,) = doubts(banner(pid=190084), listing(101))
    assert doubt.evidence == "ps does not list 190084, the task crash stands on"


@settings(deadline=None, max_examples=60)
@given(text=st.text(max_size=400), listed=st.text(max_size=200), said=st.text(max_size=60))
def test_any_text_gives_doubts_or_none(text: str, listed: str, said: str) -> None:
    doubts(sys.parse("        CPUS: 2\n        DATE: x\n" + text), ps.parse(listed), [message(said)])
