# SPDX-License-Identifier: Apache-2.0
"""The start-up files that crash and its gdb find in a private HOME: the index cache, and the user's own when asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from xcrash.locations import UserRc
from xcrash.plan.values import Decision, Link, PrivateFile

GDB_FILE = ".gdbinit"
INDEX_CACHE = "set index-cache "
"""How the lines of ``.gdbinit`` begin that turn the cache on; without a cache they are left out."""

GDB_OF_CRASH_8 = "10"
_GDB_OF_CRASH: Mapping[int, tuple[str, str]] = {8: (GDB_OF_CRASH_8, "on"), 9: ("16", "enabled on")}
"""By crash's major version: the major version of its gdb, and how that turns its index cache on."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class StartFiles(NamedTuple):
    """What is put into the private HOME, and why; ``index_cache`` is the directory gdb keeps its indexes in."""

    files: tuple[PrivateFile, ...]
    links: tuple[Link, ...]
    decisions: tuple[Decision, ...]
    index_cache: str | None


def start_files(version: str | None, program: Path, home: Path, cache: Path | None, user: UserRc | None) -> StartFiles:
    """The files for crash ``version`` (None: unknown, it gets no index cache) started as ``program`` in ``home``."""
    directory, decision = _index_cache(version, cache)
    lines = []
    if directory:
        _, switch = _GDB_OF_CRASH[_major(version)]
        lines = [f"{INDEX_CACHE}directory {directory}", f"{INDEX_CACHE}{switch}"]
    links: list[Link] = []
    decisions = [decision] if decision else []
    if user:
        if user.gdbinit and _CONTROL.search(user.gdbinit):
            user = user._replace(gdbinit=None)
        decisions.append(_own_files(user))
        if user.gdbinit:
            # Last: an error in a file that is sourced ends the one that sources it.
            lines.append(f"source {user.gdbinit}")
        if user.crashrc:
            # symbols.c and main.c make the name from that of the program.
            names = dict.fromkeys((f".{program.name}rc", ".crashrc"))
            links.extend(Link(str(home / name), user.crashrc) for name in names)
    files = (PrivateFile(str(home / GDB_FILE), "".join(f"{line}\n" for line in lines)),) if lines else ()
    return StartFiles(files, tuple(links), tuple(decisions), directory)


def _index_cache(version: str | None, cache: Path | None) -> tuple[str | None, Decision | None]:
    """Where gdb keeps its indexes; one directory for each gdb, as they write different formats to one file name."""
    if version is None:
        return None, None
    known = _GDB_OF_CRASH.get(_major(version))
    if known is None:
        reason = f"only with the gdb of crash 8 and 9, not with that of crash {version}"
        return None, Decision(what="index cache", chosen=None, reason=reason)
    if cache is None:
        return None, Decision(what="index cache", chosen=None, reason="nothing is kept on another machine")
    directory = str(cache / "gdb-index" / known[0])
    if _CONTROL.search(directory):
        reason = "the name of the cache directory has control characters"
        return None, Decision(what="index cache", chosen=None, reason=reason)
    reason = (
        f"gdb {known[0]} keeps its index of the debug information by build-id: the next start does not read it again"
    )
    return directory, Decision(what="index cache", chosen=directory, reason=reason)


def _own_files(user: UserRc) -> Decision:
    found = [name for name in user if name]
    return Decision(
        what="user's own start-up files",
        chosen=" ".join(found) or None,
        reason="asked for with --user-rc; what their commands print, change or run is theirs"
        if found
        else "--user-rc was given, but there is neither a .gdbinit nor a .crashrc",
    )


def _major(version: str | None) -> int:
    digits = re.match(r"\d{1,4}", version or "")
    return int(digits[0]) if digits else 0
