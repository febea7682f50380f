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
        (f'crash> ps -m\n{ROW}\nCOMMAND: "dd"\n{ROW}\nCOMMAND: "cp"\n',
         [("ps -m", f'{ROW} COMMAND: "dd"\n{ROW} COMMAND: "cp"\n')]),
    ],
)  # fmt: skip
def test_what_a_mailer_broke_is_one_line_again(text: str, found: list[tuple[str, str]]) -> None:
    assert said(text) == found


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (LIST, ["ffff88810ce85a00"]),
        (f"{LIST} ", ["  comm = 1"]),
        ("crash> kmem -i ", ["PAGES"]),
        ("crash> set 7", ["    PID: 7", 'COMMAND: "dd"', "   TASK: ffff88810baa0ec0", "    CPU: 1"]),
        (f"{LIST} ", []),
    ],
)
def test_other_lines_stay_as_they_are(typed: str, answer: list[str]) -> None:
    lines = list(enumerate(answer))
    assert rejoin(typed, typed[7:], lines) == (typed[7:], lines)
