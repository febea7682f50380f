# SPDX-License-Identifier: Apache-2.0
"""The commands of hypervisor mode."""

from __future__ import annotations

from tests.unit.parse import data_samples as samples
from xcrash.parse import doms, dumpinfo, pcpus, sched, vcpus


def test_domains() -> None:
    special, dom0, guest = doms.parse(samples.DOMS).domains
    assert (special.domain_id, special.t, special.p2m_mfn, special.active) == (32753, "O", None, False)
    assert (dom0.active, dom0.crashing, dom0.domain_id, dom0.domain) == (True, True, 0, "0xff198080")
    assert (dom0.st, dom0.t, dom0.max_pages, dom0.tot_pages, dom0.vcpus) == ("RU", "0", 0xFFFFFFFF, 0x32900, 2)
    assert (dom0.shared_info, dom0.p2m_mfn) == ("0xff194000", "0x18d0")
    assert guest.st == "??"


def test_domains_of_64_bit_hypervisors() -> None:
    (domain,) = doms.parse(
        "   DID       DOMAIN      ST T  MAXPAGE  TOTPAGE VCPU     SHARED_I          P2M_MFN     \n"
        "> 32767 ffff83083ffc4000 RU I     0        0     16          0              ----      \n"
    ).domains
    assert (domain.active, domain.crashing, domain.domain, domain.vcpus) == (True, False, "0xffff83083ffc4000", 16)


def test_vcpus() -> None:
    idle, dom0, guest = vcpus.parse(samples.VCPUS).vcpus
    assert (idle.vcpu_id, idle.pcpu_id, idle.st, idle.t, idle.domain_id) == (0, 0, "RU", "I", 32767)
    assert (dom0.active, dom0.crashing, dom0.vcpu, dom0.domain) == (True, True, "0xff195180", "0xff198080")
    assert (guest.st, guest.t, guest.domain_id) == ("BL", "G", None)


def test_physical_cpus_with_and_without_tss() -> None:
    first, second = pcpus.parse(samples.PCPUS_OLD).pcpus
    assert (first.crashing, second.crashing, second.cur_vcpu, second.tss) == (False, True, "0xffbf8080", None)
    (cpu,) = pcpus.parse(samples.PCPUS).pcpus
    assert (cpu.pcpu_id, cpu.tss) == (0, "0xffff82d0404f0080")
    assert [(item.name, item.members[1].name) for item in cpu.structs] == [
        ("cpu_user_regs", "rip"),
        ("tss64", "bitmap"),
    ]
    assert samples.PCPUS[slice(*cpu.span)].endswith("}")


def test_scheduler_with_and_without_tick() -> None:
    found = sched.parse(samples.SCHED)
    assert (found.scheduler, found.cpus[0].cpu, found.cpus[0].tick) == ("SMP Credit Scheduler", 0, 0x64)
    assert found.cpus[0].idle_vcpu == "0xffff830007eb0000"
    new = sched.parse("\n".join(line.removesuffix("TICK").removesuffix(" 64") for line in samples.SCHED.splitlines()))
    assert (len(new.cpus), new.cpus[0].tick, new.unread) == (1, None, ())


def test_notes() -> None:
    first, second = dumpinfo.parse(samples.DUMPINFO).notes
    assert (first.pcpu_id, first.xen_core, first.xen_info) == (0, "0xffff830200000160", "0xffff8302000001a0")
    assert [(time.name, time.seconds) for time in first.times] == [("utime", 10.5), ("stime", 0.0)]
    assert first.registers_address == "0xffff830200000084"
    assert [(register.name, register.value) for register in first.registers] == [
        ("r15", "0x0000000000000000"),
        ("rip", "0xffff82c480101010"),
    ]
    assert (second.pcpu_id, second.xen_info, second.registers) == (1, None, ())


def test_rows_that_do_not_fit_are_unread() -> None:
    found = doms.parse(samples.DOMS + "      5 ff186080 RU U   4000\n> x 1\ndoms: invalid domain or id value: 9\n")
    assert len(found.domains) == 3
    assert [line.text.strip() for line in found.unread] == ["5 ff186080 RU U   4000", "> x 1"]
    assert [remark.severity for remark in found.remarks] == ["error"]
