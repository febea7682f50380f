# SPDX-License-Identifier: Apache-2.0
"""Text of any length: only the lines on the screen are read and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xcrash.tui.actions import bindings
from xcrash.tui.actions.lines import LINES
from xcrash.tui.widgets.line_finder import FindState, HitsCame, LineFinder
from xcrash.tui.widgets.line_source import LineSource, ShownLine, line_at, place_of, version
from xcrash.tui.widgets.line_strip import WIDEST, drawn, with_right

__all__ = ["WIDEST", "FindState", "LineSource", "LineView", "ShownLine"]
_CONTEXT = 3
"""Lines that stay visible above and below what was jumped to."""


class LineView(ScrollView, can_focus=True):
    """Shows a LineSource; stays at the bottom while the last line is in view.

    With a ``cursor`` there is a line under it, marked at the left edge. ``find_state`` says how far ``find`` is.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-view--command",
        "line-view--note",
        "line-view--bad",
        "line-view--dim",
        "line-view--cursor",
        "line-view--hit",
        "line-view--here",
        "line-view--link",
    }
    DEFAULT_CSS = """
    LineView { background: $background; color: $foreground; }
    LineView > .line-view--command { color: $accent; text-style: bold; }
    LineView > .line-view--note { color: $foreground-muted; }
    LineView > .line-view--dim { color: $foreground-muted; }
    LineView > .line-view--bad { color: $error; }
    LineView > .line-view--cursor { background: $surface; }
    LineView:focus > .line-view--cursor { background: $panel; }
    LineView > .line-view--hit { text-style: reverse; }
    LineView > .line-view--here { text-style: reverse bold; }
    LineView > .line-view--link { text-style: underline; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(LINES)  # type: ignore[assignment]

    find_state: reactive[FindState] = reactive(FindState(), layout=False, repaint=True)

    class Event(Message):
        """Something happened in ``view``."""

        def __init__(self, view: LineView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> LineView:
            """The view, for selectors of handlers."""
            return self.view

    class Moved(Event):
        """The cursor, what is shown or how much there is has changed."""

        def can_replace(self, message: Message) -> bool:
            """Only where things are now matters."""
            return isinstance(message, LineView.Moved) and message.view is self.view

    class Chosen(Event):
        """The user wants what a line leads to; ``column`` is the character that was clicked, None for a key."""

        def __init__(self, view: LineView, line: int, column: int | None = None) -> None:
            super().__init__(view)
            self.line, self.column = line, column

    class FindWanted(Event):
        """The user wants to type what is to be found."""

    def __init__(
        self,
        source: LineSource,
        *,
        cursor: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.source = source
        self.cursor = 0
        self.hovered: int | None = None
        self.has_cursor = cursor
        self.finder = LineFinder(lambda: self.source, self.post_message, self._on_thread, self.reveal, self._found)
        self._widest = 1
        self._following = True
        self._version = version(source)
        self._anchor = (0, 0)

    # what is shown

    @property
    def following(self) -> bool:
        """Does it stay at the end?"""
        return self._following

    @property
    def page(self) -> int:
        """Lines on the screen."""
        return max(1, self.scrollable_content_region.height)

    @property
    def below(self) -> int:
        """Lines below the last one on the screen."""
        return max(0, self.source.line_count() - self.scroll_offset.y - self.page)

    def grown(self) -> None:
        """The source has changed: show its end, unless the user has scrolled away from it."""
        count = self.source.line_count()
        self._extend()
        self.finder.grown()
        if version(self.source) != self._version:
            self._version = version(self.source)
            if not self._following:
                self._put_back()
        self.cursor = max(0, min(self.cursor, count - 1))
        if self._following:
            self._to_end()
        else:
            self._moved()

    def _extend(self) -> None:
        """Scroll over all there is now. A new ``virtual_size`` would lay out the whole screen, at each growth."""
        size = Size(self._widest + self.has_cursor, self.source.line_count())
        if self.styles.auto_dimensions or not self.container_size:
            self.virtual_size = size
        else:
            self.set_reactive(LineView.virtual_size, size)
            self._scroll_update(size)

    def show(self, source: LineSource) -> None:
        """Show other lines, from their beginning."""
        self.source, self._version = source, version(source)
        self.finder.clear()
        self._following, self.cursor, self._widest = False, 0, 1
        self.grown()
        self.scroll_to(0, 0, animate=False, immediate=True)

    def go_to(self, line: int) -> None:
        """Show ``line`` at the top, the cursor on it."""
        self.grown()
        self.show_at_top(max(0, min(line, self.source.line_count() - 1)))

    @property
    def room(self) -> int:
        """Cells of a line that are seen without moving sideways."""
        return max(1, self.scrollable_content_region.width - self.has_cursor)

    def hold(self) -> None:
        """Lines are going to be hidden or shown where the user is: stay there."""
        self._following = False

    def show_at_top(self, line: int) -> None:
        """Put the cursor on a line, at the top where there is enough below it."""
        self._following = False
        self.cursor = line
        self.scroll_to(y=line, animate=False, immediate=True, force=True)
        self._moved()

    def go(self, line: int) -> None:
        """Put the cursor on a line, as near as there is one, and show it; on the last one it stays at the end."""
        last = max(0, self.source.line_count() - 1)
        self.cursor = max(0, min(line, last))
        self._following = self.cursor == last
        self._into_view()
        self._moved()

    def reveal(self, place: int) -> None:
        """Show the line of a place, unhidden, with some lines around it."""
        line = line_at(self.source, place, True)
        self._following = False
        self._version = version(self.source)
        self._extend()
        self.cursor = line
        self._into_view(min(_CONTEXT, self.page // 3))
        self._moved()

    def follow(self) -> None:
        """Go to the end and stay there while lines are added."""
        self._following = True
        self.call_after_refresh(self._to_end)

    def _to_end(self) -> None:
        if self._following:
            self.cursor = max(0, self.source.line_count() - 1)
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
            self._moved()

    def _into_view(self, context: int = 0) -> None:
        top = self.scroll_offset.y
        if self.cursor - context < top:
            self.scroll_to(y=max(0, self.cursor - context), animate=False, immediate=True, force=True)
        elif self.cursor + context >= top + self.page:
            self.scroll_to(y=self.cursor + context - self.page + 1, animate=False, immediate=True, force=True)

    def _put_back(self) -> None:
        """Lines moved: the cursor and the row it is in stay what they were."""
        place, row = self._anchor
        self.cursor = line_at(self.source, place)
        self.scroll_to(y=max(0, self.cursor - row), animate=False, immediate=True, force=True)

    def _moved(self) -> None:
        if self.source.line_count():
            self._anchor = (place_of(self.source, self.cursor), self.cursor - self.scroll_offset.y)
        self.post_message(self.Moved(self))
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling up ends the following, reaching the end begins it again; only a user scrolls up."""
        super().watch_scroll_y(old_value, new_value)
        if new_value < old_value and new_value < self.max_scroll_y:
            self._following = False
        elif new_value > old_value and new_value >= self.max_scroll_y:
            self._following = self._following or not self.has_cursor
        # The cursor is always on the screen, as in an editor.
        top = self.scroll_offset.y
        self.cursor = max(top, min(self.cursor, top + self.page - 1, max(0, self.source.line_count() - 1)))
        self._moved()

    def watch_show_horizontal_scrollbar(self) -> None:
        """A row was lost or won: no resize tells of it."""
        self.call_after_refresh(self.on_resize)

    def on_resize(self) -> None:
        """The view was shown, or has more or fewer rows: the end stays in view."""
        if self._following:
            self.follow()
        elif self.has_cursor:
            self._into_view()

    # drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the viewport."""
        width = self.scrollable_content_region.width
        scroll_x, scroll_y = self.scroll_offset
        base, number = self.rich_style, scroll_y + y
        if number >= self.source.line_count():
            return Strip.blank(width, base)
        shown = self.source.line(number)
        on_cursor = self.has_cursor and number == self.cursor
        if on_cursor:
            base += self._component("cursor")
        edge = [Segment("›" if on_cursor else " ", base)] if self.has_cursor else []
        room = width - len(edge)
        style = base + self._component(shown.look) if shown.look else base
        looks = [(start, end, self._component(look)) for start, end, look in self.marks(number, shown)]
        strip = drawn(shown.text, style, looks, self.app.console)
        if shown.right:
            look = base + self._component("dim" if shown.look in ("command", "dim") else shown.look)
            strip = with_right(strip, shown.right, look, base, room)
        else:
            if strip.cell_length > self._widest:
                self._widest = strip.cell_length
                self.call_later(self.grown)
            strip = strip.crop_extend(scroll_x, scroll_x + room, base)
        return Strip([*edge, *strip], width)

    def _component(self, look: str) -> Style:
        return self.get_component_rich_style(f"line-view--{look}", partial=True) if look else Style.null()

    def marks(self, number: int, shown: ShownLine) -> Iterator[tuple[int, int, str]]:
        """Parts of a visible line that are drawn in another way: first and last character, component class."""
        hits = self.finder.hits
        if hits is None:
            return
        here = hits.place is not None and hits.place == place_of(self.source, number)
        for start, end in hits.pattern.spans(shown.text[:WIDEST]):
            yield start, end, "here" if here else "hit"

    # finding

    def find(self, text: str, regex: bool = False) -> None:
        """Look for text from where the cursor was when ``begin_find`` was called; the empty text ends it."""
        self.finder.find(text, regex)

    def find_next(self, step: int = 1) -> None:
        """Go to the next hit (1) or the one before (-1)."""
        self.finder.next(self._here(), step)

    def begin_find(self) -> None:
        """Remember where a search begins."""
        self.finder.begin(self._here())

    def _here(self) -> int:
        hits = self.finder.hits
        if not self.has_cursor and hits is not None and hits.place is not None:
            return hits.place
        line = self.cursor if self.has_cursor else self.scroll_offset.y
        return place_of(self.source, line) if self.source.line_count() else 0

    def _found(self, state: FindState) -> None:
        self.find_state = state
        self.refresh()

    def _on_thread(self, work: Callable[[], None]) -> None:
        self.run_worker(work, thread=True, exclusive=True, group="find", exit_on_error=False)

    @on(HitsCame)
    def hits_came(self, message: HitsCame) -> None:
        """More was found."""
        message.stop()
        self.finder.came(message)

    # what the user does

    def action_move(self, by: int) -> None:
        """Move the cursor, or without one the text, by lines."""
        if self.has_cursor:
            self.go(self.cursor + by)
        else:
            self.scroll_to(y=self.scroll_offset.y + by, animate=False, immediate=True)

    def action_page(self, by: int) -> None:
        """Move by screens."""
        step = by * max(1, self.page - 1)
        if not self.has_cursor:
            self.action_move(step)
            return
        wanted = self.cursor + step
        self.scroll_to(y=self.scroll_offset.y + step, animate=False, immediate=True)
        top = self.scroll_offset.y
        self.go(wanted if top <= wanted < top + self.page else self._edge(by))

    def _edge(self, by: int) -> int:
        """The first or last line there is, when a page up or down ends there; else the middle of the screen stays."""
        if self.scroll_offset.y + self.page >= self.source.line_count() and by > 0:
            return self.source.line_count() - 1
        return 0 if self.scroll_offset.y == 0 and by < 0 else self.cursor

    def action_jump(self, to: int) -> None:
        """Go to the first (0) or the last (-1) line; at the last one it follows what is added."""
        if to < 0:
            self.follow()
        else:
            self._following, self.cursor = False, 0
            self.scroll_to(y=0, animate=False, immediate=True)
            self._moved()

    def action_find(self) -> None:
        """Ask for what is to be found."""
        self.post_message(self.FindWanted(self))

    def action_next_hit(self, step: int) -> None:
        """Go to the next hit or the one before."""
        self.find_next(step)

    def action_choose(self) -> None:
        """Ask for what the line under the cursor leads to."""
        if self.has_cursor and self.source.line_count():
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """The cursor goes to the line that was clicked; what stands there may lead somewhere."""
        line = event.y + self.scroll_offset.y
        if self.has_cursor and line < self.source.line_count():
            self.go(line)
            self.post_message(self.Chosen(self, line, event.x - 1 + self.scroll_offset.x))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """What leads somewhere in the line under the mouse is marked."""
        self._hover(event.y + self.scroll_offset.y)

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self._hover(None)

    def _hover(self, line: int | None) -> None:
        if self.has_cursor and line != self.hovered:
            self.hovered = line
            self.refresh()

    def on_mouse_scroll_down(self) -> None:
        """The wheel at the end of the text: stay there."""
        self.call_after_refresh(self._at_end)

    def _at_end(self) -> None:
        if self.scroll_offset.y >= self.max_scroll_y:
            self._following = True
            self._moved()
