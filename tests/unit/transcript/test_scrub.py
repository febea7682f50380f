# SPDX-License-Identifier: Apache-2.0
"""A copy of a recording without names: the same pseudonym for the same name, everything else as it was."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.errors import UsageError
from xcrash.parse import ps
from xcrash.parse import sys as sys_command
from xcrash.parse.text import clean
from xcrash.transcript.asciicast import CastWriter, Event, Facts, Header, read_cast
from xcrash.transcript.names import KINDS, Names
from xcrash.transcript.recording import read_recording
from xcrash.transcript.scrub import scrub_file

DEMO = Path(__file__).parents[3] / "xcrash" / "transcript" / "demo.cast"
KNOWN = "    NODENAME: web01.corp.example.com\n/home/eugen/a\nLinux version 5.4 (builder@buildhost) (gcc)\n"


def scrubbed(text: str, known: str = KNOWN) -> str:
    names = Names([known + text])
    parts, at = [], 0
    for change in names.changes(text):
        parts += [text[at : change.start], change.text]
        at = change.end
    return "".join([*parts, text[at:]])


@pytest.mark.parametrize(
    ("text", "clean_text"),
    [
        ("NODENAME: web01.corp.example.com", "NODENAME: host-1"),
        ("[root@web01 ~]# web01: WEB", "[root@host-1 ~]# host-1: WEB"),
        ("20260101-web01.cast db02.corp.example.com", "20260101-host-1.cast host-2"),
        ("nfs4   filer:/export/v1 /mnt", "nfs4   host-1:/export/v1 /mnt"),
        ("Nov 24 02:13:00 box7 kernel: x", "Nov 24 02:13:00 host-1 kernel: x"),
        ("builder@buildhost eugen's", "user-1@host-1 user-2's"),
        ("USER=joe and joe", "USER=user-1 and user-1"),
        ("/home/eugen/src/linux/vmlinux /home/eugen/src", "/home/user-1/path-1/path-2/vmlinux /home/user-1/path-1"),
        ("/home/eugen/secret-customer.txt", "/home/user-1/path-1"),
        ("10.1.2.3, 192.168.0.1 10.1.2.3:22", "198.18.0.1, 198.18.0.2 198.18.0.1:22"),
        ("/var/crash/10.1.2.3-2024-02-16-15:55:31/vmcore", "/var/crash/198.18.0.1-2024-02-16-15:55:31/vmcore"),
        ("fe80::5054:ff:fe12:3456 2001:0db8:0:0:0:0:0:7/64", "2001:db8::1 2001:db8::2/64"),
        ("52:54:00:12:34:56 52-54-00-12-34-56", "02:00:00:00:00:01 02-00-00-00-00-01"),
        ("From: A <a.b@mail.example.org>", "From: A <mail-1@example.invalid>"),
        ("DMI_PRODUCT_SERIAL: VMware-56 4d 1b", "DMI_PRODUCT_SERIAL: serial-1"),
        ("Serial Number: ABC123\nAsset Tag: 77", "Serial Number: serial-1\nAsset Tag: serial-2"),
        ("usb 1-1: SerialNumber: 4C53", "usb 1-1: SerialNumber: serial-1"),
        ("quiet password=hunter2 x.token=abc", "quiet password=secret-1 x.token=secret-2"),
        ("iscsi://joe:pw@10.1.2.9/x", "iscsi://secret-1@198.18.0.1/x"),
    ],
)
def test_a_name_becomes_a_pseudonym(text: str, clean_text: str) -> None:
    assert scrubbed(text) == clean_text


@pytest.mark.parametrize(
    "text",
    [
        " #3 [ffffa63ec00b7e80] __schedule at ffffffffb0b58a1b",
        "RIP: 0010:ffffffff81011111  RSP: 0018:ffff8d2b402d1640 RFLAGS: 00010246",
        "ffff8d2b402d1640:  ff48df6f05dd6730 0000000000000000",
        "RIP: 0010:[<ffffffff8103b6c3>] web01_probe+0x1/0x2 [eugen]",
        "dead:beef 0000:00:1f.2 08:31:27 add::bad ::1 :: 1:2:3",
        "crash 8.0.2.1 version 10.2.3.4 v1.2.3.4 5.4.0-42.18.1 firmware version: 16.35.10.12 999.1.1.1 1.2.3.4.5",
        "127.0.0.1 0.0.0.0 255.255.255.0 ff:ff:ff:ff:ff:ff 00:00:00:00:00:00",
        "Serial: 8250/16550 driver, 32 ports\nDMI_CHASSIS_SERIAL: Not Specified\nDMI_BOARD_SERIAL: None",
        "uart@fe201000 memory@40000000 memcpy@@GLIBC_2.14 [vdso]@0",
        "root@localhost localhost.localdomain /root/x /var/home",
        "task_struct.comm list_head.next (char *)&init_task.cred",
    ],
)
def test_what_is_no_name_is_kept(text: str) -> None:
    assert scrubbed(text) == text


def test_columns_stay_in_their_places() -> None:
    table = "NEIGHBOUR        IP ADDRESS      HW TYPE\nffff88003b4b3200 {} ETHER\nffff88003b4b3200 {} ETHER\n"
    text = table.format("10.1.2.3       ", "192.168.100.200")
    assert scrubbed(text) == table.format("198.18.0.1     ", "198.18.0.2")


def test_a_name_is_found_across_events_and_control_sequences(tmp_path: Path) -> None:
    writer = CastWriter(
        tmp_path / "a.cast",
        Header(version=2, title="x-web01-y", xcrash=Facts(argv=("crash", "/home/eugen/vmcore"), dump="/home/eugen/x")),
    )
    events = [
        Event(0.5, "o", "NODENAME: we"),
        Event(1.0, "m", "log web01"),
        Event(1.5, "o", "b01\r\nat \x1b[31mwe"),
        Event(1.5, "i", "p we"),
        Event(2.0, "o", "b\x1b[0"),
        Event(2.0, "i", "b01\r"),
        Event(2.5, "o", "m01 end \x1b[1mfree\x1b[0m\r\n"),
        Event(3.0, "r", "80x24"),
        Event(3.0, "x", "0"),
    ]
    for event in events:
        writer.copy(event)
    writer.close()
    done = scrub_file(tmp_path / "a.cast", tmp_path / "b.cast")
    cast = read_cast(tmp_path / "b.cast")
    assert [(event.time, event.code) for event in cast.events] == [(event.time, event.code) for event in events]
    text = "".join(event.data for event in cast.events if event.code == "o")
    assert text == "NODENAME: host-1\r\nat \x1b[31mhost-1 end \x1b[1mfree\x1b[0m\r\n"
    assert [event.data for event in cast.events if event.code in "im"] == ["log host-1", "p host-1", "\r"]
    assert cast.header.title == "x-host-1-y"
    assert cast.header.xcrash == Facts(
        argv=("crash", "/home/user-1/vmcore"), dump="/home/user-1/path-1", scrubbed=True
    )  # fmt: skip
    assert "web01" not in (tmp_path / "b.cast").read_text() and "eugen" not in (tmp_path / "b.cast").read_text()
    assert (done.changes["host"], done.names["host"], set(done.changes)) == (5, 1, set(KINDS))
    assert stat.S_IMODE((tmp_path / "b.cast").stat().st_mode) == 0o600


def test_the_demo_stays_readable(tmp_path: Path) -> None:
    scrub_file(DEMO, tmp_path / "b.cast")
    before, after = read_recording(DEMO), read_recording(tmp_path / "b.cast")
    assert "dom0lab" not in (tmp_path / "b.cast").read_text()
    assert [one.command for one in after.exchanges] == [one.command for one in before.exchanges]
    old, new = (sys_command.parse(clean(one.startup_text)) for one in (before, after))
    assert old and new
    assert {**old.fields, "NODENAME": "host-1"} == new.fields
    for command in ("ps", "bt", "bt -a", "kmem -i", "mod", "dis -r panic", "runq"):
        assert after.answer_to(command) == before.answer_to(command)
    assert ps.parse(after.answer_to("ps") or "") == ps.parse(before.answer_to("ps") or "")


@pytest.mark.parametrize("name", ["crash.txt", "typescript"])
def test_texts_become_texts_and_terminal_recordings_asciicasts(tmp_path: Path, name: str) -> None:
    head = "Script started on x\n" if name == "typescript" else ""
    (tmp_path / name).write_text(f"{head}{KNOWN}crash> ps\nweb01\ncrash> q\n")
    scrub_file(tmp_path / name, tmp_path / "out")
    text = (tmp_path / "out").read_text()
    assert ('"scrubbed":true' in text) is (name == "typescript")
    recording = read_recording(tmp_path / "out")
    assert recording.answer_to("ps") == "host-1\n"
    assert "web01" not in text and "eugen" not in text


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        with pytest.raises(UsageError) as caught:
            scrub_file(DEMO, tmp_path / name)
        assert (caught.value.code, caught.value.exit_status) == ("output-exists", 2)
    with pytest.raises(UsageError, match="cannot write"):
        scrub_file(DEMO, tmp_path / "no" / "such")
    assert (tmp_path / "there").read_text() == "kept" and not (tmp_path / "elsewhere").exists()


WORDS = (
    "web01",
    "eugen",
    "10.1.2.3",
    "fe80::1:2",
    "02:11:22:33:44:55",
    "a@b.org",
    "/home/x/y",
    "password=p",
    " ",
    "  ",
    "\n",
    ".",
    "-",
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=30))
def test_changes_are_in_order_and_apart(parts: list[str]) -> None:
    text = "".join(parts)
    at = 0
    for change in Names([KNOWN + text]).changes(text):
        assert at <= change.start < change.end <= len(text)
        at = change.end


@pytest.mark.parametrize(
    "piece", ["a.b-", "aa:", "1.2.3.", "x@y.", "password", "a/", "SERIAL ", "://a:b", "[a@b:", "ip=1:1:"]
)
def test_time_is_linear_in_hostile_text(piece: str) -> None:
    assert len(scrubbed(f"/home/{piece * 20_000}")) > 0
