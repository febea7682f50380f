# SPDX-License-Identifier: Apache-2.0
"""Which kernel runs, or last ran, on a machine, and what says so."""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from xcrash.host.kernel_config import read_kernel_config
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import RunningKernel

NOTES = "/sys/kernel/notes"
MOST_NOTES = 256
_MODULES = ("/lib/modules", "/usr/lib/modules")
_PROC_VERSION = re.compile(r"Linux version (\S{1,200}) ")
_BOOT_IMAGE = re.compile(r"(?:^|\s)BOOT_IMAGE=\S*?vmlinu[xz]-(\d\S{0,200})")
# uname -m of the ELF machines that crash is built for (elf.h).
_ELF_MACHINES = {
    3: "i686", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 43: "sparc64", 50: "ia64", 62: "x86_64",
    183: "aarch64", 243: "riscv64", 258: "loongarch64",
}  # fmt: skip
_MACHINES = frozenset(
    (*_ELF_MACHINES.values(), "i386", "i486", "i586", "ppc64le", "armv7l", "armv6l", "mips64", "s390")
)
_NAMED_IN_RELEASE = {"amd64": "x86_64", "arm64": "aarch64", "ppc64el": "ppc64le", "powerpc64le": "ppc64le"}


class Uname(NamedTuple):
    """What of ``uname -a`` can be told apart."""

    nodename: str
    release: str
    machine: str | None


def read_running_kernel(root: Sysroot) -> RunningKernel:
    """The kernel and its configuration; for a copy without traces of one, the only one it has modules for."""
    version = _line(root, "/proc/version")
    cmdline = _line(root, "/proc/cmdline")
    notes = kernel_notes(root.read(NOTES, 1 << 16) or b"")
    uname = read_uname(root)
    release, evidence = _release(root, version, cmdline, notes, uname)
    return RunningKernel(
        release=release,
        release_from=evidence,
        version=version,
        machine=_machine(root, release, uname),
        build_id=_build_id(notes),
        cmdline=cmdline,
        config=read_kernel_config(root, release),
    )


def read_uname(root: Sysroot) -> Uname | None:
    """The answer to ``uname -a``; a report keeps it."""
    for line in (root.command("uname", "-a") or "").splitlines():
        words = line.split()
        if len(words) >= 4 and words[0] == "Linux":
            return Uname(words[1], words[2], _machine_of(words[3:]))
    return None


def kernel_notes(data: bytes) -> list[tuple[bytes, int, bytes]]:
    """Owner, type and content of each ELF note in /sys/kernel/notes, up to the first that does not fit.

    Layout: include/linux/elfnote.h, all parts aligned to 4 bytes. No note has a name as long as a number that was
    written in the other byte order looks.
    """
    header = struct.Struct("<III" if len(data) >= 4 and int.from_bytes(data[:4], "little") < 0x10000 else ">III")
    found: list[tuple[bytes, int, bytes]] = []
    at = 0
    while at + header.size <= len(data) and len(found) < MOST_NOTES:
        name_size, size, kind = header.unpack_from(data, at)
        name_at = at + header.size
        desc_at = name_at + (name_size + 3 & ~3)
        if desc_at + size > len(data):
            break
        found.append((data[name_at : name_at + name_size].rstrip(b"\0"), kind, data[desc_at : desc_at + size]))
        at = desc_at + (size + 3 & ~3)
    return found


def _release(
    root: Sysroot, version: str | None, cmdline: str | None, notes: list[tuple[bytes, int, bytes]], uname: Uname | None
) -> tuple[str | None, str | None]:
    # The machine's own word first; the command line only names the file that the loader was told to start.
    named = _PROC_VERSION.match(version or "")
    booted = _BOOT_IMAGE.search(cmdline or "")
    for release, evidence in (
        (_line(root, "/proc/sys/kernel/osrelease"), "/proc/sys/kernel/osrelease"),
        (named and named[1], "/proc/version"),
        (uname and uname.release, "uname -a"),
        (_build_salt(notes), f"build salt in {NOTES}"),
        (booted and _without_suffix(booted[1]), "BOOT_IMAGE in /proc/cmdline"),
    ):
        if release:
            return release, evidence
    return _only_modules(root)


def _only_modules(root: Sysroot) -> tuple[str | None, str | None]:
    for directory in _MODULES:
        names = [entry.name for entry in root.list(directory) if entry.kind == "directory" and entry.name[:1].isdigit()]
        if len(names) == 1:
            return names[0], f"the only directory in {directory}"
        if names:
            break
    return None, None


def _without_suffix(release: str) -> str:
    return next((release[: -len(end)] for end in (".gz", ".xz", ".efi") if release.endswith(end)), release)


def _machine(root: Sysroot, release: str | None, uname: Uname | None) -> str | None:
    said = (root.command("uname", "-m") or "").strip()
    if said in _MACHINES:
        return said
    if uname and uname.machine:
        return uname.machine
    last = re.split(r"[.-]", release or "")[-1]
    if last in _MACHINES or last in _NAMED_IN_RELEASE:
        return _NAMED_IN_RELEASE.get(last, last)
    for path in ("/bin/sh", "/usr/bin/sh", "/bin/bash", "/bin/busybox", "/sbin/init"):
        machine = _elf_machine(root.read(path, 64) or b"")
        if machine:
            return machine
    return None


def _machine_of(words: list[str]) -> str | None:
    """Machine, processor and platform stand before the ``GNU/Linux`` at the end; the last two may be missing."""
    machine = None
    for word in reversed(words[:-1] if words[-1] == "GNU/Linux" else words):
        if word not in _MACHINES and word != "unknown":
            break
        machine = word if word != "unknown" else machine
    return machine


def _elf_machine(head: bytes) -> str | None:
    if len(head) < 20 or not head.startswith(b"\x7fELF") or head[5] not in (1, 2):
        return None
    little = head[5] == 1
    machine = _ELF_MACHINES.get(int.from_bytes(head[18:20], "little" if little else "big"))
    return "ppc64le" if machine == "ppc64" and little else machine


def _build_id(notes: list[tuple[bytes, int, bytes]]) -> str | None:
    return next(
        (desc.hex() for owner, kind, desc in notes if (owner, kind) == (b"GNU", 3) and 4 <= len(desc) <= 64), None
    )


def _build_salt(notes: list[tuple[bytes, int, bytes]]) -> str | None:
    """Distributions set CONFIG_BUILD_SALT to the release (kernel 4.19, init/version.c)."""
    salt = next((desc for owner, kind, desc in notes if (owner, kind) == (b"Linux", 0x100)), b"")
    text = salt[:256].split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    return text if text[:1].isdigit() else None


def _line(root: Sysroot, path: str) -> str | None:
    return (root.text(path, 1 << 16) or "").replace("\0", " ").strip() or None
