# SPDX-License-Identifier: Apache-2.0
"""What the overview claims, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from xcrash import overview
from xcrash.images import DumpIdentity, KernelImage
from xcrash.open_session import OpenSession
from xcrash.parse import ps, sys
from xcrash.sections import Section
from xcrash.target import Choices, look_at

DEMO = Path(__file__).parents[2] / "xcrash" / "transcript" / "demo.cast"
BANNER = (
    "      KERNEL: vmlinux\n    DUMPFILE: vmcore\n        CPUS: 2\n       TASKS: 3\n     RELEASE: 6.1\n{panic}"
    '         PID: 7\n     COMMAND: "sh"\n       STATE: TASK_RUNNING {activity}\n'
)
PS = (
    "   PID    PPID  CPU       TASK        ST  %MEM     VSZ    RSS  COMM\n"
    "      1      0   0  ffff880012345678  IN   0.1   1  1  a\n"
)


@contextmanager
def opened(kernel: str | None, dump: str | None) -> Iterator[OpenSession]:
    choices = Choices(target=str(DEMO))
    session = OpenSession(look_at(choices), choices)
    session.target = msgspec.structs.replace(
        session.target,
        kernel=KernelImage(path="/k", size=1, format="elf", build_id=kernel),
        dump=DumpIdentity(path="/d", size=1, format="elf-kdump", build_id=dump),
    )
    try:
        yield session
    finally:
        session.close()


def rows(session: OpenSession, banner: sys.Banner | None, tasks: ps.Ps | None = None) -> dict[str, Section]:
    return {section.name: section for section in overview.sections(session, banner, tasks)}


@pytest.mark.parametrize(
    ("kernel", "dump", "words", "tone"),
    [
        ("aa", "aa", "aa  equal", "plain"),
        ("aa", "bb", "bb  differs", "doubt"),
        (None, "bb", "bb  (the vmlinux does not say)", "plain"),
        ("aa", None, "— (the dump does not say)", "plain"),
    ],
)
def test_build_ids_are_compared_only_where_both_are_known(
    kernel: str | None, dump: str | None, words: str, tone: str
) -> None:
    with opened(kernel, dump) as session:
        last = rows(session, None)["files"].rows[-1]
    assert (last.label, last.value, last.tone) == ("BUILD-ID", words, tone)


@pytest.mark.parametrize(
    ("panic", "activity", "title", "tone"),
    [
        ('       PANIC: "Oops"\n', "(PANIC)", "Panic", "bad"),
        ('       PANIC: ""\n', "", "Current task", "plain"),
        ("", "(ACTIVE)", "Current task", None),
        ("", "(NMI)", "Panic", None),
    ],
)
def test_only_a_task_that_panicked_stands_under_panic(panic: str, activity: str, title: str, tone: str | None) -> None:
    banner = sys.parse(BANNER.format(panic=panic, activity=activity))
    with opened("aa", "aa") as session:
        section = rows(session, banner)["panic"]
    assert section.title == title
    assert [row.tone for row in section.rows if row.label == "PANIC"] == ([tone] if tone else [])


def test_a_task_list_shorter_than_the_banner_says_is_told_in_words() -> None:
    banner = sys.parse(BANNER.format(panic="", activity="(ACTIVE)"))
    with opened("aa", "aa") as session:
        (tasks,) = [row for row in rows(session, banner, ps.parse(PS))["system"].rows if row.label == "TASKS"]
    assert tasks.value == "3  (1 IN)  but ps lists 1"
    assert tasks.tone == "doubt"


def test_of_a_running_kernel_the_task_list_may_have_another_length() -> None:
    banner = sys.parse(BANNER.format(panic="", activity="(ACTIVE)"))
    with opened("aa", "aa") as session:
        session.target = msgspec.structs.replace(session.target, kind="live", dump=None)
        (tasks,) = [row for row in rows(session, banner, ps.parse(PS))["system"].rows if row.label == "TASKS"]
    assert (tasks.value, tasks.tone) == ("3  (1 IN)", "plain")
