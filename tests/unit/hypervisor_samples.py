# SPDX-License-Identifier: Apache-2.0
"""What crash prints of a hypervisor, in the formats of xen_hyper_command.c and of Xen's console.c."""

from __future__ import annotations

from xcrash.hypervisor import Hypervisor
from xcrash.parse import doms, pcpus, sys, vcpus
from xcrash.parse.log import records

BANNER = (
    "   KERNEL: xen-syms\n DUMPFILE: vmcore\n     CPUS: 2\n  DOMAINS: 5\n   UPTIME: --:--:--\n"
    "  MACHINE: Intel or AMD x86_64  (2594 Mhz)\n   MEMORY: 4 GB\n"
    "  PCPU-ID: 0\n     PCPU: ffff82d04043ffb8\n  VCPU-ID: 0\n     VCPU: ffff83013a1cb000  (VCPU_RUNNING)\n"
    "DOMAIN-ID: 0\n   DOMAIN: ffff83013a1fc000  (DOMAIN_RUNNING)\n    STATE: CRASH\n"
)
DOMS = """\
   DID       DOMAIN      ST T  MAXPAGE  TOTPAGE VCPU     SHARED_I          P2M_MFN
  32753 ffff83013a7f5000 RU O     0        0      0              0              ----
  32754 ffff83013a7f7000 RU X     0        0      0              0              ----
  32767 ffff83013a7f9000 RU I     0        0      2              0              ----
>     0 ffff83013a1fc000 RU 0 ffffffff    60000    2  ffff83013a1f8000    13a000
      1 ffff83013a0e6000 RU U    10000    10000    1  ffff83013a0e2000     ea000
"""
VCPUS = """\
   VCID  PCID       VCPU       ST T DOMID      DOMAIN
      0     0 ffff83013a7e2000 RU I 32767 ffff83013a7f9000
      1     1 ffff83013a7c4000 RU I 32767 ffff83013a7f9000
>     0     0 ffff83013a1cb000 RU 0     0 ffff83013a1fc000
>     1     1 ffff83013a1a4000 RU 0     0 ffff83013a1fc000
      0     1 ffff83013a0a7000 BL U     1 ffff83013a0e6000
"""
PCPUS = """\
   PCID        PCPU           CUR-VCPU           TSS
      0 ffff82d04043ffb8 ffff83013a1cb000 ffff82d040512080
      1 ffff83013a7cffb8 ffff83013a1a4000 ffff83013a7d1080
"""
SCHED = """\
Scheduler name : SMP Credit Scheduler rev2

  CPU      SCH-DATA         SCH-PRIV         CUR-VCPU         IDL-VCPU
    0  ffff83013a7dd8c0 ffff83013a7d5f80 ffff83013a1cb000 ffff83013a7e2000
    1  ffff83013a7cd8c0 ffff83013a7c5f80 ffff83013a1a4000 ffff83013a7c4000
"""
LOG = """\
 Xen 4.17.5
(XEN) Xen version 4.17.5 (root@) (gcc (Debian 12.2.0-14) 12.2.0) debug=n Sun Nov 29 00:58:00 UTC 2026
(XEN) [0000000a5e1c2f80] Bootloader: unknown
(XEN) [    0.000000] Command line: console=com1 dom0_mem=1536M crashkernel=384M console_timestamps=boot
(XEN) [    1.204331] Std. Loglevel: All
(XEN) [    1.204518] Guest Loglevel: All
(XEN) [    1.210002] *** Serial input to DOM0 (type 'CTRL-a' three times to switch input)
(XEN) [    1.215437] Freed 664kB init memory
(XEN) [    3.500000] d0v0: unhandled MSR read 0xc0000408
(XEN) [   61.250000] d1v0 Over-allocation for domain 1: 65537 > 65536
(XEN) [   95.200200] Hardware Dom0 crashed: Executing kexec image on cpu1
"""
DOM0_LOG = """\
[    0.000000] Linux version 6.1.0-50-amd64
[    0.000000] Xen version: 4.17.5 (preserve-AD)
[    1.900000] xen:balloon: Initialising balloon driver
[   59.000000] xenbr0: port 1(vif1.0) entered forwarding state
[   92.600000] sysrq: Trigger a crash
[   92.600100] Kernel panic - not syncing: sysrq triggered crash
[   92.600200] CPU: 1 PID: 398 Comm: sh Not tainted 6.1.0-50-amd64
"""


def hypervisor(log: str = LOG, doms_text: str = DOMS, vcpus_text: str = VCPUS, pcpus_text: str = PCPUS) -> Hypervisor:
    """All of it, read."""
    return Hypervisor(
        banner=sys.parse(BANNER),
        domains=doms.parse(doms_text),
        vcpus=vcpus.parse(vcpus_text),
        pcpus=pcpus.parse(pcpus_text),
        console=records.parse(log).records,
    )
