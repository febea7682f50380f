# SPDX-License-Identifier: Apache-2.0
"""The views of a session on a hypervisor: it has vcpus, domains and CPUs where a kernel has tasks and memory."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from xcrash.answers import Answer, plain
from xcrash.errors import XcrashError
from xcrash.findings import Seen
from xcrash.guests import choose_guest
from xcrash.hypervisor import COMMANDS, dom0_cpu
from xcrash.kernel_log import Clock, LogLines, alone, console_records, read_entries
from xcrash.output.search import Stop
from xcrash.overview import places
from xcrash.parse.doms import Domain
from xcrash.parse.log.records import Log
from xcrash.parse.vcpus import Vcpu, Vcpus
from xcrash.tui.actions import bindings
from xcrash.tui.actions.vcpus import DOMAINS, VCPUS
from xcrash.tui.messages import CrashViewWanted, Dom0TaskWanted, EvidenceWanted
from xcrash.tui.opening_messages import GuestWanted
from xcrash.tui.tables.hypervisor import MEMORY, SYSTEM, VCPU_COLUMNS
from xcrash.tui.views.log import LogView, Reader, Tell
from xcrash.tui.views.overview import OverviewView
from xcrash.tui.views.paged import PagedView
from xcrash.tui.views.paned import PanedView
from xcrash.tui.widgets.filtered_table import FilteredTable
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.widgets.vcpu_pane import VcpuPane
from xcrash.tui.workbench import Workbench


class HypervisorOverview(OverviewView):
    """What crashed, the physical CPUs with what ran on them, the domains, the console's findings."""

    FIRST = ("panic", "xen")

    def wants(self) -> tuple[str, ...]:
        """All of them are cheap."""
        return COMMANDS

    def seen(self) -> Seen:
        """What was read of it."""
        return Seen(
            banner=self.bench.banner,
            banner_at=places(self.bench.opened),
            hypervisor=self.bench.hypervisor(),
            whys=self.whys(),
        )


class VcpusView(PanedView):
    """The answer to ``vcpus``; of the vcpu under the cursor those to ``vcpu`` and ``domain``."""

    NAME = "vcpus"
    SLOT = "tasks"
    TITLE = "Vcpus"
    BINDINGS: ClassVar[list[Binding]] = bindings(VCPUS)  # type: ignore[assignment]

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        table: RowTable[Vcpu] = RowTable(
            VCPU_COLUMNS, identity=lambda row: row.vcpu or row.line, look=_look, id="vcpu-table"
        )
        self.shown_list = FilteredTable(bench, table, "vcpus", lambda: ("vcpus",), id="vcpu-list")
        self.pane = VcpuPane(bench)

    def compose(self) -> ComposeResult:
        """The table, and the vcpu."""
        with Container(classes="paned-body"):
            yield self.pane
            yield self.shown_list

    def wants(self) -> tuple[str, ...]:
        """The list."""
        return ("vcpus",)

    def knows(self, command: str) -> bool:
        """Also what is said of one vcpu."""
        return super().knows(command) or plain(command).split(" ")[0] in ("vcpu", "domain")

    def answered(self, answer: Answer) -> None:
        """Show the vcpus, or one of them."""
        if isinstance(answer.value, Vcpus):
            self.shown_list.note = "> on its CPU, * crashed, says crash"
            self.shown_list.table.show(answer.value.vcpus)
        else:
            self.pane.answered(answer)
            self.shown_list.provenance.draw()

    def reset(self) -> None:
        """None are known."""
        self.shown_list.table.show(())
        self.pane.show(None)

    @on(RowTable.Chosen)
    def chosen(self, message: RowTable.Chosen) -> None:
        """One of Dom0 leads to the task that ran on it, where that view is open; else to the vcpu itself."""
        cpu = dom0_cpu(message.row)
        if cpu is not None and self.bench.dom0_is_open:
            self.post_message(Dom0TaskWanted(cpu))
        else:
            self.to_pane()

    def action_evidence(self) -> None:
        """What crash printed, at the line of the row."""
        if self.pane.has_focus_within:
            self.pane.evidence()
        elif (vcpu := self.subject()) is not None:
            self.post_message(EvidenceWanted("vcpus", vcpu.line - 1))

    def focus_target(self) -> RowTable[Vcpu]:
        """The table."""
        return self.shown_list.table

    def back(self) -> bool:
        """Escape leaves the pane, then the filter."""
        if self.pane.has_focus_within:
            self.shown_list.table.focus()
            return True
        return self.shown_list.back()


class DomainsView(PagedView):
    """The domains with their memory: of the hypervisor's own memory crash tells nothing."""

    NAME = "domains"
    SLOT = "memory"
    TITLE = "Domains"
    TABLES = MEMORY
    BINDINGS: ClassVar[list[Binding]] = bindings(DOMAINS)

    def action_open_guest(self) -> None:
        """Have the guest under the cursor opened, or say why it cannot be."""
        row = self.table.current
        if not isinstance(row, Domain):
            self.notify("no domain is under the cursor", markup=False)
        elif row.domain_id == 0 and row.t == "0":
            self.post_message(CrashViewWanted("dom0"))
        else:
            try:
                guest = choose_guest(self.table.rows, row.domain_id or -1)
            except XcrashError as error:
                self.notify(f"{error.message}; {error.hint}", severity="warning", timeout=15, markup=False)
            else:
                self.post_message(GuestWanted(guest))


class CpusView(PagedView):
    """The physical CPUs and the scheduler."""

    NAME = "cpus"
    SLOT = "system"
    TITLE = "CPUs"
    TABLES = SYSTEM


class ConsoleLogView(LogView):
    """The answer to ``log``, which is Xen's console here."""

    TITLE = "Xen log"

    def best(self) -> str:
        """It has no options."""
        return "log"

    def reader(self, log: Log, clock: Clock) -> Reader | None:
        """The console, with Xen's own stamps."""

        def read(stop: Stop, tell: Tell) -> LogLines | None:
            found, own = alone(console_records(log.records))
            return read_entries(found, own, stop, tell)

        return read


def _look(vcpu: Vcpu) -> str:
    return "bad" if vcpu.crashing else "dim" if vcpu.t == "I" else ""
