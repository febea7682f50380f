# SPDX-License-Identifier: Apache-2.0
"""Which sources of live memory a machine has: proven on the live one, judged by its configuration on a copy."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from typing import Literal

from xcrash.far_file import Place
from xcrash.host.crash_module import crash_minor, find_crash_module, module_loaded
from xcrash.host.live_memory import Look, look_at_crash, look_at_kcore, look_at_mem, memory_address
from xcrash.host.privileges import read_privileges
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import CrashModule, KernelConfig, MemoryFacts, Privileges, RunningKernel, SourceProbe

Source = Literal["/dev/crash", "/proc/kcore", "/dev/mem"]

SOURCES: tuple[Source, ...] = ("/dev/crash", "/proc/kcore", "/dev/mem")
MISC_MAJOR = 10
"""Major number of misc devices (kernel Documentation/admin-guide/devices.txt)."""

_A_COPY = "a report is a copy: it holds no memory"
_STRICT = "CONFIG_STRICT_DEVMEM=y limits /dev/mem to the first megabyte"
_NOT_BUILT = "the kernel is built without it ({} is not set)"


def probe_memory(root: Sysroot, kernel: RunningKernel) -> MemoryFacts:
    """Every source with what a look at it showed; on the live machine each is opened and a page of it is read.

    The files are opened for reading only. /dev/crash is opened only if its number is that of crash's driver: another
    device behind that name could act on being opened.
    """
    module = find_crash_module(root, kernel.release)
    if root.kind == "live":
        who = read_privileges(root)
        probes = tuple(_live(source, root, kernel.config, who, module) for source in SOURCES)
    elif root.kind == "tree":
        probes = (_crash_of_tree(root, module), _kcore_of_tree(root, kernel.config), _mem_of_tree(kernel.config))
    else:
        probes = tuple(SourceProbe(source=source, outcome="absent", detail=_A_COPY) for source in SOURCES)
    return MemoryFacts(probes=probes, crash_module=module)


def _live(
    source: Source, root: Sysroot, config: KernelConfig, who: Privileges | None, module: CrashModule
) -> SourceProbe:
    path = root.local(source)
    if path is None or root.kind_of(source) is None:
        return SourceProbe(source=source, outcome="absent", detail=_why_absent(source, root, config, who, module))
    wrong = _wrong_node(path, crash_minor(root)) if source == "/dev/crash" else None
    if wrong:
        return SourceProbe(source=source, outcome="refused", detail=wrong)
    looks: dict[Source, Callable[[Place], Look]] = {
        "/dev/crash": look_at_crash,
        "/proc/kcore": look_at_kcore,
        "/dev/mem": lambda device: look_at_mem(device, memory_address(root.text("/proc/iomem", 4 << 20) or "")),
    }
    return looked_at(source, path, looks[source], config, who)


def looked_at(
    source: Source, path: Place, look: Callable[[Place], Look], config: KernelConfig, who: Privileges | None
) -> SourceProbe:
    """The result of ``look``, a refusal explained by what is known of the kernel and of the user."""
    try:
        outcome, detail, first_megabyte = look(path)
    except FileNotFoundError:
        return SourceProbe(source=source, outcome="absent", detail="not present")
    except OSError as error:
        return _refused(source, error, config, who)
    if first_megabyte and config.strict_devmem is not False:
        detail = _STRICT if config.strict_devmem else f"{detail}; this is what CONFIG_STRICT_DEVMEM does"
    if outcome == "masked" and who and who.container:
        detail += f" by the container ({who.container})"
    return SourceProbe(source=source, outcome=outcome, detail=detail)


def _refused(source: Source, error: OSError, config: KernelConfig, who: Privileges | None) -> SourceProbe:
    why = error.strerror or str(error)
    if error.errno not in (errno.EACCES, errno.EPERM):
        return SourceProbe(source=source, outcome="refused", detail=f"it cannot be read: {why}")
    forbidden = _forbidden(source, config)
    if forbidden:
        return SourceProbe(source=source, outcome="refused", detail=forbidden)
    if who and who.uid != 0:
        return SourceProbe(source=source, outcome="needs-root", detail="needs root")
    if who and source != "/dev/crash" and "CAP_SYS_RAWIO" not in who.capabilities:
        where = f" in this container ({who.container})" if who.container else ""
        return SourceProbe(source=source, outcome="refused", detail=f"{why}: CAP_SYS_RAWIO is missing{where}")
    return SourceProbe(source=source, outcome="refused", detail=why)


def _forbidden(source: Source, config: KernelConfig) -> str | None:
    """Why the kernel itself refuses, to root too (kernel security/lockdown, drivers/char/mem.c, fs/proc/kcore.c)."""
    if source == "/proc/kcore" and config.lockdown == "confidentiality":
        return "lockdown is [confidentiality]: the kernel's memory cannot be read"
    if source == "/dev/mem" and config.lockdown in ("integrity", "confidentiality"):
        return f"lockdown is [{config.lockdown}]: /dev/mem cannot be opened"
    return _STRICT if source == "/dev/mem" and config.strict_devmem else None


def _why_absent(
    source: Source, root: Sysroot, config: KernelConfig, who: Privileges | None, module: CrashModule
) -> str:
    if source == "/dev/crash":
        detail = _no_node(root) if module.loaded else _no_driver(module)
    else:
        detail = _not_built(source, config) or "not present"
    return (
        f"{detail} in this container ({who.container})" if detail == "not present" and who and who.container else detail
    )


def _no_node(root: Sysroot) -> str:
    minor = crash_minor(root)
    number = f" (its number is {MISC_MAJOR}, {minor})" if minor is not None else ""
    return f"crash's driver is loaded, but there is no device file{number}"


def _no_driver(module: CrashModule) -> str:
    return f"not present: crash's driver {module.path} is not loaded" if module.path else "not present"


def _not_built(source: Source, config: KernelConfig) -> str | None:
    if source == "/proc/kcore" and config.proc_kcore is False:
        return _NOT_BUILT.format("CONFIG_PROC_KCORE")
    if source == "/dev/mem" and config.devmem is False:
        return _NOT_BUILT.format("CONFIG_DEVMEM")
    return None


def _wrong_node(path: Place, minor: int | None) -> str | None:
    """Why ``path`` is not the device of crash's driver; None when it is."""
    try:
        status = path.stat()
    except OSError as error:
        return error.strerror or str(error)
    if not stat.S_ISCHR(status.st_mode):
        return "it is not a device"
    if minor is None:
        return "no driver stands behind it: /proc/misc does not list crash"
    number = (os.major(status.st_rdev), os.minor(status.st_rdev))
    if number != (MISC_MAJOR, minor):
        return (
            f"its number is {number[0]}, {number[1]}, that of crash's driver {MISC_MAJOR}, {minor}: a stale device file"
        )
    return None


