# SPDX-License-Identifier: Apache-2.0
"""VMCOREINFO: what the crashed kernel wrote about itself."""

from __future__ import annotations

import re

from xcrash.images.text import printable

LARGEST_TEXT = 256 << 10
"""Kernels reserve one page for it, 64 KiB at most; what is beyond is not VMCOREINFO."""

_HEX = re.compile(r"[0-9a-fA-F]{8,128}")


def parse_vmcoreinfo(text: bytes) -> dict[str, str]:
    """The KEY=VALUE lines; the first of equal keys wins, as in crash.

    Keys: kernel Documentation/admin-guide/kdump/vmcoreinfo.rst.
    """
    values: dict[str, str] = {}
    for line in text[:LARGEST_TEXT].split(b"\0", 1)[0].split(b"\n"):
        key, equals, value = line.partition(b"=")
        if key and equals:
            values.setdefault(printable(key), printable(value))
    return values


def build_id_in(values: dict[str, str]) -> str | None:
    """BUILD-ID (kernel 5.9+) in lower case hex; None when it is not hex."""
    value = values.get("BUILD-ID", "")
    return value.lower() if _HEX.fullmatch(value) else None


def integer_in(values: dict[str, str], key: str) -> int | None:
    """A decimal value such as PAGESIZE or CRASHTIME (epoch seconds)."""
    value = values.get(key, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None
