# SPDX-License-Identifier: Apache-2.0
"""The screen fits the terminal: colours, mouse and signs are what TERM, the locale and the user say."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from textual.color import Color

from xcrash.config import Looks
from xcrash.tui.appearance import PlainSigns, decide, for_serial


@pytest.mark.parametrize("term", ["linux", "vt100", "vt220", "vt102", "ansi", "dumb", ""])
def test_a_serial_line_gets_its_own_colours_no_mouse_and_no_animation(term: str) -> None:
    found = decide(Looks(), {"TERM": term} if term else {}, "UTF-8")
    assert (found.theme, found.mouse, found.animation, found.plain) == ("ansi-dark", False, False, False)


@pytest.mark.parametrize("term", ["xterm-256color", "screen-256color", "tmux-256color", "alacritty", "foot"])
def test_a_terminal_emulator_gets_everything(term: str) -> None:
    found = decide(Looks(), {"TERM": term}, "UTF-8")
    assert (found.theme, found.mouse, found.animation, found.plain) == ("textual-dark", True, True, False)


def test_the_user_decides_first() -> None:
    looks = Looks(theme="ansi-light", mouse=False, animation=False, ascii=True)
    found = decide(looks, {"TERM": "xterm"}, "UTF-8")
    assert (found.theme, found.mouse, found.animation, found.plain) == ("ansi-light", False, False, True)
    assert decide(Looks(theme="light", mouse=True), {"TERM": "linux"}, "UTF-8").mouse


def test_an_unknown_theme_is_told_with_those_there_are() -> None:
    found = decide(Looks(theme="pink"), {"TERM": "xterm"}, "UTF-8")
    assert found.theme == "textual-dark"
    assert "no theme 'pink'" in found.problem and "ansi-light" in found.problem


@pytest.mark.parametrize("encoding", ["ANSI_X3.4-1968", "ISO-8859-1"])
def test_without_utf_8_signs_are_plain(encoding: str) -> None:
    assert decide(Looks(), {"TERM": "xterm"}, encoding).plain


def test_plain_signs_keep_the_width_and_the_letters() -> None:
    line = [Segment("▸ crash> ps — 3.1 s │ ▂▇▅ … ▲ › naïve 漢"), Segment("x")]
    text = "".join(segment.text for segment in PlainSigns().apply(line, Color(0, 0, 0)))
    assert text == "> crash> ps - 3.1 s | ### ~ ^ > naïve 漢x"


@pytest.mark.parametrize(
    ("theme", "shown"), [(None, "ansi-dark"), ("light", "ansi-dark"), ("ansi-light", "ansi-light")]
)
def test_on_a_serial_console_the_configuration_gives_way(theme: str | None, shown: str) -> None:
    found = decide(for_serial(Looks(theme=theme, mouse=True, ascii=True)), {"TERM": "xterm-256color"}, "UTF-8")
    assert (found.theme, found.mouse, found.animation, found.plain) == (shown, False, False, True)
