# SPDX-License-Identifier: Apache-2.0
"""Tables as crash prints them: a header of centred words, then rows of words.

The widths differ between versions and long values push the next ones to the right (tools.c:mkstring), so columns are
known by the words of the header and cells by their order, never by their place in the line.
"""

from __future__ import annotations

from collections.abc import Sequence


def columns(header: str, names: Sequence[str]) -> tuple[str, ...] | None:
    """The column names of a header line, all of them from ``names``, which may hold blanks (``IP ADDRESS(ES)``).

    None when a word of the line belongs to no name: then the line is no header. The longest name wins.
    """
    known = sorted((tuple(name.split()) for name in names), key=len, reverse=True)
    words, found, at = header.split(), [], 0
    while at < len(words):
        name = next((name for name in known if tuple(words[at : at + len(name)]) == name), None)
        if name is None:
            return None
        found.append(" ".join(name))
        at += len(name)
    return tuple(found) or None


def cells(row: str, header: Sequence[str]) -> dict[str, str] | None:
    """The cells of a row by column name; the last column takes the rest of the line, blanks included.

    None when there are fewer words than columns.
    """
    words = row.split(None, len(header) - 1)
    if len(words) < len(header):
        return None
    words[-1] = words[-1].rstrip()
    return dict(zip(header, words, strict=True))
