# SPDX-License-Identifier: Apache-2.0
"""Which lines may be typed, and why the others may not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.errors import UsageError
from xcrash.session.command import LONGEST, check_command

REFUSED = {
    "command-control": ["a\nb", "a\rb", "p jiff\t", "\x1b", "a\x00", "\x7f", "\x03", "ps\n"],
    "command-too-long": ["p " + "1" * (LONGEST - 1), "é" * (LONGEST // 2 + 1)],
    "command-history": [
        *["h", " h", "h ", "hi", "history", "hist", "hi_resolution", "r", "r ", "r 5", "r5", "r text", "!!", "!3"],
        *["! 3", "  !!", "!12 more"],
    ],
    "command-terminal": [
        *["!", "|", " ! ", "vi", "vi file", "vim x", "!vi x", "less f", "more f", "! less f", "emacs", "!top"],
        *["ps | less", "ps|more", "bt | vi -", "!bash", "! sh", "!/bin/sh", "!bash -i", "ps | sh"],
    ],
    "command-setting": [
        *["set gdb on", "set gdb", " set  gdb on", "set scroll on", "set scroll off", "set error redirect", "sn"],
        *["gdb quit", "gdb q", "gdb  quit"],
    ],
}
ALLOWED = [
    *["", "ps", "rd ffff", "runq", "rd", "help", "hex", "ps -r", "help h", "sys -c", "search -k r", "struct hi"],
    *["!ls", "! ls -l", "ps | grep r", "virt_to_page 1", "vm", "vtop 1", "mod -t", "moreover", "topology", "sig"],
    *["set", "set -v", "set 1", "set radix 16", "set hex on", "snd", "gdb bt", "gdb print q", "gdb show version"],
    *["p (a|less)", "q", "exit", "< /tmp/file", "# remark", "alias", "repeat -1 ps", "!sh -c 'echo 1'", "p r"],
    *["log | head", "p a->b", "p (1 > 2)", "bt > /tmp/x", "!ls 2>&1"],
    *["echo crash> ", "p \"xcrash\"", "dis -r sh", "bt | bash -c cat", "eval (1|2)", "p 'é'", "vim_func"],
]  # fmt: skip


@pytest.mark.parametrize(("code", "line"), [(code, line) for code, lines in REFUSED.items() for line in lines])
def test_lines_that_would_lose_the_session_are_refused(code: str, line: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_command(line)
    assert caught.value.code == code
    assert caught.value.hint
    assert caught.value.exit_status == 2
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("line", ALLOWED)
def test_harmless_lines_are_sent_as_they_are(line: str) -> None:
    assert check_command(line) == line.encode()


def test_the_longest_line_counts_in_bytes() -> None:
    assert len(check_command("x" * LONGEST)) == LONGEST
    with pytest.raises(UsageError, match=f"{LONGEST + 1} bytes"):
        check_command("x" * (LONGEST + 1))


def test_bytes_of_the_command_line_that_are_no_utf8_are_sent_as_they_came() -> None:
    assert check_command("p \udcff") == b"p \xff"


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40))
def test_any_text_is_sent_or_refused(line: str) -> None:
    try:
        data = check_command(line)
    except (UsageError, UnicodeEncodeError):
        return
    assert data == line.encode()
    assert b"\n" not in data
    assert b"\x1b" not in data
