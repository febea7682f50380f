# SPDX-License-Identifier: Apache-2.0
"""crash's memory driver, crash.ko, of the running kernel: where it lies, whether it is loaded, how to load it."""

from __future__ import annotations

import posixpath
import re
import shlex

from xcrash.host.sysroot import Sysroot
from xcrash.host.values import CrashModule

NAME = "crash"
LARGEST_MODULES_DEP = 8 << 20
_TREES = ("/lib/modules", "/usr/lib/modules")
_SUFFIXES = (".ko", ".ko.xz", ".ko.zst", ".ko.gz")
# RHEL and Fedora; SUSE's kernel module packages; modules built by hand or by DKMS.
_PLACES = (
    "kernel/drivers/char",
    "updates",
    "updates/dkms",
    "extra",
    "extra/crash",
    "weak-updates",
    "weak-updates/updates",
    "weak-updates/crash",
    "dkms",
)
_IN_DEP = re.compile(r"^((?:[^\s:]*/)?crash\.ko(?:\.xz|\.zst|\.gz)?):", re.MULTILINE)
_IN_MISC = re.compile(r"^[ \t]*(\d{1,9}) crash$", re.MULTILINE)


def find_crash_module(root: Sysroot, release: str | None) -> CrashModule:
    """The driver for the kernel ``release``, from modules.dep or the usual directories.

    A report has modules.dep without the modules: what that names is believed there. crash itself knows ``crash.ko``
    and ``crash.ko.xz`` in kernel/drivers/char only (filesys.c, get_live_memory_source).
    """
    path, listed = _find(root, release) if release and "/" not in release else (None, False)
    return CrashModule(path=path, in_modules_dep=listed, loaded=_loaded(root))


def insmod_command(module: CrashModule) -> str | None:
    """The command, quoted for a shell and meant to be shown, that loads the driver; None when there is nothing to load.

    insmod names the very file; SUSE's modprobe also refuses modules that SUSE does not support. A compressed one is for
    modprobe, as insmod unpacks it only if kmod was built to.
    """
    if module.loaded or module.path is None:
        return None
    packed = not module.path.endswith(".ko")
    return f"modprobe {NAME}" if packed and module.in_modules_dep else shlex.join(("insmod", module.path))


def crash_minor(root: Sysroot) -> int | None:
    """The minor number of the loaded driver's misc device (/proc/misc); None when no such driver is registered."""
    match = _IN_MISC.search(root.text("/proc/misc", 1 << 16) or "")
    return int(match[1]) if match else None


def module_loaded(root: Sysroot) -> bool:
    """Whether /proc/modules lists the driver: the name alone, not crash_something."""
    return any(line.split(" ", 1)[0] == NAME for line in (root.text("/proc/modules") or "").splitlines())


def _loaded(root: Sysroot) -> bool:
    if module_loaded(root):
        return True
    if root.kind == "live":
        return crash_minor(root) is not None
    return root.kind == "tree" and root.kind_of("/dev/crash") == "character"


def _find(root: Sysroot, release: str | None) -> tuple[str | None, bool]:
    for tree in _TREES:
        base = f"{tree}/{release}"
        for match in _IN_DEP.finditer(root.text(f"{base}/modules.dep", LARGEST_MODULES_DEP) or ""):
            # Old kernels list full names, later ones names below the directory.
            path = posixpath.normpath(posixpath.join(base, match[1]))
            if path.startswith(f"{base}/") and _is_there(root, path):
                return path, True
    for tree in _TREES:
        for place in _PLACES:
            for suffix in _SUFFIXES:
                path = f"{tree}/{release}/{place}/{NAME}{suffix}"
                if root.kind_of(path) == "file":
                    return path, False
    return None, False


def _is_there(root: Sysroot, path: str) -> bool:
    return root.kind in ("sosreport", "supportconfig") or root.kind_of(path) == "file"
