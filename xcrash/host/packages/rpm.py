# SPDX-License-Identifier: Apache-2.0
"""Installed packages of rpm, from its database, whichever of its formats that has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from xcrash.far_file import Place
from xcrash.host.packages import rpm_bdb, rpm_ndb, rpm_sqlite
from xcrash.host.packages.rpm_header import DamagedDatabaseError, package
from xcrash.host.sysroot import Sysroot, note

DIRECTORIES: Final = ("/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm")
FILES: Final = ("rpmdb.sqlite", "Packages.db", "Packages")
"""Newest format first: a machine that was migrated may still have the older files."""

LARGEST_DATABASE: Final = 1 << 30
MOST_PACKAGES: Final = 200_000


def installed(root: Sysroot, wanted: Callable[[str], bool]) -> dict[str, str]:
    """Version by name of the installed packages that are wanted; empty when the machine has no rpm.

    Of several packages of one name the one that the database names last counts. A database that is damaged gives what
    it can, and the reason is in ``root.unread``.
    """
    seen: set[Place | None] = set()
    for path in (f"{directory}/{name}" for directory in DIRECTORIES for name in FILES):
        place = root.local(path)
        if root.kind_of(path) != "file" or (place is not None and place in seen):
            continue
        seen.add(place)
        found, count = _read(root, path, wanted)
        if count:
            return found
    return {}


def _read(root: Sysroot, path: str, wanted: Callable[[str], bool]) -> tuple[dict[str, str], int]:
    """What of a database is wanted, and how many packages it has in all."""
    found: dict[str, str] = {}
    count = 0
    file = root.stream(path)
    if file is None:
        return found, count
    if root.read(f"{path}-wal", 1):
        note(root.unread, f"{path}-wal", "not read: the newest changes to the database may be missing")
    with file:
        try:
            for header in _headers(file, root.local(path)):
                known = package(header)
                if known is None:
                    continue
                count += 1
                if wanted(known.name):
                    found[known.name] = known.version
                if count >= MOST_PACKAGES:
                    raise DamagedDatabaseError(f"more than {MOST_PACKAGES} packages: the rest was not looked at")
        except DamagedDatabaseError as error:
            note(root.unread, path, str(error))
        except OSError as error:
            note(root.unread, path, error.strerror or "cannot be read")
    return found, count


def _headers(file: BinaryIO, place: Place | None) -> Iterator[bytes]:
    """The headers in a database, whose format its first bytes tell."""
    head = file.read(16)
    size = file.seek(0, 2)
    file.seek(0)
    if size > LARGEST_DATABASE:
        raise DamagedDatabaseError(f"larger than {LARGEST_DATABASE} bytes: not looked at")
    if head == rpm_sqlite.MAGIC and isinstance(place, Path):
        return rpm_sqlite.headers(place)
    if head.startswith(rpm_ndb.MAGIC):
        return rpm_ndb.headers(file, size)
    if head[12:] in rpm_bdb.MAGICS:
        return rpm_bdb.headers(file, size)
    raise DamagedDatabaseError("of no known format of rpm's database" if size else "empty")
