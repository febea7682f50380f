# SPDX-License-Identifier: Apache-2.0
"""Type names from BTF, of any byte order, damaged or not."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.completion.btf import type_names

KINDS = [
    # name, kind, count of members, bytes behind the entry
    ("int", 1, 0, 4),
    ("task_struct", 4, 2, 24),
    ("", 4, 1, 12),
    ("thread_union", 5, 1, 12),
    ("pid_type", 6, 3, 24),
    ("list_head", 7, 0, 0),
    ("u64", 8, 0, 0),
    ("schedule", 12, 0, 0),
    ("", 13, 2, 16),
    ("jiffies", 14, 0, 4),
    (".data", 15, 1, 12),
    ("user", 18, 0, 0),
    ("", 17, 0, 4),
    ("big_enum", 19, 1, 12),
    ("", 3, 0, 12),
    ("last", 4, 0, 0),
]
NAMES = (
    *(("big_enum", "enum"), ("last", "struct"), ("pid_type", "enum"), ("task_struct", "struct")),
    *(("thread_union", "union"), ("u64", "typedef")),
)


def btf(order: str = "<", kinds: list[tuple[str, int, int, int]] = KINDS) -> bytes:
    """A BTF section as pahole lays it out."""
    text, types = b"\0", b""
    for name, kind, count, behind in kinds:
        at = len(text) if name else 0
        text += name.encode() + b"\0" if name else b""
        types += struct.pack(order + "III", at, kind << 24 | count, 8) + bytes(behind)
    return struct.pack(order + "HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(text)) + types + text


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_named_type_is_found_once_with_its_word(order: str) -> None:
    assert type_names(btf(order)) == NAMES


def test_a_kind_of_the_future_ends_the_list() -> None:
    assert type_names(btf(kinds=[("a", 4, 0, 0), ("b", 25, 0, 0), ("c", 4, 0, 0)])) == (("a", "struct"),)


def test_names_that_no_compiler_makes_are_left_out() -> None:
    assert type_names(btf(kinds=[("a b", 4, 0, 0), ("x|sh", 4, 0, 0), ("\x1b[0m", 4, 0, 0), ("ok_1", 4, 0, 0)])) == (
        ("ok_1", "struct"),
    )


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200), st.integers(0, 300), st.booleans())
def test_any_bytes_give_names_or_none(data: bytes, cut: int, inside: bool) -> None:
    whole = btf()
    for name, word in type_names(whole[:cut] + data + whole[cut + len(data) :] if inside else data):
        assert name.isidentifier() or name[0].isdigit()
        assert word in ("struct", "union", "enum", "typedef")
