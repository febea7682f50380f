# SPDX-License-Identifier: Apache-2.0
"""Banners of Xen hosts, from Xen 3.x on 32 bits to 4.x: every value that crash's source can print for a hypervisor."""

from __future__ import annotations

import pytest

from xcrash.parse.sys import Banner, parse

# xen_hyper_command.c:xen_hyper_display_sys_stats and xen_hyper_show_vcpu_context, which pads labels to 11 columns.
XEN_3_1_I686 = """\
 SYSTEM MAP: /boot/System.map
DEBUG KERNEL: xen-syms-2.6.18-53.el5
 DUMPFILE: vmcore
     CPUS: 4
  DOMAINS: 6
   UPTIME: 00:16:40
  MACHINE: i686  (2394 Mhz)
   MEMORY: 2 GB
  PCPU-ID: 3
     PCPU: ff1bffb4
  VCPU-ID: 0
     VCPU: ffbf6080  (VCPU_RUNNING)
DOMAIN-ID: 0
   DOMAIN: ffbf4080  (DOMAIN_RUNNING)
    STATE: CRASH
"""
XEN_3_4_X86_64 = """\
   KERNEL: xen-syms-2.6.18-164.el5
 DUMPFILE: /var/crash/vmcore
     CPUS: 16
  DOMAINS: 9
   UPTIME: 5 days, 10:12:13
  MACHINE: x86_64  (unknown Mhz)
   MEMORY: 47.9 GB
  PCPU-ID: 11
     PCPU: ffff828c801eff28
  VCPU-ID: 2
     VCPU: ffff8300bf2f8080  (VCPU_BLOCKED)
DOMAIN-ID: 7
   DOMAIN: ffff83085cbe6080  (DOMAIN_SHUTTINGDOWN)
    STATE: HARDWARE RESET
"""
XEN_4_4 = """\
   KERNEL: /usr/lib/debug/boot/xen-syms-4.4.2_08-1
DEBUGINFO: /usr/lib/debug/boot/xen-syms-4.4.2_08-1.debug
 DUMPFILE: vmcore
     CPUS: 128
  DOMAINS: 4
   UPTIME: --:--:--
  MACHINE: unknown  (unknown Mhz)
   MEMORY: 1.5 TB
  PCPU-ID: 127
     PCPU: ffff82d0802c8000
  VCPU-ID: 127
     VCPU: ffff8300bee8f000  ((unknown))
DOMAIN-ID: 32767
   DOMAIN: ffff83083ffc4000  ((unknown))
    STATE: ACTIVE
"""
XEN_IA64 = XEN_3_1_I686.replace("STATE: CRASH", "STATE: INIT").replace("i686", "ia64")
DOM0_I686 = """\
      KERNEL: /usr/lib/debug/lib/modules/2.6.18-53.el5xen/vmlinux
    DUMPFILE: vmcore
        CPUS: 4
        DATE: Tue Nov 13 10:41:52 2007
      UPTIME: 00:24:58
LOAD AVERAGE: 0.00, 0.04, 0.10
       TASKS: 98
    NODENAME: dom0
     RELEASE: 2.6.18-53.el5xen
     VERSION: #1 SMP Wed Oct 10 17:06:12 EDT 2007
     MACHINE: i686  (2394 Mhz)
      MEMORY: 1.9 GB
       PANIC: "SysRq : Trigger a crashdump"
         PID: 2744
     COMMAND: "bash"
        TASK: ed8bb550  [THREAD_INFO: ec1a2000]
         CPU: 0
       STATE: TASK_RUNNING (SYSRQ)
"""
NO_CONTEXT = XEN_4_4[: XEN_4_4.index("  PCPU-ID")] + "WARNING: cannot get domain context vcpu belongs.\n\ncrash> doms\n"


def read(text: str) -> Banner:
    banner = parse(text)
    assert banner is not None
    return banner


@pytest.mark.parametrize(
    ("text", "kernel", "debuginfo", "cpus", "domains", "uptime", "machine", "mhz", "state"),
    [
        (XEN_3_1_I686, None, "xen-syms-2.6.18-53.el5", 4, 6, 1000, "i686", 2394, "CRASH"),
        (XEN_3_4_X86_64, "xen-syms-2.6.18-164.el5", None, 16, 9, 468733, "x86_64", None, "HARDWARE RESET"),
        (
            XEN_4_4,
            "/usr/lib/debug/boot/xen-syms-4.4.2_08-1",
            "/usr/lib/debug/boot/xen-syms-4.4.2_08-1.debug",
            *(128, 4, None, None, None, "ACTIVE"),
        ),
        (XEN_IA64, None, "xen-syms-2.6.18-53.el5", 4, 6, 1000, "ia64", 2394, "INIT"),
    ],
    ids=["3.1-i686", "3.4", "4.4", "ia64"],
)
def test_every_version_of_the_banner_is_read(
    text: str,
    kernel: str | None,
    debuginfo: str | None,
    cpus: int,
    domains: int,
    uptime: int | None,
    machine: str | None,
    mhz: int | None,
    state: str,
) -> None:
    banner = read(text)
    assert (banner.kernel, banner.debuginfo, banner.cpus, banner.domains) == (kernel, debuginfo, cpus, domains)
    assert (banner.uptime_seconds, banner.machine, banner.mhz, banner.state) == (uptime, machine, mhz, state)
    assert (banner.tasks, banner.release, banner.panic, banner.date, banner.unread) == (None, None, None, None, ())
    assert list(banner.fields) == [line.split(":")[0].strip() for line in text.splitlines()]


def test_addresses_of_both_widths_and_unknown_states_stay_as_printed() -> None:
    old, new = read(XEN_3_1_I686).fields, read(XEN_4_4).fields
    assert (old["PCPU"], old["VCPU"], old["DOMAIN"]) == (
        "ff1bffb4",
        "ffbf6080  (VCPU_RUNNING)",
        "ffbf4080  (DOMAIN_RUNNING)",
    )
    assert (new["VCPU"], new["DOMAIN"]) == ("ffff8300bee8f000  ((unknown))", "ffff83083ffc4000  ((unknown))")


def test_the_banner_of_a_32_bit_dom0() -> None:
    banner = read(DOM0_I686)
    assert (banner.machine, banner.release, banner.tasks, banner.domains) == ("i686", "2.6.18-53.el5xen", 98, None)
    assert (banner.task, banner.thread_info, banner.activity) == ("0xed8bb550", "0xec1a2000", "SYSRQ")
    assert (banner.panic, banner.unread) == ("SysRq : Trigger a crashdump", ())


def test_a_banner_without_its_context_is_one() -> None:
    banner = read(NO_CONTEXT)
    assert (banner.domains, banner.memory_bytes, banner.state) == (4, round(1.5 * 2**40), None)
    assert "PCPU-ID" not in banner.fields
