# SPDX-License-Identifier: Apache-2.0
"""Whether crash refused a command, told by what it answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from xcrash.session import Spool
from xcrash.session.verdict import judge


@pytest.mark.parametrize(
    ("command", "answer", "exit_"),
    [
        ("sym nope", "symbol not found: nope\npossible alternatives:\n  (none found)\n", "error"),
        ("union", "Usage:\n  union struct_name\n", "error"),
        ("task_struct.pid 1", 'struct: invalid kernel virtual address: 1  type: "gdb_readmem callback"\n', "error"),
        ("bt 99999", "bt: invalid task or pid value: 99999\n", "error"),
        ("foo", "crash: command not found: foo\n", "error"),
        ("p x", "p: 5\nlines\n", "error"),
        ("sys", "    KERNEL: vmlinux\n", "ok"),
        ("log", "bridge: up\n", "ok"),
        ("eval 1", "hexadecimal: 1\n    decimal: 1\n", "ok"),
        ("log", "struct: a line of the log\nand more\n", "ok"),
    ],
)
def test_an_answer_is_an_error_when_crash_refused(tmp_path: Path, command: str, answer: str, exit_: str) -> None:
    spool = Spool.create(tmp_path)
    spool.append(answer.encode())
    assert judge(spool, command, 0, spool.size) == exit_
    spool.close()
