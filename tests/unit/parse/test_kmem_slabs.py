# SPDX-License-Identifier: Apache-2.0
"""``kmem -s`` and ``-S``: both orders of the columns, SLAB and SLUB, what crash could not gather."""

from __future__ import annotations

import msgspec
import pytest

from tests.unit.parse import kmem_samples as samples
from xcrash.parse.kmem import parser, slabs
from xcrash.parse.kmem.slabs import parse


def test_name_in_the_last_column() -> None:
    found = parse(samples.CACHES)
    first, ignored, unknown, blank, last = found.caches
    assert (first.cache, first.name, first.objsize, first.allocated, first.total, first.slabs, first.ssize) == (
        "0xffff8c1841914700",
        "ext4_groupinfo_1k",
        144,
        8,
        28,
        1,
        4096,
    )
    assert (ignored.name, ignored.note, ignored.objsize) == ("bio-128", "IGNORED", None)
    assert (unknown.name, unknown.objsize, unknown.allocated, unknown.ssize) == ("kmalloc-512", 512, None, 32768)
    assert (blank.name, last.name, last.line) == ("dnotify cache", "kmem_cache", 8)
    assert [remark.severity for remark in found.remarks] == ["note", "error"]
    assert found.unread == ()


def test_name_in_the_second_column() -> None:
    found = parse(samples.CACHES_OLD)
    assert [(one.name, one.objsize, one.allocated, one.ssize, one.note) for one in found.caches] == [
        ("file lock cache", 176, 11, 4096, None),
        ("size-131072(DMA)", 131072, 0, 131072, None),
        ("bad_one", None, None, None, "INVALID/CORRUPTED"),
        ("dentry_cache", 216, 1104586, 4096, None),
    ]
    assert samples.CACHES_OLD[slice(*found.caches[3].span)].startswith("ffff81042fcb1080 dentry_cache")


@pytest.mark.parametrize("text", [samples.CACHES, samples.CACHES_OLD])
def test_rows_without_their_header(text: str) -> None:
    cut = text.index("\n") + 1
    assert parse(text[cut:]).caches == tuple(
        msgspec.structs.replace(one, line=one.line - 1, span=(one.span[0] - cut, one.span[1] - cut))
        for one in parse(text).caches
    )


@pytest.mark.parametrize(
    "line",
    [
        "ffff8c1841914700      144          8        28      1     4k",
        "ffff8c1841914700 name 144 8 x 1 4k",
        "name 1 2 3 4 5k",
    ],
)
def test_a_row_that_is_none_stays_unread(line: str) -> None:
    found = parse(line)
    assert (found.caches, [one.text for one in found.unread]) == ((), [line])


def test_slub_by_cpu_and_node() -> None:
    found = parse(samples.SLUB)
    assert [(one.list, one.owner, one.node, one.total, one.allocated, one.free) for one in found.slabs] == [
        ("cpu", 0, 0, 64, 23, 41),
        ("cpu partial", 2, 0, 64, 63, 1),
        ("node partial", 0, 0, 64, 60, 4),
    ]
    assert {one.cache for one in found.slabs} == {"0xffff8c1841042700"}
    assert [(one.cpu, one.kmem_cache_cpu, one.offline) for one in found.cpus] == [
        (0, "0xffff8c185f23b0e0", False),
        (1, None, True),
        (2, "0xffff8c185f33b0e0", False),
    ]
    node = found.nodes[0]
    assert (node.kmem_cache_node, node.slabs, node.partial, node.per_cpu) == ("0xffff8c18410411c0", 33, 1, 2)
    assert (node.full_tracked, found.unread) == (False, ())


def test_objects_of_a_slab() -> None:
    first, second, third = parse(samples.SLUB).slabs
    assert [(one.address, one.allocated, one.cpu) for one in first.objects] == [
        ("0xffff8c1856fb3000", False, 0),
        ("0xffff8c1856fb3200", True, None),
    ]
    assert [one.allocated for one in second.objects] == [True, False]
    assert third.objects == ()
    assert samples.SLUB[slice(*first.span)].endswith("[ffff8c1856fb3200]")


def test_slab_of_32_bits() -> None:
    found = parse(samples.SLAB)
    slab = found.slabs[0]
    assert (slab.cache, slab.slab, slab.memory, slab.node, slab.list) == (
        "0xf79c2ee0",
        "0xf729d000",
        "0xf729d0a0",
        None,
        None,
    )
    assert [(one.allocated, one.cpu, one.note) for one in slab.objects] == [
        (False, 7, "cpu 7 cache"),
        (False, None, "shared cache"),
        (False, None, None),
        (True, None, None),
    ]


def test_what_an_address_is_inside_of_a_slab() -> None:
    text = samples.SLAB[: samples.SLAB.index("FREE /")] + "   f729d010 (on-slab freelist)\n"
    assert [(one.address, one.note) for one in parse(text).slabs[0].objects] == [("0xf729d010", "on-slab freelist")]


def test_list_of_names() -> None:
    read = parser(["-s", "list"])
    found = read("ffff8c1841914700 ext4_groupinfo_1k\nffff8c1841914300 file lock cache\n")
    assert isinstance(found, slabs.KmemSlabs)
    assert [(one.cache, one.name) for one in found.caches] == [
        ("0xffff8c1841914700", "ext4_groupinfo_1k"),
        ("0xffff8c1841914300", "file lock cache"),
    ]
