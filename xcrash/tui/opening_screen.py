# SPDX-License-Identifier: Apache-2.0
"""What can be opened here: the running kernel, dumps, recordings, what was opened lately; and the plan of each."""

from __future__ import annotations

import itertools
import os
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.timer import Timer
from textual.widgets import Input, Static

from xcrash.consent import FETCH_DEBUGINFO
from xcrash.doctor import check_up, doctor_sections
from xcrash.openable import Openable
from xcrash.openable.pages import images_page
from xcrash.openable.preview import Preview, choices_for, preview
from xcrash.plan.memory import LOAD_MODULE
from xcrash.sections import Section, Tone
from xcrash.target import Choices
from xcrash.tui.actions import bindings
from xcrash.tui.actions.opening import OPENING
from xcrash.tui.aside import Latest, tell
from xcrash.tui.help_screen import HelpScreen
from xcrash.tui.literal import literal
from xcrash.tui.opening_messages import CancelWanted, DemoWanted, OpenWanted, Previewed
from xcrash.tui.sections_page import SectionsPage
from xcrash.tui.survey_screen import SurveyScreen
from xcrash.tui.widgets.key_line import KeyLine
from xcrash.tui.widgets.opening_list import OpeningList
from xcrash.tui.widgets.panel import SectionPanel
from xcrash.tui.widgets.path_input import PathInput
from xcrash.tui.widgets.plan_form import PlanForm
from xcrash.tui.widgets.question_dialog import step_dialog

_REST = 0.2
"""Seconds the cursor rests on something before its plan is made."""

_PANELS = (
    "missing",
    "refusal",
    "recording",
    "command",
    "steps",
    "warnings",
    "memory",
    "choices",
    "dump",
    "beside",
    "unused",
)


