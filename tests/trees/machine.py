# SPDX-License-Identifier: Apache-2.0
"""/proc, /sys and /etc of a running machine."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tests.trees.builder import Site
from tests.trees.hypervisors import Hypervisor
from tests.trees.kernels import Kernel, program
from tests.unit.images import builders as b

SEPARATE_BOOT = "/dev/mapper/system-root / ext4 defaults 0 1\nUUID=0b1e-77 /boot ext4 defaults 1 2\n"
LOCKDOWN_WORDS = ("none", "integrity", "confidentiality")


@dataclass(frozen=True)
class Machine:
    """The hardware and what was booted on it; ``lockdown`` None: the kernel has no such file."""

    kernel: Kernel
    nodename: str
    cmdline: str
    cpus: int = 4
    memory_kib: int = 8123456
    lockdown: str | None = None
    strict_devmem: bool = True
    devmem: bool = True
    proc_kcore: bool = True
    modules: tuple[str, ...] = ("ext4", "jbd2", "mbcache", "dm_mod")
    hypervisor: Hypervisor | None = None

    @property
    def truth(self) -> dict[str, object]:
        """The fields of Tree that this decides."""
        closed = self.lockdown == "confidentiality" or not self.proc_kcore
        # With its driver loaded crash takes /dev/crash before all else (filesys.c:get_live_memory_source).
        source = "/dev/crash" if "crash" in self.modules else "/proc/kcore"
        return {
            "nodename": self.nodename,
            "cpus": self.cpus,
            "memory_bytes": self.memory_kib * 1024,
            "lockdown": self.lockdown,
            "memory_source": None if closed else source,
        }


def plant_machine(site: Site, machine: Machine) -> None:
    """The files of the kernel that runs, and those that name the machine."""
    kernel = machine.kernel
    site.put("/proc/version", kernel.banner)
    site.put("/proc/sys/kernel/osrelease", kernel.release + "\n")
    site.put("/proc/sys/kernel/version", kernel.version + "\n")
    site.put("/proc/sys/kernel/hostname", machine.nodename + "\n")
    site.put("/proc/sys/kernel/kptr_restrict", "1\n")
    site.put("/proc/cmdline", machine.cmdline + "\n")
    site.put("/proc/modules", "".join(f"{name} 65536 1 - Live 0x0000000000000000\n" for name in machine.modules))
    site.put("/proc/meminfo", meminfo(machine.memory_kib))
    site.put("/proc/cpuinfo", cpuinfo(machine.cpus))
    site.put("/proc/misc", " 58 crash\n" * ("crash" in machine.modules) + " 63 cpu_dma_latency\n227 mcelog\n")
    site.put("/sys/kernel/notes", kernel.notes)
    if machine.proc_kcore:
        site.put("/proc/kcore", _kcore(kernel), mode=0o400)
    if machine.lockdown is not None:
        words = " ".join(f"[{word}]" if word == machine.lockdown else word for word in LOCKDOWN_WORDS)
        site.put("/sys/kernel/security/lockdown", words + "\n")
    site.put("/etc/hostname", machine.nodename + "\n")


def plant_crash_device(site: Site) -> None:
    """/dev/crash, which only root can make here; without it /proc/modules and /proc/misc still tell."""
    with contextlib.suppress(OSError):
        os.mknod(f"{site.directory('/dev')}/crash", stat.S_IFCHR | 0o400, os.makedev(10, 58))


def plant_config(site: Site, machine: Machine, path: str | None = None, kernel: Kernel | None = None) -> None:
    """The configuration of a kernel, of the running one unless another is named."""
    kernel = kernel or machine.kernel
    site.put(path or f"/boot/config-{kernel.release}", config(machine, kernel), "config")


def plant_modules(site: Site, kernel: Kernel, paths: Sequence[str], base: str = "/lib/modules") -> None:
    """modules.dep of a kernel; the modules themselves are for the caller."""
    site.put(f"{base}/{kernel.release}/modules.dep", "".join(f"{path}:\n" for path in paths))


def plant_os_release(site: Site, fields: Mapping[str, str], path: str = "/etc/os-release") -> None:
    """An os-release file (freedesktop.org, os-release(5))."""
    site.put(path, "".join(f'{key}="{value}"\n' for key, value in fields.items()))


def plant_xen(site: Site, xen: Hypervisor, kernel_has: str = "4.13", guest_type: str | None = "PV") -> None:
    """A Dom0's view of its hypervisor; before Linux 4.13 there was neither buildid nor guest_type."""
    base = "/sys/hypervisor"
    site.put(f"{base}/type", "xen\n")
    for name, value in zip(("major", "minor", "extra"), xen.parts, strict=True):
        site.put(f"{base}/version/{name}", value + "\n")
    site.put(f"{base}/compilation/compiler", xen.compiler + "\n")
    site.put(f"{base}/compilation/compiled_by", "abuild\n")
    site.put(f"{base}/compilation/compile_date", "Mon Oct 26 16:05:37 UTC 2015\n")
    site.put(f"{base}/properties/capabilities", xen.capabilities + "\n")
    site.put(f"{base}/properties/changeset", "\n")
    site.put(f"{base}/properties/features", "0000000000002705\n")
    site.put(f"{base}/properties/pagesize", "1000\n")
    site.put(f"{base}/properties/virtual_start", "ffff800000000000\n")
    site.put(f"{base}/uuid", "00000000-0000-0000-0000-000000000000\n")
    if kernel_has == "4.13":
        site.put(f"{base}/properties/buildid", xen.build_id)
        if guest_type is not None:
            site.put(f"{base}/guest_type", guest_type + "\n")
    site.put("/proc/xen/capabilities", "control_d\n")


