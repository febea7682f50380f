# SPDX-License-Identifier: Apache-2.0
"""GRUB legacy: menu.lst, also named grub.conf."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from xcrash.host.boot.menu import MOST_ENTRIES, Menu, hypervisor_entry, joined
from xcrash.host.values import BootEntry

_COMMAND = re.compile(r"\s*([A-Za-z_]+)(?:[\s=]+|\Z)")
_MOST_IMAGES = 16


def parse_menu_lst(text: str, path: str) -> Menu:
    """The entries of a menu.lst; ``default N`` counts titles from 0, "saved" names none here.

    Source: the GRUB legacy manual, and stage2/builtins.c: some commands take ``=`` before their argument. The image
    of ``kernel`` is a hypervisor when ``module`` lines follow.
    """
    default: int | None = 0
    titles: list[tuple[str, int]] = []
    images: list[list[tuple[str, list[str], int]]] = []
    for line, command, rest in _lines(text):
        if command == "title":
            if len(titles) == MOST_ENTRIES:
                break
            titles.append((rest, line))
            images.append([])
        elif command == "default" and not titles:
            default = int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 6 else None
        elif command in ("kernel", "module", "initrd") and titles and len(images[-1]) < _MOST_IMAGES:
            words = rest.split()
            while words and words[0].startswith("--"):
                del words[0]
            if words:
                images[-1].append((command, words, line))
    return Menu(
        loader="grub-legacy",
        path=path,
        entries=tuple(
            _entry(title, line, found, path, None if default is None else number == default)
            for number, ((title, line), found) in enumerate(zip(titles, images, strict=True))
        ),
    )


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number from 1, command in lower case, argument; a backslash at the end continues a line."""
    whole: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        start = start or number
        whole.append(line.removesuffix("\\"))
        if line.endswith("\\"):
            continue
        command = " ".join(whole)
        match = _COMMAND.match(command)
        if match:
            yield start, match[1].lower(), command[match.end() :].strip()
        whole, start = [], 0


def _entry(
    title: str, line: int, images: list[tuple[str, list[str], int]], path: str, default: bool | None
) -> BootEntry:
    entry = BootEntry(title=title, line=line, config_path=path, default=default)
    chain = [(words, at) for command, words, at in images if command in ("kernel", "module")]
    if any(command == "module" for command, _, _ in images):
        return hypervisor_entry(entry, chain)
    for words, at in chain[-1:]:
        entry = msgspec.structs.replace(entry, kernel=words[0], kernel_args=joined(words[1:]), kernel_line=at)
    initrd = [words[0] for command, words, _ in images if command == "initrd"]
    return msgspec.structs.replace(entry, initrd=initrd[-1] if initrd else None)
