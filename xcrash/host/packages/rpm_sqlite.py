# SPDX-License-Identifier: Apache-2.0
"""rpm's database in SQLite (rpmdb.sqlite), the default since rpm 4.16."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from xcrash.host.packages.rpm_header import DamagedDatabaseError

MAGIC: Final = b"SQLite format 3\0"
LARGEST_HEADER: Final = 64 << 20
_MOST_STEPS = 20_000
"""Thousands of steps of SQLite's virtual machine: some 50 for each package of a large system."""


def headers(path: Path) -> Iterator[bytes]:
    """Each package's header. Raises DamagedDatabaseError.

    The file alone is read ("immutable"): no lock is taken, nothing is created beside it, and a write-ahead log that
    rpm has not merged yet is passed over. Table Packages(hnum, blob): rpm's lib/backend/sqlite.c.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            _bound(database)
            columns = [name for _, name, *_ in database.execute("PRAGMA table_info(Packages)")]
            kind = database.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'Packages' AND sql LIKE 'CREATE TABLE%'"
            ).fetchone()
            if columns[:2] != ["hnum", "blob"] or kind != (1,):
                raise DamagedDatabaseError("it has no table of packages")
            rows = database.execute(
                "SELECT blob FROM Packages WHERE typeof(blob) = 'blob' AND length(blob) <= ?",
                (LARGEST_HEADER,),
            )
            for (blob,) in rows:
                yield blob
    except sqlite3.Error as error:
        raise DamagedDatabaseError(str(error)) from None
    except UnicodeDecodeError:
        # sqlite3 decodes the names in a schema, and its own messages about them, strictly.
        raise DamagedDatabaseError("its schema is not text") from None


def _bound(database: sqlite3.Connection) -> None:
    """What the file defines itself is not trusted, and no query of it runs for ever."""
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    if sys.version_info >= (3, 11):
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_HEADER)
    left = [_MOST_STEPS]

    def enough() -> int:
        left[0] -= 1
        return 1 if left[0] < 0 else 0

    database.set_progress_handler(enough, 1000)
