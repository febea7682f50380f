# SPDX-License-Identifier: Apache-2.0
"""Who is this machine, what happened to it, and can the session be trusted."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget

from xcrash import overview
from xcrash.answers import Answer
from xcrash.sections import Section
from xcrash.tui.views.view import View
from xcrash.tui.widgets.panel import SectionPanel


class OverviewView(View):
    """The sections of ``xcrash.overview`` as panels."""

    NAME = "overview"
    TITLE = "Overview"
    DEFAULT_CSS = """
    OverviewView > VerticalScroll { padding: 1 1; }
    OverviewView .columns { height: auto; }
    OverviewView .columns .column { height: auto; width: 1fr; }
    .-narrow OverviewView .columns { layout: vertical; }
    .-narrow OverviewView .columns .column { width: 100%; }
    """

    def compose(self) -> ComposeResult:
        """Panels without anything to show take no room."""
        with VerticalScroll():
            yield SectionPanel("panic")
            with Horizontal(classes="columns"):
                with Vertical(classes="column"):
                    yield SectionPanel("system")
                with Vertical(classes="column"):
                    yield SectionPanel("files")
                    yield SectionPanel("warnings")
                    yield SectionPanel("session")
            yield SectionPanel("xen")
            with Horizontal(classes="columns"):
                with Vertical(classes="column"):
                    yield SectionPanel("plan")
                with Vertical(classes="column"):
                    yield SectionPanel("images")

    def wants(self) -> tuple[str, ...]:
        """The task list, for the count of states."""
        return ("ps",)

    def shown(self) -> None:
        """Ask, and draw what is known without an answer."""
        super().shown()
        self.draw()

    def answered(self, answer: Answer) -> None:
        """Draw it with what is known now."""
        self.draw()

    def draw(self) -> None:
        """Every section anew."""
        bench = self.bench
        found = {one.name: one for one in overview.sections(bench.opened, bench.banner, bench.tasks)}
        for panel in self.query(SectionPanel):
            name = panel.section.name
            panel.show(found.get(name, Section(name, "", "", ())))

    def focus_target(self) -> Widget:
        """The whole page scrolls."""
        return self.query_one(VerticalScroll)