def plant_programs(site: Site, *paths: str) -> None:
    """Executables: it matters that they are there."""
    for path in paths:
        site.put(path, program(), mode=0o755)


def meminfo(kib: int) -> str:
    """The first lines of /proc/meminfo."""
    values = {"MemTotal": kib, "MemFree": kib // 2, "Buffers": 163840, "Cached": kib // 4, "SwapTotal": 2097148}
    return "".join(f"{name + ':':15} {value:9} kB\n" for name, value in values.items())


@lru_cache(maxsize=8)
def cpuinfo(cpus: int) -> str:
    """/proc/cpuinfo, shortened to the lines that differ between machines."""
    head = "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel name\t: Intel(R) Xeon(R) CPU X7550 @ 2.00GHz\n"
    return "".join(f"processor\t: {cpu}\n{head}cpu MHz\t\t: 1995.000\nflags\t\t: fpu lm nx\n\n" for cpu in range(cpus))


@lru_cache(maxsize=64)
def config(machine: Machine, kernel: Kernel) -> str:
    """The options that matter for debugging and for booting under Xen, among others."""
    options = {
        "64BIT": True,
        "X86_64": True,
        "SMP": True,
        "DEVMEM": machine.devmem,
        "STRICT_DEVMEM": machine.strict_devmem,
        "PROC_KCORE": machine.proc_kcore,
        "KEXEC": True,
        "CRASH_DUMP": True,
        "DEBUG_INFO": True,
        "MODULES": True,
    }
    options |= {"XEN": True, "XEN_DOM0": True} if kernel.xen == "pvops" else {}
    options |= {"XEN": True, "XEN_PRIVILEGED_GUEST": True} if kernel.xen == "forward-ported" else {}
    lines = (f"CONFIG_{name}=y\n" if on else f"# CONFIG_{name} is not set\n" for name, on in options.items())
    salt = f'CONFIG_BUILD_SALT="{kernel.release}"\n' if kernel.salt else ""
    return f"#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86_64 Kernel Configuration\n#\n{salt}" + "".join(
        lines
    )


@lru_cache(maxsize=64)
def _kcore(kernel: Kernel) -> bytes:
    """What /proc/kcore starts with: an ELF core whose notes name the kernel."""
    info = f"OSRELEASE={kernel.release}\nBUILD-ID={kernel.build_id.hex()}\nPAGESIZE=4096\n"
    notes = b.note(b"CORE", 1, bytes(336)) + b.note(b"VMCOREINFO", 0, info.encode())
    return b.core(notes=notes, memory=bytes(64)).build()
