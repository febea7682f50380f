# SPDX-License-Identifier: Apache-2.0
"""What crash 9.0.2 printed of a Dom0 that panicked under Xen 4.17, and of its hypervisor; of both logs some lines,
which may end early."""

from __future__ import annotations

from xcrash.hypervisor import Hypervisor
from xcrash.parse import doms, pcpus, sys, vcpus
from xcrash.parse.log import records

BANNER = """\
   KERNEL: xen-syms-4.17.5
 DUMPFILE: dom0-panic.vmcore
     CPUS: 2
  DOMAINS: 5
   UPTIME: --:--:--
  MACHINE: QEMU Virtual CPU version 2.5+  (2596 Mhz)
   MEMORY: 1.2 GB
  PCPU-ID: 0
     PCPU: ffff83004fdcfef8
  VCPU-ID: 1
     VCPU: ffff83004fcb1000  (VCPU_RUNNING)
DOMAIN-ID: 0
   DOMAIN: ffff83004fdd2000  (DOMAIN_RUNNING)
    STATE: CRASH

"""
DOMS = """\
   DID       DOMAIN      ST T  MAXPAGE  TOTPAGE VCPU     SHARED_I          P2M_MFN
  32753 ffff83004fc95000 RU O     0        0      0          0              ----
  32754 ffff83004fc96000 RU X     0        0      0          0              ----
> 32767 ffff83004fdfa000 RU I     0        0      2          0              ----
>*    0 ffff83004fdd2000 RU 0   28000    28000    2  ffff83004fdd0000       4bba6
      1 ffff83004ff7d000 RU U   8100     8000     1  ffff83004ff7c000       12965
"""
VCPUS = """\
   VCID  PCID       VCPU       ST T DOMID      DOMAIN
      0     0 ffff83004ffcf000 RU I 32767 ffff83004fdfa000
>     1     1 ffff83004ffc5000 RU I 32767 ffff83004fdfa000
      0     1 ffff83004fcb5000 OF 0     0 ffff83004fdd2000
>*    1     0 ffff83004fcb1000 RU 0     0 ffff83004fdd2000
      0     1 ffff83004b831000 BL U     1 ffff83004ff7d000
"""
PCPUS = """\
   PCID       PCPU           CUR-VCPU            TSS
      0 ffff83004fdcfef8 ffff83004fcb1000         0
      1 ffff83004fddfef8 ffff83004ffc5000         0
"""
SCHED = "Scheduler name : SMP Credit Scheduler rev2\n\n"
LOG = """\
 Xen 4.17.5
(XEN) [000000000ed67068] Xen version 4.17.5 (xcrash@lab) (gcc (Debian 12.2.0-14+deb12u1) 12.2.0) debug=n
(XEN) [000000000ee9b650] Latest ChangeSet:
(XEN) [000000000ef54c24] build-id: f3f00df62b9dc645c72ef3ab59699a4dee61af85
(XEN) [000000000efc43c8] Bootloader: qemu
(XEN) [000000000f000f20] Command line: console=com1 com1=115200,8n1 console_timestamps=boot dom0_mem=640M,max:640M
(XEN) [000000000f6b1e94] Xen-e820 RAM map:
(XEN) [00000000424bec78] System RAM: 1279MB (1310180kB)
(XEN) [    0.508839] Detected 2596.135 MHz processor.
(XEN) [    0.946979] Brought up 2 CPUs
(XEN) [    0.970983] *** Building a PV Dom0 ***
(XEN) [    7.641700] Dom0 has maximum 2 VCPUs
(XEN) [    7.720412] Std. Loglevel: All
(XEN) [    7.720529] Guest Loglevel: Nothing (Rate-limited: Errors and warnings)
(XEN) [    7.720827] *** Serial input to DOM0 (type 'CTRL-a' three times to switch input)
(XEN) [    7.803181] Freed 668kB init memory
(XEN) [   11.342673] PCI add device 0000:00:00.0
(XEN) [   11.353153] PCI add device 0000:00:01.0
(XEN) [   11.376755] PCI add device 0000:00:01.1
(XEN) [   11.392087] PCI add device 0000:00:01.3
(XEN) [   11.416041] PCI add device 0000:00:02.0
(XEN) [   11.446409] PCI add device 0000:00:03.0
(XEN) [   11.474138] PCI add device 0000:00:04.0
(XEN) [   11.497378] PCI add device 0000:00:05.0
(XEN) [   11.524518] PCI add device 0000:00:06.0
(XEN) [  145.275463] Hardware Dom0 crashed: Executing kexec image on cpu0
(XEN) [  145.277167] Shot down all CPUs
"""
GRUMBLE = "(XEN) [   61.250000] d1v0 Over-allocation for domain 1: 65537 > 65536\n"
"""A line of another day."""
SICK_LOG = LOG.replace("(XEN) [  145.275463]", f"{GRUMBLE}(XEN) [  145.275463]")
DOM0_LOG = """\
[    0.000000] <5>Linux version 6.1.0-50-amd64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1
[    0.000000] <6>Hypervisor detected: Xen PV
[    0.004226] <6>tsc: Detected 2596.116 MHz processor
[    1.728628] <6>Booting kernel on Xen
[    1.728647] <6>Xen version: 4.17.5 (preserve-AD)
[    2.969592] <6>pci 0000:00:00.0: [8086:1237] type 00 class 0x060000
[    3.081592] <6>pci 0000:00:06.0: [1af4:1001] type 00 class 0x010000
[    3.113592] <6>xen:balloon: Initialising balloon driver
[    4.118839] <6>sched_clock: Marking stable (3968077538, 148447625)->(4796732014, -680206851)
[   12.356804] <6>EXT4-fs (vda): re-mounted. Quota mode: none.
[   14.003948] <5>random: crng init done
[  136.538369] <6>sysrq: Trigger a crash
[  136.540087] <0>Kernel panic - not syncing: sysrq triggered crash
[  136.542614] <4>CPU: 1 PID: 228 Comm: sh Not tainted 6.1.0-50-amd64 #1  Debian 6.1.176-1
[  136.543978] <4>Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.3-debian-1.16.3-2 04/01/2014
[  136.546209] <4>Call Trace:
[  136.547962] <4> <TASK>
[  136.549285] <4> dump_stack_lvl+0x44/0x5c
[  136.551242] <4> panic+0x118/0x2f4
[  136.554260] <4> sysrq_handle_crash+0x16/0x20
[  136.555609] <4> __handle_sysrq.cold+0x44/0x11c
[  136.594670] <4> </TASK>
[  136.596032] <0>Kernel Offset: disabled
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
