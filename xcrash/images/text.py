# SPDX-License-Identifier: Apache-2.0
"""Bytes of unknown origin as text that is safe to print."""

from __future__ import annotations


def printable(data: bytes | str, limit: int = 4096) -> str:
    """The text without control characters, bidirectional overrides or lone surrogates: each becomes U+FFFD."""
    text = data[:limit].decode(errors="replace") if isinstance(data, bytes) else data[:limit]
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def c_string(field: bytes) -> str | None:
    """The text before the first NUL of a fixed-size field; None when there is none."""
    return printable(field.split(b"\0", 1)[0]).strip() or None
