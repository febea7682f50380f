# SPDX-License-Identifier: Apache-2.0
"""Pasted sessions: cut at their prompts, without what mailers, pages and editors put around crash's own lines."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse.samples import CORPUS, DOM0
from xcrash.parse import sys as sys_command
from xcrash.parse.text import clean
from xcrash.transcript.pasted import Pasted, split_pasted
from xcrash.transcript.recording import read_recording, sessions_of_text

DEMO = Path(__file__).parents[3] / "xcrash" / "transcript" / "demo.cast"


def one(text: str) -> Pasted:
    (found,) = split_pasted(text)
    return found


def answers(pasted: Pasted) -> list[tuple[str, str]]:
    return [(said.command, said.output) for said in pasted.commands]


@pytest.mark.parametrize(
    ("text", "prompt", "commands"),
    [
        ("crash> ps\nPID\ncrash> \n", "crash> ", [("ps", "PID\n")]),
        ("crash32> ps\nPID\ncrash32> q\n", "crash32> ", [("ps", "PID\n"), ("q", "")]),
        ("crash.aft> sys\nCPUS: 2\n", "crash.aft> ", [("sys", "CPUS: 2\n")]),
        ("%crash> sys\nCPUS: 2\n", "%crash> ", [("sys", "CPUS: 2\n")]),
        ("(ins)crash> sys\nCPUS: 2\n", "crash> ", [("sys", "CPUS: 2\n")]),
        ("crash> set gdb on\non\ngdb> p 1\n$1 = 1\n", "crash> ", [("set gdb on", "on\n"), ("p 1", "$1 = 1\n")]),
        ("> crash> bt\n> PID: 1\n> crash> q\n", "crash> ", [("bt", "PID: 1\n"), ("q", "")]),
        (">crash> bt\n>PID: 1\n", "crash> ", [("bt", "PID: 1\n")]),
        ("> >> crash> bt\n> >>  #0 x\n> >>\n", "crash> ", [("bt", " #0 x\n\n")]),
        ("    crash> bt\n     #0 x\n", "crash> ", [("bt", " #0 x\n")]),
        ("\tcrash> bt\n\t #0 x\n\t\tDS\n", "crash> ", [("bt", " #0 x\n\tDS\n")]),
        ("| crash> bt\n| x\n", "crash> ", [("bt", "x\n")]),
        ("crash>\ncrash>bt\nx\n", "crash> ", [("bt", "x\n")]),
        ("crash> ps\r\nPID\r\n", "crash> ", [("ps", "PID\n")]),
        ("crash> ps\n>  0  0  0  RU\ncrash> q", "crash> ", [("ps", ">  0  0  0  RU\n"), ("q", "")]),
        ("> crash> ps\n> >  0  0  RU\n", "crash> ", [("ps", ">  0  0  RU\n")]),
        ("crash> echo a > b\nx\n", "crash> ", [("echo a > b", "x\n")]),
        ("crash> p 1\n$1 = 1crash> p 2\n$2 = 2\n", "crash> ", [("p 1", "$1 = 1\n"), ("p 2", "$2 = 2\n")]),
        ("crash> !printf x\nxcrash> p 2\n2\ncrash> q", "crash> ", [("!printf x", "x\n"), ("p 2", "2\n"), ("q", "")]),
        ("crash> bt^C\ncrash> ps\nPID\n", "crash> ", [("ps", "PID\n")]),
        ("crash> **bt** -a  \nx\n", "crash> ", [("bt -a", "x\n")]),
        ("crash> [set](https://example.org/help.html) 5\nx\n", "crash> ", [("set 5", "x\n")]),
        ("crash> <b>bt</b> -a\nx\n", "crash> ", [("bt -a", "x\n")]),
        ("`crash> bt`\nx\n", "crash> ", [("bt", "x\n")]),
        ("crash> p *init_task.mm\nx\n", "crash> ", [("p *init_task.mm", "x\n")]),
        ("crash&gt; p a-&gt;b\nx &lt;y&gt;\n", "crash> ", [("p a->b", "x <y>\n")]),
        ("crash > ps\nPID\ncrash >\n", "crash> ", [("ps", "PID\n")]),
        ("# crash> bt\nPID: 1\n", "crash> ", [("bt", "PID: 1\n")]),
        ("crash> bt\n# PID: 1\n#  #0 x\ncrash> p x\n# x\n", "crash> ",
         [("bt", "PID: 1\n #0 x\n"), ("p x", "# x\n")]),
        ("\t * crash> vtop 0\n\t * VIRTUAL\n\t *\n\t *  PUD: 1\n\t */\n", "crash> ",
         [("vtop 0", "VIRTUAL\n\n PUD: 1\n")]),
        ("+\tcrash> tree -x\n+\tffff\n+\n+Text\n", "crash> ", [("tree -x", "ffff\n")]),
        ("<pre><code>crash&gt; bt\nx\ncrash&gt; ps\nPID\n</code></pre>\nText\n", "crash> ",
         [("bt", "x\n"), ("ps", "PID\n")]),
        ("<div>crash&gt; bt<br>PID: 1<br />&nbsp;#0 <font color=red>x</font></div><p>T</p>\n", "crash> ",
         [("bt", "PID: 1\n #0 x\nT\n")]),
        ("crash> p x\nx = 0x1 <b>\n", "crash> ", [("p x", "x = 0x1 <b>\n")]),
    ],
)  # fmt: skip
def test_a_session_is_cut_at_its_prompts(text: str, prompt: str, commands: list[tuple[str, str]]) -> None:
    pasted = one(text)
    assert (pasted.before, pasted.prompt, answers(pasted)) == ("", prompt, commands)


@pytest.mark.parametrize(
    "text", ["no prompt\n", "the crash> is not at the start\n", "gdb> p 1\n", "a\nb\n", "a->crash> b\n"]
)
def test_text_without_a_prompt_is_all_before_it(text: str) -> None:
    assert one(text) == Pasted(opening=tuple(enumerate(text.splitlines())), commands=())


def test_an_answer_ends_with_its_code_block() -> None:
    text = (
        "# Title\n```sh\ncrash> bt\n #0 x\n```\nSee?\n\n```\ncrash> ps\nPID\n```\n\n"
        "Indented:\n\n    crash> sys\n    CPUS: 2\n\nThat is all.\n"
    )
    assert answers(one(text)) == [("bt", " #0 x\n"), ("ps", "PID\n"), ("sys", "CPUS: 2\n")]


def test_a_text_that_was_cut_out_of_a_code_block_ends_at_its_first_fence() -> None:
    assert answers(one("crash> bt\n #0 x\n```\nprose\n```\ncrash> help\n```\n")) == [("bt", " #0 x\n"), ("help", "")]


def test_an_answer_in_a_block_behind_its_prompt_is_read() -> None:
    text = "Intro\n\n```\nfoo\n```\ncrash> bt\n```\n #0 x\n```\nprose\n"
    assert answers(one(text)) == [("bt", " #0 x\n")]


def test_what_was_written_between_quoted_lines_is_no_output() -> None:
    text = "> crash> bt\n> PID: 1\n\nInteresting!\n\n>  #0 x\n> crash> q\n"
    assert answers(one(text)) == [("bt", "PID: 1\n #0 x\n"), ("q", "")]


def test_examples_in_a_help_page_are_no_prompts() -> None:
    text = "crash> help ps\n  Show:\n    crash> ps -u\n    PID\ncrash> q\n"
    assert answers(one(text)) == [("help ps", "  Show:\n    crash> ps -u\n    PID\n"), ("q", "")]


@pytest.mark.parametrize("end", ["crash> q\n$ ls\nfile\n", "crash> quit\n", "crash> bt\n #0 x\n\nThe other machine:\n"])
def test_several_sessions_in_a_text_are_told_apart(end: str) -> None:
    start = f"[root@h ~]# crash vmlinux vmcore\n\ncrash 8.0.2\n\n{DOM0}\n"
    first, second = split_pasted(f"{start}crash> ps\nPID\n{end}{start}crash> bt\n #0 x\ncrash> exit\n# exit\n")
    assert answers(first)[0] == ("ps", "PID\n")
    assert answers(second) == [("bt", " #0 x\n"), ("exit", "")]
    assert sys_command.parse(first.before) == sys_command.parse(second.before)
    assert second.before.startswith("[root@h ~]# crash vmlinux vmcore\n")


def test_sys_in_a_session_begins_no_other() -> None:
    assert [said.command for said in one(f"{DOM0}\ncrash> sys\n{DOM0}\ncrash> q\n").commands] == ["sys", "q"]


def quoted(depth: int) -> Callable[[str], str]:
    return lambda text: "".join(f"{'>' * depth} {line}".rstrip() + "\n" for line in text.splitlines())


def indented(by: str) -> Callable[[str], str]:
    return lambda text: "".join(by + line + "\n" if line else "\n" for line in text.splitlines())


DISGUISES: dict[str, Callable[[str], str]] = {
    "windows": lambda text: text.replace("\n", "\r\n"),
    "quoted": quoted(1),
    "quoted three times": quoted(3),
    "a code block": lambda text: f"# Title\n\nProse.\n\n{indented('    ')(text)}\nProse.\n",
    "two blanks": indented("  "),
    "tabs": indented("\t"),
    "quoted and indented": lambda text: quoted(1)(indented("    ")(text)),
    "a fence": lambda text: f"Prose.\n\n```\n{text}```\nProse.\n",
    "html": lambda text: html.escape(text, quote=False),
    "no blanks at the end": lambda text: re.sub(r" +$", "", text, flags=re.MULTILINE),
    "odd blanks": lambda text: text.replace("  ", "\xa0 "),
    "another prompt": lambda text: re.sub(r"^crash> ?", "crash.aft> ", text, flags=re.MULTILINE),
    "colours": lambda text: re.sub(r"^crash> ", "\x1b[31mcrash> \x1b[0m", text, flags=re.MULTILINE),
    "a typescript": lambda text: "Script started on x\n" + text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_real_session_reads_the_same_however_it_was_pasted(disguise: str) -> None:
    demo = read_recording(DEMO)
    commands = [(one.command, clean(one.output).removesuffix("crash> ")) for one in demo.exchanges[:30]]
    start = clean(demo.startup_text).removesuffix("crash> ")
    text = start + "".join(f"crash> {command}\n{output}" for command, output in commands) + "crash> \n"
    (found,) = sessions_of_text("x", DISGUISES[disguise](text))
    assert [one.command for one in found.exchanges] == [command for command, _ in commands]
    for exchange, (_, output) in zip(found.exchanges, commands, strict=True):
        lines = exchange.output.removesuffix(found.prompt).rstrip().splitlines()
        assert [line.rstrip() for line in lines] == [line.rstrip() for line in output.rstrip().splitlines()]
    banner, plain = sys_command.parse(found.startup_text), sys_command.parse(start)
    assert banner and plain and banner.fields == plain.fields


PIECES = (
    "crash> ps\n",
    "> crash> bt\n",
    "    crash> x\n",
    "\n",
    "x\r\n",
    "crash32> ",
    "```\n",
    "$ crash a\n",
    "crash 8.0.2\n",
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from([*PIECES, "crash> q\n", "Output of 'ps'\n", DOM0]) | st.text(max_size=9)))
def test_every_text_is_split_and_says_nothing_that_was_not_in_it(parts: list[str]) -> None:
    sessions = split_pasted("".join(parts))
    assert sessions
    numbers = [number for pasted in sessions for number, _ in pasted.opening]
    numbers += [number for pasted in sessions for said in pasted.commands for number, _ in said.lines]
    assert len(numbers) == len(set(numbers))
    assert all(said.command for pasted in sessions for said in pasted.commands)


@pytest.mark.parametrize(
    "line", ["crash" * 400, ">" * 2000, "crash> " * 300, "a-" * 900 + "crash>", "[a](#" * 300, "`" * 1500]
)
def test_time_and_memory_are_linear_in_hostile_lines(line: str) -> None:
    text = f"{line}\n" * 2000
    assert sum(
        len(pasted.before) + sum(len(said.output) for said in pasted.commands) for pasted in split_pasted(text)
    ) <= len(text)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not part of the repository")
@pytest.mark.parametrize(
    ("number", "commands"),
    [
        (252, ["kmem -s|grep -i invalid"]),
        (254, []),
        (255, ["sys", "bt"]),
        (264, ["p -x __cpu_online_mask", "p -x __cpu_active_mask"]),
        (270, ["bt"]),
        (281, ["rq.cpu ffff8f1afdf5ab80", "kmem ffff8f4957fbfab0", "bt -f 355608"]),
        (302, ["ps 'kworker*'", "runq", "runq -t"]),
        (305, ["dev -d bcache0"]),
        (313, ["set 5109", "bt"]),
        (320, []),
    ],
)  # fmt: skip
def test_public_recordings_are_cut_rightly(number: int, commands: list[str]) -> None:
    (path,) = CORPUS.glob(f"{number}-*.txt")
    recording = read_recording(path)
    assert [exchange.command for exchange in recording.exchanges] == commands
    text = "".join(exchange.output for exchange in recording.exchanges)
    assert not re.search(r"^>|```|###|^[ \t]+crash> ", text, re.MULTILINE)
