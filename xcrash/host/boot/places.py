# SPDX-License-Identifier: Apache-2.0
"""Every boot loader configuration that is on a root, read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from xcrash.host.boot import bls, systemd_boot, xen_cfg
from xcrash.host.boot.elilo import parse_elilo
from xcrash.host.boot.extlinux import parse_extlinux
from xcrash.host.boot.grub2 import parse_grub_cfg
from xcrash.host.boot.grub_legacy import parse_menu_lst
from xcrash.host.boot.grubenv import parse_grubenv
from xcrash.host.boot.located import LONGEST_PATH, SYSTEM_PARTITIONS, Located
from xcrash.host.boot.menu import MOST_ENTRIES, Menu, is_xen_name, words_of
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import BootEntry

MOST_DIRECTORIES = 32
MOST_TEXT = 4 << 20
"""Characters of configuration that are read in all."""
MOST_NAMES = 64
LARGEST_SMALL_FILE = 1 << 16

_GRUB2 = ("/boot/grub2", "/boot/grub")
_LEGACY = ("/boot/grub/grub.conf", "/boot/grub/menu.lst", "/etc/grub.conf")
_EXTLINUX = ("/boot/extlinux/extlinux.conf", "/boot/extlinux.conf", "/boot/syslinux/syslinux.cfg")
_ELILO = ("/etc/elilo.conf",)


def read_menus(root: Sysroot) -> list[Menu]:
    """The menus that offer anything, the most likely kind first; the same text under two names counts once."""
    located = Located(root)
    chained = _XenConfigurations(root, located)
    seen: set[str] = set()
    found = [
        *_grub2_menus(root, chained, seen),
        *_systemd_boot_menus(root, chained),
        *_xen_cfg_menus(root, seen),
        *(parse_extlinux(text, path) for path, text in _texts(root, _EXTLINUX, seen)),
        *(parse_elilo(text, path) for path, text in _texts(root, _ELILO, seen)),
        *(parse_menu_lst(text, path) for path, text in _texts(root, _LEGACY, seen)),
    ]
    menus = [located.menu(menu) for menu in found if menu.entries]
    return [_without_lines(menu) for menu in menus] if root.kind == "supportconfig" else menus


def _texts(root: Sysroot, paths: Sequence[str], seen: set[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        if sum(len(text) for text in seen) > MOST_TEXT:
            return
        text = root.text(path)
        if text and text not in seen:
            seen.add(text)
            yield path, text


class _XenConfigurations:
    """The configurations of chain-loaded Xen binaries, each read once."""

    def __init__(self, root: Sysroot, located: Located) -> None:
        self._root, self._located = root, located
        self._known: dict[str, Menu | None] = {}

    def complete(self, entry: BootEntry, binary: str, arguments: Sequence[str]) -> BootEntry:
        """``entry`` with what the binary would read: its arguments may repeat its name, ``-cfg=FILE`` names another
        file, a plain word is the section.
        """
        if len(binary) > LONGEST_PATH:
            return entry
        section: str | None = None
        directory, _, name = self._located.path(binary).rpartition("/")
        names = list(islice(xen_cfg.configuration_names(name), MOST_NAMES))
        for word in arguments:
            if word.startswith("-cfg="):
                names = [word[len("-cfg=") :]]
            elif not word.startswith(("-", "$")) and not word.lower().endswith(".efi"):
                section = word
        for candidate in names:
            menu = self._read(f"{directory}/{candidate}", f"{directory}/{name}")
            if menu is not None:
                return xen_cfg.completed(entry, menu, section)
        return entry

    def _read(self, path: str, binary: str) -> Menu | None:
        if path not in self._known:
            text = self._root.text(path, LARGEST_SMALL_FILE) if len(self._known) < MOST_NAMES else None
            self._known[path] = None if text is None else xen_cfg.parse_xen_cfg(text, path, binary)
        return self._known[path]


def _directories(root: Sysroot, path: str) -> list[str]:
    entries = [entry for entry in root.list(path) if entry.kind in ("directory", "link")]
    return [f"{path}/{entry.name}" for entry in entries[:MOST_DIRECTORIES]]


def _files(root: Sysroot, directory: str, suffix: str) -> list[str]:
    entries = [entry for entry in root.list(directory) if entry.kind in ("file", "link")]
    return [f"{directory}/{entry.name}" for entry in entries if entry.name.lower().endswith(suffix)][:MOST_ENTRIES]


def _grub2_menus(root: Sysroot, chained: _XenConfigurations, seen: set[str]) -> Iterator[Menu]:
    """grub.cfg of each place; entry files belong to GRUB when a grub.cfg asks for them, or when nothing else would."""
    directories = [*_GRUB2, *(each for esp in SYSTEM_PARTITIONS for each in _directories(root, f"{esp}/EFI"))]
    env: dict[str, str] = {}
    for directory in directories:
        env = {**parse_grubenv(root.text(f"{directory}/grubenv", LARGEST_SMALL_FILE)), **env}
    paths = [f"{directory}/grub.cfg" for directory in directories]
    menus = [parse_grub_cfg(text, path, env, chained.complete) for path, text in _texts(root, paths, seen)]
    asked = any(menu.blscfg for menu in menus)
    entries = _bls_entries(root, "/boot", env) if asked or not _systemd_boot_partitions(root) else []
    bls_menu = Menu(
        loader="bls",
        path="/boot/loader/entries",
        entries=bls.with_default(bls.newest_first(entries), env.get("saved_entry")),
    )
    return iter([bls_menu, *menus] if asked else [*menus, bls_menu])


def _bls_entries(root: Sysroot, partition: str, env: dict[str, str]) -> list[BootEntry]:
    paths = _files(root, f"{partition}/loader/entries", ".conf")
    texts = ((path, root.text(path, LARGEST_SMALL_FILE)) for path in paths)
    return [bls.parse_bls_entry(text, path, env) for path, text in texts if text]


def _systemd_boot_partitions(root: Sysroot) -> list[str]:
    """EFI system partitions that systemd-boot is on: GRUB reads entry files in /boot alone."""
    return [
        esp
        for esp in SYSTEM_PARTITIONS
        if root.kind_of(f"{esp}/loader/loader.conf") == "file"
        or root.kind_of(f"{esp}/EFI/systemd") == "directory"
        or (esp != "/boot" and _files(root, f"{esp}/loader/entries", ".conf"))
    ]


def _systemd_boot_menus(root: Sysroot, chained: _XenConfigurations) -> Iterator[Menu]:
    for esp in _systemd_boot_partitions(root):
        partitions = dict.fromkeys((esp, "/boot"))
        entries = bls.newest_first([entry for each in partitions for entry in _bls_entries(root, each, {})])
        entries = [
            chained.complete(entry, entry.hypervisor, words_of(entry.hypervisor_args)) if entry.hypervisor else entry
            for entry in entries[:MOST_ENTRIES]
        ]
        entries += [
            systemd_boot.unified_kernel(path)
            for each in partitions
            for path in _files(root, f"{each}/EFI/Linux", ".efi")
        ]
        default = systemd_boot.parse_loader_conf(root.text(f"{esp}/loader/loader.conf", LARGEST_SMALL_FILE) or "")
        yield Menu(
            loader="systemd-boot",
            path=f"{esp}/loader/loader.conf",
            entries=systemd_boot.with_default(entries[:MOST_ENTRIES], default),
        )


def _xen_cfg_menus(root: Sysroot, seen: set[str]) -> Iterator[Menu]:
    """For each xen*.efi the configuration it would read; then each xen*.cfg that no binary claims."""
    for directory in (each for esp in SYSTEM_PARTITIONS for each in _directories(root, f"{esp}/EFI")):
        for binary in _files(root, directory, ".efi"):
            menu = _xen_cfg_of(root, binary, seen) if is_xen_name(binary) else None
            if menu:
                yield menu
        paths = [path for path in _files(root, directory, ".cfg") if is_xen_name(path)]
        for path, text in _texts(root, paths, seen):
            yield xen_cfg.parse_xen_cfg(text, path, path[: -len(".cfg")] + ".efi")


def _xen_cfg_of(root: Sysroot, binary: str, seen: set[str]) -> Menu | None:
    directory, _, name = binary.rpartition("/")
    for candidate in xen_cfg.configuration_names(name):
        text = root.text(f"{directory}/{candidate}")
        if text is not None:
            if text in seen:
                return None
            seen.add(text)
            return xen_cfg.parse_xen_cfg(text, f"{directory}/{candidate}", binary)
    return None


def _without_lines(menu: Menu) -> Menu:
    """A supportconfig drops comments and blank lines: its line numbers are not those of the machine."""
    entries = (
        msgspec.structs.replace(entry, line=None, hypervisor_line=None, kernel_line=None) for entry in menu.entries
    )
    return msgspec.structs.replace(menu, entries=tuple(entries))
