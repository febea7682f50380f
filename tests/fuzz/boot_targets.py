# SPDX-License-Identifier: Apache-2.0
"""The parsers of boot loaders' configurations, one by one and all together on a machine."""

from __future__ import annotations

from typing import Final

from tests.fuzz.given import Machine, Target, encodes, machine_of, of_text
from tests.unit.host.boot import fixtures
from tests.unit.host.test_xen import SYSFS, XL_INFO
from xcrash.host.boot import bls, systemd_boot, xen_cfg
from xcrash.host.boot.change import how_to_set
from xcrash.host.boot.elilo import parse_elilo
from xcrash.host.boot.extlinux import parse_extlinux
from xcrash.host.boot.firmware import parse_efibootmgr
from xcrash.host.boot.grub2 import parse_grub_cfg
from xcrash.host.boot.grub_default import parse_grub_default
from xcrash.host.boot.grub_legacy import parse_menu_lst
from xcrash.host.boot.grubenv import parse_grubenv
from xcrash.host.boot.menu import MOST_ENTRIES, Menu, joined, words_of
from xcrash.host.boot.shell_words import commands, expanded
from xcrash.host.facts import look_at_host
from xcrash.host.memory_sources import probe_memory

_GRUB: Final = ["menuentry ", "submenu ", "{", "}", "'", '"', "\\\n", "${saved_entry}", "$(", "`", "set default=",
                "multiboot2 /xen ", "module2 /v ", "linux /v ", "chainloader /xen.efi ", "--id ", ">",
                "blscfg\n"]  # fmt: skip
_ELILO: Final = (
    "default=xen\nroot=/dev/sda2\nimage=vmlinuz-2.6.18xen\n\tvmm=xen.gz\n\tlabel=xen\n"
    '\tappend="dom0_mem=1G -- rhgb --x"\nimage = vmlinuz\n label = linux # plain\n'
)
_DEFAULT: Final = (
    'A=\'one $B\'\nB=two\nA+=" three"\nexport C="$A ${B}x $Z"\nD=`date +%s`\nE=$(id -u)\nif true; then\n  B=no\nfi\n'
)
_EFIBOOTMGR: Final = "BootCurrent: 0001\nBoot0001* debian\tHD(1,GPT)/File(\\EFI\\debian\\shimx64.efi)\n"
_LOADER_CONF: Final = "default debian-*\ntimeout 3\n"


def _menu(menu: Menu) -> Menu:
    assert len(menu.entries) <= MOST_ENTRIES + 1
    return menu


def _grub2(text: str) -> Menu:
    first, _, rest = text.partition("\n")
    return _menu(parse_grub_cfg(rest, "/boot/grub/grub.cfg", {"saved_entry": first}))


def _xen_cfg(text: str) -> object:
    first, _, rest = text.partition("\n")
    binary = f"/boot/efi/{first}"
    menu = parse_xen_cfg(rest, binary)
    entry = menu.entries[0] if menu.entries else None
    found = xen_cfg.completed(entry, menu, first) if entry else None
    return menu, found, list(xen_cfg.configuration_names(first))


def parse_xen_cfg(text: str, binary: str) -> Menu:
    """The configuration beside a binary."""
    return _menu(xen_cfg.parse_xen_cfg(text, "/boot/efi/xen.cfg", binary))


def _entries(text: str) -> object:
    """The entry files of one directory, and what chooses among them."""
    wanted, *files = text.split("\f")
    env = parse_grubenv(wanted)
    entries = [bls.parse_bls_entry(file, f"/loader/entries/{at}{file[:9]}.conf", env) for at, file in enumerate(files)]
    default = systemd_boot.parse_loader_conf(wanted)
    return (
        bls.with_default(bls.newest_first(entries), env.get("saved_entry") or wanted),
        systemd_boot.with_default([*entries, systemd_boot.unified_kernel(f"/EFI/Linux/{wanted}")], default),
    )


