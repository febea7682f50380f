# SPDX-License-Identifier: Apache-2.0
"""Network devices, neighbours, sockets."""

from __future__ import annotations

from tests.unit.parse.device_samples import NET, NET_ARP, NET_SOCKETS
from xcrash.parse import net


def test_devices_have_their_addresses() -> None:
    found = net.parse(NET)
    assert [(d.name, d.ip_addresses) for d in found.devices] == [
        ("lo", ("127.0.0.1", "::1")),
        ("eth0", ("10.0.2.15", "fec0::5054:ff:fe12:3456", "fe80::5054:ff:fe12:3456")),
        ("dummy0", ()),
    ]
    assert found.devices[0].net_device == "0xffff8c1841a04000"


def test_devices_of_older_versions() -> None:
    text = "DEVICE    NAME   IP ADDRESS(ES)\nc7a1b000  lo     127.0.0.1\nc7a1c000  eth0   10.1.8.20, 10.1.8.21\n"
    assert [d.ip_addresses for d in net.parse(text).devices] == [("127.0.0.1",), ("10.1.8.20", "10.1.8.21")]
    assert [d.name for d in net.parse("ffff8803741c0000  lo     127.0.0.1\n").devices] == ["lo"]


def test_addresses_on_further_lines_belong_to_the_device_above() -> None:
    text = (
        "   NET_DEVICE     NAME   IP ADDRESS(ES)\n"
        "ffff8803741c0000  eth0   10.226.229.141\n"
        "                         fe80::1\n"
        "                         2001:db8::5, 2001:db8::6\n"
        "ffff8803705c0000  eth1   10.226.228.250\n"
    )
    found = net.parse(text)
    assert found.devices[0].ip_addresses == ("10.226.229.141", "fe80::1", "2001:db8::5", "2001:db8::6")
    assert text[slice(*found.devices[0].span)].endswith("2001:db8::6")
    assert (found.devices[1].ip_addresses, found.unread) == (("10.226.228.250",), ())


def test_words_that_are_no_addresses_leave_the_line_unread() -> None:
    found = net.parse(f"{NET}ffff8c1857f23001  eth9   no address\n    what: is this\n")
    assert [line.text for line in found.unread] == ["ffff8c1857f23001  eth9   no address", "    what: is this"]


def test_neighbours() -> None:
    found = net.parse_neighbours(NET_ARP)
    assert [(n.ip_address, n.hw_type, n.hw_address, n.device, n.state) for n in found.neighbours] == [
        ("224.0.0.22", "ETHER", "01:00:5e:00:00:16", "xenbr0", ("NOARP",)),
        ("0.0.0.0", "UNKNOWN", "00:00:00:00:00:00", "lo", ("NOARP",)),  # noqa: S104
        ("10.16.71.254", "ETHER", "00:00:0c:07:ac:00", "eth1", ("STALE", "PROBE")),
        ("10.16.71.253", "UNKNOWN", None, "tun0", ()),
    ]
    row = "ffff8b03cf1a3a00 10.180.240.14   ETHER      d2:39:ea:ad:8e:bd  eth0    FAILED"
    assert net.parse_neighbours(row).neighbours[0].state == ("FAILED",)


def test_sockets() -> None:
    rlogin, sshd, kernel = net.parse_sockets(NET_SOCKETS).tasks
    (socket,) = rlogin.sockets
    assert (socket.fd, socket.socket, socket.sock) == (3, "0xc57375dc", "0xc1ff1850")
    assert (socket.family, socket.type) == ("INET", "STREAM")
    assert (socket.source, socket.source_port) == ("10.1.8.20", 1023)
    assert (socket.destination, socket.destination_port) == ("10.1.16.62", 513)
    assert [(s.family, s.source, s.source_port) for s in sshd.sockets] == [
        ("INET6", "0:0:0:0:0:0:0:0", 22),
        ("UNIX", None, None),
    ]
    assert kernel.sockets == ()


def test_sockets_with_their_structs() -> None:
    text = (
        "FD   SOCKET     SOCK\n 3  c57375dc  c1ff1850\n\n"
        "struct socket {\n  state = SS_CONNECTED,\n  flags = 131072\n}\n"
        "struct sock {\n  daddr = 1041236234\n}\n"
    )
    found = net.parse_sockets(text)
    (socket,) = found.tasks[0].sockets
    assert ([s.name for s in socket.structs], found.unread) == (["socket", "sock"], ())


def test_foreach_without_an_option_prints_sockets() -> None:
    parser = net.parser([])
    assert parser
    assert isinstance(parser(NET_SOCKETS), net.NetSockets)
    assert isinstance(parser(NET), net.Net)


def test_an_address_with_dots() -> None:
    assert net.parser(["-N", "1041236234"]) is net.parse_address
    assert net.parse_address("10.1.16.62\n").address == "10.1.16.62"
    assert [line.text for line in net.parse_address("nothing\n").unread] == ["nothing"]
