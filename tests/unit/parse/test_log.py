# SPDX-License-Identifier: Apache-2.0
"""``log``: records of every kernel and option, audit records, printk_safe buffers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse.account import check_damaged, check_time, damaged, unaccounted
from xcrash.parse.lazy import Rows
from xcrash.parse.log import audit, parser, records, safe
from xcrash.parse.log.records import Log, Record, parse

RING = """\
[    0.000000] Linux version 6.12.117+deb13-cloud-amd64 (debian-kernel@lists.debian.org)
[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
[    1.976818] ACPI: \\_SB_.LNKB: Enabled at IRQ 10
[    7.655234]  </TASK>
[85028.393510] e1000: p2p1 NIC Link is Down
"""
DICTIONARY = """\
[    2.051599] serio: i8042 AUX port at 0x60,0x64 irq 12
[    2.052729] rtc_cmos 00:05: RTC can wake from S4
               SUBSYSTEM=pnp
               DEVICE=+pnp:00:05
[    2.060000] two
               lines
"""
OLD = """\
<4>Linux version 2.2.5-15smp (root@mclinux1) (gcc version egcs-2.91.66)
<4>    Virtual Wire compatibility mode.
<6>Installing knfsd (copyright (C) 1996 okir@monad.swb.de).
"""
PLAIN = """\
Linux version 2.6.9-5.ELsmp (bhcompile@thor.perf.redhat.com)
BIOS-provided physical RAM map:
 BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)
WARNING: at kernel/panic.c:1
"""
AUDIT = """\
type=1320 audit(1489384479.809:4342):
type=1300 audit(1489384479.809:4343): arch=c000003e syscall=0 success=yes exit=0 a0=4 comm="pidof" key=(null)
"""
SAFE = """\
PRINTK_SAFE_SEQ_BUF: nmi_print_seq
CPU: 0  ADDR: ffff8ca4fbc19ce0 LEN: 150  MESSAGE_LOST: 2
  Uhhuh. NMI received for unknown reason 20 on CPU 0.
  Dazed and confused, but trying to continue

CPU: 1  ADDR: ffff8ca4fbc59ce0 LEN: 0  MESSAGE_LOST: 0
  (empty)
PRINTK_SAFE_SEQ_BUF: safe_print_seq
CPU: 0  ADDR: ffff8ca4fbc1ad00 LEN: 0  MESSAGE_LOST: 0
  (empty)
