# SPDX-License-Identifier: Apache-2.0
"""Recordings of a Dom0 that panicked under Xen and of its hypervisor, put together from what crash printed of both."""

from __future__ import annotations

from pathlib import Path

from tests.pty.casts import GDB, GPL, Script
from tests.unit import hypervisor_samples as samples

WARNING = "WARNING: crashing_cpu not found.\r\n"
STRUCT = """\
struct vcpu {
  vcpu_id = 1,
  processor = 0,
  vcpu_info = 0xffff83004b96a3c0,
  domain = 0xffff83004fdd2000,
  singleshot_timer = {
    expires = 145218226774,
    function = 0xffff82d04024c3f0 <vcpu_singleshot_timer_fn>,
    cpu = 0
  },
  runstate = {
    state = 0,
    time = {73747792533, 15848971815, 44836429651, 3138989792}
  }
}
"""
DOM0_BANNER = """\
      KERNEL: vmlinux-6.1.0-50-amd64
    DUMPFILE: dom0-panic.vmcore
        CPUS: 2 [OFFLINE: 1]
        DATE: Sun Nov 29 01:22:37 UTC 2026
      UPTIME: 00:02:14
LOAD AVERAGE: 0.86, 0.38, 0.14
       TASKS: 68
    NODENAME: dom0lab
     RELEASE: 6.1.0-50-amd64
     VERSION: #1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)
     MACHINE: x86_64  (2596 Mhz)
      MEMORY: 640 MB
       PANIC: "Kernel panic - not syncing: sysrq triggered crash"
         PID: 228
     COMMAND: "sh"
        TASK: ffff8880056748c0  [THREAD_INFO: ffff8880056748c0]
         CPU: 1
       STATE: TASK_RUNNING (SYSRQ)

"""
PS = """\
      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM
>       0       0   0  ffffffff82a1aa40  RU   0.0        0        0  [swapper/0]
        0       0   1  ffff888004e6c8c0  RU   0.0        0        0  [swapper/1]
        1       0   0  ffff888004e06100  IN   0.2     2260     1388  init
>     228       1   1  ffff8880056748c0  RU   0.2     2584     1556  sh
"""
BT = """\
PID: 228      TASK: ffff8880056748c0  CPU: 1    COMMAND: "sh"
 #0 [ffffc9004047b9c8] panic at ffffffff819f6e5d
 #1 [ffffc9004047ba48] sysrq_handle_crash at ffffffff8168a9b6
 #2 [ffffc9004047ba50] __handle_sysrq.cold at ffffffff81a24fed
"""
IDLE = """\
PID: 0        TASK: ffffffff82a1aa40  CPU: 0    COMMAND: "swapper/0"
bt: starting backtrace locations of the active (non-crashing) xen tasks
    cannot be determined: try -t or -T options
"""
OFFSET = "xen_sched_clock_offset = $1 = 7997572276\n"
LATER = "__sched_clock_offset = $2 = 18446744073029344765\n"


def terminal(text: str) -> str:
    """As it comes out of a terminal."""
    return text.replace("\n", "\r\n")


def script(log: str = samples.LOG, **replaced: str) -> Script:
    """A session on a hypervisor in which everything was asked that its views show."""
    said = {"doms": samples.DOMS, "vcpus": samples.VCPUS, "pcpus": samples.PCPUS, "log": log, "sched": samples.SCHED}
    made = Script(GPL + GDB + WARNING + terminal(samples.BANNER))
    for command, answer in {**said, **replaced}.items():
        made.command(command, terminal(answer))
    made.command("vcpu ffff83004fcb1000", terminal(STRUCT))
    return made.command("domain ffff83004fdd2000", terminal(STRUCT.replace("struct vcpu", "struct domain")))


def recording(directory: Path, log: str = samples.LOG, **replaced: str) -> Path:
    """The file of it."""
    return script(log, **replaced).write(directory / "xen.cast")


def dom0_recording(directory: Path, offset: str = OFFSET) -> Path:
    """The file of a session on the Dom0 of the same crash."""
    made = Script(GPL + GDB + terminal(DOM0_BANNER))
    said = {"ps": PS, "bt": BT, "bt 228": BT, "bt ffffffff82a1aa40": IDLE, "log -m": samples.DOM0_LOG}
    for command, answer in {**said, "p xen_sched_clock_offset": offset, "p __sched_clock_offset": LATER}.items():
        made.command(command, terminal(answer))
    return made.write(directory / "dom0.cast")
