# SPDX-License-Identifier: Apache-2.0
"""elilo: elilo.conf of Itanium machines and of SLES 11 on UEFI."""

from __future__ import annotations

import re

from xcrash.host.boot.menu import LONGEST_SHARED, MOST_ENTRIES, Menu, joined
from xcrash.host.values import BootEntry

_KEYS = frozenset({"image", "label", "description", "vmm", "append", "root", "initrd", "default"})
_LINE = re.compile(r"\s*([A-Za-z_-]+)\s*(?:=\s*(.*))?\Z")


def parse_elilo(text: str, path: str) -> Menu:
    """The images of an elilo.conf; with ``vmm`` an image is Xen's Dom0, and ``append`` is ``XEN -- DOM0``.

    Source: docs/elilo.txt. Keys before the first image hold for every image that does not set them.
    """
    common: dict[str, tuple[str, int]] = {}
    images: list[dict[str, tuple[str, int]]] = []
    for number, line in enumerate(text.split("\n"), 1):
        match = None if line.lstrip().startswith("#") else _LINE.match(line.rstrip())
        if match is None:
            continue
        key, value = match[1].lower(), _unquoted(match[2] or "")
        if key == "image" and len(images) < MOST_ENTRIES:
            images.append({})
        if key in _KEYS:
            (images[-1] if images else common)[key] = (value, number) if images else (value[:LONGEST_SHARED], number)
    default = common.get("default", ("", 0))[0]
    return Menu(
        loader="elilo", path=path, entries=tuple(_entry({**common, **image}, path, default) for image in images)
    )


def _unquoted(value: str) -> str:
    return value[1:].partition('"')[0] if value.startswith('"') else value.partition("#")[0].strip()


def _entry(keys: dict[str, tuple[str, int]], path: str, default: str) -> BootEntry:
    kernel, line = keys["image"]
    label = keys.get("label", ("", 0))[0] or None
    append, at = keys.get("append", ("", line))
    hypervisor, hypervisor_at = keys.get("vmm", (None, None))
    words = append.split()
    split = words.index("--") if hypervisor and "--" in words else None
    xen, words = ([], words) if split is None else (words[:split], words[split + 1 :])
    if "root" in keys:
        words = [f"root={keys['root'][0]}", *words]
    return BootEntry(
        title=keys.get("description", ("", 0))[0] or label or kernel,
        id=label,
        config_path=path,
        line=line,
        default=label == default if default else None,
        hypervisor=hypervisor,
        hypervisor_args=joined(xen),
        hypervisor_line=hypervisor_at if split is None else at,
        kernel=kernel or None,
        kernel_args=joined(words),
        kernel_line=at,
        initrd=keys.get("initrd", ("", 0))[0] or None,
    )
