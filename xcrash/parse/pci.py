# SPDX-License-Identifier: Apache-2.0
"""PCI devices as ``dev -p`` prints them: by bus, or as one list of names for 2.6.25 and older.

Source of the formats: dev.c:do_pci, dev.c:do_pci2, dev.c:walk_devices.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.rows import Table, pointer, text
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_SLOT = re.compile(r"(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
_BUS_NUMBER = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}")
_ID = re.compile(r"[0-9a-f]{1,4}:[0-9a-f]{1,4}")


class PciBus(msgspec.Struct, frozen=True, kw_only=True):
    """A bus and what is on it comes after it; a root bus has a ``busname``, any other a ``parent_bus``."""

    line: int
    span: Span
    bus: str | None
    busname: str | None = None
    parent_bus: str | None = None


class PciDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One device at ``slot`` (``domain:bus:slot.function``) on the last bus before it (``bus``).

    ``class_`` and ``pci_id`` (vendor:device) are hexadecimal as printed; the old list has ``description`` for them.
    """

    line: int
    span: Span
    pci_dev: str | None
    slot: str
    bus: str | None = None
    class_: str | None = msgspec.field(default=None, name="class")
    pci_id: str | None = None
    type: str | None = None
    description: str | None = None


class DevPci(CommandOutput, frozen=True, kw_only=True, tag="dev-p"):
    """The buses and the devices, each in the order of the answer."""

    buses: tuple[PciBus, ...]
    devices: tuple[PciDevice, ...]


def _matching(shape: re.Pattern[str], word: str) -> str:
    if not shape.fullmatch(word.rstrip()):
        raise ValueError(word)
    return word.rstrip()


_ROOTS = Table(
    PciBus, {"ROOT BUS": ("bus", pointer), "BUSNAME": ("busname", lambda word: _matching(_BUS_NUMBER, word))}
)
_BUSES = Table(PciBus, {"PCI BUS": ("bus", pointer), "PARENT BUS": ("parent_bus", pointer)})
_DEVICES = Table(
    PciDevice,
    {
        "PCI DEV": ("pci_dev", pointer),
        "DO:BU:SL.FN": ("slot", lambda word: _matching(_SLOT, word)),
        "CLASS": ("class_", text),
        "PCI_ID": ("pci_id", lambda word: _matching(_ID, word)),
        "TYPE": ("type", text),
    },
    "PCI DEV DO:BU:SL.FN CLASS PCI_ID TYPE",
    optional=1,
)
_NAMED = Table(
    PciDevice,
    {
        "PCI_DEV": ("pci_dev", pointer),
        "BU:SL.FN": ("slot", lambda word: _matching(_SLOT, word)),
        "CLASS: VENDOR-DEVICE": ("description", text),
    },
)
_DEVICE = ("PCI DEV", "DO:BU:SL.FN", "CLASS", "PCI_ID", "TYPE")


def parse_pci(text: str) -> DevPci:
    """The answer to ``dev -p``."""
    said = answer(text, "dev")
    buses: list[PciBus] = []
    devices: list[PciDevice] = []
    left: list[Line] = []
    for line in said.lines:
        if any(table.header(line.text) for table in (_ROOTS, _BUSES, _DEVICES, _NAMED)):
            continue
        bus = _ROOTS.row(line, ("ROOT BUS", "BUSNAME")) or _BUSES.row(line, ("PCI BUS", "PARENT BUS"))
        device = _DEVICES.row(line, _DEVICE) or _NAMED.row(line, ("PCI_DEV", "BU:SL.FN", "CLASS: VENDOR-DEVICE"))
        if bus:
            buses.append(bus)
        elif device:
            devices.append(msgspec.structs.replace(device, bus=buses[-1].bus) if buses else device)
        else:
            left.append(line)
    return DevPci(buses=tuple(buses), devices=tuple(devices), remarks=said.remarks, unread=tuple(unread(left)))
