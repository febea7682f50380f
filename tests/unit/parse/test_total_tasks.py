# SPDX-License-Identifier: Apache-2.0
"""The parsers of tasks and backtraces take any text, lose no line, and need time in proportion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse import bt_samples, test_foreach, test_gdb_bt
from tests.unit.parse import test_ps_options as options
from tests.unit.parse.account import Parse, check_time, damaged, unaccounted
from tests.unit.parse.samples import PS
from xcrash.parse import bt, foreach, ps, task
from xcrash.parse.bt import gdb
from xcrash.parse.ps import details, families, last_run

READERS: Final[dict[str, tuple[Parse, tuple[str, ...]]]] = {
    "ps": (ps.parse, (PS,)),
    "ps -l": (last_run.parse_last_run, (options.LAST_RUN,)),
    "ps -m": (last_run.parse_elapsed, (options.ELAPSED,)),
    "ps -t": (details.parse_times, (options.TIMES,)),
    "ps -a": (details.parse_arguments, (options.ARGUMENTS,)),
    "ps -r": (details.parse_limits, (options.LIMITS,)),
    "ps -c": (families.parse_children, (options.CHILDREN, options.PARENTS)),
    "bt": (bt.parse, bt_samples.EVERY),
    "gdb bt": (gdb.parse, (test_gdb_bt.BT.removesuffix("(More stack frames follow...)\n"),)),
    "task": (task.parse, (test_foreach.MEMBERS, test_foreach.STRUCTURES)),
    "foreach set": (foreach.parse_set, (test_foreach.SET,)),
}


NO_DATA: Final = {"RLIMIT CURRENT MAXIMUM", "(no children)", "(no user stack)", "(none found)", "CPU: 0"}
"""Lines that are known and say nothing."""


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=30)
@given(data=st.data())
def test_any_text(name: str, data: st.DataObject) -> None:
    text = data.draw(
        st.text() | st.lists(st.sampled_from(["PID: 1 TASK: ", "#0 [", "] a at ", "\n", "ffffffff"])).map("".join)
    )
    found = READERS[name][0](text)
    assert msgspec.json.encode(found)


@pytest.mark.parametrize("name", [name for name in READERS if name != "foreach set"])
@settings(max_examples=40)
@given(data=st.data())
def test_damage_loses_no_line(name: str, data: st.DataObject) -> None:
    parse, samples = READERS[name]
    sample = data.draw(st.sampled_from(samples))
    text = data.draw(damaged(sample))
    left = unaccounted(parse(text), text) - unaccounted(parse(sample), sample) - NO_DATA
    # A damaged header of ps is still one.
    assert all(line.split()[:2] == ["PID", "PPID"] for line in left if name == "ps") and (name == "ps" or not left)


@pytest.mark.parametrize("name", READERS)
def test_samples_have_no_leftovers_with_any_margin(name: str) -> None:
    parse, samples = READERS[name]
    for sample in samples:
        for margin in ("", "    ", "\t"):
            found = parse("".join(f"{margin}{line}\n" for line in sample.splitlines()))
            assert found.unread == (), (margin, sample)  # type: ignore[attr-defined]  # all are outputs of commands


@pytest.mark.parametrize("name", READERS)
def test_a_line_that_nothing_knows_is_unread_wherever_it_is(name: str) -> None:
    parse, samples = READERS[name]
    for sample in samples:
        lines = sample.splitlines()
        for at in range(len(lines) + 1):
            found = parse("\n".join([*lines[:at], "Here is a remark!", *lines[at:]]))
            assert "Here is a remark!" in [line.text for line in found.unread], at  # type: ignore[attr-defined]


HOSTILE: Final[dict[str, tuple[str, Callable[[int], str]]]] = {
    "blanks": ("bt", lambda n: " " * n + "["),
    "tasks": ("bt", lambda n: "PID: 1 TASK: ffffffff CPU: 1\n" * n),
    "unread": ("bt", lambda n: "PID: 1 TASK: ffffffff CPU: 1\nx\n" * n),
    "frames": ("bt", lambda n: " #0 [ffffffff] a at ffffffff\n" * n),
    "broken frames": ("bt", lambda n: (" #0 [ffffffff] " + "a at " * 100 + "\n") * (n // 20)),
    "switches": ("bt", lambda n: " #0 [ffffffff] a at ffffffff\n--- <IRQ stack> ---\n" * n),
    "words": ("bt", lambda n: "ffffffff: " + "ffffffff " * n),
    "rows of words": ("bt", lambda n: "ffffffff: ffffffff\n" * n),
    "words and switches": ("bt", lambda n: " #0 [ffffffff] a at ffffffff\n" + "ffffffff: ffffffff\n--- <a> ---\n" * n),
    "registers": ("bt", lambda n: "RAX: ffffffff\n" * n),
    "names": ("bt", lambda n: "".join(f"R{at % 1000}: {at:08x}\n" for at in range(n))),
    "pairs": ("bt", lambda n: "RAX: ffffffff " * n),
    "banks": ("bt", lambda n: " GPRS: 0000000000000000\n" + "       0000000000000000\n" * n),
    "digits": ("bt", lambda n: " GPRS: 0000000000000000\n" + (" " + "0" * 200 + "x\n") * (n // 20)),
    "sources": ("bt", lambda n: " #0 [ffffffff] a at ffffffff\n" + " a.c: 1\n" * n),
    "dots": ("bt", lambda n: " #0 [ffffffff] a at ffffffff\n " + "." * n),
    "arguments": ("bt", lambda n: " #0 [ffffffff] a at ffffffff\n (" + "a, " * n),
    "notes": ("bt", lambda n: "(active)\n" * n),
    "stacks": ("bt", lambda n: "CPU 0 IRQ STACK:\n(none found)\n" * n),
    "errors": ("bt", lambda n: "bt: cannot transition:\n" + " stack base: ffffffff\n" * n),
    "no end": ("bt", lambda n: ('PID: 1 TASK: ffffffff CPU: 1 COMMAND: "a"\n' + "\n" * 9) * (n // 4) + "x"),
    "calls": ("gdb bt", lambda n: "#0 a (" + ") at " * n),
    "environment": ("ps -a", lambda n: "ENV: a\n" + "     b\n" * n),
    "lines of tasks": ("ps -t", lambda n: "PID: 1 TASK: ffffffff CPU: 1\nx\n" * n),
    "children": ("ps -c", lambda n: "PID: 1 TASK: ffffffff CPU: 1\n\n" * n),
    "rows": ("ps", lambda n: "1 1 1 ffffffff RU 0.0 1 1 x\n" * n),
    "half rows": ("ps", lambda n: "1 1 1 ffffffff RU 0.0 1\n" * n),
    "tables": ("ps", lambda n: "PID PPID TASK\n1 1 ffffffff x\nPID PPID CPU TASK ST %MEM VSZ RSS COMM\n" * n),
    "names of commands": ("ps", lambda n: "1 1 1 ffffffff RU 0.0 1 1 x" + " " * n + "y"),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_time_grows_with_the_text(hostile: str) -> None:
    name, make = HOSTILE[hostile]
    check_time(READERS[name][0], make, 1000)
