# SPDX-License-Identifier: Apache-2.0
"""Text from a dump made safe to show: every control character becomes a visible sign."""

from __future__ import annotations

_SIGNS: dict[int, int] = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD),
    **dict.fromkeys((0x2028, 0x2029), 0xFFFD),
}


def visible(text: str) -> str:
    """``text`` with C0 (but tab and newline), DEL, C1 and direction controls replaced by signs.

    A COMM or a log line can hold anything; none of it may reach the terminal as a control sequence.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_SIGNS).encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """``visible`` on a single line: tabs and newlines become blanks."""
    return visible(text.replace("\n", " ").replace("\t", " "))
