# SPDX-License-Identifier: Apache-2.0
"""A dump of a machine under Xen, and a fake crash that plays another recording for each view of it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.pty.casts import GDB, GPL, Script
from tests.unit.images import builders, xen_builders
from xcrash.target import Choices
from xcrash.transcript import fakecrash

XEN_BANNER = (
    "   KERNEL: xen-syms\r\n DUMPFILE: vmcore\r\n     CPUS: 2\r\n  DOMAINS: 5\r\n   UPTIME: --:--:--\r\n"
    "  MACHINE: QEMU Virtual CPU version 2.5+  (2596 Mhz)\r\n   MEMORY: 1.2 GB\r\n  PCPU-ID: 0\r\n"
    "     PCPU: ffff83004fdcfef8\r\n  VCPU-ID: 1\r\n     VCPU: ffff83004fcb1000  (VCPU_RUNNING)\r\nDOMAIN-ID: 0\r\n"
    "   DOMAIN: ffff83004fdd2000  (DOMAIN_RUNNING)\r\n    STATE: CRASH\r\n\r\n"
)
XEN_STARTUP = GPL + GDB + "WARNING: crashing_cpu not found.\r\n" + XEN_BANNER
DOMS = (
    "   DID       DOMAIN      ST T  MAXPAGE  TOTPAGE VCPU     SHARED_I          P2M_MFN    \r\n"
    ">*    0 ffff83004fdd2000 RU 0   28000    28000    2  ffff83004fdd0000       4bba6     \r\n"
    "      1 ffff83004ff7d000 RU U   8100     8000     1  ffff83004ff7c000       12965     \r\n"
)
PCPUS = (
    "   PCID       PCPU           CUR-VCPU            TSS      \r\n"
    "      0 ffff83004fdcfef8 ffff83004fcb1000         0       \r\n"
)
HEAD = " PCID       ENOTE            CORE           XEN_CORE         XEN_INFO    "
DIES = {"FAULT_AFTER": HEAD}
"""The knob of the hypervisor's crash for ending over dumpinfo, as the real one does."""


def hypervisor() -> Script:
    """The hypervisor's view: its commands, and dumpinfo, behind which the pipe to crash breaks with DIES."""
    return (
        Script(XEN_STARTUP)
        .command("doms", DOMS)
        .command("dumpinfo", f"{HEAD}\r\n")
        .command("pcpus", PCPUS)
        .command("log", "(XEN) Shot down all CPUs\r\n")
    )


def choices(
    directory: Path,
    dom0: Script,
    xen: Script,
    dom0_knobs: Mapping[str, object] | None = None,
    xen_knobs: Mapping[str, object] | None = None,
    **more: object,
) -> Choices:
    """A dump, both symbol files and a crash that plays the script of the view it is started for.

    The process ids and command lines go to ``directory``/started.
    """
    dump, vmlinux, syms = directory / "vmcore", directory / "vmlinux", directory / "xen-syms"
    dump.write_bytes(xen_builders.dump())
    vmlinux.write_bytes(builders.vmlinux().build())
    syms.write_bytes(xen_builders.build())
    cases = []
    for pattern, name, script, knobs in (("*/xen-syms*", "xen", xen, xen_knobs), ("*", "dom0", dom0, dom0_knobs)):
        cast = script.write(directory / f"play-{name}.cast")
        settings = [f"XC_REPLAY_{knob}={value}" for knob, value in (knobs or {}).items()]
        play = shlex.join(["env", *settings, sys.executable, "-I", "-S", str(fakecrash.__file__), str(cast)])
        cases.append(f"{pattern}) exec {play};;\n")
    crash, log = directory / "crash", shlex.quote(str(directory / "started"))
    crash.write_text(
        f'#!/bin/sh\n[ "$*" = --version ] && echo crash 9.0.2 && exit\necho "$$ $*" >> {log}\n'
        f'case " $* " in\n{"".join(cases)}esac\n'
    )
    crash.chmod(0o755)
    return Choices(
        target=str(dump),
        vmlinux=str(vmlinux),
        xen_syms=str(syms),
        crash=str(crash),
        **{"view": "all", **more},  # type: ignore[arg-type]
    )


def started(directory: Path) -> list[tuple[int, str]]:
    """The process and the view of each start, in order."""
    log = directory / "started"
    lines = log.read_text().splitlines() if log.exists() else []
    return [(int(line.split()[0]), "xen" if "/xen-syms" in line else "dom0") for line in lines]


def starts_of(directory: Path, view: str) -> list[int]:
    """The processes that were the crash of a view, in order."""
    return [pid for pid, one in started(directory) if one == view]
