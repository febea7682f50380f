# SPDX-License-Identifier: Apache-2.0
"""Which tools manage the domains of a Xen host: xl (libxl), xm (xend) or xe (XAPI)."""

from __future__ import annotations

import re
from typing import Literal

from xcrash.host.os_release import INVENTORY, assignments
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import Toolstack

_DIRECTORIES = ("/usr/sbin", "/usr/bin", "/sbin", "/usr/local/sbin", "/opt/xensource/bin")
_XEND_PID = "/var/run/xend.pid"
_XEND_CONFIG = "/etc/xen/xend-config.sxp"
_RUNLEVELS = ("/etc/init.d/rc3.d", "/etc/init.d/rc5.d", "/etc/rc.d/rc3.d", "/etc/rc3.d")
_START_LINK = re.compile(r"S\d{1,3}xend\Z")
_LIBRARIES = ("/usr/lib64", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/lib")
# The number is Xen's version since 4.4; before that it counted 1.0, 2.0.
_LIBXL = re.compile(r"libxenlight\.so\.(\d{1,3}\.\d{1,3})(?:\.\d{1,3})?\Z")


def read_toolstack(root: Sysroot, answered: Literal["xl", "xm"] | None, xen_version: str | None) -> Toolstack:
    """The toolstack in charge; ``answered`` is the command that gave ``info``, ``xen_version`` what runs.

    A running xend outranks an ``xl`` that answers: libxl reads the hypervisor without knowing xend's domains.
    Xen 4.5 and later have no xend.
    """
    server = assignments(root.text(INVENTORY) or "")
    if server.get("PRODUCT_BRAND") or _executable(root, "xe"):
        return _xapi(root, server)
    xend = None if _without_xend(xen_version) else _xend(root)
    if xend:
        return Toolstack(kind="xm", version=xen_version, evidence=xend)
    configured = _configured(root)
    if configured:
        return configured
    if answered:
        version = _libxl_version(root) if answered == "xl" else None
        return Toolstack(kind=answered, version=version or xen_version, evidence=f"{answered} info answers")
    return _installed(root, xen_version)


def _xapi(root: Sysroot, server: dict[str, str]) -> Toolstack:
    brand, version = server.get("PRODUCT_BRAND"), server.get("PRODUCT_VERSION") or None
    if brand:
        return Toolstack(kind="xe", version=version, evidence=f"{INVENTORY}: {brand} {version or ''}".rstrip())
    return Toolstack(kind="xe", evidence=f"{_executable(root, 'xe')} is installed")


def _xend(root: Sysroot) -> str | None:
    pid = (root.text(_XEND_PID, 64) or "").strip()
    if pid.isdecimal() and len(pid) < 10 and "xend" in (root.text(f"/proc/{pid}/cmdline", 4096) or ""):
        return f"xend runs (pid {pid})"
    if not _executable(root, "xend"):
        return None
    for directory in _RUNLEVELS:
        link = next((entry.name for entry in root.list(directory) if _START_LINK.match(entry.name)), None)
        if link:
            return f"xend is started at boot ({directory}/{link})"
    return None


def _configured(root: Sysroot) -> Toolstack | None:
    """``TOOLSTACK=`` of /etc/default/xen, obeyed by the wrapper of old Debian and Ubuntu, if that tool is there."""
    wanted = assignments(root.text("/etc/default/xen") or "").get("TOOLSTACK", "").rsplit("/", 1)[-1]
    evidence = f"TOOLSTACK={wanted} in /etc/default/xen"
    if wanted == "xl" and _executable(root, "xl"):
        return Toolstack(kind="xl", version=_libxl_version(root), evidence=evidence)
    if wanted == "xm" and _executable(root, "xm"):
        return Toolstack(kind="xm", evidence=evidence)
    return None


def _installed(root: Sysroot, xen_version: str | None) -> Toolstack:
    xl, xm = _executable(root, "xl"), _executable(root, "xm")
    xend_set_up = root.kind_of(_XEND_CONFIG) is not None and not _without_xend(xen_version)
    if xm and (not xl or (xend_set_up and root.kind_of("/etc/xen/xl.conf") is None)):
        return Toolstack(kind="xm", evidence=f"{xm} is installed" + (f", {_XEND_CONFIG} exists" if xend_set_up else ""))
    if xl:
        also = f"; so is {xm}" if xm else ""
        return Toolstack(kind="xl", version=_libxl_version(root), evidence=f"{xl} is installed{also}")
    return Toolstack(kind="none", evidence="none of xl, xm and xe is installed")


def _executable(root: Sysroot, name: str) -> str | None:
    return next((path for path in (f"{place}/{name}" for place in _DIRECTORIES) if root.kind_of(path) == "file"), None)


def _libxl_version(root: Sysroot) -> str | None:
    for directory in _LIBRARIES:
        for entry in root.list(directory):
            match = _LIBXL.match(entry.name)
            if match and not match[1].startswith(("1.", "2.")):
                return match[1]
    return None


def _without_xend(xen_version: str | None) -> bool:
    match = re.match(r"(\d{1,3})\.(\d{1,3})", xen_version or "")
    return match is not None and (int(match[1]), int(match[2])) >= (4, 5)
