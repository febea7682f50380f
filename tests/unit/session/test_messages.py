# SPDX-License-Identifier: Apache-2.0
"""The table of messages: sound, complete, and quick on lines of any kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from xcrash.session.messages import LONGEST_LINE, MessageClass, classify, is_error_line, table

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"

EXAMPLES: dict[str, MessageClass] = {
    "crash: invalid option: --bogus": "startup-fatal",
    "crash: /var/crash/vmcore: not a supported file format": "startup-fatal",
    "crash: vmcore: read: Is a directory": "startup-fatal",
    "crash: /usr/lib/debug/vmlinux and /var/crash/vmcore do not match!": "startup-fatal",
    "crash: vmlinux: no debugging data available": "startup-fatal",
    "crash: /tmp/vmcore: No such file or directory": "startup-fatal",
    "crash: /proc/kcore: Operation not permitted": "startup-fatal",
    "WARNING: cpu 0: cannot find NT_PRSTATUS note": "startup-warning",
    "WARNING: net_init: unknown device type for net device      KERNEL: /usr/lib/debug/vmlinux": "startup-warning",
    "NOTE: stdin: not a tty": "startup-warning",
    "crash: command not found: nonsense": "command-error",
    "bt: invalid task or pid value: 99999": "command-error",
    "p: gdb request failed: p nonsense": "command-error",
    'rd: seek error: kernel virtual address: ffff888000000000  type: "64-bit KVADDR"': "command-error",
    "Reinitialize source path to empty? (y or n) ": "question",
    "Enable debuginfod for this session? (y or [n]) ": "question",
    "Display all 169253 possibilities? (y or n)": "question",
    "log file: ": "question",
    "# ": "question",
    " -- MORE --  forward: <SPACE>, <ENTER> or j  backward: b or k  quit: q": "pager",
    "WARNING: terminal is not fully functional": "pager",
    "please wait... (gathering task table data)": "progress",
    "please wait... (sorting flat format data: 37%)": "progress",
    "crash 8.0.2": "progress",
    "GNU gdb (GDB) 10.2": "progress",
    "      KERNEL: /usr/lib/debug/vmlinux": "progress",
}
HARMLESS = [
    "",
    "   ",
    "        CPUS: 2",
    "Copyright (C) 2002-2022  Red Hat, Inc.",
    "This program has absolutely no warranty.  Enter \"help warranty\" for details.",
    "PID: 0      TASK: ffffffff8241a940  CPU: 0   COMMAND: \"swapper/0\"",
    " #0 [ffffffff82403e50] __schedule at ffffffff81a0b2f0",
    "crash> ",
]  # fmt: skip


@pytest.mark.parametrize("row", table(), ids=lambda row: row.pattern.pattern[:40])
def test_every_row_has_a_class_a_meaning_and_a_source(row: object) -> None:
    from xcrash.session.messages import Row

    assert isinstance(row, Row)
    assert row.kind in get_args(MessageClass)
    assert row.source
    assert row.meaning
    assert row.remedy is None or row.remedy.strip()
    assert row.pattern.search("") is None


def test_the_table_is_whole() -> None:
    assert len(table()) > 290
    assert {row.kind for row in table()} == set(get_args(MessageClass))


@pytest.mark.parametrize(("line", "kind"), EXAMPLES.items())
def test_messages_are_classified(line: str, kind: MessageClass) -> None:
    message = classify(line, frozenset({kind}) if kind in ("question", "pager") else None)
    assert message is not None
    assert message.kind == kind
    assert message.text == line.strip()
    assert message.meaning


@pytest.mark.parametrize("line", HARMLESS)
def test_ordinary_lines_are_no_messages(line: str) -> None:
    assert classify(line) is None


def test_only_the_classes_asked_for_are_looked_at() -> None:
    line = "crash: vmcore: not a supported file format"
    assert classify(line, frozenset({"question", "pager"})) is None


def test_longer_lines_are_data() -> None:
    line = "crash: " + "x" * LONGEST_LINE + ": not a supported file format"
    assert classify(line) is None
    assert classify(line[7 - LONGEST_LINE :]) is not None


@pytest.mark.parametrize(
    "line",
    ["a" * LONGEST_LINE, "x: " * 600, " a" * 900 + "\t", "0x0: " * 390, "(" * 1999, "x" + " " * 1999, '"' * 1999],
)
def test_the_longest_lines_that_mislead_the_patterns_are_passed_over(line: str) -> None:
    assert [classify(f"{line[:-1]}{number % 10}") for number in range(20)] == [None] * 20


@pytest.mark.parametrize("line", ["x" * 1_000_000, " " * 1_000_000 + "x", "x: " * 300_000, "x" + " " * 1_000_000])
def test_a_megabyte_without_a_newline_is_passed_over(line: str) -> None:
    assert classify(line) is None


def corpus_messages() -> list[str]:
    lines = [line for file in sorted(CORPUS.glob("*.txt")) for line in file.read_text(errors="replace").splitlines()]
    return sorted({line for line in lines if re.match(r"(?:crash: |WARNING: |NOTE: )\w", line)})


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collected session texts are not there")
def test_every_message_in_the_collected_texts_is_known() -> None:
    found = corpus_messages()
    assert len(found) > 30
    assert [line for line in found if classify(line) is None] == []


@pytest.mark.parametrize(
    ("line", "command", "error"),
    [
        ("bt: invalid task or pid value: 9", "bt 9", True),
        ("bt: invalid task or pid value: 9", "  bt 9", True),
        ("crash: command not found: foo", "foo 1", True),
        ("crash-9: command not found: foo", "foo", True),
        ("crash: command not found: foo", "bar", False),
        ("bt: WARNING: possibly bogus exception frame", "bt", False),
        ("WARNING: cannot", "bt", False),
        ("bt: ", "bt", False),
        ("bt", "bt", False),
        ("bt:x", "bt", False),
        ("rd: invalid", "bt", False),
        ("PID: 0", "bt", False),
        (": x", "", True),
        ("x: y", "", False),
    ],
)
def test_an_error_line_begins_with_the_command(line: str, command: str, error: bool) -> None:
    assert is_error_line(line, command) is error
