# SPDX-License-Identifier: Apache-2.0
"""What is offered at a cursor."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.completion import Known, needed
from xcrash.completion.complete import LIMIT, complete
from xcrash.completion.known import Task

KNOWN = Known(
    commands=("bt", "btop", "files", "help", "mod", "p", "ps", "struct", "sym"),
    options={"bt": ("-a", "-f", "-l")},
    symbols=("init_mm", "init_task", "init_tasks", "jiffies"),
    types=(("task_group", "struct"), ("task_struct", "struct"), ("u64", "typedef")),
    tasks=(
        Task("0", "ffffffff8b810940", "swapper/0"),
        Task("0", "ffff8c18412ce100", "swapper/1"),
        Task("1", "ffff8c1841231840", "init"),
        Task("12", "ffff8c1841230000", "kthreadd"),
    ),
    modules=(("ext4", "not loaded"), ("virtio_blk", "/lib/virtio_blk.ko")),
)


def offered(line: str, cursor: int | None = None) -> list[str]:
    return [one.text for one in complete(line, len(line) if cursor is None else cursor, KNOWN)]


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("b", ["bt", "btop"]),
        ("dm", ["dmesg"]),
        ("bt -", ["-a", "-f", "-l"]),
        ("bt 1", ["1", "12"]),
        ("bt ffff8c1841231", ["ffff8c1841231840"]),
        ("bt ffffffff8", ["ffffffff8b810940"]),
        ("struct task_st", ["task_struct"]),
        ("struct task_", ["task_group", "task_struct"]),
        ("struct -o task_st", ["task_struct"]),
        ("struct task_struct init_ta", ["init_task", "init_tasks"]),
        ("size u", ["u64"]),
        ("sym init_ta", ["init_task", "init_tasks"]),
        ("p &init_ta", ["init_task", "init_tasks"]),
        ("p (init_m", ["init_mm"]),
        ("px jif", ["jiffies"]),
        ("mod -s ", ["ext4", "virtio_blk"]),
        ("mod -s v", ["virtio_blk"]),
        ("help s", ["sf", "size", "sn", "struct", "sym"]),
        ("foreach b", ["bt"]),
        ("foreach R", ["RU"]),
        ("set sc", ["scope"]),
        ("sym ", []),
        ("sym nothing", []),
        ("ps | gr", []),
        ("ps > /tm", []),
        ("", None),
    ],
)
def test_names_that_fit_are_offered(line: str, texts: list[str] | None) -> None:
    assert offered(line) == texts if texts is not None else len(offered(line)) > 10


def test_a_completion_says_what_it_is_and_where_it_goes() -> None:
    line = "p &init_ta"
    first = complete(line, len(line), KNOWN)[0]
    assert (first.kind, first.detail, line[: first.start] + first.text) == ("symbol", "symbol", "p &init_task")
    assert [(one.text, one.detail) for one in complete("bt 1", 4, KNOWN)] == [("1", "init"), ("12", "kthreadd")]
    assert complete("struct task_s", 13, KNOWN)[0].detail == "struct"


def test_only_what_is_in_front_of_the_cursor_counts() -> None:
    assert offered("bt 1 more", 4) == ["1", "12"]


def test_aliases_of_the_session_complete_as_what_they_stand_for() -> None:
    known = Known(aliases={"st": "struct"}, types=KNOWN.types)
    assert [one.text for one in complete("st task_s", 9, known)] == ["task_struct"]


def test_a_list_is_never_longer_than_anybody_reads() -> None:
    known = Known(symbols=tuple(f"s{number:06}" for number in range(10 * LIMIT)))
    assert len(complete("sym s", 5, known)) == LIMIT


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("b", (("command", ""),)),
        ("bt 1", (("task", ""),)),
        ("bt -", (("option", "bt"),)),
        ("struct t", (("type", ""),)),
        ("mod -s ", (("module", ""),)),
        ("sym i", (("symbol", ""),)),
        ("ps | g", ()),
    ],
)
def test_what_has_to_be_gathered_follows_from_the_place(line: str, needs: tuple[tuple[str, str], ...]) -> None:
    assert needed(line, len(line), KNOWN) == needs


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=30), st.integers(0, 40))
def test_any_line_is_completed_without_harm(line: str, cursor: int) -> None:
    for one in complete(line, cursor, KNOWN):
        assert 0 <= one.start <= len(line[:cursor])
        assert one.text.startswith(line[one.start : cursor])
