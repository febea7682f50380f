# SPDX-License-Identifier: Apache-2.0
"""systemd-boot: loader.conf on the EFI system partition, entry files, and unified kernels."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from xcrash.host.values import BootEntry


def parse_loader_conf(text: str) -> str | None:
    """The ``default`` of a loader.conf: an id, or a pattern with ``*`` and ``?``; None when it is not set."""
    default: str | None = None
    for line in text.split("\n"):
        words = line.split()
        if len(words) > 1 and words[0] == "default":
            default = words[1]
    return default


def unified_kernel(path: str) -> BootEntry:
    """The entry of a unified kernel image (``EFI/Linux/NAME.efi``), which holds its own command line and initrd."""
    name = path.rpartition("/")[2]
    return BootEntry(title=name.removesuffix(".efi"), id=name, kernel=path, config_path=path)


def with_default(entries: Sequence[BootEntry], default: str | None) -> tuple[BootEntry, ...]:
    """The entries with the one marked that boots by itself; none when the default is one of systemd-boot's "@" words.

    Source: loader.conf(5): the pattern is matched against the ids, which may end in ".conf"; without one the first
    entry boots.
    """
    chosen: int | None = 0 if default is None else None
    if default and not default.startswith("@"):
        wanted = _pattern(default.lower())
        names = [(entry.id or "").lower() for entry in entries]
        chosen = next((at for at, name in enumerate(names) if wanted.match(name) or wanted.match(name + ".conf")), 0)
    return tuple(
        msgspec.structs.replace(entry, default=None if chosen is None else at == chosen)
        for at, entry in enumerate(entries)
    )


def _pattern(glob: str) -> re.Pattern[str]:
    """A glob of bounded effort: neighbouring stars are one, and a name of more than a few stars matches literally."""
    glob = re.sub(r"\*+", "*", glob[:255])
    if glob.count("*") > 4:
        return re.compile(re.escape(glob) + r"\Z")
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in glob) + r"\Z", re.DOTALL)
