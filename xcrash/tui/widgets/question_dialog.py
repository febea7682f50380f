# SPDX-License-Identifier: Apache-2.0
"""A question with its reasons: yes or no; or only what to do, where xcrash itself cannot do it."""

from __future__ import annotations

import os
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from xcrash.plan import Step
from xcrash.plan.memory import LOAD_MODULE
from xcrash.tui.actions import bindings
from xcrash.tui.actions.opening import ANSWER
from xcrash.tui.literal import literal
from xcrash.tui.widgets.dialog import Dialog
from xcrash.tui.widgets.key_line import KeyLine


class QuestionDialog(Dialog[bool]):
    """Answers True for yes. ``subject`` stands out between the question and its reasons; without ``yes`` nothing can be
    answered but no."""

    DEFAULT_CSS = """
    QuestionDialog { align: center middle; }
    QuestionDialog Vertical { width: 76; max-width: 100%; height: auto; max-height: 90%; padding: 1 2; }
    QuestionDialog Vertical { background: $panel; overflow-y: auto; }
    QuestionDialog .subject { color: $accent; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(ANSWER)  # type: ignore[assignment]

    def __init__(self, question: str, subject: str, reasons: tuple[str, ...], yes: str, no: str = "does not") -> None:
        super().__init__()
        self._question, self._subject, self._reasons, self._yes, self._no = question, subject, reasons, yes, no

    def compose(self) -> ComposeResult:
        """Question, subject, reasons, keys."""
        with Vertical():
            yield Static(literal(self._question))
            yield Static(literal(self._subject), classes="subject")
            for reason in self._reasons:
                yield Static(literal(reason))
            keys = f"y {self._yes}, n or Escape {self._no}." if self._yes else "Escape closes this."
            yield Static(literal(f"\n{keys}"))
        yield KeyLine()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where xcrash cannot do it there is no yes."""
        return bool(self._yes) if action == "answer" and parameters == (True,) else True

    def action_answer(self, wanted: bool) -> None:
        """Close with the answer."""
        self.dismiss(wanted)


def step_dialog(step: Step) -> QuestionDialog:
    """The question before a step that changes the machine or downloads something: the exact command and its effect."""
    if step.consent == LOAD_MODULE:
        if os.geteuid() != 0:
            again = f"sudo {step.command}", "xcrash never calls sudo itself. Run that in a shell, then r looks again,"
            return QuestionDialog(
                "Loading crash's memory driver needs root:",
                again[0],
                (step.reason, "", again[1], "or leave and start:  sudo xcrash"),
                "",
            )
        return QuestionDialog("This changes the RUNNING system:", step.command, (step.reason,), "runs it")
    question = "This downloads a file:" if step.consent else "This is to be done first:"
    return QuestionDialog(question, step.command, (step.reason,), "starts it")


def leave_dialog(command: str, seconds: float, what: str) -> QuestionDialog:
    """The question before a command that still runs is given up."""
    took = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return QuestionDialog(
        f"crash has been busy for {took}:",
        f"crash> {command}",
        (f"What it printed so far is in the recording, if there is one. {what}",),
        "ends crash",
        "goes on",
    )


def guest_dialog(guest: str, busy: tuple[str, float] | None) -> QuestionDialog:
    """The question before a guest is opened beside the views there are; ``busy``: the command it would cut off."""
    cut_off = (f"crash still works on {busy[0]}, for {busy[1]:.0f} s so far: that is cut off.",) if busy else ()
    return QuestionDialog(
        "This opens the dump again, with this guest beside Dom0 and Xen:",
        guest,
        (*cut_off, "The crashes that run now are ended once it is ready. Their recording stays; a new one begins."),
        "opens it",
        "goes on",
    )
