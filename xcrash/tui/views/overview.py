# SPDX-License-Identifier: Apache-2.0
"""Who is this machine, what happened to it, and can the session be trusted."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget

from xcrash import overview
from xcrash.answers import Answer
from xcrash.findings import Findings, Seen, find
from xcrash.hypervisor import COMMANDS
from xcrash.parse.bt import Bt
from xcrash.parse.log.records import Log
from xcrash.parse.mod import TaintingModules
from xcrash.parse.ps.last_run import PsElapsed
from xcrash.sections import Evidence, Section
from xcrash.tui.actions import bindings
from xcrash.tui.actions.overview import OVERVIEW
from xcrash.tui.appearance import Appearance
from xcrash.tui.messages import Dom0TaskWanted, EvidenceWanted
from xcrash.tui.views.view import View
from xcrash.tui.widgets.panel import SectionPanel

LOG = "log"
_BESIDE = "overview of another view"
_TWO, _THREE = 120, 180
_ALSO = ("ps -m",)
"""Taken when somebody else asked for it: too dear for a first look at a machine of many tasks."""


class FindingsKnown(Message):
    """The rules have looked at everything that was read so far."""

    def __init__(self, seen: Seen, found: Findings) -> None:
        super().__init__()
        self.seen, self.found = seen, found


class _Page(VerticalScroll, inherit_bindings=False):
    """Scrolls behind the cursor: keys of its own would take the cursor's as soon as there is more than a screen."""


