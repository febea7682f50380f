# SPDX-License-Identifier: Apache-2.0
"""Values as gdb prints them."""

from __future__ import annotations

import pytest

from xcrash.parse.c_value import (
    DEEPEST,
    Elements,
    Member,
    Members,
    Pointer,
    Reader,
    Repeated,
    Text,
    Value,
)
from xcrash.parse.text import plain_lines


def read(text: str) -> tuple[list[Member], list[str]]:
    """The values, and the lines that are none."""
    reader, strange = Reader(), []
    for line in plain_lines(text):
        if line.text.strip() and not reader.feed(line):
            strange.append(line.text)
    return reader.finish(len(text)), strange


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-135019", -135019),
        ("18446744073709551615,", 18446744073709551615),
        ("1.5", 1.5),
        ("true", True),
        ("false,", False),
        ("VTIME_INACTIVE,", "VTIME_INACTIVE"),
        ("(PF_A | PF_B)", "(PF_A | PF_B)"),
        ("(unknown: 0x20)", "(unknown: 0x20)"),
        ("<optimized out>", "<optimized out>"),
        ("0x0,", "0x0"),
        ("107 'k'", 107),
        ("0x6b 'k'", "0x6b"),
        ("39 '\\''", 39),
        ("0xffffffff8b810940 <init_task+192>,", Pointer(address="0xffffffff8b810940", symbol="init_task+192")),
        ("0xc0164854  <tcp_syn_recv_timer>", Pointer(address="0xc0164854", symbol="tcp_syn_recv_timer")),
        ('0x3661384 "boot.log", ', Pointer(address="0x3661384", string="boot.log")),
        (
            '0xffffffff8ad51580 <linux_banner> "Linux \\"6\\""',
            Pointer(address="0xffffffff8ad51580", symbol="linux_banner", string='Linux "6"'),
        ),
        (
            "(struct task_struct *) 0xffffffff8b810940 <init_task>",
            Pointer(address="0xffffffff8b810940", type="struct task_struct *", symbol="init_task"),
        ),
        (
            "(void (*)(struct x *, int)) 0xc0164854 <f>",
            Pointer(address="0xc0164854", type="void (*)(struct x *, int)", symbol="f"),
        ),
        (
            "{void (const char *, ...)} 0xffffffff8a875c50 <panic>",
            Pointer(address="0xffffffff8a875c50", type="void (const char *, ...)", symbol="panic"),
        ),
        (
            "0xdead <error: Cannot access memory at address 0xdead>",
            Pointer(address="0xdead", error="error: Cannot access memory at address 0xdead"),
        ),
        ("0xdead <Address 0xdead out of bounds>", Pointer(address="0xdead", error="Address 0xdead out of bounds")),
        ('"swapper/0\\000\\000\\000"', Text(string="swapper/0")),
        ('"\\303\\274 \\377\\n"', Text(string="\u00fc \\xff\n")),
        ('"ab\\000cd\\000"', Text(string="ab\0cd")),
        ('"abc"...', Text(string="abc", truncated=True)),
        ("'\\000' <repeats 15 times>", Text(string="")),
        ("\"ab\", 'x' <repeats 3 times>, \"c\", '\\000' <repeats 99 times>", Text(string="abxxxc")),
        ("'x' <repeats 4294967295 times>", "'x' <repeats 4294967295 times>"),
        ("{1, 2, 3}", Elements(elements=(1, 2, 3))),
        ("{0 <repeats 12 times>, 7...}", Elements(elements=(Repeated(value=0, times=12), 7), truncated=True)),
        ('{"ab", "cd"}', Elements(elements=(Text(string="ab"), Text(string="cd")))),
        (
            '{"ab", \'\\000\' <repeats 13 times>, "cd"}',
            Elements(elements=(Text(string="ab"), Text(string="cd"))),
        ),
        ("{<No data fields>}", Members()),
    ],
)
def test_one_value(text: str, value: Value) -> None:
    members, strange = read(f"  x = {text}\n")
    assert strange == []
    assert [(member.name, member.value, type(member.value)) for member in members] == [("x", value, type(value))]


def test_structures_and_arrays_are_told_apart() -> None:
    text = "a = {\n  {\n    x = 1\n  },\n  {\n    y = 2\n  }\n}\nb = {{\n    z = 3\n  } <repeats 63 times>}\n"
    members, strange = read(text)
    assert strange == []
    union, array = members[0].value, members[1].value
    assert isinstance(union, Members)
    assert [member.name for member in union.members] == [None, None]
    assert isinstance(array, Elements)
    element = array.elements[0]
    assert isinstance(element, Repeated)
    assert isinstance(element.value, Members)
    assert (element.times, element.value.members[0].value) == (63, 3)


def test_every_value_knows_its_lines() -> None:
    text = "a = {\n  b = 1,\n  c =\n    2\n}\n"
    (member,) = read(text)[0]
    assert isinstance(member.value, Members)
    assert [text[slice(*inner.span)] for inner in (member, *member.value.members)] == [
        text.rstrip("\n"),
        "  b = 1,",
        "  c =\n    2",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "x = 0x2710 = 10000,",
        "x = 1 2",
        "x = }",
        "y 3",
        "} // end",
        "x = 1 <repeats 3",
        'x = "abc',
        "bits = 184407     3709551615",
    ],
)
def test_a_line_that_is_no_value_changes_nothing(line: str) -> None:
    members, strange = read(f"a = 1\n{line}\nb = 2\n")
    assert strange == [line]
    assert [(member.name, member.value) for member in members] == [("a", 1), ("b", 2)]


def test_what_people_write_behind_a_value_is_left_out() -> None:
    members, strange = read(
        "a = {\n  bi_sector = 8, <<<< super block offset\n  b = 1  // one\n}\nc = 524288  // 512MiB\n"
    )
    assert strange == []
    assert members[1].value == 524288
    assert isinstance(members[0].value, Members)
    assert [member.value for member in members[0].value.members] == [8, 1]


def test_text_that_ends_inside_a_structure_is_truncated() -> None:
    text = "a = {\n  b = {\n    c = 1\n"
    (member,) = read(text)[0]
    assert isinstance(member.value, Members)
    inner = member.value.members[0].value
    assert isinstance(inner, Members)
    assert (member.value.truncated, inner.truncated, inner.members[0].value) == (True, True, 1)
    assert member.span == (0, len(text))


def test_depth_is_bounded() -> None:
    members, strange = read("a = {\n" * (DEEPEST + 5))
    assert len(strange) == 5
    assert len(members) == 1
    assert read("a = " + "{" * 100_000)[1] != []
