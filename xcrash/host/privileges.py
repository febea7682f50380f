# SPDX-License-Identifier: Apache-2.0
"""Who runs xcrash on the live machine, and what of it a container takes away."""

from __future__ import annotations

import os
import re

from xcrash.host.sysroot import Sysroot
from xcrash.host.values import Privileges

# include/uapi/linux/capability.h
_CAPABILITIES = (
    ("CAP_DAC_READ_SEARCH", 2),
    ("CAP_SYS_MODULE", 16),
    ("CAP_SYS_RAWIO", 17),
    ("CAP_SYS_ADMIN", 21),
    ("CAP_SYSLOG", 34),
)
_EFFECTIVE = re.compile(r"^CapEff:\s*([0-9a-fA-F]{1,32})$", re.MULTILINE)
_USER = re.compile(r"^Uid:\s*\d{1,10}\s+(\d{1,10})\s", re.MULTILINE)
_EVERYBODY = ["0", "0", "4294967295"]
_IN_CGROUP = (("kubepods", "kubernetes"), ("docker", "docker"), ("libpod", "podman"), ("/lxc", "lxc"))


def read_privileges(root: Sysroot) -> Privileges | None:
    """Effective uid, the capabilities that reading memory takes, and the container; None unless the root is live.

    Capabilities of a user namespace do not count: /proc/kcore, /dev/mem and modules ask for those of the machine.
    """
    if root.kind != "live":
        return None
    status = root.text("/proc/self/status", 1 << 16) or ""
    user = _USER.search(status)
    own_users = _own_users(root.text("/proc/self/uid_map", 1 << 16))
    capabilities = () if own_users else effective_capabilities(status)
    return Privileges(
        uid=int(user[1]) if user else os.geteuid(),
        capabilities=capabilities,
        container=container_of(root) or ("user namespace" if own_users else None),
    )


def effective_capabilities(status: str) -> tuple[str, ...]:
    """The names, of those that matter here, in the ``CapEff`` line of /proc/PID/status."""
    match = _EFFECTIVE.search(status)
    mask = int(match[1], 16) if match else 0
    return tuple(name for name, bit in _CAPABILITIES if mask >> bit & 1)


def container_of(root: Sysroot) -> str | None:
    """The kind of container ("docker", "podman", "lxc"...) around the root; None when nothing hints at one."""
    if root.kind_of("/run/.containerenv"):
        return "podman"
    if root.kind_of("/.dockerenv"):
        return "docker"
    said = (root.text("/run/systemd/container", 256) or "").strip() or _in_environment(root)
    if said:
        return said[:40]
    groups = root.text("/proc/1/cgroup", 1 << 16) or ""
    return next((name for hint, name in _IN_CGROUP if hint in groups), None)


def _in_environment(root: Sysroot) -> str | None:
    """systemd's container interface: the first process has ``container=NAME``; only root can read that."""
    seen = dict(root.unread)
    variables = (root.read("/proc/1/environ", 1 << 16) or b"").split(b"\0")
    if "/proc/1/environ" not in seen:
        root.unread.pop("/proc/1/environ", None)  # of no interest: the other hints do not need root
    value = next((item.removeprefix(b"container=") for item in variables if item.startswith(b"container=")), b"")
    return value.decode("utf-8", "replace").strip() or None


def _own_users(uid_map: str | None) -> bool:
    return uid_map is not None and bool(uid_map.strip()) and uid_map.split() != _EVERYBODY
