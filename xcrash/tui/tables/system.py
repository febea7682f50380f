# SPDX-License-Identifier: Apache-2.0
"""The tables of the view System."""

from __future__ import annotations

from typing import Any, NamedTuple

from xcrash.parse.dev import Dev, DevDisks, Device, Disk
from xcrash.parse.hrtimer import Hrtimers
from xcrash.parse.irq import Irq, Irqs
from xcrash.parse.irq_stats import IrqCounts, IrqStats
from xcrash.parse.mod import Module, Modules, TaintingModule, TaintingModules
from xcrash.parse.mount import Mount, Mounts
from xcrash.parse.net import Neighbour, Net, NetDevice, NetNeighbours
from xcrash.parse.pci import DevPci, PciDevice
from xcrash.parse.runq import Runq, RunqTask
from xcrash.parse.timer import Timers
from xcrash.tui.tables.page import Page, address, bytes_of, lead, name, number, symbol, text

_TAINTS = {
    "P": "proprietary",
    "F": "forced to load",
    "R": "forced to unload",
    "C": "staging",
    "O": "out of tree",
    "E": "unsigned",
    "K": "live patch",
    "T": "struct layout randomised",
    "X": "supported by the distribution's partner",
    "N": "test",
}
"""The letters of a module's taints: Documentation/admin-guide/tainted-kernels.rst."""


class OnCpu(NamedTuple):
    """A row of a table that crash prints for each CPU."""

    cpu: int | None
    what: str
    row: Any
    line: int


class Numbered(NamedTuple):
    """A device and which of the two tables it stands in."""

    kind: str
    device: Device
    line: int


MODULES: Page[Module] = Page(
    "Modules",
    "mod",
    "modules",
    lambda value: value.modules if isinstance(value, Modules) else None,
    (
        text("NAME", lambda row: row.name),
        bytes_of("SIZE", lambda row: row.size),
        text("MODULE", lambda row: row.module, rank=2),
        text("BASE", lambda row: row.base, rank=3),
        text("OBJECT FILE", lambda row: row.object_file or ("kallsyms only" if row.kallsyms else "not loaded"), 1, 60),
    ),
    lead=lambda row: lead("sym -m", name(row.name)),
)

TAINTS: Page[TaintingModule] = Page(
    "Taints",
    "mod -t",
    "modules that taint the kernel",
    lambda value: value.modules if isinstance(value, TaintingModules) else None,
    (
        text("NAME", lambda row: row.name),
        text("TAINTS", lambda row: row.taints),
        text("MEANING", lambda row: taint_words(row.taints, row.unsigned), most=80),
    ),
    look=lambda row: "doubt",
    lead=lambda row: lead("sym -m", name(row.name)),
)

DISKS: Page[Disk] = Page(
    "Disks",
    "dev -d",
    "disks",
    lambda value: value.disks if isinstance(value, DevDisks) else None,
    (
        text("NAME", lambda row: row.name),
        number("IN FLIGHT", lambda row: row.total),
        number("READ", lambda row: row.read if row.read is not None else row.async_),
        number("WRITE", lambda row: row.write if row.write is not None else row.sync),
        number("DRV", lambda row: row.drv, rank=1),
        number("MAJOR", lambda row: row.major, rank=2),
        text("GENDISK", lambda row: row.gendisk, rank=3),
        text("REQUEST QUEUE", lambda row: row.request_queue, rank=4),
    ),
    look=lambda row: "doubt" if row.total else "",
    lead=lambda row: lead("struct gendisk", address(row.gendisk)),
    about="IN FLIGHT: requests that were given to the disk and not answered",
)

DEVICES: Page[Numbered] = Page(
    "Devices",
    "dev",
    "devices",
    lambda value: devices(value) if isinstance(value, Dev) else None,
    (
        text("KIND", lambda row: row.kind),
        number("MAJOR", lambda row: row.device.major),
        text("NAME", lambda row: row.device.name),
        text("STRUCT", lambda row: row.device.address, rank=2),
        text("OPERATIONS", lambda row: row.device.operations, rank=1),
    ),
    lead=lambda row: lead("sym", symbol(row.device.operations)),
)

