# SPDX-License-Identifier: Apache-2.0
"""What can be opened: the list, its plans, its pages and forms, and how it says that there is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.trees import sles12_sp1_xen
from tests.tui.openings import Place, fake_crash, go_to, picker, place, until_surveyed
from tests.tui.screens import grid, until
from tests.unit.images import builders
from xcrash.tui.help_screen import HelpScreen
from xcrash.tui.opening_screen import OpeningScreen
from xcrash.tui.sections_page import SectionsPage
from xcrash.tui.widgets.opening_list import OpeningList
from xcrash.tui.widgets.path_input import PathInput
from xcrash.tui.widgets.plan_form import PlanForm
from xcrash.tui.widgets.question_dialog import QuestionDialog


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = place(tmp_path)
    monkeypatch.chdir(made.here)
    return made


def command(screen: OpeningScreen) -> str:
    return screen.preview.command if screen.preview else ""


async def test_the_list_has_sections_and_the_cursor_shows_the_plan(here: Place, tmp_path: Path) -> None:
    here.dump("a/vmcore")
    here.dump("b/vmcore", vmlinux=False)
    here.recording("old.cast")
    app = here.app(crash=fake_crash(tmp_path))
    async with app.run_test(size=(160, 50)) as pilot:
        screen = await until_surveyed(pilot, app)
        text = grid(app)
        for words in ("LIVE HOST", "DUMPS", "RECORDINGS", "vmlinux found by build-id", "2 commands"):
            assert words in text, words
        assert "! no vmlinux for this release" in text
        await go_to(pilot, screen, "a/vmcore")
        await until(pilot, lambda: "its build-id is equal; it lies beside the dump" in grid(app), "the reason")
        await go_to(pilot, screen, "b/vmcore")
        await until(pilot, lambda: "!! no vmlinux" in grid(app) and "equal" not in grid(app), "the refusal")
        await go_to(pilot, screen, "old.cast")
        await until(pilot, lambda: "nothing is started" in grid(app), "the recording")
        await pilot.press("e")
        assert app.screen is screen, "a recording has no plan to edit"
        await pilot.press("G", "down", "pagedown")
        assert screen.query_one(OpeningList).current is not None
        await pilot.press("y")


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_it_fits_small_terminals(here: Place, tmp_path: Path, size: tuple[int, int]) -> None:
    for number in range(12):
        here.dump(f"a-long-name-of-a-directory-{number}/vmcore")
    app = here.app(crash=fake_crash(tmp_path))
    async with app.run_test(size=size) as pilot:
        screen = await until_surveyed(pilot, app)
        await pilot.press("G")
        await until(pilot, lambda: "-11/vmcore" in grid(app) or "-0/vmcore" in grid(app), "the last one")
        await until(pilot, lambda: "PLAN for" in grid(app), "the plan")
        text = grid(app)
        assert max(len(line) for line in text.splitlines()) <= size[0]
        assert "vmlinux" in text and "^q Quit" in text
        assert screen.query_one(OpeningList).current is not None


async def test_words_filter_the_list(here: Place) -> None:
    here.dump("one/vmcore")
    here.dump("two/vmcore")
    app = here.app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_surveyed(pilot, app)
        found = screen.query_one(OpeningList)
        await pilot.press("slash", *"two vm")
        await until(pilot, lambda: [Path(one.name).parent.name for one in found.shown] == ["two"], "the one")
        await pilot.press("enter", "slash", *"zzz")
        await until(pilot, lambda: "nothing has these words" in grid(app), "none")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(found.shown) == 3, "all of them")
        assert app.focused is found


async def test_hostile_names_are_shown_as_they_are(here: Place) -> None:
    for name in ("[red]x[", "\x1b]0;TITLE\x07", "a\nb", "\u202etfel", "x" * 200):
        here.dump(f"{name}/vmcore", vmlinux=False)
    (here.here / "[@click=app.quit]x.cast").write_bytes(b"{")
    app = here.app()
    async with app.run_test(size=(150, 45)) as pilot:
        await until_surveyed(pilot, app)
        text = grid(app)
        assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
        assert "[red]x[/vmcore" in text and "␛]0;TITLE␇/vmcore" in text and "a b/vmcore" in text
        assert "[@click=app.quit]x.cast" in text
        for _ in range(8):
            await pilot.press("down")
            await pilot.pause(0.25)
            assert "\x1b" not in grid(app) and "\u202e" not in grid(app)


async def test_nothing_to_open_says_what_was_searched_and_what_to_do(here: Place) -> None:
    app = here.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until_surveyed(pilot, app)
        text = " ".join(grid(app).split())
        assert f"none found; looked into {here.here}" in text
        assert "D the bundled recording" in text


async def test_something_new_is_found_by_looking_again(here: Place) -> None:
    app = here.app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_surveyed(pilot, app)
        made = here.dump("new/vmcore")
        await pilot.press("r")
        await until(pilot, lambda: str(made) in screen.items and screen.surveyed_all, "the new one")
        made.unlink()
        await pilot.press("r")
        await until(pilot, lambda: str(made) not in screen.items, "it gone")


async def test_the_pages_of_images_and_the_doctor_open_and_close(here: Place, tmp_path: Path) -> None:
    app = here.app(crash=fake_crash(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_surveyed(pilot, app)
        for key, words in (("i", "no kernel image"), ("d", "cannot be debugged")):
            await pilot.press(key)
            await until(pilot, lambda words=words: words in grid(app), words)  # type: ignore[misc]
            await pilot.press("escape")
            assert picker(app) is screen
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await until(pilot, lambda: "Name another vmlinux" in grid(app), "the keys")


async def test_the_plan_is_made_anew_while_it_is_edited(here: Place, tmp_path: Path) -> None:
    here.dump("a/vmcore", vmlinux=False)
    kernel = tmp_path / "kernels" / "vmlinux"
    kernel.parent.mkdir()
    kernel.write_bytes(builders.vmlinux().build())
    app = here.app(crash=fake_crash(tmp_path))
    async with app.run_test(size=(140, 45)) as pilot:
        screen = await until_surveyed(pilot, app)
        await go_to(pilot, screen, "a/vmcore")
        await pilot.press("e")
        await until(pilot, lambda: "with this nothing can be started" in grid(app), "the plan as it is")
        form = app.screen
        assert isinstance(form, PlanForm)
        form.query_one("#form-vmlinux", Input).value = f"{kernel.parent}/vm"
        await pilot.press("tab")
        assert form.query_one("#form-vmlinux", Input).value == str(kernel)
        await until(pilot, lambda: f"same-build: {kernel}" in grid(app), "the plan with it")
        form.query_one("#form-arguments", Input).value = "--minimal '"
        await until(pilot, lambda: "the arguments cannot be read" in grid(app), "the error")
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, PlanForm)
        form.query_one("#form-arguments", Input).value = "--minimal"
        await until(pilot, lambda: "--minimal" in grid(app) and "same-build" in grid(app), "the plan again")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen is screen and "changed by you" in grid(app), "the list")
        await until(pilot, lambda: "--crash-arg=--minimal" in command(screen), "the command for a shell")
        await until(pilot, lambda: "can be opened as changed" in grid(app), "the verdict in the list")
        await pilot.press("e", "escape")
        assert picker(app) is screen


async def test_loading_the_driver_is_asked_for_with_the_exact_command(
    tmp_path: Path, here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = sles12_sp1_xen(tmp_path / "sles")
    app = Place(here.here, tree.root).app(crash=fake_crash(tmp_path))
    command = "insmod /lib/modules/3.12.49-6-xen/updates/crash.ko"
    ran: list[object] = []
    monkeypatch.setattr("xcrash.consent.run_command", lambda *given: ran.append(given))
    async with app.run_test(size=(140, 45)) as pilot:
        screen = await until_surveyed(pilot, app)
        await until(pilot, lambda: "Xen 4.5.1_10-1 Dom0" in grid(app), "the words")
        await until(pilot, lambda: "l Load crash.ko" in grid(app), "the key")
        for uid, words, yes in ((0, "This changes the RUNNING system:", True), (1000, f"sudo {command}", False)):
            monkeypatch.setattr("xcrash.tui.widgets.question_dialog.os.geteuid", lambda uid=uid: uid)
            await pilot.press("l")
            await until(pilot, lambda words=words: words in grid(app), words)  # type: ignore[misc]
            text = " ".join(grid(app).split())
            assert command in text and "rmmod crash" in text
            assert ("y runs it" in text) is yes
            if not yes:
                await pilot.press("y")
                assert isinstance(app.screen, QuestionDialog)
            await pilot.press("n")
            await until(pilot, lambda: app.screen is screen, "the list")
    assert ran == []


async def test_a_path_is_typed_with_completion(here: Place, tmp_path: Path) -> None:
    made = here.recording("deep/session-one.cast".replace("deep/", ""))
    app = here.app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_surveyed(pilot, app)
        await pilot.press("full_stop", *"sess", "tab")
        line = screen.query_one(PathInput)
        await until(pilot, lambda: line.value == made.name, "the completed name")
        await pilot.press("escape")
        assert not line.display
        await pilot.press("full_stop", *"nothing-there", "enter")
        await until(pilot, lambda: isinstance(app.screen, SectionsPage) and "no such dump" in grid(app), "the refusal")
        await until(pilot, lambda: "check the name" in grid(app), "the words")
        await pilot.press("escape")
        assert isinstance(app.screen, OpeningScreen) and app.screen is picker(app)


async def test_the_cursor_begins_on_top_however_late_that_comes(here: Place, tmp_path: Path) -> None:
    here.recording("old.cast")
    app = here.app(crash=fake_crash(tmp_path))
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await until_surveyed(pilot, app)
        listed = screen.query_one(OpeningList)
        live, old = listed.shown[0], listed.shown[-1]
        assert listed.current == live
        listed.show((old,), {})
        listed.show((live, old), {})
        assert listed.current == live, "nobody has moved it"
        await pilot.press("down")
        assert listed.current == old
        listed.show((old,), {})
        listed.show((live, old), {})
        assert listed.current == old, "it stays where its user has put it"
