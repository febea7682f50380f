# SPDX-License-Identifier: Apache-2.0
"""What is worth a look in the hypervisor's log. The lines are of Xen's sources and of logs that people posted."""

from __future__ import annotations

import pytest

from xcrash.explain import xen_section
from xcrash.findings import Seen, find
from xcrash.host.values import HostFacts, XenFacts
from xcrash.host.xen_log import look_at_log

BOOT = """\
(XEN) Xen version 4.20.5-pre (Debian 4.20.4+63-g7abfd2bce2-0+deb13u1) (pkg-xen-devel@lists.alioth.debian.org) debug=n
(XEN) Command line: console=com1 loglvl=all noreboot
(XEN) CPU0: AMD K8 machine check reporting enabled
(XEN) mcheck_poll: Machine check polling timer started.
(XEN) Failed to convert E820 RAM f52c0-f5468 to RESERVED
(XEN) Guest Loglevel: Nothing (Rate-limited: Errors and warnings)
(XEN) Watchdog disabled
(XEN) Testing NMI watchdog on all CPUs: ok
"""


def kinds(text: str) -> list[tuple[str, str, int]]:
    return [(event.severity, event.kind, event.line) for event in look_at_log("xl dmesg", text).events]


def test_a_boot_without_trouble_has_nothing() -> None:
    log = look_at_log("xl dmesg", BOOT)
    assert (log.source, log.lines, log.from_start, log.events) == ("xl dmesg", 8, True, ())


@pytest.mark.parametrize(
    ("line", "severity", "kind"),
    [
        ("Watchdog timer detects that CPU55 is stuck!", "critical", "stuck CPU"),
        ("Testing NMI watchdog on all CPUs: 0 stuck", "critical", "stuck CPU"),
        ("Xen BUG at mm.c:1234", "critical", "BUG"),
        ("Assertion 'pg->count == 0' failed at page_alloc.c:1480", "critical", "BUG"),
        ("Hardware Dom0 crashed: rebooting machine in 5 seconds.", "critical", "Dom0 ended"),
        ("Hardware Dom0 shutdown: watchdog rebooting machine", "critical", "Dom0 ended"),
        ("Watchdog timer fired for domain 3", "error", "domain watchdog"),
        ("Watchdog timer 1 fired for d3", "error", "domain watchdog"),
        ("NMI - PCI system error (SERR)", "error", "NMI"),
        ("Uhhuh. NMI received for unknown reason 3d.", "error", "NMI"),
        ("Domain 1 (vcpu#0) crashed on cpu#1:", "error", "domain crash"),
        ("Domain 7 reported crashed by domain 0 on cpu#3:", "error", "domain crash"),
        ("[VT-D]DMAR:[DMA Write] Request device [0000:03:00.0] fault addr 0", "error", "IOMMU fault"),
        ("AMD-Vi: IO_PAGE_FAULT: 0000:03:00.0 d0 addr fee00000", "error", "IOMMU fault"),
        ("Over-allocation for d4: 262145 > 262144", "error", "out of memory"),
        ("p2m_pod_demand_populate: Dom120 out of PoD memory! (tot=102411 dom120)", "error", "out of memory"),
        ("Xen WARN at irq.c:88", "warning", "warning"),
        ("mm.c:1004:d0v1 Error getting mfn 12345 from L1 entry", "warning", "error"),
        ("MCE: The hardware reports a non fatal, correctable incident occurred on CPU 1.", "warning",
         "corrected hardware error"),
    ],
)  # fmt: skip
def test_a_line_is_told_by_its_words(line: str, severity: str, kind: str) -> None:
    assert kinds(f"(XEN) {line}\n") == [(severity, kind, 1)]


@pytest.mark.parametrize("stamp", ["[2026-11-28 20:12:29] ", "[2026-11-28 20:12:29.123] ", "[   24.247302] ", ""])
def test_the_reason_of_a_panic_is_on_its_next_line(stamp: str) -> None:
    text = f"(XEN) {stamp}Panic on CPU 1:\r\n(XEN) {stamp}FATAL TRAP: vec 2, NMI[0000] IN INTERRUPT CONTEXT\r\n"
    (event,) = look_at_log("xl dmesg", text).events
    assert event.text == "Panic on CPU 1: FATAL TRAP: vec 2, NMI[0000] IN INTERRUPT CONTEXT"
    assert (event.kind, event.severity, event.line, event.times) == ("panic", "critical", 1, 1)


def test_a_panic_at_the_end_of_a_cut_log_is_found() -> None:
    assert kinds("(XEN) Panic on CPU 0:") == [("critical", "panic", 1)]


def test_a_kind_is_told_once_with_its_number_and_the_worst_come_first() -> None:
    mce = "(XEN) MCE: The hardware reports a non fatal, correctable incident occurred on CPU 1.\n(XEN) Bank 2: d4\n"
    log = look_at_log("xl dmesg", BOOT + mce * 3 + "(XEN) Domain 1 (vcpu#0) crashed on cpu#1:\n")
    found = [(event.kind, event.line, event.times) for event in log.events]
    assert found == [("domain crash", 15, 1), ("corrected hardware error", 9, 3)]


def test_what_a_guest_prints_is_not_taken_for_xens_own() -> None:
    assert kinds("(d1) (XEN) Panic on CPU 0:\n(d1) Watchdog timer detects that CPU0 is stuck!\nPanic on CPU 0:\n") == []


def test_a_log_whose_beginning_is_gone_says_so() -> None:
    log = look_at_log("xl dmesg", "(XEN) Freed 656kB init memory\n" + BOOT * 2)
    assert look_at_log("xl dmesg", "(XEN) Freed 656kB init memory\n" * 20).from_start is False
    assert log.from_start is True


def test_no_more_than_the_beginning_of_a_line_is_looked_at() -> None:
    hostile = "(XEN) " + "Assertion '" * 100_000 + "NMI - I/O ERROR\n"
    assert kinds(hostile + "(XEN) NMI - I/O ERROR\n") == [("error", "NMI", 2)]


def host(text: str) -> HostFacts:
    return HostFacts(root="/", kind="live", xen=XenFacts(role="dom0", log=look_at_log("xl dmesg", text)))


def test_the_picture_of_the_host_shows_the_log() -> None:
    row = next(row for row in xen_section(host(BOOT)).rows if row.label == "Xen log")
    assert (row.value, row.tone, row.detail) == ("nothing found in 8 lines", "plain", "from xl dmesg")
    text = "(XEN) NMI - PCI system error (SERR)\n(XEN) Watchdog timer detects that CPU1 is stuck!\n"
    row = next(row for row in xen_section(host(text)).rows if row.label == "Xen log")
    assert row.value == "stuck CPU, NMI; 2 lines; its beginning has been overwritten"
    assert row.tone == "bad"
    assert row.detail.splitlines()[1] == "line 1: NMI - PCI system error (SERR)"


def test_findings_of_the_hypervisor_are_among_those_of_the_session() -> None:
    log = look_at_log("xl dmesg", "(XEN) NMI - I/O ERROR\n" * 2)
    found = find(Seen(xen_log=log))
    assert [(one.severity, one.title, one.detail) for one in found.found] == [
        ("warning", "NMI in the hypervisor's log", "2 times, first in line 1 of xl dmesg")
    ]
    assert "xl dmesg" not in found.waiting and found.looked == 1
    assert "xl dmesg" not in find(Seen()).waiting
