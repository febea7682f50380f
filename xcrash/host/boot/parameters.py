# SPDX-License-Identifier: Apache-2.0
"""Boot parameters: whose they are on a Xen host, the hypervisor's or the Dom0 kernel's."""

from __future__ import annotations

from typing import Literal

Side = Literal["xen", "kernel"]

# fmt: off
_XEN_NAMES = frozenset({
    "async-show-all", "badpage", "bootscrub", "cet", "com1", "com2", "conring_size", "console_timestamps",
    "console_to_ring", "conswitch", "cpufreq", "cpuid", "cpuid_mask_cpu", "cpuid_mask_xsave_eax", "cpuidle",
    "crashinfo_maxaddr", "crashkernel", "edd", "edid", "flask", "gnttab", "guest_loglvl", "hap", "hap_1gb", "hap_2mb",
    "hmp-unsafe", "iommu", "l1tf", "loglvl", "low_crashinfo", "max_cstate", "maxcpus", "no-real-mode", "noreboot",
    "nosmp", "numa", "pcid", "psr", "pv", "pv-l1tf", "pvh", "rmrr", "sched", "sched-gran", "smt", "spec-ctrl",
    "sync_console", "tmem", "tsx", "ucode", "vcpu_migration_delay", "vpmu", "vwfi", "watchdog", "watchdog_timeout",
    "x2apic", "xpti", "xsm",
})
_XEN_PREFIXES = ("dom0", "gnttab_", "credit2_", "sched_")
_OF_BOTH = frozenset({
    "acpi", "console", "crashkernel", "edd", "iommu", "maxcpus", "noapic", "nosmp", "numa", "tsx", "vga",
})
# fmt: on


def side_of(parameter: str) -> tuple[Side, bool]:
    """Whether "NAME" or "NAME=VALUE" is Xen's or the kernel's on a Xen host, and whether both know the name.

    Source: docs/misc/xen-command-line.pandoc; a name that is not there is the kernel's.
    """
    name = parameter.partition("=")[0]
    is_xen = name in _XEN_NAMES or name.startswith(_XEN_PREFIXES)
    return ("xen" if is_xen else "kernel"), name in _OF_BOTH
