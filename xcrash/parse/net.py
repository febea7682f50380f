# SPDX-License-Identifier: Apache-2.0
"""Network data: ``net`` (devices), ``-a`` (neighbours), ``-s`` and ``-S`` (sockets of tasks), ``-N`` (an address).

Source of the formats: net.c:show_net_devices, net.c:dump_arp, net.c:sym_socket_dump, net.c:get_sock_info.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, structures
from xcrash.parse.rows import Table, integer, pointer, text
from xcrash.parse.sections import by_task, extent, sections
from xcrash.parse.task_line import TaskLine
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_IP = re.compile(r"[0-9a-fA-F]{0,4}(?:[.:][0-9a-fA-F.:]{1,45})(?:/[0-9]{1,3})?(?:%\w{1,15})?")
_NEIGHBOUR = re.compile(
    r"\s*([0-9a-f]{6,16}) +([0-9.]{7,15}|[0-9a-f:.]{2,45}) +([A-Z][A-Z0-9]{1,9}) +"
    r"((?:[0-9a-f]{2}[: ])*)(?:([0-9a-f]{2}) +)? *(\S+)(?: +([A-Z]+(?:\|[A-Z]+)*))?\s*$"
)
_SOCKET = re.compile(
    r"\s*([0-9]{1,9}) +([0-9a-f]{6,16}) +([0-9a-f]{6,16})"
    r"(?: +([A-Za-z0-9/]{1,16}):([A-Z0-9]{1,16})(?: +(\S+)-([0-9]{1,5}) +(\S+)-([0-9]{1,5}))?)?\s*$"
)
_SOCKETS = re.compile(r"FD +SOCKET +SOCK(?: +FAMILY:TYPE +SOURCE-PORT +DESTINATION-PORT)?")
_NEIGHBOURS = ["NEIGHBOUR", "IP", "ADDRESS", "HW", "TYPE", "HW", "ADDRESS", "DEVICE", "STATE"]
_LAYOUT = ("NET_DEVICE", "NAME", "IP ADDRESS(ES)")
_LONGEST = 400


class NetDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One net_device, with its IPv4 and (crash 8.0.3 and later) IPv6 addresses."""

    line: int
    span: Span
    net_device: str | None
    name: str
    ip_addresses: tuple[str, ...] = ()