class OpeningScreen(SurveyScreen):
    """Posts OpenWanted and DemoWanted to the application, which opens."""

    DEFAULT_CSS = """
    OpeningScreen > #where { height: 1; background: $panel; padding: 0 1; }
    OpeningScreen > OpeningList { height: 1fr; min-height: 5; }
    OpeningScreen > #opening-state { height: 1; padding: 0 1; color: $foreground-muted; }
    OpeningScreen > #find { height: 1; border: none; background: $surface; padding: 0 1; }
    OpeningScreen > #plan-title { height: 1; padding: 0 1; background: $panel; }
    OpeningScreen > #plan { height: 45%; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(OPENING)  # type: ignore[assignment]

    def __init__(self, choices: Choices) -> None:
        super().__init__(choices)
        self.preview: Preview | None = None
        self._edits: dict[str, Choices] = {}
        self._numbers = itertools.count(1)
        self._number = 0
        self._latest = Latest("plan")
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Where this is, the list, what goes on, the plan, the keys."""
        yield Static(id="where", markup=False)
        yield OpeningList(id="openables")
        yield Input(placeholder="words that are to be in the line", compact=True, id="find")
        yield PathInput(placeholder="a dump, a directory with one, a recording; Tab completes", id="path")
        yield Static(id="opening-state", markup=False)
        yield Static(id="plan-title", markup=False)
        with VerticalScroll(id="plan"):
            for name in _PANELS:
                yield SectionPanel(name)
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one("#find").display = False
        self.query_one("#path").display = False
        self.draw_where(None)
        self.query_one(OpeningList).focus()
        self.look_again()

    def on_unmount(self) -> None:
        """What is still looked at is not wanted any more."""
        self.stop_looking()
        self._latest.drop()

    # the plan

    def chosen_choices(self, item: Openable) -> Choices:
        """What ``item`` would be opened with, edits included."""
        return self._edits.get(item.key) or choices_for(item, self.choices)

    @on(OpeningList.Moved)
    def moved(self, message: OpeningList.Moved) -> None:
        """Make the plan of what the cursor is on once it rests there."""
        item = message.item
        self._number = next(self._numbers)
        if self._timer:
            self._timer.stop()
        if item is None:
            self._show_preview(None)
            return
        self._draw_plan_title(item, "…")
        self._timer = self.set_timer(_REST, self._make_plan)

    def _make_plan(self) -> None:
        item, number = self.query_one(OpeningList).current, self._number
        if item is None:
            return
        choices = self.chosen_choices(item)
        self._latest.want(lambda: tell(self, Previewed(number, preview(item, choices))))

    @on(Previewed)
    def previewed(self, message: Previewed) -> None:
        """Show the plan, unless the cursor has moved on."""
        if message.number != self._number:
            return
        self._show_preview(message.preview)
        item, plan = self.query_one(OpeningList).current, message.preview.plan
        if item and plan and item.key in self._edits:
            verdict = "cannot be opened as changed" if plan.refusal else "can be opened as changed"
            tone: Tone = "bad" if plan.refusal else "good"
            self.replace_item(msgspec.structs.replace(item, verdict=verdict, tone=tone, notes=()))

    def _show_preview(self, found: Preview | None) -> None:
        self.preview = found
        item = self.query_one(OpeningList).current
        sections = {section.name: section for section in found.sections} if found else {}
        for panel in self.query(SectionPanel):
            name = panel.section.name
            panel.show(sections.get(name, Section(name, "", "", ())))
        self.query_one("#plan", VerticalScroll).scroll_home(animate=False)
        if item:
            self._draw_plan_title(item, found.command if found else "")
        else:
            self.query_one("#plan-title", Static).update(literal(""))
        self.refresh_bindings()

    def _draw_plan_title(self, item: Openable, command: str) -> None:
        changed = "   changed by you" if item.key in self._edits else ""
        name = "the live host" if item.section == "live" else item.name
        title = literal("PLAN for ", "bold") + literal(name) + literal(changed, "$warning")
        self.query_one("#plan-title", Static).update(title + literal(f"   {command}", "dim"))

    # what the user wants

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Steps are there where the plan has them."""
        if action in ("load", "fetch"):
            consent = LOAD_MODULE if action == "load" else FETCH_DEBUGINFO
            return bool(self.preview and self.preview.step(consent))
        if action == "edit":
            item = self.query_one(OpeningList).current if self.is_mounted else None
            return item is not None and item.kind != "recording"
        return True

    @on(OpeningList.Chosen)
    def chosen(self, message: OpeningList.Chosen) -> None:
        """Open it."""
        self.post_message(OpenWanted(self.chosen_choices(message.item)))

    def action_load(self) -> None:
        """Load crash.ko, once the user has read what that does."""
        self._carry_out(LOAD_MODULE)

    def action_fetch(self) -> None:
        """Fetch the debuginfo: asked for by the attempt itself, which knows the size."""
        item = self.query_one(OpeningList).current
        if item and self.preview and self.preview.step(FETCH_DEBUGINFO):
            self.post_message(OpenWanted(self.chosen_choices(item), opens=False))

    def _carry_out(self, consent: str) -> None:
        item = self.query_one(OpeningList).current
        step = self.preview.step(consent) if self.preview else None
        if item is None or step is None:
            return
        choices = self.chosen_choices(item)

        def answered(wanted: bool | None) -> None:
            if wanted:
                allowed = msgspec.structs.replace(choices, allowed=(*choices.allowed, consent))
                self.post_message(OpenWanted(allowed, opens=False))

        self.app.push_screen(step_dialog(step), answered)

    def action_edit(self) -> None:
        """Change the plan of what is under the cursor."""
        item = self.query_one(OpeningList).current
        if item is None:
            return

        def answered(choices: Choices | None) -> None:
            if choices is not None:
                self._edits[item.key] = choices
                self._number = next(self._numbers)
                self._make_plan()

        self.app.push_screen(PlanForm(item, self.chosen_choices(item)), answered)

    def action_images(self) -> None:
        """The kernels, Xen images and debuginfo that are here."""
        self.app.push_screen(SectionsPage("Images", "xcrash images", lambda: images_page(self.choices)))

    def action_doctor(self) -> None:
        """Is this machine able to debug?"""
        self.app.push_screen(
            SectionsPage("Doctor", "xcrash doctor", lambda: doctor_sections(check_up(self.choices))),
        )

    def action_demo(self) -> None:
        """Open the bundled recording."""
        self.post_message(DemoWanted())

    def action_again(self) -> None:
        """Look for everything anew; what is gone leaves the list at the end."""
        self._number = next(self._numbers)
        self._make_plan()
        self.look_again(anew=True)

    def action_copy(self) -> None:
        """Copy the command that shows this plan in a shell."""
        if self.preview and self.preview.command:
            self.app.copy_to_clipboard(self.preview.command)
            self.notify(f"copied: {self.preview.command}", markup=False)

    def action_help(self) -> None:
        """The keys of what has the focus."""
        chain: list[DOMNode] = list(self.focused.ancestors_with_self) if self.focused else [self]
        self.app.push_screen(HelpScreen(chain))

    # lines that are typed

    def action_find(self) -> None:
        """Open the line that filters the list."""
        self._open_line("#find")

    def action_path(self) -> None:
        """Open the line for the name of a file."""
        self._open_line("#path")

    def _open_line(self, selector: str) -> None:
        line = self.query_one(selector, Input)
        line.display = True
        line.focus()

    @on(Input.Changed, "#find")
    def find_changed(self, message: Input.Changed) -> None:
        """Filter while the user types."""
        self.query_one(OpeningList).filter(message.value)

    @on(Input.Submitted, "#find")
    def find_done(self) -> None:
        """Back to the list; the filter stays."""
        self.query_one(OpeningList).focus()

    @on(Input.Submitted, "#path")
    def path_entered(self, message: Input.Submitted) -> None:
        """Open what was typed."""
        if message.value.strip():
            self._close_line("#path")
            path = os.path.expanduser(message.value.strip())  # noqa: PTH111 - keeps what it cannot expand
            self.post_message(OpenWanted(msgspec.structs.replace(self.choices, target=path)))

    @on(PathInput.Left, "#path")
    def path_left(self) -> None:
        """Back to the list."""
        self._close_line("#path")

    @on(PathInput.Completed)
    def path_completed(self, message: PathInput.Completed) -> None:
        """Say which names are possible."""
        names = [name.rstrip("/").rpartition("/")[2] + "/" * name.endswith("/") for name in message.choices]
        self.say("  ".join(names[:40]) if names else "no such file")

    def _close_line(self, selector: str) -> None:
        line = self.query_one(selector, Input)
        line.value = ""
        line.display = False
        self.say("")
        self.query_one(OpeningList).focus()

    def action_back(self) -> None:
        """Cancel what is being opened, or take the filter away."""
        if self.attempt:
            self.post_message(CancelWanted())
        elif self.query_one("#find").display:
            self._close_line("#find")
        else:
            self.query_one(OpeningList).focus()
