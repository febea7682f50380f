# SPDX-License-Identifier: Apache-2.0
"""Terminal and mail clean-up."""

from __future__ import annotations

import pytest

from xcrash.parse.text import clean, plain_lines, prompt_command, quotes, unquote


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[?2004hcrash> ps\x1b[?2004l\r\n", "crash> ps\n"),
        ("\x1b[1;31mred\x1b[0m \x1b]0;title\x07x\x1b=", "red x"),
        ("a\r\r\nb\r\n", "a\nb\n"),
        ("\rplease wait... (X)\r               \r      KERNEL: x", "      KERNEL: x"),
        ("\rplease wait... (X)\r               \r\n", "please wait... (X)\n"),
        ("10%\r20%\n", "20%\n"),
        ("abx\bc", "abc"),
        ("_\bN_\bA", "NA"),
        ("\b\ba", "a"),
        ("a\0b\x7f\x9bc", "abc"),
        ("\x1b[", "["),
    ],
)
def test_clean(raw: str, plain: str) -> None:
    assert clean(raw) == plain
    assert clean(plain) == plain


def test_lines_keep_their_place() -> None:
    text = "\x1b[1mone\x1b[0m\r\ntwo\n\nf=C3=BCr =3D " + "x" * 60 + "=\nlong\n"
    lines = list(plain_lines(text))
    assert [line.text for line in lines] == ["one", "two", "", "f\xfcr = " + "x" * 60 + "long", ""]
    assert [line.number for line in lines] == [1, 2, 3, 4, 6]
    assert text[lines[1].start : lines[1].end] == "two"
    assert text[lines[3].start : lines[3].end].endswith("=\nlong")


def test_equals_signs_are_not_quoted_printable() -> None:
    text = "exitcode=00000009 a = b\nnr_cpus=20\n"
    assert "\n".join(line.text for line in plain_lines(text)) == text


def test_characters_that_html_writes_by_their_number() -> None:
    text = "grep &#x27;CPU 0&#39; &#123; &#x3C;a&#062; &#160;x &#xe9; &#8217; &amp;lt; &#9;"
    assert [line.text for line in plain_lines(text)] == ["grep 'CPU 0' { <a>  x &#xe9; &#8217; &lt; &#9;"]


def test_quoting() -> None:
    assert (quotes("> >> x"), quotes("x > y"), quotes("")) == (3, 0, 0)
    assert unquote("> >> x") == " x"
    assert unquote("> >     0  0", 1) == " >     0  0"
    assert unquote("x", 2) == "x"


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("crash> bt -a ", "bt -a"),
        ("> > crash> ", ""),
        ("(ins)crash> ps", "ps"),
        ("crash32> sys", "sys"),
        ("crash.aft> sys", "sys"),
        ("%crash> ps", "ps"),
        ("gdb> p 1", "p 1"),
        ("crash>", ""),
        ("$ crash vmlinux vmcore", None),
        ("crash: cannot open", None),
        (">     0      0   0", None),
    ],
)
def test_prompt_command(line: str, command: str | None) -> None:
    assert prompt_command(line) == command
