# SPDX-License-Identifier: Apache-2.0
"""Recordings of sessions on a hypervisor, put together from what crash prints of one."""

from __future__ import annotations

from pathlib import Path

from tests.pty.casts import GDB, GPL, Script
from tests.unit import hypervisor_samples as samples

WARNING = "WARNING: crashing_cpu not found.\r\n"
STRUCT = """\
struct vcpu {
  vcpu_id = 1,
  processor = 1,
  domain = 0xffff83013a1fc000,
  arch = {
    flags = 4,
    schedule_tail = 0xffff82d04031a2f0 <continue_nonidle_domain>
  }
}
"""


def terminal(text: str) -> str:
    """As it comes out of a terminal."""
    return text.replace("\n", "\r\n")


def script(log: str = samples.LOG, **replaced: str) -> Script:
    """A session on a hypervisor in which everything was asked that its views show."""
    said = {"doms": samples.DOMS, "vcpus": samples.VCPUS, "pcpus": samples.PCPUS, "log": log, "sched": samples.SCHED}
    made = Script(GPL + GDB + WARNING + terminal(samples.BANNER))
    for command, answer in {**said, **replaced}.items():
        made.command(command, terminal(answer))
    made.command("vcpu ffff83013a1a4000", terminal(STRUCT))
    return made.command("domain ffff83013a1fc000", terminal(STRUCT.replace("struct vcpu", "struct domain")))


def recording(directory: Path, log: str = samples.LOG, **replaced: str) -> Path:
    """The file of it."""
    return script(log, **replaced).write(directory / "xen.cast")
