# SPDX-License-Identifier: Apache-2.0
"""extlinux and its kin syslinux: extlinux.conf, where Xen is started through ``mboot.c32``."""

from __future__ import annotations

import msgspec

from xcrash.host.boot.menu import LONGEST_SHARED, MOST_ENTRIES, Menu, base_name, hypervisor_entry, joined
from xcrash.host.values import BootEntry


class _Label:
    def __init__(self, name: str, line: int) -> None:
        self.name, self.line = name, line
        self.title: str | None = None
        self.kernel: str | None = None
        self.kernel_line: int | None = None
        self.append: tuple[str, int] | None = None
        self.initrd: str | None = None
        self.marked = False


def parse_extlinux(text: str, path: str) -> Menu:
    """The labels of an extlinux.conf; with ``mboot.c32`` the parts of ``append`` between ``---`` are Xen, the Dom0
    kernel and the initrd.

    Source: the SYSLINUX documentation. ``include`` is not followed.
    """
    default: str | None = None
    common: tuple[str, int] | None = None
    labels: list[_Label] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split(None, 1)
        if not words or words[0].startswith("#"):
            continue
        key, value = words[0].lower(), words[1].strip() if len(words) > 1 else ""
        if key == "label" and len(labels) < MOST_ENTRIES:
            labels.append(_Label(value, number))
        elif key == "default" and not labels:
            default = value.split()[0] if value else None
        elif key == "append" and not labels:
            common = (value[:LONGEST_SHARED], number)
        elif labels:
            _take(labels[-1], key, value, number)
    marked = next((label.name for label in labels if label.marked), None)
    known = {label.name for label in labels}
    chosen = marked or (default if default in known else None)
    return Menu(loader="extlinux", path=path, entries=tuple(_entry(label, common, path, chosen) for label in labels))


def _take(label: _Label, key: str, value: str, number: int) -> None:
    if key in ("kernel", "linux", "com32"):
        words = value.split(None, 1)
        label.kernel, label.kernel_line = (words[0] if words else None), number
        if key == "linux" and len(words) > 1 and label.append is None:
            label.append = (words[1], number)
    elif key == "append":
        label.append = (value, number)
    elif key == "initrd":
        label.initrd = value
    elif key == "menu":
        kind, _, rest = value.partition(" ")
        if kind.lower() == "label":
            label.title = rest.strip().replace("^", "")
        elif kind.lower() == "default":
            label.marked = True


def _entry(label: _Label, common: tuple[str, int] | None, path: str, chosen: str | None) -> BootEntry:
    append, line = label.append or common or ("", label.kernel_line or label.line)
    entry = BootEntry(
        title=label.title or label.name,
        id=label.name,
        config_path=path,
        line=label.line,
        default=label.name == chosen if chosen else None,
    )
    if label.kernel and base_name(label.kernel).lower() == "mboot.c32":
        parts: list[list[str]] = [[]]
        for word in append.split():
            if word == "---":
                parts.append([])
            else:
                parts[-1].append(word)
        return hypervisor_entry(entry, [(part, line) for part in parts[:16]])
    words = [word for word in append.split() if not word.startswith("initrd=")]
    given = next((word[len("initrd=") :] for word in append.split() if word.startswith("initrd=")), None)
    return msgspec.structs.replace(
        entry, kernel=label.kernel, kernel_args=joined(words), kernel_line=line, initrd=label.initrd or given
    )
