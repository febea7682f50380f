# SPDX-License-Identifier: Apache-2.0
"""Completion of a path while it is typed."""

from __future__ import annotations

import os
from pathlib import Path

MOST_NAMES = 5000


def complete_path(text: str) -> tuple[str, ...]:
    """The paths that begin with ``text``, directories with a slash behind them; hidden ones only where asked for.

    Names that cannot be shown as they are are left out: they would have to be typed otherwise than they look.
    """
    directory, slash, start = text.rpartition("/")
    place = Path(os.path.expanduser(directory + slash) if slash else ".")  # noqa: PTH111 - keeps what it cannot expand
    found: list[str] = []
    try:
        with os.scandir(place) as entries:
            for number, entry in enumerate(entries):
                if number == MOST_NAMES:
                    break
                hidden = entry.name.startswith(".") and not start.startswith(".")
                if entry.name.startswith(start) and not hidden and entry.name.isprintable():
                    found.append(f"{directory}{slash}{entry.name}{'/' if entry.is_dir() else ''}")
    except (OSError, ValueError):
        return ()
    return tuple(sorted(found))


def longest_beginning(paths: tuple[str, ...]) -> str:
    """What all of them begin with."""
    return os.path.commonprefix(list(paths))  # noqa: RUF071 - beginnings of names are wanted, too
