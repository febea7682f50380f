# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: W291  # crash ends many lines with blanks
"""What crash printed of interrupts, run queues and timers, for the tests of the parsers.

crash 9.0.2 on Linux 6.12, and the layouts of older versions from crash's own help pages.
"""

from __future__ import annotations

IRQ = """\
 IRQ   IRQ_DESC/_DATA      IRQACTION      NAME
  2   ffff8c1841137200      (unused)      
 16       (unused)          (unused)      
 21   ffff88003787f780  ffff8800379a8b40  "ehci_hcd:usb2"
                        ffff8800379cbac0  "uhci_hcd:usb5"
"""

IRQ_OLD = """\
    IRQ: 18
 STATUS: 2 (IRQ_DISABLED)
HANDLER: c02301e0  <ioapic_level_irq_type>
         typename: c01f9e0c  "IO-APIC-level"
          startup: c0110234  <unmask_IO_APIC_irq>
 ACTION: c009c6b0
          handler: c01ce818  <do_aic7xxx_isr>
            flags: 4000000  (SA_SHIRQ)
             name: c0217780  "aic7xxx"
             next: c009c770
 ACTION: c009c770
             next: 0
  DEPTH: 1

    IRQ: 19
 STATUS: 0 
HANDLER: c02301e0  <ioapic_level_irq_type>
 ACTION: (none)
  DEPTH: 1
"""

IRQ_STATS = """\
           CPU0       CPU2 
  0: 2068161471          0 IR-IO-APIC-edge     timer
  9:          0          0  IO-APIC-fasteoi 
 16:         36          0 IR-IO-APIC-fasteoi  ehci_hcd:usb2, uhci_hcd:usb3
"""

IRQ_AFFINITY = """\
IRQ NAME                 AFFINITY
  0 timer                0-23
 16 ehci_hcd:usb2,uhci_hcd:usb3,uhci_hcd:usb6 0,6,18
 17 PCIe PME             0-5,12-17
 18 gone                 
"""

RUNQ = """\
CPU 0 RUNQUEUE: ffff880001cdb460
  CURRENT: PID: 2739   TASK: ffff8800320fa7e0  COMMAND: "bash"
  ACTIVE PRIO_ARRAY: ffff880001cdb4d8
     [115] PID: 2739   TASK: ffff8800320fa7e0  COMMAND: "bash"
           PID: 1776   TASK: ffff88003217d820  COMMAND: "syslogd"
  EXPIRED PRIO_ARRAY: ffff880001cdbdb8
     [no tasks queued]

CPU 1 RUNQUEUE: ffff8c185f335e80
  CURRENT: PID: 186    TASK: ffff8c1841f248c0  COMMAND: "sh"
  RT PRIO_ARRAY: ffff8c185f336100
     [ 98] PID: 161097   TASK: ff48df634a111ec0  COMMAND: "handler111"
  CFS RB_ROOT: ffff8c185f335f40
     [120] PID: 18     TASK: ffff8c18412bc8c0  COMMAND: "rcu_preempt"

CPU 2 [OFFLINE]
"""

RUNQ_GROUPS = """\
CPU 0
  CURRENT: PID: 14734  TASK: ffff88010626f500  COMMAND: "sh"
  ROOT_TASK_GROUP: ffffffff81ed93e0  RT_RQ: ffff880028216808
     [  0] TASK_GROUP: ffff88022c6bbc00 RT_RQ: ffff880139fc9800 (THROTTLED)
          [  0] PID: 14750  TASK: ffff88013a4dd540  COMMAND: "rtloop99"
          [  1] TASK_GROUP: ffff88012b0fb400 RT_RQ: ffff880089029000 
                [  1] PID: 14752  TASK: ffff880088abf500  COMMAND: "rtloop98"
          [ 54] PID: 14749  TASK: ffff880037a4e080  COMMAND: "rtloop45"
  ROOT_TASK_GROUP: ffffffff81ed93e0  CFS_RQ: ffff8800282166e8
     [120] PID: 14734  TASK: ffff88010626f500  COMMAND: "sh" [CURRENT]
     TASK_GROUP: ffff88012b880800  CFS_RQ: ffff88012c5d1000  <libvirt>
"""

RUNQ_CLOCKS = """\
 CPU 0: 7654442434
        7195037911  PID: 224    TASK: ffff8c1841d3b080  COMMAND: "yes"
 CPU 1: [OFFLINE]
"""

RUNQ_RUNNING = """\
 CPU 0: [31 14:07:33.656]  PID: 0      TASK: ffffffff93a12740  COMMAND: "swapper/0"
 CPU 1: [ 0 00:00:00.063]  PID: 3609   TASK: ffff8f6ba749da00  COMMAND: "proxy"
"""

TIMER = """\
JIFFIES   
4294894131

TIMER_BASES[0][BASE_STD]: ffff8c185f2226c0
  EXPIRES        TTE        TIMER_LIST     FUNCTION
  4294894179      48  ffffffff8c365720  ffffffff89da1570  <clocksource_watchdog>
TIMER_BASES[0][BASE_DEF]: ffff8c185f223940
  EXPIRES        TTE        TIMER_LIST     FUNCTION
  4294038152  -855979  ffff8c1841226bd0  ffffffff8a784ca0  <addrconf_rs_timer>
TIMER_BASES[1]: [OFFLINE]
"""

TIMER_OLD = """\
JIFFIES
  68379
EXPIRES  TIMER_LIST/TABLE  FUNCTION
  68379  timer_table[2]    c0115c4c  <rs_timer>
  68391  c0241934          c01775d4  <tcp_sltimer_handler>
"""

HRTIMER = """\
CPU: 2  HRTIMER_CPU_BASE: ffff9801aba9cf00
  CLOCK: 0  HRTIMER_CLOCK_BASE: ffff9801aba9cf40  [ktime_get]
     CURRENT
  1623742000000
   SOFTEXPIRES      EXPIRES         TTE         HRTIMER           FUNCTION
  1626000939806  1626010929804  2268929804  ffffa6b28399fa40  ffffffff83b2c1e0  <hrtimer_wakeup>

  CLOCK: 1  HRTIMER_CLOCK_BASE: ffff9801aba9cf80  [ktime_get_real]
  (empty)
"""

HRTIMER_OLD = """\
CPU: 0  HRTIMER_CPU_BASE: c1e03fc0
  CLOCK: 1  HRTIMER_CLOCK_BASE: c1e03ff0  [ktime_get]
    CURRENT
  322894000000
           EXPIRES             HRTIMER   FUNCTION
  322895000000-322895050000  c1e04080  c045a9a0  <tick_sched_timer>
"""
