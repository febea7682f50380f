# SPDX-License-Identifier: Apache-2.0
"""Commands and rows that mailers broke."""

from __future__ import annotations

import pytest

from xcrash.transcript.pasted import split_pasted
from xcrash.transcript.wrapped import rejoin

ROW = "[0 00:15:50.424] [UN]  PID: 957      TASK: ffff88810baa0ec0 CPU: 1 "
LIST = "crash> list -l md_rdev.same_set -s md_rdev.kobj.name,nr_pending"


def said(text: str) -> list[tuple[str, str]]:
    return [(said.command, said.output) for pasted in split_pasted(text) for said in pasted.commands]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"> {LIST} \n> 0xffff88810ce85a00\n> ffff88810ce85a00\n",
         [(f"{LIST[7:]} 0xffff88810ce85a00", "ffff88810ce85a00\n")]),
        ("crash> list -H ffff -s task_struct.tgid\n| grep 783848\n  tgid = 783848,\n",
         [("list -H ffff -s task_struct.tgid | grep 783848", "  tgid = 783848,\n")]),
        ("crash> tree -o a.b \\\n   -r c.d 0xffff | paste - -\nffff\n",
         [("tree -o a.b -r c.d 0xffff | paste - -", "ffff\n")]),
        (f'crash> ps -m\n{ROW}\nCOMMAND: "dd"\n{ROW}\nCOMMAND: "cp"\n',
         [("ps -m", f'{ROW} COMMAND: "dd"\n{ROW} COMMAND: "cp"\n')]),
    ],
)  # fmt: skip
def test_what_a_mailer_broke_is_one_line_again(text: str, found: list[tuple[str, str]]) -> None:
    assert said(text) == found


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("        119e15853c38  PID: 219    TASK: ffff0800a7c63000  COMMAND:", '"kworker/0:1"'),
        (" #6 [c0000000a5a571b0] zram_write_page at c008000009174a50", "[zram]"),
        ("0xffff800010adc6e8 <netdev_pick_tx+0x278>:      b       0xffff800010adc4cc", "<netdev_pick_tx+0x5c>"),
        ("   PID    PPID  CPU       TASK        ST  %MEM     VSZ    RSS", "COMM"),
        (">     0      0   0  ffffffff81a8d020  RU   0.0       0      0", "[swapper]"),
        ("ffffea00044b5358 13a17d000 ffffffff8151ce18 ffff88013ee03c48  0 2b", "locked,error,uptodate,lru"),
    ],
)
def test_the_end_of_a_row_that_came_on_the_next_line(above: str, below: str) -> None:
    lines = [(1, above), (2, below)]
    assert rejoin("crash> x", "x", lines) == ("x", [(1, f"{above} {below}")])
    assert rejoin("crash> x", "x", [(1, ""), (2, below)]) == ("x", [(1, ""), (2, below)])


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (LIST, ["ffff88810ce85a00"]),
        (f"{LIST} ", ["  comm = 1"]),
        ("crash> kmem -i ", ["PAGES"]),
        ("crash> set 7", ["    PID: 7", 'COMMAND: "dd"', "   TASK: ffff88810baa0ec0", "    CPU: 1"]),
        (f"{LIST} ", []),
        (f"{LIST} ", ["ffff88810ce85a00", "  nr_pending = 1"]),
    ],
)
def test_other_lines_stay_as_they_are(typed: str, answer: list[str]) -> None:
    lines = list(enumerate(answer))
    assert rejoin(typed, typed[7:], lines) == (typed[7:], lines)
