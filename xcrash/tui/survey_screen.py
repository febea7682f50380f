# SPDX-License-Identifier: Apache-2.0
"""The part of the screen of what can be opened that looks for it: the list fills while it goes on."""

from __future__ import annotations

import os
import pwd
import threading

from textual import on
from textual.screen import Screen
from textual.widgets import Static

from xcrash.host.values import HostFacts
from xcrash.openable import Event, Found, HostKnown, Openable, Over, Progress, Remark, Section, Surveyor
from xcrash.target import Choices
from xcrash.tui.aside import aside, tell
from xcrash.tui.literal import literal
from xcrash.tui.opening_messages import Surveyed
from xcrash.tui.widgets.opening_list import OpeningList

_MOST_REMARKS = 4


class SurveyScreen(Screen[None]):
    """A screen with an OpeningList, a line ``#where`` and a line ``#opening-state``.

    ``attempt`` is what goes on to open something, in words; empty when nothing does.
    """

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self.choices = choices
        self.items: dict[str, Openable] = {}
        self.attempt = ""
        self._surveyor = Surveyor(choices)
        self._survey = 0
        self._cancelled = threading.Event()
        self._searched: Over | None = None
        self._remarks: list[Remark] = []
        self._seen: dict[str, None] = {}
        self._progress = ""

    @property
    def surveyed_all(self) -> bool:
        """Is the survey over?"""
        return self._searched is not None

    def stop_looking(self) -> None:
        """What is still looked at is not wanted any more."""
        self._cancelled.set()

    def look_again(self, anew: bool = False) -> None:
        """Survey once more; ``anew``: what is known is not believed any more."""
        self._cancelled.set()
        self._cancelled = cancelled = threading.Event()
        self._survey += 1
        number, surveyor = self._survey, self._surveyor
        if anew:
            surveyor.forget()
        self._searched, self._remarks = None, []
        self._seen.clear()

        def survey() -> None:
            try:
                for event in surveyor.look(cancelled.is_set):
                    if cancelled.is_set():
                        return
                    tell(self, Surveyed(number, event))
            except Exception as error:
                tell(self, Surveyed(number, Remark("", f"the survey ended early, a defect in xcrash: {error!r}")))
                tell(self, Surveyed(number, Over(())))

        aside(survey, "survey")

    @on(Surveyed)
    def surveyed(self, message: Surveyed) -> None:
        """Show what was found."""
        if message.survey == self._survey:
            self._hear(message.event)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Found):
            self._seen[event.item.key] = None
            known = self.items.get(event.item.key)
            # What is known already stays in sight until it was looked at again.
            if not (event.item.pending and known and not known.pending):
                self.items[event.item.key] = event.item
                self._draw_list()
        elif isinstance(event, HostKnown):
            self.draw_where(event.host)
        elif isinstance(event, Remark):
            self._remarks.append(event)
            self._draw_list()
        elif isinstance(event, Progress):
            count = f"{event.done} of {event.total} looked at · " if event.total else ""
            self._progress = f"{count}looking at {event.doing}"
        else:
            self._searched, self._progress = event, ""
            # In the order of this survey, without what is gone.
            self.items = {key: self.items[key] for key in self._seen if key in self.items}
            self._draw_list()
        self._draw_state()

    def replace_item(self, item: Openable) -> None:
        """Show ``item`` in place of the one with its key; the plan under the list stays."""
        self.items[item.key] = item
        with self.prevent(OpeningList.Moved):
            self._draw_list()

    def _draw_list(self) -> None:
        self.query_one(OpeningList).show(tuple(self.items.values()), self._notes())

    def _notes(self) -> dict[Section, tuple[str, ...]]:
        """What is to be said under the headings: what was searched, what could not be read."""
        remarks = [f"{one.place}: {one.text}" if one.place else one.text for one in self._remarks]
        more = len(remarks) - _MOST_REMARKS
        told = remarks[:_MOST_REMARKS] + ([f"and {more} more remarks"] if more > 0 else [])
        over = self._searched
        if over is None or any(item.section == "dumps" for item in self.items.values()):
            return {"dumps": tuple(told)}
        where = ", ".join(over.searched) or "none of the usual places is there"
        lines = [f"none found; looked into {where}", *told]
        openable = any(item.tone in ("good", "plain", "doubt") for item in self.items.values())
        if not openable:
            lines += [
                ". opens a dump or a recording by its name, D the bundled recording of a real panic,",
                "d says what this machine lacks for debugging its own kernel",
            ]
        return {"dumps": tuple(lines)}

    def draw_where(self, host: HostFacts | None) -> None:
        """The machine and its user, as far as they are known."""
        parts = [os.uname().nodename if host is None else host.nodename, host.os.name if host else None]
        if host and host.xen:
            role = {"dom0": "Dom0", "domU": "DomU"}.get(host.xen.role or "", "")
            parts.append(" ".join(filter(None, ("Xen", host.xen.version, role))))
        if host and host.kind != "live":
            parts.append(f"{host.kind} in {host.root}")
        parts.append(_user())
        about = " · ".join(part for part in parts if part)
        self.query_one("#where", Static).update(literal("xcrash", "bold") + literal(f"   {about}"))

    def _draw_state(self) -> None:
        self.query_one("#opening-state", Static).update(literal(self.attempt or self._progress))

    def say(self, text: str) -> None:
        """Say something in the line of what goes on, until something else goes on."""
        self._progress = text
        self._draw_state()

    def attempt_says(self, text: str) -> None:
        """What the attempt to open something does; empty when there is none."""
        self.attempt = text
        self._draw_state()
        self.refresh_bindings()


def _user() -> str:
    """Who runs this; the name service may not know."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except (KeyError, OSError):
        return f"uid {os.geteuid()}"
