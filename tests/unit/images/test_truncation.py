# SPDX-License-Identifier: Apache-2.0
"""A file cut anywhere is still identified as far as it goes, and never taken for a whole one."""

from __future__ import annotations

import pytest

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.errors import MemorySourceError
from xcrash.images import identify_kernel
from xcrash.images.dump import identify_dump


@pytest.mark.parametrize(
    "kdump", [b.Kdump(), b.Kdump(bits=32, machine="i686"), b.Kdump(order=">")], ids=["64", "32", "swapped"]
)
def test_compressed_kdump_cut_anywhere(save: Save, kdump: b.Kdump) -> None:
    whole = kdump.build()
    boundaries = {4096, 4096 + 104, 4096 + 512, 2 * 4096, 3 * 4096, 4 * 4096 - 1, 4 * 4096, 4 * 4096 + 24}
    for cut in sorted(boundaries | set(range(4 * 4096, len(whole), 13))):
        dump = identify_dump(save("vmcore", whole[:cut]))
        assert dump.missing_bytes is not None
        assert 0 < dump.missing_bytes <= len(whole) - cut
        assert dump.release == b.RELEASE


def test_missing_pages_are_counted_exactly_when_the_table_is_whole(save: Save) -> None:
    whole = b.Kdump().build()
    assert identify_dump(save("vmcore", whole[:-150])).missing_bytes == 150


def test_zero_pages_at_the_end_share_a_copy_at_the_start(save: Save) -> None:
    whole = b.Kdump(pfns=(1, 2), zero_pages=tuple(range(10, 25_000))).build()
    assert identify_dump(save("vmcore", whole)).missing_bytes == 0
    assert identify_dump(save("vmcore", whole[:-1])).missing_bytes == 1


def test_dump_without_any_page(save: Save) -> None:
    assert identify_dump(save("vmcore", b.Kdump(pfns=(), zero_pages=()).build())).missing_bytes == 0


def test_elf_core_cut_anywhere(save: Save) -> None:
    whole = b.core(b.note(b"CORE", 1, bytes(5000)) + b.note(b"VMCOREINFO", 0, b.VMCOREINFO.encode())).build()
    for cut in range(4096, len(whole), 101):
        dump = identify_dump(save("vmcore", whole[:cut]))
        assert dump.missing_bytes == len(whole) - cut
        assert dump.release in (None, b.RELEASE)


@pytest.mark.parametrize("inner", [b.Kdump().build(), b.core().build()], ids=["kdump", "elf"])
def test_flattened_cut_anywhere(save: Save, inner: bytes) -> None:
    whole = b.flattened(inner)
    for cut in range(4096, len(whole), 509):
        try:
            dump = identify_dump(save("vmcore", whole[:cut]))
        except MemorySourceError as error:
            assert error.code == "dump-truncated"
            continue
        assert dump.missing_bytes is not None
        assert 0 < dump.missing_bytes <= len(whole) - cut


def test_flattened_with_padding_behind_the_end(save: Save) -> None:
    data = b.flattened(b.Kdump().build()) + bytes(512)
    assert identify_dump(save("vmcore", data)).missing_bytes == 0


def test_flattened_header_rewritten_by_a_later_record(save: Save) -> None:
    first, second = b.Kdump(release="1.0").build(), b.Kdump(release="2.0").build()
    data = b.flattened(first[:4096], end=False) + b.flattened(second)[4096:]
    assert identify_dump(save("vmcore", data)).release == "2.0"


def test_vmlinux_cut_anywhere(save: Save) -> None:
    whole = b.vmlinux().build()
    for cut in range(64, len(whole), 17):
        image = identify_kernel(save("vmlinux", whole[:cut]))
        assert image.missing_bytes == len(whole) - cut
        assert image.has_dwarf is None


def test_long_flattened_file_is_judged_by_its_tail(save: Save) -> None:
    whole = b.flattened(b.Kdump(page=b"P" * 50_000).build(), piece=32)
    assert identify_dump(save("vmcore", whole)).missing_bytes == 0
    assert identify_dump(save("padded", whole + bytes(512))).missing_bytes == 0
    assert identify_dump(save("cut", whole[:-20])).missing_bytes == 1
    assert identify_dump(save("unclear", whole + bytes(9000))).missing_bytes is None
    assert identify_dump(save("unclear", whole)).release == b.RELEASE
