# SPDX-License-Identifier: Apache-2.0
"""The application: from what can be opened to a session and back; crash is ended before it ends itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import on, work
from textual.app import App

from xcrash.config import Config, read_config
from xcrash.errors import XcrashError
from xcrash.guests import showing
from xcrash.hypervisor import domain_name
from xcrash.open_session import OpenSession
from xcrash.open_views import OpenViews
from xcrash.openable import remember
from xcrash.parse.doms import Domain
from xcrash.target import Choices, Target
from xcrash.tui.actions.registry import GROUPS
from xcrash.tui.appearance import Appearance, PlainSigns, decide, for_serial
from xcrash.tui.aside import aside, tell
from xcrash.tui.attempt import Attempt
from xcrash.tui.crash_screens import CrashScreens
from xcrash.tui.listener import Listeners
from xcrash.tui.looking_screen import LookingScreen
from xcrash.tui.messages import CrashViewWanted
from xcrash.tui.opening_messages import (
    AttemptEnded,
    AttemptProgressed,
    CancelWanted,
    DemoWanted,
    GuestWanted,
    OpenWanted,
    SessionBegan,
    StepAsked,
)
from xcrash.tui.opening_screen import OpeningScreen
from xcrash.tui.palette import Offers, Palette
from xcrash.tui.sections_page import refusal_page
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.widgets.question_dialog import QuestionDialog, guest_dialog, leave_dialog, step_dialog

_ENDING = 15.0
"""Seconds that crash is given to end before the program ends without waiting for it any longer."""


class XcrashApp(App[None]):
    """The terminal UI: on a target that was looked at already, on one that is named, or on what can be opened here.

    With ``picks`` it begins with the list of what can be opened; errors of opening are then told on it. Without, an
    error of opening ends the program, and ``failure`` is what kept it from going on.
    """

    TITLE = "xcrash"
    COMMANDS: ClassVar[set[type]] = {Offers}  # type: ignore[assignment]

    def __init__(self, target: Target | Sequence[Target] | None, choices: Choices, picks: bool = False) -> None:
        super().__init__()
        self.choices = choices
        self.crash: CrashScreens | None = None
        self._picks = picks
        self._picker: OpeningScreen | None = None
        self._looking: LookingScreen | None = None
        self._attempt: Attempt | None = None
        self._error: XcrashError | None = None
        self._leaving = False
        self._question: QuestionDialog | None = None
        self._listeners = Listeners(self._began)
        self._views: OpenViews | None = None
        self._next: OpenViews | None = None
        self._config: Config = Config()
        if target is not None:
            targets = (target,) if isinstance(target, Target) else target
            self._views = OpenViews(targets, choices, self._listeners.hear)

    @property
    def opened(self) -> OpenSession:
        """The session that is open, of several views the main one's; RuntimeError while there is none."""
        if self._views is None:
            raise RuntimeError("no session is open")
        return self._views.main

    @property
    def has_session(self) -> bool:
        """Is a session open?"""
        return self._views is not None

    @property
    def session_screen(self) -> SessionScreen | None:
        """The screen of the session; of several views, that of the main one."""
        return self.crash.screens[self._views.main_view] if self.crash and self._views else None

    @property
    def failure(self) -> XcrashError | None:
        """Why the session could not be opened, if it could not."""
        if self._error:
            return self._error
        return self.session_screen.app_error if self.session_screen else None

    def wear(self, config: Config, appearance: Appearance) -> None:
        """Look as was decided; to be called before it runs."""
        self._config = config
        self.theme = appearance.theme
        self.animation_level = "full" if appearance.animation else "none"
        if appearance.plain:
            # Textual has no other way to put a filter of one's own behind its own ones.
            self._filters.append(PlainSigns())
        if appearance.problem:
            self._config = Config(looks=config.looks, keys=config.keys, problems=(*config.problems, appearance.problem))

    def on_mount(self) -> None:
        """Show the session, or begin to look for one."""
        self._set_keys()
        if self._views:
            self._show_session(self._views)
        elif self._picks:
            self._show_picker()
        else:
            self._looking = LookingScreen(self.choices.target or "the running kernel")
            self.push_screen(self._looking)
            self._begin(self.choices)

    def _set_keys(self) -> None:
        """The keys that the user configured; what is wrong with the configuration is told."""
        known = {action.id for group in GROUPS for action in group.actions}
        self.set_keymap({name: keys for name, keys in self._config.keys.items() if name in known})
        unknown = [f"keys: there is no action {name!r}" for name in self._config.keys if name not in known]
        for problem in (*self._config.problems, *unknown):
            self.notify(problem, title="config.toml", severity="warning", timeout=15, markup=False)

    def action_command_palette(self) -> None:
        """Every action and every command of crash."""
        if not Palette.is_open(self):  # type: ignore[arg-type]
            # Without an id: one that was closed just now may still be there when the next is opened.
            self.push_screen(Palette())

    # opening

    def _begin(self, choices: Choices, opens: bool = True, demo: bool = False) -> None:
        """Begin to open; what was being opened before is not wanted any more."""
        if self._attempt:
            self._attempt.cancel()
        listeners = Listeners(self._began)
        self._attempt = Attempt(choices, lambda message: tell(self, message), listeners, opens, demo)
        doing = "looking at" if opens else "asking for"
        self._attempt_says(f"{doing} {self._attempt.subject}; Escape cancels")
        self._attempt.start()

    @on(OpenWanted)
    def open_wanted(self, message: OpenWanted) -> None:
        """Open what was chosen on the list."""
        self._begin(message.choices, message.opens)

    @on(GuestWanted)
    def guest_wanted(self, message: GuestWanted) -> None:
        """Open the same crash with a guest of it; asks first, because the crashes that run are ended for it."""
        if self._views and not self._leaving and not self._attempt:
            self._open_guest(self._views, message.guest)

    @work(exclusive=True, group="guest", exit_on_error=False)
    async def _open_guest(self, views: OpenViews, guest: Domain) -> None:
        if views.main.target.recording:
            self.notify("a recording shows the views that were recorded, and no others", markup=False)
            return
        name = domain_name(guest.t, guest.domain_id)
        if await self.push_screen_wait(guest_dialog(name, self._busy_with())) and views is self._views:
            view = "all" if views.choices.view == "all" else "auto"
            self._begin(showing(msgspec.structs.replace(views.choices, view=view), guest))

    @on(DemoWanted)
    def demo_wanted(self) -> None:
        """Open the bundled recording."""
        self._begin(self.choices, demo=True)

    @on(CancelWanted)
    def cancel_wanted(self) -> None:
        """What is being opened is not wanted any more; its thread ends when it can."""
        if self._attempt:
            self._attempt.cancel()
            self._attempt = None
            self._attempt_says("")

    @on(StepAsked)
    def step_asked(self, message: StepAsked) -> None:
        """Ask for consent; the thread that wants to know waits."""
        answer = message.answer

        def answered(wanted: bool | None) -> None:
            if not answer.done():
                answer.set_result(bool(wanted))

        if not answer.done():
            self.push_screen(step_dialog(message.step), answered)

    @on(AttemptProgressed)
    def attempt_progressed(self, message: AttemptProgressed) -> None:
        """Say how far it is; of one that is not wanted any more nothing is said."""
        if self._attempt and self._attempt.number == message.number:
            self._attempt_says(f"{message.text}; Escape cancels")

    def _attempt_says(self, text: str) -> None:
        if self._picker:
            self._picker.attempt_says(text)
        if self._looking and text and self._looking.is_mounted:
            self._looking.progress(text)

    @on(AttemptEnded)
    def attempt_ended(self, message: AttemptEnded) -> None:
        """Show the session that came out of it, or why none did."""
        attempt = self._attempt
        if attempt is None or attempt.number != message.number:
            if message.opened:
                aside(message.opened.close, "close")
            return
        self._attempt = None
        self._attempt_says("")
        for text in message.done:
            self.notify(text, timeout=15, markup=False)
        if message.opened:
            self.choices = attempt.choices if not self._picks else self.choices
            if self._views:
                self._replace_session(message.opened, attempt.listeners)
            else:
                self._take(message.opened, attempt.listeners)
        elif message.error and self._views:
            self.push_screen(refusal_page(message.error))
        elif message.error and not self._picks:
            self._error = message.error
            self.exit()
        elif self._picker:
            if message.error:
                self.push_screen(refusal_page(message.error))
            if message.done or not message.error:
                self._picker.action_again()

    @work(exclusive=True, group="leaving", exit_on_error=False)
    async def _replace_session(self, views: OpenViews, listeners: Listeners) -> None:
        self._leaving, self._next = True, views
        try:
            await self._end_session()
            self._next = None
            self._take(views, listeners)
        finally:
            self._leaving = False

    def _take(self, views: OpenViews, listeners: Listeners) -> None:
        self._views, self._listeners = views, listeners
        self._show_session(views)

    def _show_session(self, views: OpenViews) -> None:
        self.crash = CrashScreens(views, self._listeners)
        looking, self._looking = self._looking, None
        self.crash.show_first(self, replacing=looking is not None)

    @on(CrashViewWanted)
    def crash_view_wanted(self, message: CrashViewWanted) -> None:
        """Show another view of the crash."""
        if self.crash:
            self.crash.show(self, message)

    def _began(self) -> None:
        """Called on a session's thread when the first crash is at its prompt."""
        if self._views:
            tell(self, SessionBegan(self._views))

    @on(SessionBegan)
    def session_began(self, message: SessionBegan) -> None:
        """Put it on top of what was opened lately."""
        views = message.opened
        if views.choices.record and not _is_bundled(views.main):
            aside(lambda: self._remember(views), "recent")

    def _remember(self, views: OpenViews) -> None:
        if problem := remember(next(iter(views.targets.values())), views.choices):
            self.log.warning(problem)

    # leaving

    def _show_picker(self) -> None:
        self._picks = True
        if self._picker is None:
            self._picker = OpeningScreen(self.choices if self._picks else Choices())
            self.push_screen(self._picker)
        else:
            self._picker.look_again()

    def _busy_with(self) -> tuple[str, float] | None:
        """The command that its user waits for, and for how many seconds; a recording can be played again."""
        sessions = {str(view): one for view, one in self._views.sessions.items()} if self._views else {}
        for view, command, since in self._listeners.running:
            opened = sessions.get(view)
            if opened and opened.target.recording is None and not opened.session.gone:
                return command, time.monotonic() - since
        return None

    async def _may_leave(self, what: str) -> bool:
        """Is crash idle, or does its user not want to wait for it?"""
        busy = self._busy_with()
        if busy is None:
            return True
        self._question = leave_dialog(*busy, what)
        try:
            return await self.push_screen_wait(self._question)
        finally:
            self._question = None

    async def _end_session(self) -> None:
        """End crash; the screen goes first, so that nothing reads what is closed behind it."""
        views, crash = self._views, self.crash
        if views is None:
            return
        self._listeners.leave()
        await self._end_all(views)
        if crash is not None:
            await crash.remove(self)
        self.crash = self._views = None
        aside(views.close, "close")

    async def _end_all(self, views: OpenViews) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(views.end), _ENDING)

    def action_open_another(self) -> None:
        """End this session and show what can be opened."""
        if not self._leaving and self._views is not None:
            self._leaving = True
            self._open_another()

    @work(exclusive=True, group="leaving", exit_on_error=False)
    async def _open_another(self) -> None:
        try:
            if await self._may_leave("Then what else can be opened is shown."):
                self.cancel_wanted()
                if not self._views or not self._views.main.session.gone:
                    self.notify("ending crash", timeout=2, markup=False)
                await self._end_session()
                self._show_picker()
        finally:
            self._leaving = False

    async def action_quit(self) -> None:
        """End crash, then the program; asks first where its user waits for an answer. A second time it insists."""
        if self._question is not None:
            self._question.pop_until_active()
            self._question.dismiss(True)
        elif self._leaving:
            self.exit()
        else:
            self._leaving = True
            self._quit()

    @work(exclusive=True, group="leaving", exit_on_error=False)
    async def _quit(self) -> None:
        if self._attempt:
            self._attempt.cancel()
        if not await self._may_leave("A second ^q ends it at once."):
            self._leaving = False
            return
        if self._views:
            await self._end_all(self._views)
        self.exit()

    def close(self) -> None:
        """Free what is still held, once the screen is gone."""
        if self._attempt:
            self._attempt.cancel()
        for views in filter(None, (self._next, self._views)):
            views.close()


def _is_bundled(opened: OpenSession) -> bool:
    return opened.target.kind == "recording" and opened.target.path.endswith("xcrash/transcript/demo.cast")


def run_app(target: Target | None, choices: Choices, picks: bool = False, ansi: bool = False) -> None:
    """Show ``target``, or what ``choices`` name, or with ``picks`` what can be opened here, until the user leaves.

    ``ansi``: on a serial console, whatever TERM and the configuration say. Raises the XcrashError that kept it from
    opening.
    """
    config = read_config()
    appearance = decide(for_serial(config.looks) if ansi else config.looks)
    app = XcrashApp(target, choices, picks)
    app.wear(config, appearance)
    try:
        app.run(mouse=appearance.mouse)
    finally:
        app.close()
    if app.failure:
        raise app.failure
