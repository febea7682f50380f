# SPDX-License-Identifier: Apache-2.0
"""The index of gdb 10, made short: which units stay, and what happens to a damaged one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.gdb_index import KEPT, shorten, shortened

TYPE, VARIABLE, FUNCTION = 1 << 28, 2 << 28, 3 << 28
STATIC = 1 << 31
NAMES = (b"task_struct", b"pid", b"init_task")
UNITS = (
    (TYPE | 5,),
    (VARIABLE | 1, *(TYPE | number for number in range(2, 40)), STATIC | FUNCTION | 3),
    tuple(VARIABLE | STATIC | number for number in range(30)),
)


def index(version: int = 8) -> bytes:
    """An index of three symbols in a table of four slots, laid out as the GDB manual says."""
    pool, slots = b"", []
    for name, units in zip(NAMES, UNITS, strict=True):
        at = len(pool)
        pool += struct.pack(f"<{len(units) + 1}I", len(units), *units) + name + b"\0"
        slots += [at + 4 * (len(units) + 1), at]
    table = struct.pack("<8I", *slots, 0, 0)
    return struct.pack("<6I", version, 24, 24, 24, 24, 24 + len(table)) + table + pool


def read(data: bytes) -> dict[bytes, tuple[int, ...]]:
    """The units of each symbol, read as gdb does."""
    symbols, pool = struct.unpack_from("<4x12xII", data)
    found = {}
    for at in range(symbols, pool, 8):
        name, units = struct.unpack_from("<2I", data, at)
        if name or units:
            (count,) = struct.unpack_from("<I", data, pool + units)
            text = data[pool + name : data.index(b"\0", pool + name)]
            found[text] = struct.unpack_from(f"<{count}I", data, pool + units + 4)
    return found


def test_a_type_keeps_its_first_units_and_everything_else_all_of_them() -> None:
    assert read(index()) == dict(zip(NAMES, UNITS, strict=True))
    short = shortened(index())
    assert short is not None
    pid = (VARIABLE | 1, *(TYPE | number for number in range(2, 2 + KEPT)), STATIC | FUNCTION | 3)
    assert read(short) == {b"task_struct": UNITS[0], b"pid": pid, b"init_task": UNITS[2]}


def test_a_file_is_shortened_once_and_stays_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "ab.gdb-index"
    path.write_bytes(index())
    shorten(path)
    first = path.read_bytes()
    facts = path.stat()
    assert first == shortened(index())
    assert facts.st_mode & 0o777 == 0o600
    shorten(path)
    assert (path.read_bytes(), path.stat().st_ino) == (first, facts.st_ino)
    assert [one.name for one in tmp_path.iterdir()] == ["ab.gdb-index"]


@pytest.mark.parametrize("damaged", [b"", b"short", index(9), index()[:-60], index()[:40]])
def test_a_damaged_or_unknown_index_is_removed(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "ab.gdb-index"
    path.write_bytes(damaged)
    shorten(path)
    assert list(tmp_path.iterdir()) == []


def test_an_index_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    shorten(tmp_path / "ab.gdb-index")
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(index())
    (tmp_path / "ab.gdb-index").symlink_to(other)
    with pytest.raises(OSError):
        shorten(tmp_path / "ab.gdb-index")
    assert other.read_bytes() == index()


@settings(max_examples=50)
@given(st.integers(0, len(index()) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_leads_out_of_the_index(at: int, noise: bytes) -> None:
    damaged = index()[:at] + noise + index()[at + len(noise) :]
    short = shortened(damaged)
    assert short is None or len(short) > len(damaged)
