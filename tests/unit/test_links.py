# SPDX-License-Identifier: Apache-2.0
"""What a line leads to: the words that name something, and the commands made of them."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xcrash.links import links_in, offers
from xcrash.session.command import check_command

TASK = "ffff8c18412ce100"
STACK = "ffffcd96000c3e60"
TEXT = "ffffffff8a8c2dfa"


def found(text: str, command: str = "") -> list[tuple[str, str]]:
    """The words of a line that lead somewhere, with what they are."""
    return [(text[link.start : link.end], link.kind) for link in links_in(text, command)]


@pytest.mark.parametrize(
    ("text", "command", "expected"),
    [
        (
            f' #0 [{STACK}] __schedule at {TEXT} [ext4]',
            "bt",
            [(STACK, "data"), ("__schedule", "symbol"), (TEXT, "text"), ("ext4", "module")],
        ),
        (
            f' #1 [{STACK}] schedule+25 (via __cond) at {TEXT}',
            "bt",
            [(STACK, "data"), ("schedule", "symbol"), (TEXT, "text")],
        ),
        (
            f'PID: 186      TASK: {TASK}  CPU: 1    COMMAND: "sh"',
            "foreach bt",
            [("186", "pid"), (TASK, "task")],
        ),
        (
            f">     398      1   1  {TASK}  RU   0.2    2584     1596  sh",
            "ps",
            [("398", "pid"), ("1", "pid"), (TASK, "task")],
        ),
        (f"    TASK: {TASK}  [THREAD_INFO: {TASK}]", "set", [(TASK, "task"), (TASK, "data")]),
        (f"0x{TEXT} <panic+4>:     push   %rbp", "dis panic", [(TEXT, "text"), ("panic", "symbol")]),
        (f"{TEXT} (T) panic /usr/src/panic.c: 341", "sym panic", [(TEXT, "text"), ("panic", "symbol")]),
        (f"{TASK} (D) init_task", "sym init_task", [(TASK, "data"), ("init_task", "symbol")]),
        (
            "RIP: 0010:sysrq_handle_crash+0x1a/0x20 [mymod]",
            "log",
            [("sysrq_handle_crash", "symbol"), ("mymod", "module")],
        ),
        ("  struct list_head tasks;", "struct task_struct", [("list_head", "struct")]),
        ("  union foo_bar {", "whatis x", [("foo_bar", "struct")]),
        ("  pid = 398,", "struct", [("398", "pid")]),
        (f"{TASK}  ext4                   {TEXT}  700416  (not loaded)", "mod", [
            (TASK, "data"), ("ext4", "module"), (TEXT, "text")]),
        (f"  3 {TASK} {STACK} {TASK} REG  /etc/passwd", "files 1", [
            (TASK, "object"), (STACK, "object"), (TASK, "object")]),
        (f"{TASK}:  0000000000000000 deadbeefdeadbeef", "rd", [(TASK, "data")]),
        ("no answer to 'bt 99999'", "bt 99999", []),
        ("ffffffffffffffff fffffffffffffff2", "rd", []),
        ("", "", []),
    ],
)  # fmt: skip
def test_what_a_line_leads_to(text: str, command: str, expected: list[tuple[str, str]]) -> None:
    assert found(text, command) == expected


def test_the_best_command_comes_first() -> None:
    line = f" #0 [{STACK}] __schedule at {TEXT}"
    assert offers(links_in(line, "bt"))[:3] == (f"dis -rl {TEXT}", f"sym {TEXT}", "sym __schedule")
    row = f">     398      1   1  {TASK}  RU   0.2    2584     1596  sh"
    assert offers(links_in(row, "ps"))[:2] == (f"bt {TASK}", f"struct task_struct {TASK}")
    assert offers(()) == ()


def test_each_command_is_offered_once() -> None:
    commands = offers(links_in(f"{TASK} {TASK} {TASK}"))
    assert len(commands) == len(set(commands)) > 0


def test_an_address_that_only_looks_like_one_is_left_alone() -> None:
    assert found("x" + TASK) == found(TASK + "f") == found(TASK + "_") == []
    assert found(f"[{TASK}]") == [(TASK, "data")]


@pytest.mark.parametrize(
    "text",
    [
        f" #0 [{STACK}] evil;!rm at {TEXT}",
        f" #0 [{STACK}] a|sh at {TEXT} [b>c]",
        f"PID: 1; !rm  TASK: {TASK}",
        "struct \x1b[31mlist_head",
        "struct list_head\u202e",
        f"{TASK} (T) sym\x00bol",
        "[@click=app.quit]struct x[/]",
        "struct \uff54\uff41sk_struct",
        "pid = ١٢٣",
    ],
)
def test_no_command_holds_what_the_line_only_claims(text: str) -> None:
    for command in offers(links_in(text, "bt")):
        assert re.fullmatch(r"[a-z]+( [\w.-]+)+|mod", command, re.ASCII), command
        check_command(command)


@given(st.text(max_size=300), st.sampled_from(["", "bt", "ps", "files", "mod", "foreach files -R x", "mount"]))
def test_links_stand_apart_and_in_order(text: str, command: str) -> None:
    last = 0
    for link in links_in(f"{text} struct list_head {TASK} {text}", command):
        assert last <= link.start < link.end
        assert link.commands
        last = link.end


@pytest.mark.parametrize("piece", ["a" * 50, f"{TASK} ", "struct ", "<a+1>", "PID: 1 ", " #0 [", "\u4e00"])
def test_a_line_of_a_megabyte_is_read_at_once(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    links_in(text, "files")
    assert time.process_time() - began < 1.0
    assert len(links_in(text, "files")) <= 40
