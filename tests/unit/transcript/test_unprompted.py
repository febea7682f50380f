# SPDX-License-Identifier: Apache-2.0
"""Reports of programs that ran crash: answers without prompts."""

from __future__ import annotations

from pathlib import Path

import pytest

from xcrash.parse import sys as sys_command
from xcrash.parse.text import clean
from xcrash.transcript.pasted import split_pasted
from xcrash.transcript.recording import read_recording

DEMO = read_recording(Path(__file__).parents[3] / "xcrash" / "transcript" / "demo.cast")
START = clean(DEMO.startup_text).removesuffix("crash> ")
RULE = "-" * 39


def answer(command: str) -> str:
    text = DEMO.answer_to(command)
    assert text
    return clean(text)


def sections(text: str) -> dict[str, str]:
    (pasted,) = split_pasted(text)
    return {said.command: said.output.strip("\n") for said in pasted.commands}


def test_the_sections_of_hotkdump_are_commands() -> None:
    commands = ("sys", "bt", "kmem -i", "dev -d", "mount", "files", "vm")
    text = "".join(f"{RULE}\nOutput of '{command}'\n{RULE}\n{answer(command)}" for command in commands)
    text += f"{RULE}\nOutput of 'log' with audit messages filtered out\n{RULE}\n{answer('log')}"
    text += f"{RULE}\nOldest blocked processes\n{RULE}\n[0 00:00:01.000] [UN] PID: 7\n"
    found = sections(text)
    assert list(found) == [*commands, "log | grep -vi audit", "ps -m | grep UN | tail"]
    for command in commands:
        assert found[command] == answer(command).strip("\n")


def test_an_early_hotkdump_report_begins_with_the_banner() -> None:
    text = f"{answer('sys')}\nOutput of bt\n\n{answer('bt')}\nOutput of kmem -i\n\n{answer('kmem -i')}"
    (pasted,) = split_pasted(text)
    assert sys_command.parse(pasted.before) == sys_command.parse(answer("sys"))
    assert sections(text) == {command: answer(command).strip("\n") for command in ("bt", "kmem -i")}


@pytest.mark.parametrize("margin", ["", " "])
def test_what_apport_keeps_is_known_by_its_shape(margin: str) -> None:
    body = START + answer("bt -a") + answer("ps") + answer("runq")
    text = "ProblemType: KernelCrash\nStacktrace:\n" * bool(margin) + "".join(
        f"{margin}{line}\n" for line in body.splitlines()
    )
    found = sections(text)
    assert list(found) == ["bt -a", "ps", "runq"]
    assert found["runq"].splitlines()[0].lstrip() == answer("runq").splitlines()[0]


@pytest.mark.parametrize(
    "command", ["bt", "bt -a", "log", "ps", "ps -m", "kmem -i", "mount", "mod", "files", "vm", "net"]
)
def test_a_single_answer_is_known_by_its_shape(command: str) -> None:
    assert sections(answer(command)) == {command: answer(command).strip("\n")}


@pytest.mark.parametrize(
    "text", ["", "prose\n", f"{START}\nprose\n{answer('bt')}", "PID: 1\nCOMMAND: x\n", "Output of the fan\n"]
)
def test_an_excerpt_is_no_report(text: str) -> None:
    assert sections(text) == {}


def test_a_list_item_above_the_answer_is_the_command() -> None:
    task = "PID: 7  TASK: ff00ff00  CPU: 0"
    text = "".join(f">> {line}\n" for line in ("- sys", *answer("sys").strip().splitlines(), "", "- bt -l", task))
    found = sections(text)
    assert list(found) == ["sys", "bt -l"]
    assert found["bt -l"] == task


def test_a_list_item_above_other_text_is_no_command() -> None:
    assert sections("- bt\nshows the stack.\n- ps\nshows tasks.\n") == {}