class Net(CommandOutput, frozen=True, kw_only=True, tag="net"):
    """The network devices of a namespace."""

    devices: tuple[NetDevice, ...]


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ARP cache; ``hw_address`` is bytes joined by ``:``, ``state`` the NUD states without prefix."""

    line: int
    span: Span
    neighbour: str
    ip_address: str
    hw_type: str
    hw_address: str | None
    device: str
    state: tuple[str, ...]


class NetNeighbours(CommandOutput, frozen=True, kw_only=True, tag="net-a"):
    """The ARP cache."""

    neighbours: tuple[Neighbour, ...]


class Socket(msgspec.Struct, frozen=True, kw_only=True):
    """One open socket; addresses and ports are known for the families INET and INET6, ``structs`` come with ``-S``."""

    line: int
    span: Span
    fd: int
    socket: str
    sock: str
    family: str | None = None
    type: str | None = None
    source: str | None = None
    source_port: int | None = None
    destination: str | None = None
    destination_port: int | None = None
    structs: tuple[Instance, ...] = ()


class TaskSockets(msgspec.Struct, frozen=True, kw_only=True):
    """The open sockets of one task."""

    line: int
    span: Span
    task: TaskLine | None
    sockets: tuple[Socket, ...]


class NetSockets(CommandOutput, frozen=True, kw_only=True, tag="net-s"):
    """The sockets of every task named in the answer, one entry for each."""

    tasks: tuple[TaskSockets, ...]


class NetAddress(CommandOutput, frozen=True, kw_only=True, tag="net-address"):
    """The IPv4 address that ``net -N`` wrote with dots."""

    address: str | None


def _addresses(cell: str) -> tuple[str, ...]:
    words = cell.replace(",", " ").split()
    if not all(_IP.fullmatch(word) for word in words):
        raise ValueError(cell)
    return tuple(words)


_DEVICES = Table(
    NetDevice,
    {
        "NET_DEVICE": ("net_device", pointer),
        "DEVICE": ("net_device", pointer),
        "NAME": ("name", text),
        "IP ADDRESS(ES)": ("ip_addresses", _addresses),
    },
    "NET_DEVICE NAME IP ADDRESS(ES)",
    optional=1,
)


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput] | None:
    """The parser for ``net ARGUMENTS``."""
    letters = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
    if "N" in letters:
        return parse_address
    if letters & {"s", "S", "R"}:
        return parse_sockets
    return parse_neighbours if "a" in letters else _parse


def _parse(text: str) -> CommandOutput:
    """The devices, or the sockets: those are what ``foreach net`` prints without an option."""
    return parse_sockets(text) if "TASK: " in text else parse(text)


def parse(text: str) -> Net:
    """The devices; addresses on a line of their own belong to the device above."""
    said = answer(text, "net")
    devices: list[NetDevice] = []
    left: list[Line] = []
    for device, _, body in sections(said.lines, lambda line: _DEVICES.row(line, _LAYOUT)):
        rest = [line for line in body if not _DEVICES.header(line.text)]
        more = list(takewhile(_more, rest)) if device else []
        if device:
            addresses = [*device.ip_addresses, *(word for line in more for word in _addresses(line.text))]
            devices.append(
                msgspec.structs.replace(
                    device,
                    span=(device.span[0], more[-1].end if more else device.span[1]),
                    ip_addresses=tuple(addresses),
                )
            )
        left += rest[len(more) :]
    return Net(devices=tuple(devices), remarks=said.remarks, unread=tuple(unread(left)))


def parse_neighbours(text: str) -> NetNeighbours:
    """The answer to ``net -a``."""
    said = answer(text, "net")
    found, left = [], []
    for line in said.lines:
        here = _NEIGHBOUR.match(line.text) if len(line.text) < _LONGEST else None
        if here:
            octets = f"{here[4]}{here[5] or ''}".replace(" ", ":").strip(":")
            found.append(
                Neighbour(
                    line=line.number,
                    span=(line.start, line.end),
                    neighbour=f"0x{here[1]}",
                    ip_address=here[2],
                    hw_type=here[3],
                    hw_address=octets or None,
                    device=here[6],
                    state=tuple(here[7].split("|")) if here[7] else (),
                )
            )
        elif line.text.split() != _NEIGHBOURS:
            left.append(line)
    return NetNeighbours(neighbours=tuple(found), remarks=said.remarks, unread=tuple(unread(left)))


def parse_sockets(text: str) -> NetSockets:
    """The answer to ``net -s`` or ``net -S``, for one task or many."""
    said = answer(text, "net")
    tasks, left = [], []
    for task, place, lines in by_task(said.lines):
        found, rest = _sockets(lines)
        rest = [line for line in rest if line.text.strip() != "No open sockets."]
        left += rest
        place = extent(place, lines, rest)
        if task or found:
            tasks.append(TaskSockets(line=place.line, span=place.span, task=task, sockets=found))
    return NetSockets(tasks=tuple(tasks), remarks=said.remarks, unread=tuple(unread(left)))


def parse_address(text: str) -> NetAddress:
    """The answer to ``net -N NUMBER``."""
    said = answer(text, "net")
    lines = [line for line in said.lines if line.text.strip()]
    address = lines[0].text.strip() if len(lines) == 1 else ""
    known = bool(re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", address))
    return NetAddress(
        address=address if known else None, remarks=said.remarks, unread=() if known else tuple(unread(lines))
    )


def _more(line: Line) -> bool:
    """Whether a line holds nothing but addresses."""
    return line.text[:4].isspace() and all(_IP.fullmatch(word) for word in line.text.replace(",", " ").split())


def _sockets(lines: list[Line]) -> tuple[tuple[Socket, ...], list[Line]]:
    sockets: list[Socket] = []
    left: list[Line] = []
    for socket, _, body in sections(lines, _socket):
        dumped, rest = structures(body) if socket else ((), body)
        if socket:
            span = (socket.span[0], dumped[-1].span[1] if dumped else socket.span[1])
            sockets.append(msgspec.structs.replace(socket, span=span, structs=dumped))
        left += [line for line in rest if not _SOCKETS.fullmatch(line.text.strip())]
    return tuple(sockets), left


def _socket(line: Line) -> Socket | None:
    found = _SOCKET.match(line.text) if len(line.text) < _LONGEST else None
    if not found:
        return None
    return Socket(
        line=line.number,
        span=(line.start, line.end),
        fd=int(found[1]),
        socket=f"0x{found[2]}",
        sock=f"0x{found[3]}",
        family=found[4],
        type=found[5],
        source=found[6],
        source_port=integer(found[7]) if found[7] else None,
        destination=found[8],
        destination_port=integer(found[9]) if found[9] else None,
    )
