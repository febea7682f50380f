# SPDX-License-Identifier: Apache-2.0
"""The table of messages: sound, complete, and quick on lines of any kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from xcrash.cli.cmd_run import run
from xcrash.session.messages import LONGEST_LINE, MessageClass, Row, classify, is_error_line, table

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
    "crash: remote daemon cannot open: /var/crash/vmcore": "startup-fatal",
    "crash: compressed kdump: cannot lseek dump eraseinfo": "startup-fatal",
    "crash: diskdump / compressed kdump: cannot read dump header": "startup-fatal",
    "crash: cannot gather a stable task list via pidhash (20 retries)": "startup-fatal",
    "WARNING: pid_hash[3]: duplicate task: ffff888003f68000": "startup-warning",
    "WARNING: cannot read from task: ffff888003f68000": "startup-warning",
    "WARNING: active task ffff888003f68000 on cpu 1: corrupt cpu value: 7021": "startup-warning",
    "WARNING: The swapper context will erroneously show a PID of 0": "startup-warning",
    "WARNING: cannot read prb_desc_ring contents": "startup-warning",
    "WARNING: cannot read log_buf_len value": "startup-warning",
    "WARNING: cannot access module init kallsyms": "startup-warning",
    "kmem_cache: ffff888003c42000: invalid array limit[1]: 9000": "startup-warning",
    "WARNING: cannot determine zone starting physical address": "startup-warning",
    "kaslr_helper: failed to determine which kernel was running at crash,": "startup-warning",
    "WARNING: diskdump: elfcorehdr not found in segments of kexec_crash_image": "startup-warning",
    "crash: cannot fill vcpu struct.": "startup-fatal",
    "crash: cannot access p2m_top[] page": "startup-fatal",
    "crash: cannot find mfn 1234 (0x4d2) in page index": "startup-fatal",
    "crash: cannot set console to /dev/pts/3": "startup-warning",
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


CRASH_OPTIONS = {
    "--active", "--cpus", "--hash", "--kaslr", "--kvmhost", "--kvmio", "--log", "--machdep", "--max-malloc-bufs",
    "--memory_module", "--minimal", "--no_elf_notes", "--no_ikconfig", "--no_kmem_cache", "--no_modules",
    "--no_panic", "--no_scroll", "--offline", "--p2m_mfn", "--reloc", "--src", "--xen_phys_start", "--zero_excluded",
}  # fmt: skip
"""Long options of crash itself (main.c:long_options) that a text may name."""
OTHER_OPTIONS = {"--config", "--dump-dmesg", "--memory-only"}
"""Of makedumpfile and virsh."""
UNTOLD = re.compile(r"(?:as|see|of the) above|continuation|same as|drop option|\w!|\w\.[ch]\b|[^ -~]|  ")
"""What leaves the reader to look elsewhere, raises the voice, or speaks of crash's own source."""


@pytest.mark.parametrize("row", table(), ids=lambda row: row.pattern.pattern[:40])
def test_every_row_has_a_class_a_meaning_and_a_source(row: Row) -> None:
    assert row.kind in get_args(MessageClass)
    assert row.source
    assert row.meaning
    assert row.remedy is None or row.remedy.strip()
    assert row.pattern.search("") is None


@pytest.mark.parametrize("row", table(), ids=lambda row: row.pattern.pattern[:40])
def test_every_text_stands_for_itself_in_a_short_sentence(row: Row) -> None:
    for text in filter(None, (row.meaning, row.remedy)):
        assert 5 < len(text) <= 160
        assert not UNTOLD.search(text)
        assert text == text.strip() and not text.endswith((".", ";", ":"))
    assert row.meaning.count("(") == row.meaning.count(")")
    assert not (row.remedy or "").startswith("try "), "it is shown behind 'try:'"


def test_every_option_that_a_text_names_exists() -> None:
    ours = {option for parameter in run.params for option in parameter.opts if option.startswith("--")}
    texts = [text for row in table() for text in (row.meaning, row.remedy or "")]
    named = {option for text in texts for option in re.findall(r"(?<![\w-])--[A-Za-z][\w-]*", text)}
    assert {"--vmlinux", "--crash", "--rescue", "--crash-arg", "--zero_excluded"} <= named
    assert named <= ours | CRASH_OPTIONS | OTHER_OPTIONS


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