class OverviewView(View):
    """The sections of ``xcrash.overview`` as panels: one column, two from 120 cells on, three from 180 on."""

    NAME = "overview"
    TITLE = "Overview"
    FIRST: ClassVar[tuple[str, ...]] = ("panic",)
    """The sections above all columns."""
    BINDINGS: ClassVar[list[Binding]] = bindings(OVERVIEW)  # type: ignore[assignment]
    DEFAULT_CSS = """
    OverviewView > _Page { padding: 1 0 0 0; }
    OverviewView .part { height: auto; width: 100%; }
    OverviewView .column { height: auto; width: 100%; }
    OverviewView.-two #overview-first, OverviewView.-two #overview-last { layout: horizontal; }
    OverviewView.-two .column { width: 1fr; }
    OverviewView.-three #overview-all, OverviewView.-three #overview-first { layout: horizontal; }
    OverviewView.-three #overview-left { width: 2fr; }
    OverviewView.-three #overview-last { width: 1fr; }
    OverviewView.-three #overview-first .column { width: 1fr; }
    """

    def compose(self) -> ComposeResult:
        """Panels without anything to show take no room."""
        with _Page(can_focus=False):
            for name in self.FIRST:
                yield SectionPanel(name)
            with Container(id="overview-all", classes="part"):
                with Vertical(id="overview-left", classes="part"):
                    with Container(id="overview-first", classes="part"):
                        with Vertical(classes="column"):
                            yield SectionPanel("system")
                            yield SectionPanel("files")
                        with Vertical(classes="column"):
                            yield SectionPanel("findings")
                            yield SectionPanel("warnings")
                            yield SectionPanel("session")
                    if "xen" not in self.FIRST:
                        yield SectionPanel("xen")
                with Container(id="overview-last", classes="part"):
                    with Vertical(classes="column"):
                        yield SectionPanel("plan")
                    with Vertical(classes="column"):
                        yield SectionPanel("images")

    def on_mount(self) -> None:
        """Nothing has been found yet."""
        self._found: Findings | None = None

    def on_resize(self, event: events.Resize) -> None:
        """As many columns as there is room for."""
        width = event.size.width
        self.set_class(_TWO <= width < _THREE, "-two")
        self.set_class(width >= _THREE, "-three")

    def wants(self) -> tuple[str, ...]:
        """What is cheap and tells much: the tasks, the stack of the panic, foreign modules, the log."""
        banner = self.bench.banner
        panicked = banner is not None and overview.panicked(banner)
        return ("ps", *(("bt",) if panicked else ()), "mod -t", LOG)

    def knows(self, command: str) -> bool:
        """Also what others asked for."""
        return super().knows(command) or command in _ALSO

    def shown(self) -> None:
        """Ask, the hypervisor's view too, and draw what is known without an answer."""
        super().shown()
        if xen := self.bench.xen:
            for command in COMMANDS:
                xen.answers.want(command, _BESIDE)
        self._look(self.seen())
        self.draw()

    def hidden(self) -> None:
        """Nothing is wanted any more, of the hypervisor's view neither."""
        super().hidden()
        if xen := self.bench.xen:
            xen.answers.drop(_BESIDE)

    def heard(self, view: str, answer: Answer | None) -> None:
        """The hypervisor's view tells something of the picture."""
        if view == "xen" and (answer is None or answer.command in COMMANDS):
            self.draw()
            self._look(self.seen())

    def reset(self) -> None:
        """The next crash may find something else."""
        self._found = None

    def answered(self, answer: Answer) -> None:
        """Draw it with what is known now, and look at it."""
        self.draw()
        self._look(self.seen())

    def seen(self) -> Seen:
        """What was read so far."""
        bench = self.bench
        values = {name: bench.answers.value(name) for name in ("bt", "mod -t", LOG, "ps -m")}
        log, stack, taints, elapsed = values[LOG], values["bt"], values["mod -t"], values["ps -m"]
        xen = bench.xen
        return Seen(
            banner=bench.banner,
            tasks=bench.tasks,
            stack=stack if isinstance(stack, Bt) else None,
            taints=taints if isinstance(taints, TaintingModules) else None,
            log=log.records if isinstance(log, Log) else None,
            elapsed=elapsed if isinstance(elapsed, PsElapsed) else None,
            xen_log=overview.hypervisor_log(bench.opened),
            hypervisor=xen.hypervisor() if xen else None,
            hypervisor_view=xen.view if xen else "",
            hypervisor_why=bench.around.problems.get("xen", ""),
            banner_at=overview.places(bench.opened),
            log_command=LOG,
            whys=self.whys(),
        )

    def whys(self) -> dict[str, str]:
        """Why there is no answer to what it wants."""
        found = {name: self.bench.answers.progress(name).why for name in self.wants()}
        return {name: why for name, why in found.items() if why}

    # Without a description Textual makes one of the arguments, on the screen's own thread: every task as text.
    @work(thread=True, exclusive=True, group="findings", exit_on_error=False, description="look for findings")
    def _look(self, seen: Seen) -> None:
        """A log may have a million records: not on the screen's own thread."""
        self.post_message(FindingsKnown(seen, find(seen)))

    @on(FindingsKnown)
    def findings_known(self, message: FindingsKnown) -> None:
        """Show them."""
        self._found = message.found
        self.draw()

    def draw(self) -> None:
        """Every section anew."""
        bench = self.bench
        known = self._found or Findings()
        found = {
            one.name: one for one in overview.sections(bench.opened, bench.banner, bench.tasks, self.seen(), known)
        }
        looks = getattr(self.app, "appearance", None)
        graphs = not (isinstance(looks, Appearance) and looks.plain)
        for panel in self.query(SectionPanel):
            name = panel.section.name
            panel.show(found.get(name, Section(name, "", "", ())), graphs)

    # keys

    @property
    def _panels(self) -> list[SectionPanel]:
        return [panel for panel in self.query(SectionPanel) if panel.display]

    @property
    def _panel(self) -> SectionPanel | None:
        focused = self.screen.focused
        return focused if isinstance(focused, SectionPanel) else None

    def focus_target(self) -> Widget:
        """The panel that had the focus, or the first one."""
        return next(iter(self._panels), self)

    def action_step(self, by: int) -> None:
        """The next value, in the next panel at the end of this one."""
        panels, panel = self._panels, self._panel
        if panel is None or panel not in panels:
            if panels:
                panels[0].focus()
            return
        if not panel.step(by):
            at = panels.index(panel) + by
            if not 0 <= at < len(panels):
                return
            panel = panels[at]
            panel.cursor = 0 if by > 0 else len(panel.section.rows) - 1
            panel.focus(scroll_visible=False)
        self._show_cursor(panel)

    def _show_cursor(self, panel: SectionPanel) -> None:
        scroll = self.query_one(_Page)
        top = scroll.scroll_offset.y + panel.region.y - scroll.region.y
        scroll.scroll_to_region(panel.cursor_region.translate((0, top)), animate=False, force=True)

    def action_page(self, by: int) -> None:
        """A screen further."""
        scroll = self.query_one(_Page)
        scroll.scroll_page_down(animate=False) if by > 0 else scroll.scroll_page_up(animate=False)

    def action_ends(self, at: int) -> None:
        """The first panel or the last one."""
        if panels := self._panels:
            panels[at].cursor = 0 if at == 0 else len(panels[at].section.rows) - 1
            panels[at].focus()
            self._show_cursor(panels[at])

    def action_raw(self) -> None:
        """Show the task that ran on the marked CPU of Dom0, where there is a view of it; else what crash printed."""
        row = self._panel.row if self._panel else None
        if row is not None and row.dom0_cpu is not None and (self.bench.view == "dom0" or self.bench.dom0_is_open):
            self.post_message(Dom0TaskWanted(row.dom0_cpu))
        else:
            self.action_evidence()

    def action_evidence(self) -> None:
        """Show what crash printed of the marked value."""
        panel = self._panel
        row = panel.row if panel else None
        if panel is None or row is None:
            return
        evidence = row.evidence or self._evidence(panel.section)
        if evidence is None:
            self.notify("this does not come from a command of crash", markup=False)
            return
        self.post_message(EvidenceWanted(evidence.command, evidence.line, evidence.view))

    def _evidence(self, section: Section) -> Evidence | None:
        """Where a value without a place of its own comes from: the first place of its section."""
        return next((row.evidence for row in section.rows if row.evidence), None)

    def copied(self) -> str | None:
        """The marked value."""
        row = self._panel.row if self._panel else None
        return row.value if row else None
