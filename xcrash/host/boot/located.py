# SPDX-License-Identifier: Apache-2.0
"""From a path as a boot loader writes it to the path on the machine."""

from __future__ import annotations

import posixpath
import re

import msgspec

from xcrash.host.boot.menu import Menu
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import BootEntry

SYSTEM_PARTITIONS = ("/boot/efi", "/efi", "/boot")
"""Where the EFI system partition is mounted."""

_DEVICE = re.compile(r"\([^()]*\)")
_SUBVOLUME = re.compile(r"/@[^/]*(?=/)")
LONGEST_PATH = 4096


class Located:
    """Finds a boot loader's paths on a root: they are relative to a file system, often that of a separate /boot."""

    def __init__(self, root: Sysroot) -> None:
        self._root = root
        self._known: dict[str, str] = {}
        self._exists: dict[str, bool] = {}
        self._boot_is_separate = _mounts_boot(root.text("/etc/fstab") or "")

    def path(self, written: str, beside: str = "/") -> str:
        """The path on the machine; relative names are ``beside`` a directory.

        The first candidate that exists. When none does (a report holds no kernels) the /boot of /etc/fstab and the
        subvolume prefixes of btrfs decide; a path with a variable in it stays as it is.
        """
        if "$" in _DEVICE.sub("", written, count=1) or len(written) > LONGEST_PATH or not written:
            return written
        key = written if written.startswith(("/", "(", "\\")) else f"{beside}/{written}"
        if key not in self._known:
            self._known[key] = self._find(key)
        return self._known[key]

    def menu(self, menu: Menu) -> Menu:
        """``menu`` with every path found."""
        beside = posixpath.dirname(menu.path)
        return msgspec.structs.replace(menu, entries=tuple(self._entry(entry, beside) for entry in menu.entries))

    def _entry(self, entry: BootEntry, beside: str) -> BootEntry:
        return msgspec.structs.replace(
            entry,
            hypervisor=self.path(entry.hypervisor, beside) if entry.hypervisor else entry.hypervisor,
            kernel=self.path(entry.kernel, beside) if entry.kernel else entry.kernel,
            initrd=" ".join(self.path(one, beside) for one in entry.initrd.split()[:8]) if entry.initrd else None,
        )

    def _find(self, written: str) -> str:
        written = _DEVICE.sub("", written, count=1) if written.startswith("(") else written
        path = posixpath.normpath("/" + written.replace("\\", "/")).replace("//", "/")
        bare = _SUBVOLUME.sub("", path, count=1) if path.startswith("/@") else path
        suffix = path[path.rfind("/boot/") :] if "/boot/" in path else path
        candidates = [path] if path.startswith("/boot/") else []
        candidates += [f"/boot{path}", path, bare, suffix]
        candidates += [f"{partition}{path}" for partition in SYSTEM_PARTITIONS]
        for candidate in candidates:
            if candidate not in self._exists:
                self._exists[candidate] = self._root.kind_of(candidate) is not None
            if self._exists[candidate]:
                return candidate
        if path.startswith("/@"):
            return suffix if "/boot/" in path else bare
        return f"/boot{path}" if self._boot_is_separate and not path.startswith("/boot/") else path


def _mounts_boot(fstab: str) -> bool:
    lines = (line.split(None, 2) for line in fstab.split("\n"))
    return any(len(words) > 1 and words[1] == "/boot" and not words[0].startswith("#") for words in lines)
