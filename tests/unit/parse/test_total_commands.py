# SPDX-License-Identifier: Apache-2.0
"""The parsers of tables, queues and translations take any text, lose no line, and need time in proportion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse import device_samples as device
from tests.unit.parse import kernel_samples as kernel
from tests.unit.parse import task_samples as task
from tests.unit.parse.growth import grows_linearly
from xcrash.parse import parser_for
from xcrash.parse.text import plain_lines
from xcrash.parse.value import CommandOutput

SAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "files 1": (task.FILES, task.FILES_OLD),
    "vm 1": (task.VM, task.VM_PAGES, task.VM_STRUCT),
    "sig 1": (task.SIG, task.SIG_GROUP),
    "fuser /": (task.FUSER,),
    "vtop 1": (task.VTOP,),
    "eval 1": (task.EVAL,),
    "net": (device.NET,),
    "net -a": (device.NET_ARP,),
    "net -s 1": (device.NET_SOCKETS,),
    "dev": (device.DEV,),
    "dev -d": (device.DEV_DISKS,),
    "dev -i": (device.DEV_RESOURCES,),
    "dev -p": (device.DEV_PCI,),
    "mount": (device.MOUNT, device.MOUNT_FILES, device.MOUNT_INODES),
    "ipcs": (device.IPCS,),
    "irq": (kernel.IRQ, kernel.IRQ_OLD),
    "irq -s": (kernel.IRQ_STATS,),
    "irq -a": (kernel.IRQ_AFFINITY,),
    "runq": (kernel.RUNQ, kernel.RUNQ_GROUPS),
    "runq -t": (kernel.RUNQ_CLOCKS,),
    "runq -m": (kernel.RUNQ_RUNNING,),
    "timer": (kernel.TIMER, kernel.TIMER_OLD),
    "timer -r": (kernel.HRTIMER, kernel.HRTIMER_OLD),
}
BARE: Final = [
    "files -d 1",
    "files -p 1",
    "vm -f 1",
    "net -N 1",
    "dev -V",
    "irq -b",
    "irq -d",
    "runq -T",
    "sig -l",
    "sig -s 1",
    "waitq 1",
    "pte 1",
    "btop 1",
    "ptob 1",
    "ptov 1",
    "ascii",
]
SPANLESS: Final = {"eval 1", "vm -f 1", "net -N 1", "sig -s 1", "ascii", "waitq 1"}
"""Answers that are one value: their lines have no spans of their own."""

HEADER: Final = re.compile(
    r"[\[(A-Z][A-Z0-9_/.:()\[\]? -]*|CPU[ 0-9]+|NAME.*|No open (?:files|sockets\.)|No (?:open files|dirty inodes) found"
    r"|[\[(](?:no tasks queued|none allocated|not found|empty|none|not available|page not available)[\])]"
    r"|ROOT: .*|JIFFIES.*|[0-9]+|CURRENT|.*crash.*>.*"
)
PIECES: Final = ["\n", "  ", ": ", " [", "] ", "(none)", "c7e30560 ", "PID: 1 TASK: c7e30560 CPU: 0\n", "0 ", "\t", "?"]
REAL: Final = [text for texts in SAMPLES.values() for text in texts]


def parsed(command_line: str, text: str) -> CommandOutput:
    parser = parser_for(command_line)
    assert parser
    found = parser(text)
    assert isinstance(found, CommandOutput)
    return found


def spans(value: object) -> Iterator[tuple[int, int]]:
    """Every span in a value as JSON has it."""
    if isinstance(value, dict):
        if "span" in value:
            yield value["span"][0], value["span"][1]
        for inner in value.values():
            yield from spans(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from spans(inner)


def check(command_line: str, text: str) -> None:
    found = parsed(command_line, text)
    document = msgspec.json.decode(msgspec.json.encode(found))
    assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found
    assert all(0 <= start <= end <= len(text) for start, end in spans(document))
    if command_line not in SPANLESS:
        kept = {line.line for line in found.unread} | {remark.line for remark in found.remarks}
        ranges = list(spans(document))
        for line in plain_lines(text):
            if line.text.strip() and line.number not in kept and not HEADER.fullmatch(line.text.strip()):
                assert any(start < line.end and line.start < end for start, end in ranges), line
    numbers = [*(line.line for line in found.unread), *(remark.line for remark in found.remarks)]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("command_line", SAMPLES)
def test_samples_leave_nothing_unread(command_line: str) -> None:
    for text in SAMPLES[command_line]:
        assert parsed(command_line, text).unread == ()
        check(command_line, text)


@pytest.mark.parametrize("command_line", SAMPLES)
def test_indentation_of_the_whole_answer_does_not_matter(command_line: str) -> None:
    for text in SAMPLES[command_line]:
        for margin in ("    ", "\t"):
            shifted = "".join(f"{margin}{line}\n" for line in text.splitlines())
            assert parsed(command_line, shifted).unread == ()


@pytest.mark.parametrize("command_line", [*SAMPLES, *BARE])
def test_a_line_that_nothing_knows_is_unread_wherever_it_is(command_line: str) -> None:
    name = command_line.split()[0]
    error = f'{name}: invalid kernel virtual address: 10  type: "x"'
    for text in SAMPLES.get(command_line, ("",)):
        lines = text.splitlines()
        for at in range(len(lines) + 1):
            found = parsed(command_line, "\n".join([*lines[:at], "Here is a remark!", error, *lines[at:]]))
            assert "Here is a remark!" in [line.text for line in found.unread]
            assert error in [remark.text for remark in found.remarks]


@pytest.mark.parametrize("command_line", [*SAMPLES, *BARE])
def test_an_error_alone_is_a_remark(command_line: str) -> None:
    name = command_line.split()[0]
    found = parsed(command_line, f"    {name}: invalid task or pid value: 99999\n")
    assert [(remark.severity, remark.line) for remark in found.remarks] == [("error", 1)]
    assert found.unread == ()


@settings(max_examples=25)
@given(text=st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=8)).map("".join))
def test_any_text(text: str) -> None:
    for command_line in (*SAMPLES, *BARE):
        check(command_line, text)


@settings(max_examples=40)
@given(data=st.data())
def test_any_cut_and_paste(data: st.DataObject) -> None:
    command_line = data.draw(st.sampled_from([*SAMPLES, *BARE]))
    text = data.draw(st.sampled_from(SAMPLES.get(command_line, ()) + tuple(REAL[:3])))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 80)))
        text = text[:start] + data.draw(st.sampled_from([*PIECES, *REAL]) | st.text(max_size=8)) + text[end:]
    check(command_line, text)


HOSTILE: Final = {
    "blanks": " ",
    "digits": "1",
    "words": "1 ",
    "addresses": "c7e30560 ",
    "lines": "c7e30560 c7e30560 1 2 3\n",
    "headers": "FD FILE DENTRY INODE TYPE PATH\nEXPIRES TTE TIMER_LIST FUNCTION\n",
    "tasks": "PID: 1 TASK: c7e30560 CPU: 0\n",
    "queue": "  TASK_GROUP: c7e30560  CFS_RQ: c7e30560  <a>\n",
    "shared": '    c7e30560  "a"\n',
    "signals": "  12 c7e30560\n",
    "colons": "a: ",
    "offsets": "1  FILE: a  OFFSET: 1 ",
    "continued": " " * 30 + "more\n",
}


@pytest.mark.parametrize("command_line", [*SAMPLES, *BARE])
def test_time_grows_with_the_text(command_line: str) -> None:
    parser = parser_for(command_line)
    assert parser
    sample = SAMPLES.get(command_line, ("",))[0]

    def text(piece: str, size: int) -> str:
        return sample + piece * (size // len(piece))

    for piece in (*HOSTILE.values(), sample or "x\n"):
        assert grows_linearly(parser, text(piece, 15_000), text(piece, 60_000)), piece
