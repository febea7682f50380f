# SPDX-License-Identifier: Apache-2.0
"""xen.cfg: what ``xen.efi`` reads when the firmware, or a chain-loader, starts it without modules."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from xcrash.host.boot.menu import LONGEST_SHARED, MOST_ENTRIES, Menu, joined
from xcrash.host.values import BootEntry

LONGEST_NAME = 255
"""Of a file (include/uapi/linux/limits.h, NAME_MAX); a binary of a longer name has no configuration beside it."""

_KEYS = frozenset({"default", "options", "kernel", "ramdisk"})


def configuration_names(binary: str) -> Iterator[str]:
    """The file names that a binary looks for beside itself, in order: ``xen-4.17-rc.efi`` tries ``xen-4.17-rc.cfg``,
    ``xen-4.17.cfg``, ``xen-4.cfg``, ``xen.cfg``.

    Source: docs/misc/efi.pandoc of Xen: parts of the name are dropped from the end, at ``.``, ``-`` and ``_``.
    """
    if len(binary) > LONGEST_NAME:
        return
    name = binary[: -len(".efi")] if binary.lower().endswith(".efi") else binary
    while name:
        yield f"{name}.cfg"
        name = name[: max(name.rfind(mark) for mark in ".-_")] if any(mark in name for mark in ".-_") else ""


def parse_xen_cfg(text: str, path: str, binary: str, section: str | None = None) -> Menu:
    """One entry per section; ``[global]`` has the default and what other sections leave out.

    ``binary`` is the path of the EFI file; ``section`` is the one asked for on its command line. File names are
    relative to the directory of the binary.
    """
    sections, lines = _sections(text)
    common = sections.pop("global", {})
    wanted = section or common.get("default")
    directory = binary.rpartition("/")[0]
    entries: list[BootEntry] = []
    for name, keys in sections.items():
        found = {**common, **keys}
        kernel = found.get("kernel", "").split()
        if not kernel:
            continue
        ramdisk = found.get("ramdisk", "").split()
        entries.append(
            BootEntry(
                title=name,
                id=name,
                config_path=path,
                line=lines[name, ""],
                hypervisor=binary,
                hypervisor_args=joined(found.get("options", "").split()),
                hypervisor_line=lines.get((name, "options"), lines.get(("global", "options"))),
                kernel=_beside(directory, kernel[0]),
                kernel_args=joined(kernel[1:]),
                kernel_line=lines.get((name, "kernel"), lines.get(("global", "kernel"))),
                initrd=_beside(directory, ramdisk[0]) if ramdisk else None,
                default=name == wanted if wanted else None,
            )
        )
    return Menu(loader="xen.cfg", path=path, entries=tuple(entries))


def completed(entry: BootEntry, menu: Menu, section: str | None) -> BootEntry:
    """``entry``, which starts the binary of ``menu``, with what the section asked for, or the default, says."""
    for found in menu.entries:
        if found.id == section if section else found.default:
            return msgspec.structs.replace(
                entry,
                config_path=found.config_path,
                line=found.line,
                hypervisor_args=found.hypervisor_args,
                hypervisor_line=found.hypervisor_line,
                kernel=found.kernel,
                kernel_args=found.kernel_args,
                kernel_line=found.kernel_line,
                initrd=found.initrd,
            )
    return entry


def _sections(text: str) -> tuple[dict[str, dict[str, str]], dict[tuple[str, str], int]]:
    """Keys by section, and the line of each section (key "") and key."""
    sections: dict[str, dict[str, str]] = {}
    lines: dict[tuple[str, str], int] = {}
    name: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("["):
            name = line[1:].partition("]")[0].strip()
            if name not in sections and len(sections) > MOST_ENTRIES:
                name = None
            elif name not in sections:
                sections[name] = {}
                lines[name, ""] = number
        elif name is not None and "=" in line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            key, value = key.strip(), value.strip()
            if key in _KEYS:
                sections[name].setdefault(key, value[:LONGEST_SHARED] if name == "global" else value)
                lines.setdefault((name, key), number)
    return sections, lines


def _beside(directory: str, name: str) -> str:
    name = name.replace("\\", "/")
    return name if name.startswith("/") else f"{directory}/{name}"
