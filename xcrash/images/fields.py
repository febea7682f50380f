# SPDX-License-Identifier: Apache-2.0
"""Read numbers out of a header by a table that says where each one lies."""

from __future__ import annotations

import struct
from collections.abc import Mapping

Table = Mapping[str, tuple[int, str]]
"""Name of a field: its offset in bytes and its code in the module struct, one number each."""


def read_fields(data: bytes, order: str, table: Table) -> dict[str, int]:
    """The numbers of a header in the byte order "<" or ">"; a field that lies beyond the data is 0."""
    values = {}
    for name, (at, code) in table.items():
        layout = struct.Struct(order + code)
        values[name] = int(layout.unpack_from(data, at)[0]) if 0 <= at <= len(data) - layout.size else 0
    return values


def epoch_seconds(value: int) -> int | None:
    """A time a header gives in seconds since 1970; None for 0 and for what cannot be one."""
    return value if 0 < value < 1 << 36 else None


def page_size_or_none(size: int) -> int | None:
    """The size when it can be one of a page."""
    return size if size in (4096, 8192, 16384, 32768, 65536) else None
