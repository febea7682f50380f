# SPDX-License-Identifier: Apache-2.0
"""The screens of the views of one crash: all of them work, one is shown."""

from __future__ import annotations

from textual import events
from textual.app import App

from xcrash.open_views import OpenViews
from xcrash.tui.around import TITLES, Around, in_words
from xcrash.tui.listener import Listeners
from xcrash.tui.messages import CrashViewWanted
from xcrash.tui.session_screen import SessionScreen


class CrashScreens:
    """``screens`` by the names of their views, the one that is shown first in front."""

    def __init__(self, views: OpenViews, listeners: Listeners) -> None:
        self.around = Around()
        first = views.main_view
        ordered = sorted(views.sessions, key=lambda view: view != first)
        self.screens: dict[str, SessionScreen] = {view: SessionScreen(views.sessions[view]) for view in ordered}
        self._listeners = listeners
        if views.several:
            for view, screen in self.screens.items():
                self.around.add(view, screen.bench, screen.heard)
            for view, error in views.errors.items():
                self.around.problem(view, in_words(error))

    def show_first(self, app: App[None], replacing: bool) -> None:
        """Show the first, in place of the screen that is shown or above it; the others begin to work behind it."""
        first, *others = self.screens.values()
        for screen in self.screens.values() if others else ():
            # What is installed lives on while it is not shown.
            app.install_screen(screen, f"view-{screen.bench.view}")
        for screen in (*others, first):
            if replacing:
                app.switch_screen(screen)
            else:
                app.push_screen(screen)
            replacing = True
        for view, screen in self.screens.items():
            self._listeners.of(view).show_on(screen)

    def show(self, app: App[None], wanted: CrashViewWanted) -> None:
        """Show the view of this name, and in it what is wanted there."""
        screen = self.screens.get(wanted.name)
        if screen is None:
            why = self.around.problems.get(wanted.name, "there is no such view")
            app.notify(why, title=TITLES.get(wanted.name, wanted.name), severity="warning", timeout=15, markup=False)
            return
        if app.screen is not screen:
            app.switch_screen(screen)
            # It may have been smaller or larger when it was shown last.
            screen.post_message(events.Resize(app.size, app.size))
        if wanted.then is not None:
            screen.post_message(wanted.then)

    async def remove(self, app: App[None]) -> None:
        """Take them away, with what stands above them."""
        screens = list(self.screens.values())
        if not any(screen in app.screen_stack for screen in screens):
            return
        while app.screen not in screens:
            await app.pop_screen()
        await app.pop_screen()
        for screen in screens:
            app.uninstall_screen(screen)
            if screen.is_running:
                await screen.remove()
