# SPDX-License-Identifier: Apache-2.0
"""Lines made to confuse: each reaches crash as the one line it is, or never."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.pty.casts import Script
from tests.pty.leftovers import tidy
from xcrash.errors import UsageError
from xcrash.session import CommandStarted, InputNeeded, State
from xcrash.session.command import LONGEST

SENT = [
    "p 1 ",
    "  p  1",
    'p "crash> ps"',
    "echo crash> ",
    "^p^q^",
    "p !!",
    "p \\",
    "p 'a\\nb\\r'",
    'p "a b" \'c',
    "p %s%n%d",
    "p \xa0\xad\u200b\u202e1",
    "p é\U0001f4a5",
    "p \udcff\udc80",
    "p $(id) `id`",
    "help \xff",
    "p " + "1" * (LONGEST - 2),
    "p " + "é" * ((LONGEST - 2) // 2),
]
NEVER = [
    "!!",
    "!3",
    "h",
    "hist",
    "r",
    "r 5",
    "ps\nq",
    "ps\r",
    "ps\r\nq\r\n",
    "\x03",
    "\x04",
    "\x15ps",
    "\x1a",
    "\x1c",
    "ps \x1b[A",
    "ps\x00",
    "p \t",
    "ps\x0bq",
    "ps\x0cq",
    "ps\x85q",
    "ps\u2028q",
    "ps\u2029q",
    "ps\x7f",
    "p \ud800",
    "p " + "1" * (LONGEST - 1),
    "p " + "é" * (LONGEST // 2),
]
PRINTABLE = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
ANY = st.characters(exclude_categories=())


def test_odd_lines_are_typed_whole_and_answered_one_by_one(tmp_path: Path) -> None:
    script = Script()
    for number, line in enumerate(SENT):
        script.command(line, f"answer {number}\r\n")
    with tidy(tmp_path) as fake:
        running = fake(script).ready()
        assert [running.answer(line) for line in SENT] == [b"answer %d\r\n" % number for number in range(len(SENT))]
        assert [event.command for event in running.all(CommandStarted)] == SENT


@pytest.mark.parametrize("background", [False, True], ids=["asked for", "in the background"])
def test_lines_that_could_be_taken_for_more_than_one_are_never_typed(tmp_path: Path, background: bool) -> None:
    with tidy(tmp_path) as fake:
        running = fake(Script().command("p 1", "$1 = 1\r\n")).ready()
        for line in NEVER:
            with pytest.raises(UsageError):
                running.session.submit(line, background=background)
        assert running.answer("p 1") == b"$1 = 1\r\n"
        assert [event.command for event in running.all(CommandStarted)] == ["p 1"]


def test_a_line_that_imitates_the_handshake_is_answered_like_any_other(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        running = fake(Script().command("p 1", "$1 = 1\r\n")).ready()
        assert running.answer("echo xcrash-0123456789ab-2") == b"xcrash-0123456789ab-2\r\n"
        assert running.answer("p 1") == b"$1 = 1\r\n"
        running.session.close()
        assert [one.command for one in fake.recorded(running).exchanges] == ["echo xcrash-0123456789ab-2", "p 1", "q"]


def test_the_answer_to_a_question_is_one_line_too(tmp_path: Path) -> None:
    script = Script().command("gdb directory", "done\r\n").command("p 1", "$1 = 1\r\n")
    with tidy(tmp_path) as fake:
        running = fake(script, ASK="Reinitialize source path to empty? (y or n) ").ready()
        number = running.session.submit("gdb directory")
        running.event(InputNeeded)
        for line in NEVER:
            with pytest.raises(UsageError):
                running.session.answer(line)
        assert running.session.state is State.NEEDS_INPUT
        running.session.answer("y")
        assert running.result(number).exit == "ok"
        assert running.answer("p 1") == b"$1 = 1\r\n"


def test_any_line_is_typed_as_it_is_or_refused(tmp_path: Path) -> None:
    """crash here names the first word of what it was given, which must be that of what was sent."""
    with tidy(tmp_path) as fake:
        running = fake(Script(), STRICT=0).ready()
        sent = 0

        @settings(deadline=None, max_examples=40, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(st.text(PRINTABLE | st.sampled_from("!|><^'\"()$`;&\\ qq  "), max_size=40), st.text(ANY, max_size=1))
        def check(plain: str, odd: str) -> None:
            nonlocal sent
            line = f"\\{plain}{odd}"
            before = len(running.all(CommandStarted))
            try:
                output = running.answer(line)
            except UsageError:
                assert len(running.all(CommandStarted)) == before
            else:
                word = line.split(" ")[0].encode("utf-8", "surrogateescape")
                assert output == b"crash: command not found: " + word + b"\r\n"
                sent += 1
            assert running.session.state is State.READY

        check()
        assert sent
