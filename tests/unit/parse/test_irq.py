# SPDX-License-Identifier: Apache-2.0
"""Interrupts."""

from __future__ import annotations

from tests.unit.parse.kernel_samples import IRQ, IRQ_AFFINITY, IRQ_OLD, IRQ_STATS
from xcrash.parse import irq
from xcrash.parse.irq_stats import parse_stats


def test_further_lines_are_actions_that_share_the_irq() -> None:
    unused, empty, shared = irq.parse(IRQ).irqs
    assert (unused.irq, unused.irq_desc, unused.actions) == (2, "0xffff8c1841137200", ())
    assert (empty.irq, empty.irq_desc, empty.actions) == (16, None, ())
    assert [(a.irqaction, a.name) for a in shared.actions] == [
        ("0xffff8800379a8b40", "ehci_hcd:usb2"),
        ("0xffff8800379cbac0", "uhci_hcd:usb5"),
    ]
    assert IRQ[slice(*shared.span)].endswith('"uhci_hcd:usb5"')


def test_an_action_without_an_irq_is_unread() -> None:
    found = irq.parse('                        ffff8800379cbac0  "uhci_hcd:usb5"\n')
    assert (found.irqs, len(found.unread)) == ((), 1)


def test_stanzas_of_old_kernels() -> None:
    found = irq.parse(IRQ_OLD)
    disk, none = found.stanzas
    assert (found.irqs, found.unread) == ((), ())
    assert (disk.irq, disk.status, disk.status_flags, disk.depth) == (18, "0x2", ("IRQ_DISABLED",), 1)
    assert disk.handler
    assert (disk.handler.address, disk.handler.symbol) == ("0xc02301e0", "ioapic_level_irq_type")
    assert disk.handler.members["typename"].text == "IO-APIC-level"
    assert [a.address for a in disk.actions] == ["0xc009c6b0", "0xc009c770"]
    assert (disk.actions[0].members["flags"].value, disk.actions[0].members["flags"].text) == ("0x4000000", "SA_SHIRQ")
    assert disk.actions[0].members["handler"].text == "do_aic7xxx_isr"
    assert (none.status_flags, [a.address for a in none.actions]) == ((), [None])
    assert IRQ_OLD[slice(*disk.span)].endswith("DEPTH: 1")


def test_counts_for_each_cpu() -> None:
    found = parse_stats(IRQ_STATS)
    assert found.cpus == (0, 2)
    assert [(i.irq, i.counts, i.chip, i.names) for i in found.irqs] == [
        (0, (2068161471, 0), "IR-IO-APIC-edge", ("timer",)),
        (9, (0, 0), "IO-APIC-fasteoi", ()),
        (16, (36, 0), "IR-IO-APIC-fasteoi", ("ehci_hcd:usb2", "uhci_hcd:usb3")),
    ]
    row = IRQ_STATS.splitlines()[1]
    assert [line.text for line in parse_stats(row).unread] == [row]
    assert [line.text for line in parse_stats(f"{IRQ_STATS}  5:   1\n").unread] == ["  5:   1"]


def test_affinity() -> None:
    assert [(i.irq, i.names, i.affinity) for i in irq.parse_affinity(IRQ_AFFINITY).irqs] == [
        (0, ("timer",), "0-23"),
        (16, ("ehci_hcd:usb2", "uhci_hcd:usb3", "uhci_hcd:usb6"), "0,6,18"),
        (17, ("PCIe PME",), "0-5,12-17"),
        (18, ("gone",), None),
    ]


def test_softirqs_of_both_ages() -> None:
    new = irq.parse_softirqs("SOFTIRQ_VEC      ACTION     \n    [1]     ffffffff89d99230  <run_timer_softirq>\n")
    assert [(v.vector, v.address, v.symbol) for v in new.softirqs] == [(1, "0xffffffff89d99230", "run_timer_softirq")]
    old = irq.parse_softirqs("CPU    MASK     ACTIVE\n 0   ffffffff  00000001\n")
    assert [(c.cpu, c.mask, c.active) for c in old.cpus] == [(0, "0xffffffff", "0x00000001")]
    assert (new.unread, old.unread) == ((), ())


def test_descriptors() -> None:
    found = irq.parse_descriptors("  [0] divide_error\n [22] early_idt_handler_array+286\n")
    assert [(v.vector, v.symbol, v.offset) for v in found.vectors] == [
        (0, "divide_error", 0),
        (22, "early_idt_handler_array", 286),
    ]


def test_options_choose_the_shape() -> None:
    chosen = [irq.parser(words.split()) for words in ("", "-u", "4", "-s -c 0,2", "-c 1 -s", "-a", "-b", "-d")]
    assert chosen == [
        irq.parse,
        irq.parse,
        irq.parse,
        parse_stats,
        parse_stats,
        irq.parse_affinity,
        irq.parse_softirqs,
        irq.parse_descriptors,
    ]