def _variables(text: str) -> object:
    found = parse_grub_default(text, "/etc/default/grub", {})
    env = parse_grubenv(text)
    words = words_of(text)
    return found, env, joined(words), expanded(text, env.get), list(commands(text, env.get)), parse_efibootmgr(text)


def machine(data: bytes) -> None:
    """Everything that is known of a machine whose files and answers of commands are in the bytes."""
    root = Machine(data)
    facts = look_at_host(root)
    encodes((facts, probe_memory(root, facts.kernel)))
    for parameter in ("dom0_max_vcpus=4", "crashkernel"):
        encodes(how_to_set(facts.boot, facts.os, parameter))


_RUNNING: Final = {
    "/proc/cmdline": "placeholder root=UUID=1 ro quiet\n",
    "/proc/version": "Linux version 6.1.0-50-amd64 (x@y) #1 SMP\n",
    "/proc/sys/kernel/osrelease": "6.1.0-50-amd64\n",
}
_XEN: Final = {**_RUNNING, **{path: value for path, value in SYSFS.items() if isinstance(value, str)}}
_COMMANDS: Final = {
    "xl info": XL_INFO,
    "uname -a": "Linux h 6.1.0 #1 SMP x x86_64 GNU/Linux\n",
    "efibootmgr -v": _EFIBOOTMGR,
}
_TREES: Final = [
    machine_of({**files, **running}, _COMMANDS)
    for files, running in (
        (fixtures.XCPNG, _XEN), (fixtures.QUBES, _XEN), (fixtures.RHEL9, _RUNNING), (fixtures.XEN_EFI, _XEN),
        (fixtures.EXTLINUX, _RUNNING), ({"/boot/grub/menu.lst": fixtures.MENU_LST, **_RUNNING}, _XEN),
    )
]  # fmt: skip

TARGETS: Final = {
    "boot-grub2": of_text(
        _grub2, ["a>b\n" + text for files in (fixtures.XCPNG, fixtures.QUBES, fixtures.RHEL9)
                 for path, text in files.items() if path.endswith("grub.cfg")], _GRUB,
    ),
    "boot-grub-legacy": of_text(
        lambda text: _menu(parse_menu_lst(text, "/boot/grub/menu.lst")), [fixtures.MENU_LST],
        ["title ", "kernel ", "module ", "initrd ", "default ", "\\\n", "=", "--"],
    ),
    "boot-extlinux": of_text(
        lambda text: _menu(parse_extlinux(text, "/boot/extlinux.conf")), [fixtures.EXTLINUX["/boot/extlinux.conf"]],
        ["label ", "append ", " --- ", "mboot.c32", "menu label ", "default ", "menu default\n"],
    ),
    "boot-elilo": of_text(
        lambda text: _menu(parse_elilo(text, "/etc/elilo.conf")), [_ELILO],
        ["image=", "vmm=", "append=", " -- ", "label=", '"', "#"],
    ),
    "boot-xen-cfg": of_text(
        _xen_cfg, ["xen-4.17-rc.efi\n" + fixtures.XEN_CFG], ["[global]\n", "[", "]", "kernel=", "options=", "default="]
    ),
    "boot-entries": of_text(
        _entries,
        ["\f".join(["saved_entry=1\nkernelopts=ro\ndefault *9*\n",
                    *(text for path, text in fixtures.RHEL9.items() if "/entries/" in path)])],
        ["\f", "options ", "linux ", "efi /xen.efi\n", "$kernelopts", "default ", "*", "?", "saved_entry=", "~"],
    ),
    "boot-variables": of_text(
        _variables, [_DEFAULT, _EFIBOOTMGR, fixtures.RHEL9["/boot/grub2/grubenv"], _LOADER_CONF],
        ["${A}", "$A", "+=", "\\\n", '"', "'", "`", "$(", "if ", "fi\n", "BootCurrent: ", "Boot0000* "],
    ),
    "machine": Target(machine, [*_TREES, *(b"s" + tree for tree in _TREES[:2])], [b"\n@@ /", b"\n@@ $ xl info\n"]),
}  # fmt: skip
