# SPDX-License-Identifier: Apache-2.0
"""The views of one session on the screen: which of them is shown, and what their user wants."""

from __future__ import annotations

import functools

from textual import on
from textual.widgets import ContentSwitcher

from xcrash import overview
from xcrash.session import State
from xcrash.tui.around import TITLES
from xcrash.tui.command_screen import CommandScreen
from xcrash.tui.help_screen import HelpScreen
from xcrash.tui.messages import CrashViewWanted, Dom0TaskWanted, EvidenceWanted, ResultWanted, ViewWanted
from xcrash.tui.views.console import ConsoleView
from xcrash.tui.views.hypervisor import ConsoleLogView, CpusView, DomainsView, HypervisorOverview, VcpusView
from xcrash.tui.views.memory import MemoryView
from xcrash.tui.views.merged_log import MergedLogView
from xcrash.tui.views.overview import OverviewView
from xcrash.tui.views.recording import RecordingView
from xcrash.tui.views.system import SystemView
from xcrash.tui.views.tasks import TasksView
from xcrash.tui.views.view import View
from xcrash.tui.widgets.command_input import CommandInput
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.widgets.tab_line import CrashTab, TabLine

VIEWS: tuple[type[View], ...] = (
    OverviewView,
    ConsoleView,
    TasksView,
    MergedLogView,
    MemoryView,
    SystemView,
    RecordingView,
)
HYPERVISOR_VIEWS: tuple[type[View], ...] = (
    HypervisorOverview,
    ConsoleView,
    VcpusView,
    ConsoleLogView,
    DomainsView,
    CpusView,
    RecordingView,
)


class ViewsScreen(CommandScreen):
    """Shows one view of a session at a time; the prompt may lie over it."""

    @functools.cached_property
    def views(self) -> tuple[View, ...]:
        """Every view, in the order of their keys."""
        kinds = HYPERVISOR_VIEWS if overview.is_hypervisor(self.opened) else VIEWS
        return tuple(kind(self.bench) for kind in kinds)

    @property
    def view(self) -> View | None:
        """The view that is shown; None while crash starts."""
        current = self.query_one(ContentSwitcher).current
        return None if current == "start" else next((view for view in self.views if current == view.NAME), None)

    @on(EvidenceWanted)
    def evidence_wanted(self, message: EvidenceWanted) -> None:
        """Show what crash printed, in the console; of another view of the crash in its own."""
        if message.view:
            self.post_message(CrashViewWanted(message.view, EvidenceWanted(message.command, message.line)))
            return
        answer = self.bench.answers.latest(message.command)
        if not message.command:
            self._show_line(self.bench.text.startup_line(message.line))
            return
        if answer is None or not answer.number:
            self.notify(f"crash was not asked for {message.command} yet", markup=False)
            return
        self._show_line(self.bench.text.line_of(answer.number, message.line))

    @on(Dom0TaskWanted)
    def dom0_task_wanted(self, message: Dom0TaskWanted) -> None:
        """Show the task that ran on a CPU of Dom0, here or in the view of Dom0."""
        if self.bench.dom0_is_open:
            self.post_message(CrashViewWanted("dom0", Dom0TaskWanted(message.cpu)))
        elif self.bench.view == "dom0":
            self.action_view("tasks")
            self.query_one(TasksView).show_active(message.cpu)
        else:
            self.notify("the view of Dom0 is not open: it would show the task", markup=False)

    def action_crash_view(self) -> None:
        """The next view of the crash."""
        name = self.bench.around.after(self.bench.view)
        if name:
            self.post_message(CrashViewWanted(name))
        elif problems := self.bench.around.problems:
            self.notify("; ".join(f"{TITLES.get(one, one)}: {why}" for one, why in problems.items()), markup=False)
        else:
            self.notify("there is one view of this", markup=False)

    @on(ResultWanted)
    def result_wanted(self, message: ResultWanted) -> None:
        """Show the answer of a command, in the console."""
        self._show_line(self.bench.text.line_of(message.number, 0))

    def _show_line(self, number: int) -> None:
        self.action_view("console")
        lines = self.query_one("#lines", LineView)
        lines.focus()
        self.call_after_refresh(lines.go_to, number)

    @on(ViewWanted)
    def view_wanted(self, message: ViewWanted) -> None:
        """Show another view."""
        self.action_view(message.name)

    def action_view(self, name: str) -> None:
        """Show a view and put the focus where its keys are."""
        session = self.opened.session
        asked = session.state is State.NEEDS_INPUT
        if name != "start" and not (session.was_ready or asked):
            gone = session.gone is not None
            self.notify("crash has ended" if gone else "crash has not reached its prompt yet", markup=False)
            return
        before = self.view
        name = next((view.NAME for view in self.views if name == view.SLOT), name)
        self.query_one(ContentSwitcher).current = name
        self.query_one("#prompt-line").display = name == "console"
        view = self.view
        if before is not None and before is not view:
            before.hidden()
        if view is not None:
            view.shown()
        (view.focus_target() if view else self.query_one("#start-lines")).focus()
        self.draw_tabs()

    def reset_views(self) -> None:
        """Every view forgets."""
        for view in self.views:
            view.reset()

    def action_prompt(self) -> None:
        """Open the crash command line over what is shown."""
        if self.view is None:
            self.action_view("console")
        else:
            self.query_one("#prompt-line").display = True
            self.query_one(CommandInput).focus()

    @on(CommandInput.Left)
    def prompt_left(self) -> None:
        """Back to what is shown, so that single keys work again."""
        view = self.view
        if view is None or view.NAME == "console":
            self.query_one("#lines").focus()
            return
        self.query_one("#prompt-line").display = False
        view.focus_target().focus()

    def action_refresh_view(self) -> None:
        """Ask crash again for what is shown."""
        if self.view and self.opened.session.gone is None:
            self.view.refresh_answers()

    def action_copy(self) -> None:
        """Copy what is under the cursor."""
        text = self.view.copied() if self.view else None
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(f"copied: {text.splitlines()[0][:60]}", markup=False)

    def action_leave(self) -> None:
        """Close what is open, leave the prompt, so that single keys work again."""
        view = self.view
        if view is None or view.back():
            return
        if view.NAME == "console":
            self.query_one("#lines").focus()

    def action_help(self) -> None:
        """The keys of what has the focus."""
        self.app.push_screen(HelpScreen((self.focused or self).ancestors_with_self))

    def draw_tabs(self) -> None:
        """The line above the views: what is open, and which view is shown."""
        banner, around = self.bench.banner, self.bench.around
        about = " · ".join(part for part in (self.opened.target.name, banner.release if banner else None) if part)
        tabs = [
            CrashTab(name, TITLES.get(name, name), name == self.bench.view, name in around.problems)
            for name in around.names
        ]
        self.query_one(TabLine).draw(self.query_one(ContentSwitcher).current or "", about, tabs)