PCI: Page[PciDevice] = Page(
    "PCI",
    "dev -p",
    "PCI devices",
    lambda value: value.devices if isinstance(value, DevPci) else None,
    (
        text("SLOT", lambda row: row.slot),
        text("CLASS", lambda row: row.class_, rank=2),
        text("ID", lambda row: row.pci_id),
        text("TYPE", lambda row: row.type, rank=1),
        text("PCI_DEV", lambda row: row.pci_dev, rank=3),
        text("DESCRIPTION", lambda row: row.description, most=60),
    ),
    lead=lambda row: lead("struct pci_dev", address(row.pci_dev)),
)

NETWORK: Page[NetDevice] = Page(
    "Network",
    "net",
    "network devices",
    lambda value: value.devices if isinstance(value, Net) else None,
    (
        text("NAME", lambda row: row.name),
        text("NET_DEVICE", lambda row: row.net_device, rank=1),
        text("ADDRESSES", lambda row: ", ".join(row.ip_addresses), most=80),
    ),
    lead=lambda row: lead("struct net_device", address(row.net_device)),
)

NEIGHBOURS: Page[Neighbour] = Page(
    "ARP",
    "net -a",
    "neighbours",
    lambda value: value.neighbours if isinstance(value, NetNeighbours) else None,
    (
        text("IP ADDRESS", lambda row: row.ip_address),
        text("HW ADDRESS", lambda row: row.hw_address),
        text("DEVICE", lambda row: row.device),
        text("STATE", lambda row: " ".join(row.state)),
        text("NEIGHBOUR", lambda row: row.neighbour, rank=1),
    ),
    lead=lambda row: lead("struct neighbour", address(row.neighbour)),
)

IRQS: Page[Irq] = Page(
    "IRQs",
    "irq",
    "interrupts",
    lambda value: value.irqs if isinstance(value, Irqs) else None,
    (
        number("IRQ", lambda row: row.irq),
        text("HANDLERS", lambda row: ", ".join(one.name or "" for one in row.actions), most=60),
        text("IRQ_DESC", lambda row: row.irq_desc, rank=1),
    ),
    lead=lambda row: lead("struct irq_desc", address(row.irq_desc)),
)

COUNTS: Page[IrqCounts] = Page(
    "IRQ counts",
    "irq -s",
    "interrupts that were counted",
    lambda value: value.irqs if isinstance(value, IrqStats) else None,
    (
        number("IRQ", lambda row: row.irq),
        number("TOTAL", lambda row: sum(count or 0 for count in row.counts)),
        text("PER CPU", lambda row: " ".join("-" if one is None else f"{one:,}" for one in row.counts), rank=1),
        text("CHIP", lambda row: row.chip, rank=2),
        text("NAMES", lambda row: ", ".join(row.names), most=60),
    ),
    lead=lambda row: f"irq {row.irq}",
)

RUNQUEUES: Page[OnCpu] = Page(
    "Runqueues",
    "runq",
    "tasks on the runqueues",
    lambda value: queued(value) if isinstance(value, Runq) else None,
    (
        number("CPU", lambda row: row.cpu),
        text("QUEUE", lambda row: row.what),
        number("PRIO", lambda row: row.row.prio if row.row else None),
        number("PID", lambda row: row.row.pid if row.row else None),
        text("TASK", lambda row: row.row.task if row.row else None, rank=1),
        text("COMM", lambda row: row.row.command if row.row else None),
    ),
    lead=lambda row: lead("bt", address(row.row.task)) if row.row else None,
)

TIMERS: Page[OnCpu] = Page(
    "Timers",
    "timer",
    "timers",
    lambda value: timers(value) if isinstance(value, Timers) else None,
    (
        number("CPU", lambda row: row.cpu),
        text("BASE", lambda row: row.what, rank=2),
        number("EXPIRES", lambda row: row.row.expires, rank=1),
        number("IN TICKS", lambda row: row.row.tte),
        text("FUNCTION", lambda row: row.row.function.symbol if row.row.function else None),
        text("TIMER_LIST", lambda row: row.row.timer_list, rank=3),
    ),
    look=lambda row: "doubt" if row.row.tte is not None and row.row.tte < 0 else "",
    lead=lambda row: lead("dis", symbol(row.row.function.symbol)) if row.row.function else None,
    about="IN TICKS: jiffies until it expires; below 0 it is late",
)

