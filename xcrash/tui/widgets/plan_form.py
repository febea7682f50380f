# SPDX-License-Identifier: Apache-2.0
"""The form that changes a plan: vmlinux, debuginfo, memory source, arguments; the plan is made anew as one types."""

from __future__ import annotations

import shlex
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Input, Static

from xcrash.errors import UsageError
from xcrash.openable import Openable
from xcrash.openable.preview import Preview, edited, preview
from xcrash.sections import Section
from xcrash.target import Choices
from xcrash.tui.actions import bindings
from xcrash.tui.actions.opening import PLAN_FORM
from xcrash.tui.aside import Latest, tell
from xcrash.tui.literal import literal
from xcrash.tui.opening_messages import Previewed
from xcrash.tui.widgets.dialog import Dialog
from xcrash.tui.widgets.key_line import KeyLine
from xcrash.tui.widgets.panel import SectionPanel
from xcrash.tui.widgets.path_input import PathInput

_REST = 0.3
"""Seconds without a key before the plan is made."""

_SHOWN = ("missing", "refusal", "command", "steps", "warnings")


class PlanForm(Dialog["Choices | None"]):
    """Answers the changed choices, or None when they are to stay."""

    DEFAULT_CSS = """
    PlanForm { align: center middle; }
    PlanForm > Vertical { width: 100; max-width: 100%; height: auto; max-height: 90%; background: $panel; }
    PlanForm > Vertical { padding: 1 2; overflow-y: auto; }
    PlanForm Horizontal { height: 1; }
    PlanForm .label { width: 12; color: $foreground-muted; }
    PlanForm Input { width: 1fr; height: 1; border: none; background: $surface; padding: 0 1; }
    PlanForm #form-state { margin: 1 0; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(PLAN_FORM)  # type: ignore[assignment]

    def __init__(self, item: Openable, choices: Choices) -> None:
        super().__init__()
        self._item, self._before = item, choices
        self._choices: Choices | None = choices
        self._latest = Latest("form")
        self._number = 0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """A line for each choice, then what would be started."""
        before = self._before
        with Vertical():
            yield Static(literal("Plan for ", "bold $accent") + literal(self._item.name))
            yield Static(literal("empty: xcrash finds it; ^s keeps, Escape leaves it as it was\n", "dim"))
            yield from _field("vmlinux", PathInput(optional=True, id="form-vmlinux"), before.vmlinux)
            yield from _field("debuginfo", PathInput(optional=True, id="form-debuginfo"), before.debuginfo)
            if self._item.kind == "live":
                memory = Input(placeholder="auto, /dev/crash, /proc/kcore, /dev/mem", compact=True, id="form-memory")
                yield from _field("memory", memory, before.memory)
            arguments = Input(placeholder="for crash, such as --minimal", compact=True, id="form-arguments")
            yield from _field("arguments", arguments, shlex.join(before.crash_args))
            yield Static(id="form-state", markup=False)
            for name in _SHOWN:
                yield SectionPanel(name)
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the plan as it is."""
        self.query_one("#form-vmlinux").focus()
        self._make()

    def on_unmount(self) -> None:
        """What still waits is not wanted any more."""
        self._latest.drop()

    @on(Input.Changed)
    def changed(self) -> None:
        """Make the plan anew once the user rests."""
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_REST, self._make)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter goes to the next line."""
        self.focus_next()

    @on(PathInput.Completed)
    def completed(self, message: PathInput.Completed) -> None:
        """Tab goes to the next line where there is nothing to complete."""
        if not message.gained and message.line.has_focus:
            self.focus_next()

    @on(PathInput.Left)
    def left(self) -> None:
        """Escape in a line leaves the form."""
        self.action_leave()

    def _make(self) -> None:
        self._number += 1
        number, item = self._number, self._item
        self._choices = self._read()
        if self._choices is None:
            return
        choices = self._choices
        self._say("making the plan")
        self._latest.want(lambda: tell(self, Previewed(number, preview(item, choices))))

    def _read(self) -> Choices | None:
        """What is typed, as choices; None when it makes no sense, which is told."""
        memory = self.query("#form-memory")
        try:
            return edited(
                self._before,
                self.query_one("#form-vmlinux", PathInput).value,
                self.query_one("#form-debuginfo", PathInput).value,
                memory.first(Input).value if memory else "",
                self.query_one("#form-arguments", Input).value,
            )
        except UsageError as error:
            self._show(())
            self._say(f"!! {error.message}; {error.hint}")
            return None

    @on(Previewed)
    def previewed(self, message: Previewed) -> None:
        """Show the plan of what was typed last."""
        if message.number == self._number and self._choices is not None:
            self._say(_verdict(message.preview))
            self._show(message.preview.sections)

    def _show(self, sections: tuple[Section, ...]) -> None:
        found = {section.name: section for section in sections}
        for panel in self.query(SectionPanel):
            name = panel.section.name
            panel.show(found.get(name, Section(name, "", "", ())))

    def _say(self, text: str) -> None:
        self.query_one("#form-state", Static).update(literal(text))

    def action_keep(self) -> None:
        """Close with what is typed, if it makes sense."""
        choices = self._read()
        if choices is not None:
            self.dismiss(choices)

    def action_leave(self) -> None:
        """Close; nothing is changed."""
        self.dismiss(None)


def _verdict(found: Preview) -> str:
    plan = found.plan
    if plan is None or plan.refusal:
        return "!! with this nothing can be started"
    names = [kernel.path for kernel in (plan.namelist, plan.debuginfo) if kernel]
    return f"{plan.match.verdict if plan.match else 'unknown'}: {' + '.join(names)}"


def _field(label: str, line: Input, value: str | None) -> ComposeResult:
    """A labelled line; a value that cannot be shown as it is would not come back as it was."""
    if value and value.isprintable():
        line.value = value
    with Horizontal():
        yield Static(literal(label), classes="label")
        yield line