"""


def one(line: str) -> Record:
    log = parse(line + "\n")
    assert (len(log.records), log.unread, log.remarks) == (1, (), ())
    return log.records[0]


def brief(log: Log) -> list[tuple[float | None, str]]:
    return [(record.time, record.text) for record in log.records]


def test_records_have_time_and_text() -> None:
    log = parse(RING)
    assert brief(log) == [
        (0.0, "Linux version 6.12.117+deb13-cloud-amd64 (debian-kernel@lists.debian.org)"),
        (0.0, "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable"),
        (1.976818, "ACPI: \\_SB_.LNKB: Enabled at IRQ 10"),
        (7.655234, " </TASK>"),
        (85028.39351, "e1000: p2p1 NIC Link is Down"),
    ]
    assert (log.unread, log.remarks) == ((), ())
    assert [(record.line, RING[slice(*record.span)]) for record in log.records] == list(enumerate(RING.splitlines(), 1))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[    0.014179] [     T1] Secure boot disabled", (0.014179, None, "T1", None, None, "Secure boot disabled")),
        ("[    0.198789] [     C0] DMAR: fault", (0.198789, None, "C0", None, None, "DMAR: fault")),
        ("[   12.345678][  T123] usb 1-1: new", (12.345678, None, "T123", None, None, "usb 1-1: new")),
        ("[    7.654704] <4>R10: 0000", (7.654704, None, None, 4, "warning", "R10: 0000")),
        ("[    1.000000] [    C3] <0>panic", (1.0, None, "C3", 0, "emerg", "panic")),
        ("<6>[   12.345678] old with time", (12.345678, None, None, 6, "info", "old with time")),
        ("<7>nfsd_init: initialized", (None, None, None, 7, "debug", "nfsd_init: initialized")),
        (
            "[Mon Nov 23 20:48:57 UTC 2026] NX: active",
            (None, "Mon Nov 23 20:48:57 UTC 2026", None, None, None, "NX: active"),
        ),
        (
            "[Sat Apr  4 07:41:09 2020] SMBIOS 2.5 present.",
            (None, "Sat Apr  4 07:41:09 2020", None, None, None, "SMBIOS 2.5 present."),
        ),
        (
            "[Mon Nov 23 20:49:04 UTC 2026] [  T186] <3>Kernel Offset: 0x8c00000",
            (None, "Mon Nov 23 20:49:04 UTC 2026", "T186", 3, "err", "Kernel Offset: 0x8c00000"),
        ),
        ("[17179569.184000] Linux version 2.6.18", (17179569.184, None, None, None, None, "Linux version 2.6.18")),
    ],
)
def test_what_stands_in_front_of_the_text_is_told_apart(line: str, expected: tuple[object, ...]) -> None:
    record = one(line)
    head = (record.time, record.date, record.caller, record.level, record.severity, record.text)
    assert head == expected
    assert one("    " + line).text == expected[-1]


def test_a_level_with_its_facility_is_read_as_syslog_has_it() -> None:
    record = one("<30>systemd[1]: Starting")
    assert (record.level, record.facility, record.severity) == (6, 3, "info")
    assert one("<4>kernel").facility is None


def test_the_name_of_a_safe_buffer_is_kept() -> None:
    record = one("[nmi_print_seq] Uhhuh. NMI received for unknown reason 30 on CPU 0.")
    assert (record.buffer, record.text) == ("nmi_print_seq", "Uhhuh. NMI received for unknown reason 30 on CPU 0.")


def test_dictionary_and_further_lines_belong_to_their_record() -> None:
    log = parse(DICTIONARY)
    assert brief(log)[1:] == [(2.052729, "rtc_cmos 00:05: RTC can wake from S4"), (2.06, "two\nlines")]
    record = log.records[1]
    assert (record.subsystem, record.device, record.line) == ("pnp", "+pnp:00:05", 2)
    assert DICTIONARY[slice(*record.span)].endswith("DEVICE=+pnp:00:05")
    assert log.records[2].line == 5


def test_dictionary_without_times() -> None:
    text = "pci 0000:ff:02.0: type 00\nSUBSYSTEM=pci\nDEVICE=+pci:0000:ff:02.0\npci 0000:ff:02.1: type 00\n"
    first, second = parse(text).records
    assert (first.subsystem, first.device, first.text) == ("pci", "+pci:0000:ff:02.0", "pci 0000:ff:02.0: type 00")
    assert (second.subsystem, second.text, second.line) == (None, "pci 0000:ff:02.1: type 00", 4)


def test_old_logs_have_levels_without_times() -> None:
    log = parse(OLD)
    assert [(record.level, record.text[:12]) for record in log.records] == [
        (4, "Linux versio"),
        (4, "    Virtual "),
        (6, "Installing k"),
    ]


@pytest.mark.parametrize("margin", ["", "    ", "\t"])
def test_a_log_without_times_is_one_record_a_line_whatever_its_margin(margin: str) -> None:
    log = parse("".join(f"{margin}{line}\n" for line in PLAIN.splitlines()))
    assert [record.text for record in log.records] == PLAIN.splitlines()
    assert {record.time for record in log.records} == {None}
    assert (log.remarks, log.unread) == ((), ())


def test_what_crash_says_is_no_record() -> None:
    said = "log: invalid option -- 'Q'\nUsage:\n  log [-TtdmascR]\nEnter \"help log\" for details.\n"
    log = parse(said)
    assert ([remark.severity for remark in log.remarks], len(log.records)) == (["error", *["usage"] * 3], 0)
    log = parse("WARNING: \ncannot read prb_desc_ring contents\n")
    assert [remark.text for remark in log.remarks] == ["WARNING:", "cannot read prb_desc_ring contents"]
    assert (log.records, log.unread) == ((), ())
    log = parse(RING + "log: interrupted\n")
    assert [(remark.line, remark.text) for remark in log.remarks] == [(6, "log: interrupted")]
    assert brief(log) == brief(parse(RING))


@pytest.mark.parametrize("mark", ["(snip)", "[...]", "...", "    ...", "<snip>", "[snip]"])
def test_what_somebody_cut_out_is_no_record(mark: str) -> None:
    for text in (RING, PLAIN):
        first, *rest = text.splitlines()
        log = parse("\n".join([first, mark, *rest]))
        assert ([line.text.strip() for line in log.unread], len(log.records)) == ([mark.strip()], 1 + len(rest))


def test_a_line_without_time_among_records_is_a_record_of_its_own() -> None:
    log = parse(RING + "tail of an overwritten record\n")
    assert brief(log)[-1] == (None, "tail of an overwritten record")


def test_terminal_codes_and_binary_text_do_no_harm() -> None:
    text = (
        "[    0.000000] a\x1b[1mb\x00\x07c\r\n\x1b[32m[    1.000000] green\x1b[0m\r\n[    2.000000] \x80\xff\udc80é\r\n"
    )
    assert brief(parse(text)) == [(0.0, "abc"), (1.0, "green"), (2.0, "ÿé")]


def test_entities_of_a_web_page_are_undone() -> None:
    text = "[    1.000000] Call Trace:\n[    1.000001]  &lt;TASK&gt;\n               more\n"
    assert brief(parse(text)) == [(1.0, "Call Trace:"), (1.000001, " <TASK>\nmore")]


def test_a_long_log_is_read_row_by_row_and_equal_to_its_parts() -> None:
    text = RING * 4000
    log = parse(text)
    assert isinstance(log.records, Rows)
    assert len(log.records) == 20000
    assert log.records[19999] == log.records[-1]
    last = log.records[-1]
    assert (last.line, last.text, text[slice(*last.span)]) == (20000, brief(parse(RING))[-1][1], RING.splitlines()[-1])
    assert brief(parse(RING))[2] == brief(log)[19997]


def test_audit_records() -> None:
    found = audit.parse(AUDIT + "  wrapped by a mailer\n")
    first, second = found.records
    assert (first.type, first.time, first.serial, first.text) == (1320, 1489384479.809, 4342, "")
    assert second.text.startswith("arch=c000003e syscall=0") and second.text.endswith("key=(null)")
    assert [line.line for line in found.unread] == [3]
    empty = audit.parse("log: kernel audit log is empty\n")
    assert ([remark.text for remark in empty.remarks], empty.records) == (["log: kernel audit log is empty"], ())


@pytest.mark.parametrize("margin", ["", "    "])
def test_safe_buffers(margin: str) -> None:
    found = safe.parse("".join(f"{margin}{line}\n" if line else "\n" for line in SAFE.splitlines()))
    assert [(buffer.name, buffer.cpu, buffer.len, buffer.message_lost) for buffer in found.buffers] == [
        ("nmi_print_seq", 0, 150, 2),
        ("nmi_print_seq", 1, 0, 0),
        ("safe_print_seq", 0, 0, 0),
    ]
    assert found.buffers[0].address == "0xffff8ca4fbc19ce0"
    assert found.buffers[0].text == (
        "Uhhuh. NMI received for unknown reason 20 on CPU 0.",
        "Dazed and confused, but trying to continue",
    )
    assert (found.buffers[1].text, found.unread) == ((), ())


def test_options_choose_the_shape() -> None:
    assert [parser(words.split()) for words in ("", "-T", "-tdm", "-c")] == [records.parse] * 4
    assert (parser(["-a"]), parser(["-ma"]), parser(["-s"])) == (audit.parse, audit.parse, safe.parse)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([RING, DICTIONARY, OLD, PLAIN]).flatmap(damaged))
def test_no_line_of_damaged_text_is_lost(text: str) -> None:
    assert unaccounted(parse(text), text) == set()


@settings(max_examples=40, deadline=None)
@given(st.text() | damaged(AUDIT + SAFE))
def test_any_text(text: str) -> None:
    check_damaged(audit.parse, AUDIT, text)
    left = {line for line in unaccounted(safe.parse(text), text) if not line.startswith("PRINTK_SAFE_SEQ_BUF: ")}
    assert left <= {"(empty)"}
    assert all(len(record.text) <= len(text) for record in parse(text).records)


HOSTILE: dict[str, Callable[[int], str]] = {
    "blanks": lambda n: " " * n + "[\n" + RING,
    "dots": lambda n: "." * n + "x\n" + "[" * n,
    "continuations": lambda n: "[    0.000000] x\n" + "  y\n" * n,
    "continuations with entities": lambda n: "[    0.000000] &lt;\n" + "  y\n" * n,
    "gaps": lambda n: "[    0.000000] x\ny\n" * n,
    "stamps": lambda n: "[    0.000000]" * n,
    "levels": lambda n: "<1>" * n + "\n" + "<1>\n" * n,
    "margins": lambda n: "".join(" " * (at % 50 + 1) + "x\n" for at in range(n)),
    "backslashes": lambda n: "\\_\\(\\*" * n + "\n",
    "equal signs": lambda n: "x=\n" * n,
    "names": lambda n: "[" + "a_" * n + "seq]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_text(name: str) -> None:
    for parse_ in (parse, audit.parse, safe.parse):
        check_time(parse_, HOSTILE[name])