HRTIMERS: Page[OnCpu] = Page(
    "High-resolution timers",
    "timer -r",
    "timers",
    lambda value: hrtimers(value) if isinstance(value, Hrtimers) else None,
    (
        number("CPU", lambda row: row.cpu),
        text("CLOCK", lambda row: row.what, rank=2),
        number("IN NS", lambda row: row.row.tte_ns),
        number("EXPIRES NS", lambda row: row.row.expires_ns, rank=1),
        text("FUNCTION", lambda row: row.row.function.symbol if row.row.function else None),
        text("HRTIMER", lambda row: row.row.hrtimer, rank=3),
    ),
    look=lambda row: "doubt" if row.row.tte_ns is not None and row.row.tte_ns < 0 else "",
    lead=lambda row: lead("dis", symbol(row.row.function.symbol)) if row.row.function else None,
)

MOUNTS: Page[Mount] = Page(
    "Mounts",
    "mount",
    "mounts",
    lambda value: value.mounts if isinstance(value, Mounts) else None,
    (
        text("DIRECTORY", lambda row: row.dirname, most=50),
        text("TYPE", lambda row: row.type),
        text("DEVICE", lambda row: row.devname, most=30),
        text("MOUNT", lambda row: row.mount, rank=2),
        text("SUPERBLK", lambda row: row.superblk, rank=1),
    ),
    lead=lambda row: lead("struct super_block", address(row.superblk)),
)

SYSTEM: tuple[Page[Any], ...] = (
    MODULES,
    TAINTS,
    DEVICES,
    PCI,
    DISKS,
    NETWORK,
    NEIGHBOURS,
    IRQS,
    COUNTS,
    RUNQUEUES,
    TIMERS,
    HRTIMERS,
    MOUNTS,
)


def taint_words(letters: str, unsigned: bool) -> str:
    """What the letters mean; one that is not known stays a letter."""
    words = [_TAINTS.get(letter, letter) for letter in letters if letter.isalpha()]
    if unsigned and "unsigned" not in words:
        words.append("unsigned")
    return ", ".join(words)


def devices(value: Dev) -> list[Numbered]:
    """Both tables in the order of crash."""
    both = (("character", value.character), ("block", value.block))
    return [Numbered(kind, device, device.line) for kind, table in both for device in table]


def queued(value: Runq) -> list[OnCpu]:
    """What runs and what waits, CPU by CPU; a CPU on which nothing does has a row without a task."""
    rows: list[OnCpu] = []
    for cpu in value.cpus:
        found: list[tuple[str, RunqTask, int]] = []
        if cpu.current:
            found.append(("running", cpu.current, cpu.current.line))
        found += [(queue.name, task, task.line) for queue in cpu.queues for task in queue.tasks]
        found += [(group.queue, task, task.line) for group in cpu.groups for task in group.tasks]
        found += [("queued", task, task.line) for task in cpu.tasks]
        rows += [OnCpu(cpu.cpu, what, task, line) for what, task, line in found]
        if not found:
            rows.append(OnCpu(cpu.cpu, "offline" if cpu.offline else "idle", None, cpu.line))
    return rows


def timers(value: Timers) -> list[OnCpu]:
    """The timers of every base."""
    return [OnCpu(base.cpu, base.base or "", timer, timer.line) for base in value.bases for timer in base.timers]


def hrtimers(value: Hrtimers) -> list[OnCpu]:
    """The timers of every clock."""
    return [
        OnCpu(cpu.cpu, clock.get_time or str(clock.clock), timer, timer.line)
        for cpu in value.cpus
        for clock in cpu.clocks
        for timer in clock.timers
    ]
