# SPDX-License-Identifier: Apache-2.0
"""Parsers take any text, in time proportional to its length."""

from __future__ import annotations

import subprocess
import sys as python
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.parse.growth import grows_linearly
from tests.unit.parse.samples import CORPUS, DOM0, HYPERVISOR, PANIC, PS, UNKNOWN
from xcrash.parse import ps, sys
from xcrash.parse import set as set_
from xcrash.parse.lazy import encoded
from xcrash.parse.text import clean, plain_lines

REAL = [DOM0, PANIC, UNKNOWN, HYPERVISOR, PS, *(p.read_text("utf-8") for p in sorted(CORPUS.glob("*.txt")))]
PIECES = [
    "\n",
    "\r",
    "\b",
    "\x1b[",
    "> ",
    '"',
    "**",
    "=\n",
    "=3D",
    "KERNEL:",
    "DUMPFILES: ",
    "PID: ",
    "crash> ",
    "WARNING: ",
    "<br>",
]


def check(text: str) -> None:
    banners = sys.parse_all(text)
    table, context, banner = ps.parse(text), set_.parse(text), sys.parse(text)
    for value in (*banners, table, context, banner):
        assert msgspec.json.encode(value, enc_hook=encoded)
    for start, end in [b.span for b in banners] + [t.span for t in table.tasks]:
        assert 0 <= start <= end <= len(text)
    assert clean(clean(text)) == clean(text)
    assert all(0 <= line.start <= line.end <= len(text) for line in plain_lines(text))


@given(st.text())
def test_any_text(text: str) -> None:
    check(text)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8)).map("".join))
def test_any_mixture(text: str) -> None:
    check(text)


@given(st.data())
def test_any_cut_and_paste(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(REAL))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 80)))
        text = text[:start] + data.draw(st.sampled_from(PIECES) | st.text(max_size=8)) + text[end:]
    check(text)


BANNER = "      KERNEL: x\n        CPUS: 1\n"
HOSTILE: dict[str, Callable[[int], str]] = {
    "blanks": lambda n: BANNER + " " * n,
    "quotes": lambda n: ">" * n + "KERNEL: " * n,
    "marks": lambda n: "*" * n + "KERNEL" + "*" * n + ":" + "*" * n,
    "labels": lambda n: "KERNEL: CPUS " * n,
    "lines": lambda n: BANNER + "foo bar\n" * n + "DATE: x\n",
    "files": lambda n: "DUMPFILES: a\n" + "[b]\n" * n + "CPUS: 1\n",
    "notes": lambda n: BANNER + "PID: 1\n" + "WARNING: x\n" * n,
    "panic": lambda n: 'PANIC: "' + ' <-- "' * n,
    "version": lambda n: "VERSION: #" + " 2000 (" * n,
    "prompts": lambda n: "PANIC: " + "crash" * n,
    "overstrike": lambda n: "a" * n + "\b" * n + "b" * n,
    "overwrite": lambda n: "a\r" * n,
    "escapes": lambda n: "\x1b[0" * n + "\x1b]" * n,
    "soft breaks": lambda n: ("x" * 70 + "=\n") * (n // 20),
    "headers": lambda n: "PID:" * n,
    "rows": lambda n: "1 1 1 ffffffff RU\n" * n,
    "columns": lambda n: "PID PPID " + "TASK " * n + "\n" + "1 " * n,
    "name": lambda n: "1 1 1 ffffffff RU 0.0 1 1 x" + " " * n + "y",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_text(name: str) -> None:
    assert grows_linearly(check, HOSTILE[name](2000), HOSTILE[name](8000))


def test_parsers_import_nothing_but_text_tools() -> None:
    probe = (
        "import sys, msgspec; old = set(sys.modules); import xcrash.parse; "
        "print(*sorted(m for m in set(sys.modules) - old if m.startswith(('xcrash', 'subprocess', 'socket'))))"
    )
    output = subprocess.run([python.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in output if name != "xcrash" and not name.startswith("xcrash.parse")] == []
