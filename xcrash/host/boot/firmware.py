# SPDX-License-Identifier: Apache-2.0
"""What says from outside which boot loader starts: the UEFI boot variables, and SUSE's own setting."""

from __future__ import annotations

import re

from xcrash.host.boot.menu import base_name
from xcrash.host.boot.shell_words import commands
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import Loader

_CURRENT = re.compile(r"BootCurrent:\s*([0-9A-Fa-f]{4})\s*\Z")
_ENTRY = re.compile(r"Boot([0-9A-Fa-f]{4})\*?\s+(.*)")
_FILE = re.compile(r"\\[^\s()/]+\.efi", re.IGNORECASE)

_BY_NAME: tuple[tuple[str, tuple[Loader, ...]], ...] = (
    ("systemd-boot", ("systemd-boot",)),
    ("xen", ("xen.cfg",)),
    ("elilo", ("elilo",)),
    ("grub", ("grub2", "bls")),
    ("shim", ("grub2", "bls")),
)
_BY_TYPE: dict[str, tuple[Loader, ...]] = {
    "grub": ("grub-legacy",),
    "grub2": ("grub2", "bls"),
    "grub2-efi": ("grub2", "bls"),
    "grub2-bls": ("bls",),
    "elilo": ("elilo",),
    "systemd-boot": ("systemd-boot",),
}


def parse_efibootmgr(text: str) -> str | None:
    """The EFI file that was started ("\\EFI\\debian\\shimx64.efi"), from ``efibootmgr -v``; None: it does not say."""
    current: str | None = None
    files: dict[str, str] = {}
    for line in text.split("\n"):
        line = line.strip()
        if match := _CURRENT.match(line):
            current = match[1].upper()
        elif (match := _ENTRY.match(line)) and (file := _FILE.search(match[2])):
            files[match[1].upper()] = file[0]
    return files.get(current or "")


def configured_loaders(root: Sysroot) -> tuple[tuple[Loader, ...], str | None]:
    """The loaders that fit what the firmware started, or what SUSE's LOADER_TYPE names; and where that was read."""
    for argv in (("efibootmgr", "-v"), ("efibootmgr",)):
        file = parse_efibootmgr(root.command(*argv) or "")
        if file:
            name = base_name(file).lower()
            found = next((loaders for start, loaders in _BY_NAME if name.startswith(start)), ())
            if found:
                return found, f"the firmware started {file}"
    path = "/etc/sysconfig/bootloader"
    for command in commands(root.text(path) or ""):
        if command.words and command.words[0].startswith("LOADER_TYPE="):
            kind = command.words[0].partition("=")[2]
            if kind in _BY_TYPE:
                return _BY_TYPE[kind], f"LOADER_TYPE={kind} in {path}"
    return (), None
