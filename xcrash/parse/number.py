# SPDX-License-Identifier: Apache-2.0
"""Words as numbers, the ways crash writes them; what is none is None."""

from __future__ import annotations

import re

_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([KMGT]?)(?:i?B|b)?", re.IGNORECASE)
_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_LONGEST = 21


def decimal(word: str) -> int | None:
    """A decimal number, signed or not."""
    digits = word[1:] if word[:1] == "-" else word
    return int(word) if digits.isascii() and digits.isdigit() and len(digits) < _LONGEST else None


def hexadecimal(word: str) -> int | None:
    """A hexadecimal number, with or without ``0x``."""
    digits = word.removeprefix("0x")
    if not digits or len(digits) > 32 or not digits.isalnum():
        return None
    try:
        return int(digits, 16)
    except ValueError:
        return None


def kilobytes(word: str) -> int | None:
    """A number of KB as bytes; a ``k`` behind it is allowed."""
    number = decimal(word.rstrip("kK"))
    return number * 1024 if number is not None and number >= 0 else None


def size(text: str) -> int | None:
    """A size with its unit (``1.9 GB``, ``3k``, ``512``) as bytes, rounded down; units are powers of 1024."""
    found = _SIZE.fullmatch(text.strip())
    return int(float(found[1]) * _FACTORS[found[2].upper()]) if found else None


def percent(word: str) -> float | None:
    """A percentage, with or without its sign."""
    try:
        return float(word.rstrip("%")) if word[:1].isdigit() and len(word) < _LONGEST else None
    except ValueError:
        return None
