# SPDX-License-Identifier: Apache-2.0
"""What a look at a memory source reads, on files with the bytes of the real ones."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.images.builders import CORE, PT_LOAD, PT_NOTE, ElfFile
from xcrash.host.live_memory import Look, look_at_crash, look_at_kcore, look_at_mem, memory_address

PAGE = bytes(range(256)) * 16
IOMEM = """00000000-00000fff : Reserved
00001000-0009fbff : System RAM
00100000-7ffd9fff : System RAM
  01000000-01ffffff : Kernel code
"""


def core(**changes: object) -> ElfFile:
    """A core as /proc/kcore looks: notes, then segments of memory."""
    image = ElfFile(type=CORE, segments=[(PT_NOTE, bytes(20)), (PT_LOAD, PAGE), (PT_LOAD, PAGE)])
    for name, value in changes.items():
        setattr(image, name, value)
    return image


@pytest.mark.parametrize(("bits", "order"), [(64, "<"), (64, ">"), (32, "<"), (32, ">")])
def test_a_core_with_memory_reads(tmp_path: Path, bits: int, order: str) -> None:
    path = tmp_path / "kcore"
    path.write_bytes(core(bits=bits, order=order).build())
    assert look_at_kcore(path) == Look("read", "its ELF header and one page of memory were read")


def test_an_empty_kcore_is_masked(tmp_path: Path) -> None:
    (tmp_path / "kcore").touch()
    assert look_at_kcore(tmp_path / "kcore") == Look("masked", "it is empty: masked")


def test_a_device_that_reads_empty_is_masked() -> None:
    assert look_at_kcore(Path("/dev/null")).outcome == "masked"


def test_a_directory_over_kcore_is_masked(tmp_path: Path) -> None:
    assert look_at_kcore(tmp_path) == Look("masked", "a directory lies over it: masked")


def test_something_else_in_place_of_kcore_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kcore").write_bytes(PAGE)
    assert look_at_kcore(tmp_path / "kcore") == Look("refused", "it does not start with an ELF header")


def test_a_header_without_memory_behind_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kcore").write_bytes(core(segments=[(PT_NOTE, bytes(20)), (PT_LOAD, PAGE)]).build()[:200])
    assert look_at_kcore(tmp_path / "kcore") == Look("refused", "no page of memory could be read through it")


def test_memory_is_read_before_segments_without_a_physical_address(tmp_path: Path) -> None:
    whole = bytearray(core().build())
    second, third = 64 + 56, 64 + 2 * 56
    struct.pack_into("<QQQ", whole, second + 8, 1 << 62, 0xFFFFC90000000000, 2**64 - 1)  # vmalloc, far behind the end
    struct.pack_into("<Q", whole, third + 24, 0x1000)
    (tmp_path / "kcore").write_bytes(whole)
    assert look_at_kcore(tmp_path / "kcore").outcome == "read"


def test_a_missing_source_raises_what_the_system_says(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        look_at_kcore(tmp_path / "kcore")


def test_a_page_through_crashs_driver(tmp_path: Path) -> None:
    (tmp_path / "crash").write_bytes(PAGE)
    assert look_at_crash(tmp_path / "crash") == Look("read", "one page of memory was read, at 0x0")


def test_a_driver_that_gives_less_than_a_page_is_refused(tmp_path: Path) -> None:
    (tmp_path / "crash").write_bytes(PAGE[:100])
    assert look_at_crash(tmp_path / "crash").outcome == "refused"


def test_memory_above_the_first_megabyte(tmp_path: Path) -> None:
    (tmp_path / "mem").write_bytes(bytes(0x102000))
    assert look_at_mem(tmp_path / "mem", 0x101000) == Look("read", "one page of memory was read, at 0x101000")


def test_nothing_above_the_first_megabyte(tmp_path: Path) -> None:
    (tmp_path / "mem").write_bytes(bytes(0x100000))
    look = look_at_mem(tmp_path / "mem", 0x101000)
    assert (look.outcome, look.first_megabyte) == ("refused", True)
    assert look.detail == "it gives nothing at 0x101000, above the first megabyte"


@pytest.mark.parametrize(
    ("iomem", "address"),
    [
        (IOMEM, 0x101000),
        ("40000000-bfffffff : System RAM\n", 0x40000000),
        ("00000000-00000000 : System RAM\n" * 3, 0x101000),
        ("00001000-0009fbff : System RAM\n", 0x101000),
        ("40000001-bfffffff : System RAM\n", 0x40001000),
        ("ffffffffffff0000-ffffffffffffffff : System RAM\n", 0x101000),
        ("", 0x101000),
    ],
)
def test_an_address_that_is_memory(iomem: str, address: int) -> None:
    assert memory_address(iomem) == address


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\x7fELF\x02\x01", b"\x7fELF\x01\x02"]), st.integers(0, 150))
def test_any_bytes_in_place_of_kcore_raise_nothing(content: bytes, start: bytes, keep: int) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(start + core().build()[len(start) : keep] + content)
        file.flush()
        assert look_at_kcore(Path(file.name)).outcome in ("read", "refused", "masked")
