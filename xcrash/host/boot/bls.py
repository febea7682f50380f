# SPDX-License-Identifier: Apache-2.0
"""Boot Loader Specification entries: one file per entry, read by GRUB's ``blscfg`` and by systemd-boot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from xcrash.host.boot.menu import is_xen_name, words_of
from xcrash.host.boot.shell_words import expanded
from xcrash.host.values import BootEntry

_RUN = re.compile(r"[0-9]+|[A-Za-z]+|~")


def parse_bls_entry(text: str, path: str, env: Mapping[str, str]) -> BootEntry:
    """One entry file (``/boot/loader/entries/ID.conf``); its id is the file's name.

    ``$kernelopts``, ``$tuned_params`` and other variables are filled in from ``env`` (the environment block) when they
    are there, else kept. An ``efi`` key that names Xen is the hypervisor. Source: the specification, UAPI.1.
    """
    fields: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        key, _, value = line.strip().replace("\t", " ", 1).partition(" ")
        if not key or key.startswith("#"):
            continue
        value = value.strip()
        if key in ("options", "initrd") and key in fields:
            value = f"{fields[key][0]} {value}"[:65536]
        fields[key] = (value, number)
    name = path.rpartition("/")[2].removesuffix(".conf")
    values = {key: value for key, (value, _) in fields.items()}
    options = expanded(values.get("options", ""), lambda variable: env.get(variable)).strip() or None
    kernel = values.get("linux") or values.get("efi") or values.get("uki") or None
    entry = BootEntry(
        title=values.get("title") or name,
        id=name,
        config_path=path,
        line=1,
        kernel=kernel,
        kernel_args=options,
        kernel_line=fields["options"][1] if "options" in fields else None,
        initrd=" ".join(word for word in words_of(values.get("initrd")) if "$" not in word) or None,
    )
    if kernel and "linux" not in values and is_xen_name(kernel):
        return msgspec.structs.replace(
            entry, hypervisor=kernel, hypervisor_args=options, kernel=None, kernel_args=None, kernel_line=None
        )
    return entry


def newest_first(entries: Sequence[BootEntry]) -> list[BootEntry]:
    """Entries by descending version of their file names, the order of GRUB's menu (blscfg.c, rpmvercmp)."""
    return sorted(entries, key=lambda entry: version_key(entry.id or ""), reverse=True)


def version_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts names as rpm does: ``~`` before the end, letters before numbers, numbers by value."""
    key: list[tuple[int, int, str]] = []
    for run in _RUN.findall(text):
        if run == "~":
            key.append((-1, 0, ""))
        elif run[0].isdigit():
            digits = run.lstrip("0")
            key.append((2, len(digits), digits))
        else:
            key.append((1, 0, run))
    return (*key, (0, 0, ""))


def with_default(entries: Sequence[BootEntry], saved: str | None) -> tuple[BootEntry, ...]:
    """The entries with the one marked that boots by itself: ``saved`` is an id, a title or a number, else the first."""
    chosen = 0
    if saved:
        wanted = saved.removesuffix(".conf")
        chosen = next((at for at, entry in enumerate(entries) if wanted in (entry.id, entry.title)), 0)
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 6:
            chosen = int(wanted) if int(wanted) < len(entries) else 0
    return tuple(msgspec.structs.replace(entry, default=at == chosen) for at, entry in enumerate(entries))
