# SPDX-License-Identifier: Apache-2.0
"""Where dumps are left: the directories of the distributions' dump writers, and what their configuration says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from xcrash.host.sysroot import LocalRoot, Sysroot

_HOMES = (
    ("/var/crash", "kdump's directory"),
    ("/var/spool/abrt", "abrt's directory"),
    ("/var/tmp/abrt", "abrt's directory"),  # noqa: S108 - looked into, never written
    ("/var/lib/kdump", "kdump's directory"),
    ("/var/kdump", "the directory of Container-Optimized OS"),
    ("/var/lib/xen/dump", "xl dump-core's directory"),
    ("/var/xen/dump", "xend's directory"),
    ("/var/lib/libvirt/qemu/dump", "libvirt's directory"),
    ("/var/log/dump", "LKCD's directory"),
)

_SETTINGS = (
    ("/etc/kdump.conf", re.compile(r"^\s*path\s+(\S+)", re.MULTILINE)),
    ("/etc/sysconfig/kdump", re.compile(r"^\s*KDUMP_SAVEDIR\s*=\s*[\"']?(?:file://)?(/[^\"'\s]*)", re.MULTILINE)),
    ("/etc/default/kdump-tools", re.compile(r"^\s*KDUMP_COREDIR\s*=\s*[\"']?(/[^\"'\s]*)", re.MULTILINE)),
)
"""Red Hat's kdump.conf(5), SUSE's kdump(5), Debian's kdump-tools: a directory on the machine itself."""

_NETWORK = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "lustre", "beegfs", "afs", "gfs2", "ocfs2", "gpfs", "autofs")
) | frozenset(("davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs2"))
_OCTAL = re.compile(r"\\([0-7]{3})")


class Home(NamedTuple):
    """A directory to look into, ``depth`` directories deep; ``path`` is how it is named on its machine."""

    path: str
    local: Path
    why: str
    depth: int = 1
    network: str | None = None


def homes(root: Sysroot, directory: Path, mounts: dict[str, str]) -> tuple[Home, ...]:
    """Every place to look at, the likely ones first, those on a network last: a server may not answer."""
    found = {
        home.local: home for home in (*_dump_homes(root), Home(str(directory), directory, "the current directory"))
    }
    placed = [home._replace(network=network_of(str(home.local), mounts)) for home in found.values()]
    return tuple(sorted(placed, key=lambda home: home.network is not None))


def _dump_homes(root: Sysroot) -> Iterator[Home]:
    for file, pattern in _SETTINGS:
        text = root.text(file)
        for match in pattern.finditer(text or ""):
            if match[1].startswith("/"):
                yield from _at(root, match[1].rstrip("/") or "/", f"named in {file}")
    for path, why in _HOMES:
        yield from _at(root, path, why)


def _at(root: Sysroot, path: str, why: str) -> Iterator[Home]:
    """The place on this machine; a report that is no tree has none."""
    if not isinstance(root, LocalRoot):
        return
    local = root.local(path)
    if local is not None:
        yield Home(path, local, why)


def network_mounts(mountinfo: Path = Path("/proc/self/mountinfo")) -> dict[str, str]:
    """Mount points whose files may be out of reach, with their types; reading this list never waits for a server."""
    try:
        text = mountinfo.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return {}
    found: dict[str, str] = {}
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ", 1)[0]
        if len(fields) > 4:
            point = _OCTAL.sub(lambda octal: chr(int(octal[1], 8)), fields[4])
            found[point] = kind
    return found


def network_of(path: str, mounts: dict[str, str]) -> str | None:
    """The type of the network file system that ``path`` lies on; None when it lies on this machine."""
    place = path
    while place not in mounts and place not in ("/", ""):
        place = place.rpartition("/")[0] or "/"
    kind = mounts.get(place)
    return kind if kind in _NETWORK else None
