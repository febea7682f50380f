# SPDX-License-Identifier: Apache-2.0
"""GRUB 2: grub.cfg, generated or written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from xcrash.host.boot.menu import MOST_ENTRIES, Menu, hypervisor_entry, is_xen_name, joined, without_dummy
from xcrash.host.boot.shell_words import Command, commands
from xcrash.host.values import BootEntry

DEEPEST = 32
_MOST_COMMANDS = 200
_KEYWORDS = frozenset({"then", "else", "do", "!", "if", "elif", "while", "until"})
_MULTIBOOT = frozenset({"multiboot", "multiboot2", "xen_hypervisor"})
_MODULE = frozenset({"module", "module2", "xen_module"})

Chain = Callable[[BootEntry, str, Sequence[str]], BootEntry]
"""Completes an entry that chain-loads a Xen EFI binary: the entry, the binary's path, the binary's arguments."""


class _Node:
    """A line of a menu: an entry (its place in the list of all entries), or a submenu."""

    def __init__(self, title: str, ident: str | None, entry: int | None = None) -> None:
        self.title, self.ident, self.entry = title, ident, entry
        self.children: list[_Node] = []


class _Frame:
    """An open ``{``."""

    def __init__(self, kind: Literal["entry", "menu", "other"], node: _Node, line: int) -> None:
        self.kind, self.node, self.line = kind, node, line
        self.body: list[Command] = []


def parse_grub_cfg(text: str, path: str, env: Mapping[str, str], chain: Chain | None = None) -> Menu:
    """The entries of a grub.cfg, those in submenus and in ``if`` blocks too; ``env`` is the environment block.

    Variables stay literal ("${xen_rm_opts}"). Source: the GRUB manual and util/grub.d/20_linux_xen.in: ``multiboot``,
    ``multiboot2`` or ``xen_hypervisor`` loads Xen, the first module is the Dom0 kernel, the second its initrd.
    """
    reader = _Reader(path, chain)
    for command in commands(text):
        reader.take(command)
    chosen = _default(reader.root.children, reader.default, env)
    return Menu(
        loader="grub2",
        path=path,
        blscfg=reader.blscfg,
        entries=tuple(
            msgspec.structs.replace(entry, default=None if chosen is None else number == chosen)
            for number, entry in enumerate(reader.entries)
        ),
    )


class _Reader:
    def __init__(self, path: str, chain: Chain | None) -> None:
        self.path, self.chain = path, chain
        self.root = _Node("", None)
        self.frames: list[_Frame] = []
        self.too_deep = 0
        self.entries: list[BootEntry] = []
        self.default = ""
        self.blscfg = False

    def take(self, command: Command) -> None:
        if command.kind == "open":
            if len(self.frames) == DEEPEST:
                self.too_deep += 1
            else:
                self.frames.append(self._frame(command))
        elif command.kind == "close":
            if self.too_deep:
                self.too_deep -= 1
            elif self.frames:
                self._close(self.frames.pop())
        else:
            self._run(command)

    def _frame(self, command: Command) -> _Frame:
        words = _plain(command.words)
        kind: Literal["entry", "menu", "other"] = "other"
        if words and words[0] in ("menuentry", "hiddenentry", "submenu"):
            kind = "menu" if words[0] == "submenu" else "entry"
        title, ident = _title(words) if kind != "other" else ("", None)
        return _Frame(kind, _Node(title, ident), command.line)

    def _close(self, frame: _Frame) -> None:
        if frame.kind == "other":
            return
        menus = [other.node for other in self.frames if other.kind == "menu"]
        if frame.kind == "entry":
            if len(self.entries) == MOST_ENTRIES:
                return
            frame.node.entry = len(self.entries)
            self.entries.append(_entry(frame, tuple(menu.title for menu in menus), self.path, self.chain))
        (menus[-1] if menus else self.root).children.append(frame.node)

    def _run(self, command: Command) -> None:
        words = _plain(command.words)
        entry = next((frame for frame in reversed(self.frames) if frame.kind == "entry"), None)
        if entry is not None:
            if words and len(entry.body) < _MOST_COMMANDS:
                entry.body.append(Command("run", words, command.line))
        elif words and words[0] == "blscfg":
            self.blscfg = True
        elif len(words) > 1 and words[0] == "set" and words[1].startswith("default="):
            value = words[1].partition("=")[2]
            if "next_entry" not in value:
                self.default = value


def _plain(words: list[str]) -> list[str]:
    """A command without the keywords before it: ``then linux ...`` is a ``linux`` command."""
    at = 0
    while at < len(words) and words[at] in _KEYWORDS:
        at += 1
    return words[at:]


def _title(words: Sequence[str]) -> tuple[str, str | None]:
    """Title and id of ``menuentry TITLE [--class C]... [--id ID] [$menuentry_id_option ID]``."""
    title = words[1] if len(words) > 1 else ""
    for at, word in enumerate(words[2:], 2):
        if word.startswith("--id="):
            return title, word.partition("=")[2]
        if word == "--id" or "menuentry_id_option" in word:
            return title, words[at + 1] if at + 1 < len(words) else None
    return title, None


def _entry(frame: _Frame, submenu: tuple[str, ...], path: str, chain: Chain | None) -> BootEntry:
    entry = BootEntry(title=frame.node.title, id=frame.node.ident, submenu=submenu, line=frame.line, config_path=path)
    images: list[tuple[list[str], int]] = []
    for command in frame.body:
        name, words = command.words[0], [word for word in command.words[1:] if word != "--nounzip"]
        while words and words[0].startswith("--"):
            del words[0]
        if not words:
            continue
        if name in _MULTIBOOT:
            images = [(words, command.line)]
        elif name in _MODULE and images:
            images.append((words, command.line))
        elif name == "linux" or name in ("linux16", "linuxefi") or name.startswith("linux$"):
            entry = msgspec.structs.replace(
                entry, kernel=words[0], kernel_args=joined(without_dummy(words[1:])), kernel_line=command.line
            )
        elif name.startswith("initrd"):
            entry = msgspec.structs.replace(entry, initrd=" ".join(word for word in words if "$" not in word) or None)
        elif name == "chainloader" and is_xen_name(words[0]):
            entry = msgspec.structs.replace(entry, hypervisor=words[0], hypervisor_line=command.line)
            entry = chain(entry, words[0], words[1:]) if chain else entry
    return hypervisor_entry(entry, images)


def _default(nodes: Sequence[_Node], wanted: str, env: Mapping[str, str]) -> int | None:
    """Which of all entries ``wanted`` names: a number, an id or a title per level, with ``>`` between them.

    As grub-core/normal/menu.c (get_entry_number): the first that is equal counts, and what names nothing is 0.
    None for a value that only a running GRUB knows.
    """
    if wanted in ("${saved_entry}", "$saved_entry"):
        wanted = env.get("saved_entry", "")
    if "$" in wanted:
        return None
    levels = [level.replace("\0", ">") for level in wanted.replace(">>", "\0").split(">")][:DEEPEST]
    node: _Node | None = None
    while nodes:
        name = levels.pop(0) if levels else ""
        node = nodes[_place(nodes, name)]
        nodes = node.children
    return node.entry if node else None


def _place(nodes: Sequence[_Node], name: str) -> int:
    if name.isascii() and name.isdigit():
        return int(name) if len(name) < 6 and int(name) < len(nodes) else 0
    return next((at for at, node in enumerate(nodes) if name and name in (node.ident, node.title)), 0)
