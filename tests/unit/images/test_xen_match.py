# SPDX-License-Identifier: Apache-2.0
"""Which xen-syms belongs to which dump: by build-id in memory, by addresses, by version and changeset."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d
from tests.unit.images import xen_builders as x
from tests.unit.images.conftest import Save
from xcrash.images.classify import classify_image
from xcrash.images.dump import dump_memory, identify_dump
from xcrash.images.identity import XenDump
from xcrash.images.match import Match
from xcrash.images.xen_build_id import NOTHING_THERE, build_id_at, build_ids_near
from xcrash.images.xen_match import compare_xen, symbols_of

MOVED = {name: address + 64 for name, address in x.ADDRESSES.items()}
OURS, OTHER = b.XEN_BUILD_ID.hex(), x.OTHER_ID.hex()


def match(dump: Path, syms: Path, **told: object) -> Match:
    xen = identify_dump(dump).xen
    assert xen is not None
    with dump_memory(dump) as memory:
        return compare_xen(classify_image(syms), syms, msgspec.structs.replace(xen, **told), memory)


def test_the_build_id_is_read_out_of_the_dump_where_the_symbols_have_it(save: Save) -> None:
    found = match(save("vmcore", x.dump()), save("xen-syms", x.build()))
    assert found.verdict == "same-build"
    assert found.evidence[0] == f"build-id: {OURS} in the file, {OURS} in the dump's memory"
    assert found.evidence[1] == "addresses: all 3 that VMCOREINFO_XEN tells are equal"
    assert found.evidence[2] == "version: 4.17.5 in the file, 4.17.5 in the dump"
    assert found.evidence[3] == f"changeset: {x.CHANGESET} in the dump, also in the file"


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("status", [1, 0x20])
def test_the_build_id_is_read_out_of_a_compressed_dump(save: Save, status: int, flat: bool) -> None:
    page = bytes(x.NOTE_AT) + b.note(b"GNU", 3, b.XEN_BUILD_ID)
    data = d.KdumpOfPages(contents={x.PHYS_START // 4096: page, 7: b"more"}, status=status).build()
    dump = save("vmcore", b.flattened(data) if flat else data)
    with dump_memory(dump) as memory:
        syms = save("xen-syms", x.build())
        found = compare_xen(classify_image(syms), syms, XenDump(phys_start=x.PHYS_START), memory)
    assert (found.verdict, found.evidence[0]) == (
        "same-build",
        f"build-id: {OURS} in the file, {OURS} in the dump's memory",
    )


def test_a_build_whose_addresses_differ_is_another_one(save: Save) -> None:
    syms = save("xen-syms-dbg", x.build(x.OTHER_ID, MOVED, debug="y", note_at=x.NOTE_AT + 0x100))
    found = match(save("vmcore", x.dump()), syms)
    assert found.verdict == "different-kernel"
    assert found.evidence[0] == f"build-id: {OTHER} in the file, unknown in the dump's memory"
    assert "domain_list is at 0xffff82d04009c440 in the file, at 0xffff82d04009c400 in the dump" in found.evidence[1]
    assert "3 of 3 differ" in found.evidence[1]


def test_the_same_source_built_again_is_told_apart_and_not_refused(save: Save) -> None:
    found = match(save("vmcore", x.dump()), save("xen-syms", x.build(x.OTHER_ID)))
    assert found.verdict == "build-id-differs"
    assert found.evidence[0] == f"build-id: {OTHER} in the file, {OURS} in the dump's memory"


def test_equal_addresses_do_not_make_up_for_a_build_id_that_is_not_at_its_place(save: Save) -> None:
    # As with Debian's Xen 4.17.5 and one built of the same source with debug information.
    found = match(save("vmcore", x.dump(banner=b"text" * 40)), save("xen-syms", x.build(x.OTHER_ID, note_at=0x7000)))
    assert found.verdict == "different-kernel"
    assert found.evidence[0] == f"build-id: {OTHER} in the file, none at its place in the dump's memory"
    assert found.evidence[1] == "addresses: all 3 that VMCOREINFO_XEN tells are equal"


def test_addresses_serve_where_the_dump_has_no_build_id(save: Save) -> None:
    dump = save("vmcore", x.dump(build_id=None, phys_start=False))
    assert match(dump, save("xen-syms", x.build())).verdict == "same-release"
    assert match(dump, save("xen-syms", x.build(addresses=MOVED))).verdict == "different-kernel"


@pytest.mark.parametrize(
    ("version", "changeset", "verdict"),
    [
        ("4.17.5", x.CHANGESET, "same-release"),
        ("4.17.6", x.CHANGESET, "different-kernel"),
        ("4.17.5", "another", "different-kernel"),
        (None, x.CHANGESET, "same-release"),
    ],
)
def test_version_and_changeset_are_the_last_evidence(
    save: Save, version: str | None, changeset: str, verdict: str
) -> None:
    syms = save("xen-syms", x.build(version=version, changeset=changeset))
    assert match(save("vmcore", x.dump(build_id=None, addresses={})), syms).verdict == verdict


def test_a_version_that_the_name_alone_tells_speaks_for_a_file_and_never_against_it(save: Save) -> None:
    dump = save("vmcore", x.dump(build_id=None, addresses={}))
    for name, verdict in (("xen-syms-4.17-amd64", "same-release"), ("xen-syms-4.4.1", "unknown")):
        assert match(dump, save(name, x.build(version=None)), changeset=None).verdict == verdict


def test_nothing_is_known_of_a_dump_that_says_nothing(save: Save) -> None:
    syms = save("xen-syms", x.build())
    assert compare_xen(classify_image(syms), syms, XenDump(), None).verdict == "unknown"


def test_a_name_that_is_the_end_of_another_is_found(save: Save) -> None:
    # ld stores "domain_list" once, inside "the_domain_list".
    data = bytearray(x.build(addresses={"the_domain_list": 1, "domain_list": x.ADDRESSES["domain_list"]}))
    strings = data.index(b"\0the_domain_list\0domain_list\0") + 1
    rows = data.index((17).to_bytes(4, "little") + b"\x12\0")
    assert data[strings + 16 : strings + 28] == b"domain_list\0"
    data[strings + 16 : strings + 28] = b"another____\0"
    data[rows : rows + 4] = (5).to_bytes(4, "little")
    dump = save("vmcore", x.dump(build_id=None, addresses={"domain_list": x.ADDRESSES["domain_list"]}))
    assert match(dump, save("xen-syms", bytes(data))).evidence[1].startswith("addresses: all 1 ")


def test_addresses_that_are_none_are_left_out() -> None:
    info = {
        **{"SYMBOL(pgd_l4)": "ffff82d0", "SYMBOL(max_page)": "zz", "SYMBOL(dom_io)": "1" * 17, "SIZE(domain)": "8"},
        **{"SYMBOL()": "1", "SYMBOL(\ufffd)": "2", "SYMBOL(a b)": "3", "SYMBOL(x)": "\uff11", "SYMBOL(neg)": "-1"},
    }
    assert symbols_of(XenDump(vmcoreinfo=info)) == {"idle_pg_table": 0xFFFF82D0}


def test_build_ids_near_xen_are_for_looking_files_up(save: Save) -> None:
    with dump_memory(save("vmcore", x.dump())) as memory:
        assert memory is not None
        assert build_ids_near(memory, x.PHYS_START) == (OURS,)
        assert build_ids_near(memory, 1 << 40) == ()
        assert build_id_at(memory, x.PHYS_START, x.VIRT_START + x.NOTE_AT) == OURS
        assert build_id_at(memory, x.PHYS_START, x.VIRT_START + x.NOTE_AT + 4) == NOTHING_THERE
        assert build_id_at(memory, x.PHYS_START, x.VIRT_START + 0x5000) is None
        assert build_id_at(memory, 1 << 62, x.VIRT_START) is None


def test_a_damaged_symbol_table_matches_nothing(save: Save) -> None:
    data = x.build()
    for size in range(len(data) - 900, len(data), 37):
        found = match(save("vmcore", x.dump()), save("xen-syms", data[:size]))
        assert found.verdict in ("unknown", "same-release", "different-kernel")
