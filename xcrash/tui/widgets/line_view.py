# SPDX-License-Identifier: Apache-2.0
"""Text of any length: only the lines on the screen are read and drawn."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xcrash.tui.actions import bindings
from xcrash.tui.actions.lines import LINES

WIDEST = 2000
"""Cells of a line that are drawn; crash prints lines of hundreds of thousands for a large mask."""


class ShownLine(NamedTuple):
    """A line ready to draw, and the component class it is drawn with ("" for plain)."""

    text: str
    look: str = ""


class LineSource(Protocol):
    """Where lines come from."""

    def line_count(self) -> int:
        """How many lines there are now."""

    def line(self, number: int) -> ShownLine:
        """One line, clean of control characters, tabs expanded."""


class LineView(ScrollView, can_focus=True):
    """Shows a LineSource; stays at the bottom while the last line is in view."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--command", "line-view--note", "line-view--bad"}
    DEFAULT_CSS = """
    LineView { background: $background; color: $foreground; }
    LineView > .line-view--command { color: $accent; text-style: bold; }
    LineView > .line-view--note { color: $foreground-muted; }
    LineView > .line-view--bad { color: $error; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(LINES)  # type: ignore[assignment]

    def __init__(self, source: LineSource, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.source = source
        self._widest = 1
        self._following = True

    def grown(self) -> None:
        """The source has changed: show its end, unless the user has scrolled away from it."""
        self.virtual_size = Size(self._widest, self.source.line_count())
        if self._following:
            self.follow()
        self.refresh()

    def go_to(self, line: int) -> None:
        """Show ``line`` at the top."""
        self.grown()
        self._following = False
        self.scroll_to(y=line, animate=False, immediate=True)

    def follow(self) -> None:
        """Go to the end and stay there while lines are added."""
        self._following = True
        self.call_after_refresh(self._to_end)

    def _to_end(self) -> None:
        if self._following:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling up ends the following, reaching the end begins it again; only a user scrolls up."""
        super().watch_scroll_y(old_value, new_value)
        if new_value >= self.max_scroll_y:
            self._following = True
        elif new_value < old_value:
            self._following = False

    def render_line(self, y: int) -> Strip:
        """Draw one line of the viewport."""
        width = self.scrollable_content_region.width
        scroll_x, scroll_y = self.scroll_offset
        base = self.rich_style
        number = scroll_y + y
        if number >= self.source.line_count():
            return Strip.blank(width, base)
        shown = self.source.line(number)
        style = base + self.get_component_rich_style(f"line-view--{shown.look}", partial=True) if shown.look else base
        strip = Strip([Segment(shown.text[:WIDEST], style)])
        if strip.cell_length > self._widest:
            self._widest = strip.cell_length
            self.call_later(self._widen)
        return strip.crop_extend(scroll_x, scroll_x + width, base)

    def _widen(self) -> None:
        self.grown()

    def on_resize(self) -> None:
        """The view was shown, or lost a row to a scroll bar: the end stays in view."""
        if self._following:
            self.follow()

    def action_unfold(self) -> None:
        """Fold or unfold what the source can fold."""
        toggle = getattr(self.source, "toggle_folds", None)
        if toggle:
            toggle()
            self.grown()
