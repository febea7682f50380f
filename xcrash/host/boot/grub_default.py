# SPDX-License-Identifier: Apache-2.0
"""/etc/default/grub and /etc/default/grub.d/*.cfg: the variables that grub-mkconfig builds grub.cfg from."""

from __future__ import annotations

import re
from typing import NamedTuple

from xcrash.host.boot.shell_words import commands
from xcrash.host.sysroot import Sysroot

PATH = "/etc/default/grub"
DIRECTORY = "/etc/default/grub.d"
MOST_FILES = 64
_MOST_VARIABLES = 1000
_ASSIGNMENT = re.compile(r"(\w+)(\+?)=")
_OPENING = frozenset({"if", "case", "for", "while", "until"})
_CLOSING = frozenset({"fi", "esac", "done"})


class Setting(NamedTuple):
    """What a variable holds in the end, and the file and line that set it last."""

    value: str
    path: str
    line: int


def parse_grub_default(text: str, path: str, settings: dict[str, Setting]) -> dict[str, Setting]:
    """``settings`` with the assignments of one file: ``NAME=value``, ``NAME+=value``, ``NAME="$NAME more"``.

    The file is a shell script that is never run: command substitution stays text, and what is set inside ``if`` and
    the like, which may not happen, is left out.
    """
    found = dict(settings)

    def value_of(name: str) -> str | None:
        if name not in found:
            return "" if name.startswith("GRUB_") else None  # nothing outside these files sets those
        return found[name].value

    inside = 0
    for command in commands(text, value_of):
        words = command.words[1:] if command.words and command.words[0] == "export" else command.words
        if command.kind != "run" or not words:
            continue
        inside = max(0, inside + (words[0] in _OPENING) - (words[0] in _CLOSING))
        assignments = [(_ASSIGNMENT.match(word), word) for word in words]
        if inside or not all(match for match, _ in assignments):
            continue
        for match, word in assignments:
            if match is None or (match[1] not in found and len(found) >= _MOST_VARIABLES):
                continue
            before = (value_of(match[1]) or "") if match[2] else ""
            found[match[1]] = Setting((before + word[match.end() :])[:65536], path, command.line)
    return found


def read_grub_default(root: Sysroot) -> dict[str, Setting]:
    """The variables of the root, in the order in which Debian's grub-mkconfig reads the files."""
    names = [entry.name for entry in root.list(DIRECTORY) if entry.name.endswith(".cfg")][:MOST_FILES]
    settings: dict[str, Setting] = {}
    for path in (PATH, *(f"{DIRECTORY}/{name}" for name in names)):
        settings = parse_grub_default(root.text(path) or "", path, settings)
    return settings
