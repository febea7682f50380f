# SPDX-License-Identifier: Apache-2.0
"""A page of sections over the screen: images, the doctor, why something cannot be opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from xcrash.errors import XcrashError
from xcrash.openable.preview import refusal_sections
from xcrash.sections import Row, Section
from xcrash.tui.actions import bindings
from xcrash.tui.actions.opening import PAGE
from xcrash.tui.aside import aside, tell
from xcrash.tui.literal import literal
from xcrash.tui.opening_messages import PageMade
from xcrash.tui.widgets.dialog import Dialog
from xcrash.tui.widgets.key_line import KeyLine
from xcrash.tui.widgets.panel import SectionPanel


class SectionsPage(Dialog[None]):
    """Shows what ``make`` returns, which is called on another thread; it scrolls."""

    DEFAULT_CSS = """
    SectionsPage { align: center middle; }
    SectionsPage > Vertical { width: 110; max-width: 100%; height: 90%; background: $panel; padding: 1 1 0 1; }
    SectionsPage VerticalScroll { height: 1fr; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(PAGE)  # type: ignore[assignment]

    def __init__(self, title: str, command: str, make: Callable[[], tuple[Section, ...]]) -> None:
        super().__init__()
        self._title, self._command, self._make = title, command, make

    def compose(self) -> ComposeResult:
        """The title over what scrolls."""
        with Vertical():
            yield Static(literal(self._title, "bold $accent") + literal(f"   {self._command}", "dim"), id="page-title")
            with VerticalScroll(id="page"):
                yield Static(literal("looking"), id="page-state")
        yield KeyLine()

    def on_mount(self) -> None:
        """Find out what there is to show."""
        self.query_one("#page").focus()
        aside(self._find, "page")

    def _find(self) -> None:
        try:
            sections = self._make()
        except XcrashError as error:
            sections = refusal_sections(error)
        except Exception as error:
            sections = (Section("defect", "Not known", "", (Row("what", f"a defect in xcrash: {error!r}", "bad"),)),)
        tell(self, PageMade(sections))

    @on(PageMade)
    async def page_made(self, message: PageMade) -> None:
        """Show it."""
        page = self.query_one("#page", VerticalScroll)
        self.query_one("#page-state").display = False
        panels = []
        for section in message.sections:
            panel = SectionPanel(section.name)
            panel.show(section)
            panels.append(panel)
        await page.mount_all(panels)

    def action_close(self) -> None:
        """Back to where it was asked for."""
        self.dismiss()


def refusal_page(error: XcrashError) -> SectionsPage:
    """Why something cannot be opened, and what to try."""
    return SectionsPage("Not opened", "", lambda: refusal_sections(error))
