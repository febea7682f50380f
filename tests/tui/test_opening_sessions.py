# SPDX-License-Identifier: Apache-2.0
"""From the list of what can be opened to a session and back, and how the program is left."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Static

from tests.pty.casts import PS, Script
from tests.tui.openings import Place, fake_crash, go_to, place, until_surveyed
from tests.tui.screens import app_on, grid, session_screen, until, until_ready
from xcrash.consent import FETCH_DEBUGINFO
from xcrash.errors import MemorySourceError
from xcrash.openable import read_recent
from xcrash.plan import Step
from xcrash.session import State
from xcrash.target import Choices, Target, look_at
from xcrash.tui.app import XcrashApp
from xcrash.tui.looking_screen import LookingScreen
from xcrash.tui.messages import CommandEntered
from xcrash.tui.opening_messages import AttemptProgressed
from xcrash.tui.opening_screen import OpeningScreen
from xcrash.tui.sections_page import SectionsPage
from xcrash.tui.widgets.question_dialog import QuestionDialog


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = place(tmp_path)
    monkeypatch.chdir(made.here)
    return made


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counts


def threads() -> list[str]:
    return sorted(one.name for one in threading.enumerate() if one.name.startswith("xcrash-"))


async def test_recordings_are_opened_one_after_the_other_and_nothing_is_left(here: Place) -> None:
    here.recording("one.cast", "$1 = 111")
    here.recording("two.cast", "$1 = 222")
    app = here.app()
    async with app.run_test(size=(140, 45)) as pilot:
        picker = await until_surveyed(pilot, app)
        files = None
        for name, answer in (("one.cast", "111"), ("two.cast", "222"), ("one.cast", "111")):
            await go_to(pilot, picker, name)
            await pilot.press("enter")
            screen = await until_ready(pilot, app)
            assert app.has_session and app.opened.target.name == name
            await pilot.press("2")
            await until(pilot, lambda answer=answer: f"$1 = {answer}" in grid(app), "its answer")  # type: ignore[misc]
            assert grid(app).count("$1 = ") == 1, "nothing of the one before"
            await pilot.press("escape", "O")
            await until(pilot, lambda: app.screen is picker and not app.has_session, "the list again")
            assert not screen.is_attached and app.session_screen is None
            await until(pilot, lambda: picker.surveyed_all, "the survey")
            await until(pilot, lambda: threads() == [], "no thread left")
            files = files or open_files()
            assert open_files() <= files
        assert [Path(one.target or "").name for one in read_recent()[0]] == ["one.cast", "two.cast"]
        await until(pilot, lambda: "RECENT" in grid(app), "the words")


async def test_a_dump_is_opened_with_its_edited_plan_and_remembered(here: Place, tmp_path: Path) -> None:
    made = here.dump("a/vmcore")
    app = here.app(crash=fake_crash(tmp_path))
    async with app.run_test(size=(140, 45)) as pilot:
        picker = await until_surveyed(pilot, app)
        await go_to(pilot, picker, "a/vmcore")
        await pilot.press("e")
        await until(pilot, lambda: "same-build" in grid(app), "the form")
        for _ in range(2):
            line = app.screen.focused
            await pilot.press("tab")
            await until(pilot, lambda line=line: app.screen.focused is not line, "the next line")  # type: ignore[misc]
        await pilot.press(*"--minimal", "ctrl+s")
        await until(pilot, lambda: app.screen is picker and "as changed" in grid(app), "the list")
        await pilot.press("enter")
        await until_ready(pilot, app)
        assert app.opened.plan is not None and "--minimal" in app.opened.plan.argv
        workdir = app.opened.directory
        assert workdir is not None and workdir.is_dir()
        await until(pilot, lambda: bool(read_recent()[0]), "the list of recent targets")
        (one,) = read_recent()[0]
        assert (one.target, one.crash_args) == (str(made), ("--minimal",))
        await pilot.press("O")
        await until(pilot, lambda: app.screen is picker, "the list again")
        await until(pilot, lambda: not workdir.exists(), "the private directory gone")
        await until(pilot, lambda: picker.surveyed_all, "the survey")
        await go_to(pilot, picker, "a/vmcore")
    app.close()


async def test_what_cannot_be_opened_is_told_on_the_list(here: Place, tmp_path: Path) -> None:
    here.dump("a/vmcore", vmlinux=False)
    app = here.app(crash=fake_crash(tmp_path))
    async with app.run_test(size=(140, 45)) as pilot:
        picker = await until_surveyed(pilot, app)
        await go_to(pilot, picker, "a/vmcore")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SectionsPage) and "no vmlinux" in grid(app), "the reason")
        await pilot.press("escape")
        await pilot.press("g", "enter")
        await until(pilot, lambda: "Not opened" in grid(app), "the live one")
        await until(pilot, lambda: "a copy of a machine" in grid(app), "the reason")
        await pilot.press("escape")
        assert app.screen is picker and not app.has_session
        await pilot.press("ctrl+q")
    assert app.failure is None


async def test_the_demo_is_always_there(here: Place) -> None:
    app = here.app()
    async with app.run_test(size=(140, 45)) as pilot:
        await until_surveyed(pilot, app)
        await pilot.press("D")
        await until_ready(pilot, app)
        assert app.opened.target.name == "demo.cast"
        assert read_recent() == ((), "")
    app.close()


async def test_a_named_target_is_looked_at_on_the_screen_and_opened(here: Place) -> None:
    choices = Choices(target=str(here.recording()))
    app = XcrashApp(None, choices)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_ready(pilot, app)
        assert not any(isinstance(one, LookingScreen) for one in app.screen_stack)
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, OpeningScreen), "the list")
        await until_surveyed(pilot, app)
        assert app.failure is None
    app.close()


async def test_a_named_target_that_cannot_be_opened_ends_the_program(here: Place) -> None:
    app = XcrashApp(None, Choices(target=str(here.here / "none")))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.failure is not None, "the failure")
    assert isinstance(app.failure, MemorySourceError)
    assert app.failure.exit_status == 4
    assert not app.has_session
    with pytest.raises(RuntimeError):
        app.opened.end()
    app.close()


def asking(step: Step, told: list[object]) -> Callable[..., tuple[Target, tuple[str, ...]]]:
    """In place of ``prepare``: asks for ``step``, then works until it is cancelled."""

    def prepare(choices: Choices, ask: Callable[[Step], bool], progress: Callable[[int, int | None], None]) -> object:
        told.append(ask(step))
        if told[-1] is False:
            raise MemorySourceError("no", "nothing can be started without it", "allow it")
        try:
            while True:
                progress(5_000_000, 80_000_000)
                time.sleep(0.01)
        finally:
            told.append("ended")

    return prepare  # type: ignore[return-value]


@pytest.mark.parametrize("picks", [True, False])
async def test_consent_is_asked_for_on_the_screen(here: Place, monkeypatch: pytest.MonkeyPatch, picks: bool) -> None:
    step = Step(
        needs="consent",
        command="debuginfod-find debuginfo 12[34]",
        reason="a server may have it: 80 MB",
        consent=FETCH_DEBUGINFO,
    )
    told: list[object] = []
    made = here.recording()
    monkeypatch.setattr("xcrash.tui.attempt.prepare", asking(step, told))
    app = here.app() if picks else XcrashApp(None, Choices(target=str(made)))
    async with app.run_test(size=(120, 40)) as pilot:
        if picks:
            screen = await until_surveyed(pilot, app)
            await go_to(pilot, screen, "a.cast")
            await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, QuestionDialog), "the question")
        await until(
            pilot, lambda: "debuginfod-find debuginfo 12[34]" in grid(app) and "80 MB" in grid(app), "its words"
        )
        await pilot.press("y")
        await until(pilot, lambda: "fetching debuginfo, 5 of 80 MB" in grid(app), "how far it is")
        await pilot.press("escape")
        if picks:
            await until(pilot, lambda: told == [True, "ended"], "its end")
            await until(pilot, lambda: "fetching" not in grid(app), "the list")
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, QuestionDialog), "the question again")
            await pilot.press("n")
            await until(pilot, lambda: "nothing can be started without it" in grid(app), "the refusal")
            await pilot.press("escape")
    app.close()
    assert told[:2] == [True, "ended"]
    assert not app.has_session and app.failure is None


def test_only_the_latest_progress_matters() -> None:
    assert AttemptProgressed(1, "1").can_replace(AttemptProgressed(1, "2"))


def busy_crash(directory: Path) -> str:
    """A fake crash whose second command never ends by itself."""
    script = Script().command("ps", PS).asked("foreach bt").says("PID: 1\r\n").says("never", after=1000.0)
    program = Path(fake_crash(directory, script.write(directory / "busy.cast")))
    program.write_text(program.read_text().replace("#!/bin/sh", "#!/bin/sh\nexport XC_REPLAY_SPEED=1"))
    return str(program)


@pytest.mark.parametrize("insists", [False, True])
async def test_leaving_a_busy_crash_is_asked_for(here: Place, tmp_path: Path, insists: bool) -> None:
    made = here.dump()
    choices = Choices(target=str(made), crash=busy_crash(tmp_path))
    app = XcrashApp(look_at(choices), choices)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.opened.session.was_ready, "the prompt")
        screen = session_screen(app)
        screen.post_message(CommandEntered("foreach bt"))
        await until(pilot, lambda: app.opened.session.state is State.BUSY and "PID: 1" in grid(app), "the command")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, QuestionDialog), "the question")
        await until(pilot, lambda: "crash> foreach bt" in grid(app) and "busy for" in grid(app), "its words")
        await pilot.press("n")
        await until(pilot, lambda: app.screen is screen, "the session")
        assert app.opened.session.gone is None
        await pilot.press("escape", "O")
        await until(pilot, lambda: isinstance(app.screen, QuestionDialog), "the question before the list")
        await pilot.press("n")
        await until(pilot, lambda: app.screen is screen, "the session again")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, QuestionDialog), "the question again")
        await pilot.press("ctrl+q" if insists else "y")
        await until(pilot, lambda: app.opened.session.gone is not None, "the end of crash")
    app.close()


async def test_leaving_a_recording_is_never_asked_for(here: Place) -> None:
    app = app_on(here.recording(), speed=1.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.opened.session.was_ready, "the prompt")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.opened.session.gone is not None, "the end")
    app.close()


async def test_a_wrong_configuration_is_told_and_its_keys_are_used(here: Place) -> None:
    from xcrash.config import Config
    from xcrash.tui.appearance import Appearance

    app = here.app()
    config = Config(keys={"opening.doctor": "x", "no.such": "y"}, problems=("ui.theme: wrong",))
    app.wear(config, Appearance(theme="ansi-dark", mouse=False, animation=False, plain=True, problem="no theme"))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await until_surveyed(pilot, app)
        await until(pilot, lambda: "no action 'no.such'" in grid(app) and "ui.theme: wrong" in grid(app), "the words")
        assert app.theme == "ansi-dark"
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, SectionsPage), "the page")
        assert "Doctor" in str(app.screen.query_one("#page-title", Static).render())
        await pilot.press("escape")
        assert screen is app.screen_stack[-1]
