# SPDX-License-Identifier: Apache-2.0
"""Text that crash printed, for the tests of the parsers."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"

DOM0 = """\
      KERNEL: /boot/vmlinux-3.12.49-6-xen.gz
   DEBUGINFO: /usr/lib/debug/boot/vmlinux-3.12.49-6-xen.debug
    DUMPFILE: /dev/crash
        CPUS: 128
        DATE: Fri Nov 20 06:55:06 2015
      UPTIME: 18:51:36
LOAD AVERAGE: 1.76, 1.48, 1.21
       TASKS: 1230
    NODENAME: dl980-5
     RELEASE: 3.12.49-6-xen
     VERSION: #1 SMP Mon Oct 26 16:05:37 UTC 2015 (11560c3)
     MACHINE: x86_64  (1995 Mhz)
      MEMORY: 125.9 GB
         PID: 6618
     COMMAND: "crash"
        TASK: ffff881ea93b2140  [THREAD_INFO: ffff881e869f2000]
         CPU: 112
       STATE: TASK_RUNNING (ACTIVE)
"""

PANIC = """\
      KERNEL: /usr/lib/debug/boot/vmlinux-6.12.117+deb13-cloud-amd64  [LIVEPATCH] [TAINTED]
    DUMPFILE: /var/crash/panic.kdump  [PARTIAL DUMP] [INCOMPLETE]
        CPUS: 2 [OFFLINE: 1]
        DATE: Mon Nov 23 20:40:54 UTC 2026
      UPTIME: 3 days, 00:03:47
LOAD AVERAGE: 0.16, 0.03, 0.01
       TASKS: 93
    NODENAME: dom0lab
     RELEASE: 6.12.117+deb13-cloud-amd64
     VERSION: #1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1 (2026-11-12)
     MACHINE: x86_64  (2596 Mhz)
      MEMORY: 511.5 MB
       PANIC: "Oops: Kernel access of bad area, sig: 11 [#1]" (check log for details)
         PID: 0
     COMMAND: "swapper/1"
        TASK: ffff8bd6c12c8000  (1 of 2)  [THREAD_INFO: ffff8bd6c12c8000]
         CPU: 1
       STATE: TASK_RUNNING (SYSRQ)
"""

UNKNOWN = """\
      KERNEL: vmlinux
    DUMPFILE: vmcore
        CPUS: 8
        DATE: Thu Jan  1 02:00:00 EET 1970
      UPTIME: (cannot calculate: unknown HZ value)
       TASKS: 0
    NODENAME: ***
     MACHINE: aarch64  (unknown Mhz)
      MEMORY: 0
       PANIC: ""
         PID: 1
     COMMAND: "systemd"
        TASK: ffff88003da38000  [THREAD_INFO: ffff88003da34000]
         CPU: (unknown)
       STATE:  (PANIC)
"""

HYPERVISOR = """\
   KERNEL: xen-syms
 DUMPFILE: vmcore
     CPUS: 2
  DOMAINS: 4
   UPTIME: --:--:--
  MACHINE: x86_64  (2596 Mhz)
   MEMORY: 2 GB
  PCPU-ID: 0
     PCPU: ffff82d0404f7ff8
  VCPU-ID: 0
     VCPU: ffff83007bef2000  (VCPU_RUNNING)
DOMAIN-ID: 0
   DOMAIN: ffff83007befb000  (DOMAIN_RUNNING)
    STATE: CRASH
"""

MISMATCH = """\
crash: vmlinux and vmcore do not match!

      KERNEL: vmlinux
    DUMPFILE: vmcore

Usage:
"""

CONTEXT = """\
    PID: 5102
COMMAND: "mysqld"
   TASK: ffff8f6cd27b0000  [THREAD_INFO: ffff8f6cd27b0000]
    CPU: 3
  STATE: TASK_INTERRUPTIBLE|TASK_NOLOAD
"""

PS = """\
      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM
        0       0   0  ffffffff9b410940  RU   0.0        0        0  [swapper/0]
        1       0   1  ffff8bd6c1231840  IN   0.3     2304     1512  init
>     188       1   0  ffff8bd6c2099840  RU   0.3     2304     1576  sh
-     221     197   1  ffff8bd6c274b080  RU   0.2     2172      908  exe
"""
