# SPDX-License-Identifier: Apache-2.0
"""Long answers of ``ps`` and ``bt`` stay text until a row is asked for, and say the same as short ones."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse import bt_samples
from tests.unit.parse.account import damaged
from tests.unit.parse.samples import PS
from xcrash.parse import bt, lazy, ps
from xcrash.parse.bt import sound
from xcrash.parse.lazy import Rows, encoded, is_plain
from xcrash.parse.ps import table
from xcrash.parse.text import clean, plain_lines

ROW = "    1000       1   1  ffff8bd6c1231840  IN   0.3     2304     1512  init\n"
HEADER = PS.splitlines(keepends=True)[0]
TRACES = bt_samples.FOREACH + bt_samples.ALL_CPUS + "\n" + bt_samples.LINES + "\n" + bt_samples.FULL


def long_ps() -> str:
    return HEADER + "".join(ROW.replace("1000", str(pid).rjust(6)) for pid in range((1 << 20) // len(ROW) + 1))


def test_a_long_table_is_not_made_of_structs() -> None:
    text = long_ps() + "ps: something went wrong\n" + PS
    tracemalloc.start()
    found = ps.parse(text)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert isinstance(found.tasks, Rows)
    assert used < 40 * len(found.tasks)
    assert [remark.text for remark in found.remarks] == ["ps: something went wrong"]
    assert found.unread == ()
    assert [task.comm for task in found.tasks[-4:]] == ["swapper/0", "init", "sh", "exe"]
    last = found.tasks[len(found.tasks) - 1]
    assert (last.pid, last.active, last.line) == (221, "-", text.count("\n"))
    middle = found.tasks[5000]
    assert (middle.pid, middle.line, text[slice(*middle.span)]) == (5000, 5002, text.splitlines()[5001])


def test_long_backtraces_are_not_made_of_structs() -> None:
    text = bt_samples.FOREACH * ((1 << 20) // len(bt_samples.FOREACH) + 1)
    found = bt.parse(text)
    assert isinstance(found.traces, Rows)
    assert (len(found.traces) % 3, found.unread, found.remarks) == (0, (), ())
    trace = found.traces[301]
    assert trace.task is not None and trace.frames[0].function == "__schedule"
    assert text[slice(*trace.span)] == bt_samples.FOREACH[slice(*bt.parse(bt_samples.FOREACH).traces[1].span)]
    assert trace.frames[0].line == trace.line + 1 == text.count("\n", 0, trace.span[0]) + 2


def test_long_answers_are_encoded_as_lists() -> None:
    text = long_ps()
    found = ps.parse(text)
    document = msgspec.to_builtins(found, enc_hook=encoded)
    assert isinstance(document["tasks"], list)
    assert (len(document["tasks"]), document["tasks"][7]["pid"]) == (len(found.tasks), 7)
    with pytest.raises(TypeError):
        msgspec.to_builtins({"a": object()}, enc_hook=encoded)


def test_rows_are_a_sequence() -> None:
    rows: Rows[int] = Rows("10\n20\n30\n", lambda line: int(line.text) + line.number)
    rows.add_lines(1, 0, 5)
    rows.know(7)
    rows.add(3, 6, 8)
    assert (list(rows), len(rows), rows[0], rows[-2], rows[-1], rows[1:3]) == ([11, 22, 7, 33], 4, 11, 7, 33, (22, 7))
    assert rows == (11, 22, 7, 33) and rows == [11, 22, 7, 33] and rows != (11, 22, 7) and rows != "text"
    assert 22 in rows and rows.index(33) == 3 and repr(rows) == "<4 rows>"
    assert rows.settled() == tuple(rows) and isinstance(rows.settled(), tuple)
    with pytest.raises(IndexError):
        rows[4]


@given(
    text=st.lists(
        st.sampled_from(
            ["a", " ", "\n", "\r\n", "\r", "\t", "=", "=\n", "=3D", "=20", "&amp;", "&", "\\[", "[", "\x1b[1m"]
        )
        | st.characters()
    ).map("".join)
)
def test_plain_text_is_its_lines(text: str) -> None:
    if is_plain(text):
        lines = [line.text for line in plain_lines(text)]
        assert lines == [line.rstrip("\r") for line in text.split("\n")]
        assert clean(text) == text.replace("\r", "")


def both(parse: str, text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Sequence[object], ...]:
    """What is read from the text with and without what makes it fast."""
    read: Callable[[str], ps.Ps | bt.Bt] = ps.parse if parse == "ps" else bt.parse
    owner = table if parse == "ps" else sound
    with monkeypatch.context() as patch:
        patch.setattr(lazy, "_SHORT", 0)
        fast = read(text)
        patch.setattr(owner, "is_plain", lambda _: False)
        slow = read(text)
    rows = [found.tasks if isinstance(found, ps.Ps) else found.traces for found in (fast, slow)]
    return (*map(tuple, rows), fast.unread, slow.unread, fast.remarks, slow.remarks)


@pytest.mark.parametrize("end", ["\r\n\n", "\r\n", " \r\n\r\n", " \n", "\t", "\r\n \n\nPID: 1\n"])
def test_the_last_line_of_a_backtrace_ends_where_it_ends(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast, slow, *rest = both("bt", bt_samples.FOREACH.rstrip() + end, monkeypatch)
    assert fast == slow
    assert (rest[0], rest[2]) == (rest[1], rest[3])


@pytest.mark.parametrize("kind", ["ps", "bt"])
@settings(max_examples=60)
@given(data=st.data())
def test_fast_and_slow_reading_agree(kind: str, data: st.DataObject) -> None:
    text = data.draw(damaged(PS * 2 if kind == "ps" else TRACES))
    with pytest.MonkeyPatch.context() as monkeypatch:
        fast, slow, *rest = both(kind, text, monkeypatch)
    assert fast == slow
    assert (rest[0], rest[2]) == (rest[1], rest[3])


@pytest.mark.parametrize(
    "change",
    [lambda text: text, lambda text: text.replace("\n", "\r\n"), lambda text: text.replace("TASK ", "KSTACKP", 1)],
)
def test_fast_and_slow_reading_agree_on_whole_tables(change: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(change)
    fast, slow, *_ = both("ps", change(PS * 3), monkeypatch)
    assert fast == slow and len(fast) == 12


def test_every_block_of_the_sample_is_sound() -> None:
    blocks = list(sound.sound_blocks(TRACES))
    assert [TRACES[start : start + 4] for start, _ in blocks] == ["PID:"] * 6
    # Of the registers in the sample with lines of the source, all but the first are left out.
    assert len(re.findall("^PID:", TRACES, re.MULTILINE)) == 7
    assert list(sound.sound_blocks(TRACES.replace("RAX", "RAY"))) != blocks
