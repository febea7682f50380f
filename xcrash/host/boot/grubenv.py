# SPDX-License-Identifier: Apache-2.0
"""GRUB's environment block: what it remembers from one boot to the next (``saved_entry``, ``kernelopts``)."""

from __future__ import annotations

MOST_VARIABLES = 1000


def parse_grubenv(text: str | None) -> dict[str, str]:
    """Name and value of each variable; a backslash quotes the next character (grub-core/lib/envblk.c)."""
    found: dict[str, str] = {}
    for line in (text or "").split("\n"):
        name, equals, value = line.partition("=")
        if equals and name and not line.startswith("#") and len(found) < MOST_VARIABLES:
            found[name] = _unquoted(value)
    return found


def _unquoted(value: str) -> str:
    if "\\" not in value:
        return value
    characters = iter(value)
    return "".join(next(characters, "") if character == "\\" else character for character in characters)
