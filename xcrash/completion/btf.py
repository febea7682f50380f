# SPDX-License-Identifier: Apache-2.0
"""Names of types from a kernel's own BTF (Documentation/bpf/btf.rst), which is in its memory: 5 MB, no debug info."""

from __future__ import annotations

import struct

_MAGIC = 0xEB9F
_HEADER = "HBBIIIII"
_NAMED = {4: "struct", 5: "union", 6: "enum", 8: "typedef", 19: "enum"}
_FIXED = {1: 4, 3: 12, 14: 4, 17: 4}
_EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
_LAST_KIND = 19


def type_names(data: bytes) -> tuple[tuple[str, str], ...]:
    """(name, word) of every struct, union, enum and typedef with a name, sorted; what is damaged ends the list."""
    order = "<" if data[:2] == b"\x9f\xeb" else ">"
    try:
        magic, _, _, size, type_at, type_size, text_at, text_size = struct.unpack_from(order + _HEADER, data)
    except struct.error:
        return ()
    if magic != _MAGIC:
        return ()
    types = data[size + type_at : size + type_at + type_size]
    text = data[size + text_at : size + text_at + text_size]
    entry = struct.Struct(order + "III")
    found = set()
    at, end = 0, len(types) - entry.size
    while at <= end:
        name_at, info, _ = entry.unpack_from(types, at)
        kind, count = info >> 24 & 0x1F, info & 0xFFFF
        if not kind or kind > _LAST_KIND:
            break
        at += entry.size + _FIXED.get(kind, 0) + count * _EACH.get(kind, 0)
        word = _NAMED.get(kind)
        if word and 0 < name_at < len(text):
            name = text[name_at : text.find(b"\0", name_at)]
            if name.isascii() and name.replace(b"_", b"a").isalnum():
                found.add((name.decode("ascii"), word))
    return tuple(sorted(found))
