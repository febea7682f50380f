# SPDX-License-Identifier: Apache-2.0
"""The parsers of C data, memory, symbols and hypervisors take any text, lose no line, and need time in proportion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse.data_samples import SAMPLES
from tests.unit.parse.growth import grows_linearly
from xcrash.parse import parser_for
from xcrash.parse.text import plain_lines, prompt_command
from xcrash.parse.value import CommandOutput

XEN_HEADINGS: Final = (
    "DID|DOMAIN|ST|T|MAXPAGE|TOTPAGE|VCPU|SHARED_I|P2M_MFN|VCID|PCID|DOMID|PCPU|CUR-VCPU|IDL-VCPU|TSS|CPU|SCH-DATA"
    "|SCH-PRIV|TICK|ENOTE|CORE|XEN_CORE|XEN_INFO"
)
"""What is left of a cut header of a hypervisor's table is one, too."""
HEADERS: Final = re.compile(
    r"SIZE +TYPE|PHYSICAL ADDRESS RANGE +TYPE.*|SHARED OBJECT +COMMANDS|ORIGIN +ALIAS +COMMAND|-{8,}|\(empty\)|\.{3}"
    rf"|(?:DID|VCID|PCID|CPU) +[A-Z].*|(?:(?:{XEN_HEADINGS})(?: +|$))+"
    r"|(?:Register|init_tss) information:|Dump of assembler .*|End of assembler dump\."
)
PIECES: Final = [
    "\n",
    " ",
    "{",
    "}",
    ",",
    " = ",
    "c7e30560",
    "0x1",
    "<a>",
    ";",
    '"',
    "'",
    "(",
    "struct a {\n",
    "[0]: 10\n",
]
TEXTS: Final = [text for texts in SAMPLES.values() for text in texts]


def parsed(command_line: str, text: str) -> CommandOutput:
    parser = parser_for(command_line)
    assert parser
    found = parser(text)
    assert isinstance(found, CommandOutput)
    return found


def spans(value: object) -> Iterator[tuple[int, int]]:
    """Every span in a value as JSON has it."""
    if isinstance(value, dict):
        if value.get("span"):
            yield value["span"][0], value["span"][1]
        for inner in value.values():
            yield from spans(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from spans(inner)


def check(command_line: str, text: str) -> None:
    found = parsed(command_line, text)
    encoded = msgspec.json.encode(found)
    assert msgspec.json.decode(encoded, type=type(found)) == found
    said = [line.line for line in found.unread] + [remark.line for remark in found.remarks]
    assert len(said) == len(set(said))
    ranges = list(spans(msgspec.json.decode(encoded)))
    assert all(0 <= start <= end <= len(text) for start, end in ranges)
    for line in plain_lines(text):
        bare = line.text.strip()
        if bare == "--" or (bare.startswith("SIZE: ") and getattr(found, "size", None) is not None):
            continue  # what grep -C puts between its finds; a value that stands alone
        if bare and line.number not in said and not HEADERS.fullmatch(bare) and prompt_command(line.text) is None:
            assert any(start <= line.start and line.end <= end for start, end in ranges), line


@pytest.mark.parametrize("command_line", SAMPLES)
def test_samples_leave_nothing_unread_whatever_their_margin(command_line: str) -> None:
    for text in SAMPLES[command_line]:
        for margin in ("", "    ", "\t"):
            shifted = "".join(f"{margin}{line}".rstrip(" ") + "\n" for line in text.splitlines())
            assert parsed(command_line, shifted).unread == ()
            check(command_line, shifted)


@pytest.mark.parametrize("command_line", [line for line in SAMPLES if line not in ("help", "help sym", "rd -a x")])
def test_a_line_that_nothing_knows_is_unread_wherever_it_is(command_line: str) -> None:
    name = command_line.split()[0]
    error = f'{name}: invalid kernel virtual address: 10  type: "x"'
    for text in SAMPLES[command_line]:
        lines = text.splitlines()
        for at in range(len(lines) + 1):
            # A lone word in front of a table is a type for whatis, so the strange line is none.
            found = parsed(command_line, "\n".join([*lines[:at], "Here is, a remark!", error, *lines[at:]]))
            assert "Here is, a remark!" in [line.text for line in found.unread]
            assert error in [remark.text for remark in found.remarks]


@pytest.mark.parametrize("command_line", SAMPLES)
@pytest.mark.parametrize(
    "text", ["A=", "A=\n", 'a = \n b"\n c = 1\n', "a =\nb = 2\nstruct c {\n  d = 1\n}\n", "a=\n->"]
)
def test_a_name_whose_value_does_not_come_is_not_lost(command_line: str, text: str) -> None:
    check(command_line, text)


@settings(max_examples=20)
@given(text=st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=6)).map("".join))
def test_any_text(text: str) -> None:
    for command_line in SAMPLES:
        check(command_line, text)


@settings(max_examples=40)
@given(data=st.data())
def test_any_cut_and_paste(data: st.DataObject) -> None:
    command_line = data.draw(st.sampled_from(list(SAMPLES)))
    text = data.draw(st.sampled_from([*SAMPLES[command_line], *TEXTS[:4]]))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 80)))
        text = text[:start] + data.draw(st.sampled_from([*PIECES, *TEXTS]) | st.text(max_size=8)) + text[end:]
    check(command_line, text)


HOSTILE: Final = (
    " ",
    "1",
    "1 ",
    "a = ",
    "{",
    "}",
    "a = {\n",
    "struct a {\n",
    "struct a {\n} ",
    "[",
    "(",
    "(a",
    "<",
    "<a ",
    '"a',
    "'",
)
HOSTILE_LINES: Final = (
    "c7e30560\n",
    "0: 0\n",
    ": 1 ",
    "a.b: 1 ",
    " 0x1 <a>",
    "{a(",
    "; ",
    "a : ",
    "struct a : ",
    "-> ",
    "$1 = ",
)


@pytest.mark.parametrize("command_line", SAMPLES)
def test_time_grows_with_the_text(command_line: str) -> None:
    parser = parser_for(command_line)
    assert parser
    sample = SAMPLES[command_line][0]

    def text(piece: str, size: int) -> str:
        return sample + piece * (size // len(piece)) + "!"

    for piece in (*HOSTILE, *HOSTILE_LINES, sample):
        assert grows_linearly(parser, text(piece, 4_000), text(piece, 16_000)), piece