def _crash_of_tree(root: Sysroot, module: CrashModule) -> SourceProbe:
    if module_loaded(root):
        detail = "a copy of a machine: /proc/modules lists crash's driver"
    elif root.kind_of("/dev/crash") is not None:
        detail = "a copy of a machine: the device file exists"
    else:
        return SourceProbe(source="/dev/crash", outcome="absent", detail=_no_driver(module))
    return SourceProbe(source="/dev/crash", outcome="unproven", detail=detail)


def _kcore_of_tree(root: Sysroot, config: KernelConfig) -> SourceProbe:
    kind = root.kind_of("/proc/kcore")
    if kind not in (None, "file"):
        return SourceProbe(source="/proc/kcore", outcome="refused", detail=f"not a file, but of the kind {kind!r}")
    return _of_tree("/proc/kcore", config, config.proc_kcore, "CONFIG_PROC_KCORE=y")


def _mem_of_tree(config: KernelConfig) -> SourceProbe:
    open_to_all = config.strict_devmem is False
    return _of_tree("/dev/mem", config, open_to_all or None, "CONFIG_STRICT_DEVMEM is not set")


def _of_tree(source: Source, config: KernelConfig, promised: bool | None, by: str) -> SourceProbe:
    not_built = _not_built(source, config)
    if not_built:
        return SourceProbe(source=source, outcome="absent", detail=not_built)
    forbidden = _forbidden(source, config)
    if forbidden:
        return SourceProbe(source=source, outcome="refused", detail=forbidden)
    known = by if promised else "what the configuration says of it is not known"
    return SourceProbe(source=source, outcome="unproven", detail=f"a copy of a machine: not opened; {known}")
