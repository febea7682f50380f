# SPDX-License-Identifier: Apache-2.0
"""Lists and trees."""

from __future__ import annotations

from tests.unit.parse import data_samples as samples
from xcrash.parse import list as list_
from xcrash.parse import tree
from xcrash.parse.c_value import Pointer


def test_entries_have_their_members() -> None:
    found = list_.parse(samples.LIST)
    assert [entry.address for entry in found.entries] == ["0xc03adc90", "0xc03abf94"]
    name, flags = found.entries[1].members
    assert (name.value, flags.value) == (Pointer(address="0xc02c0319", string="bdev"), "0x10")
    assert samples.LIST[slice(*found.entries[0].span)].endswith("fs_flags = 0x30,")


def test_what_is_wrong_with_a_list_does_not_harm_what_is_above() -> None:
    found = list_.parse(samples.LIST_STRUCTS)
    assert [entry.structs[0].name for entry in found.entries] == ["module", "module"]
    assert [(remark.line, remark.text) for remark in found.remarks] == [
        (13, "list: duplicate list entry: ffffffffc03c2100")
    ]
    bad = list_.parse('ffffffff8b810940\n4000\nlist: invalid kernel virtual address: 4000  type: "list entry"\n')
    assert [entry.address for entry in bad.entries] == ["0xffffffff8b810940", "0x4000"]


def test_addresses_alone() -> None:
    found = list_.parse("c169a000\nc0440000\n\n(empty)\n")
    assert [entry.address for entry in found.entries] == ["0xc169a000", "0xc0440000"]
    assert found.unread == ()


def test_members_whose_address_is_not_there() -> None:
    found = list_.parse("  pid = 1,\nc169a000\n")
    assert ([member.name for member in found.members], found.entries[0].members, found.unread) == (["pid"], (), ())
    assert [member.value for member in tree.parse('  name = 0xf7ec0 "a",\n').members] == [
        Pointer(address="0xf7ec0", string="a")
    ]


def test_a_note_behind_an_address() -> None:
    found = list_.parse("ff2d9506e1367dc0 ---> the one\nstruct x {\n  a = 1,\n  b = 2\n}\n")
    assert [(entry.address, len(entry.structs)) for entry in found.entries] == [("0xff2d9506e1367dc0", 1)]


def test_tree_entries_have_positions() -> None:
    found = tree.parse(samples.TREE + "ffff88012a0de080\n  position: root/l/r\n")
    assert [(entry.index, entry.position, len(entry.members)) for entry in found.entries] == [
        (0, "root/0/0", 1),
        (1, "root/0/1", 1),
        (None, "root/l/r", 0),
    ]


def test_maple_tree() -> None:
    found = tree.parse(samples.MAPLE)
    assert found.maple_tree is not None
    assert (found.maple_tree.flags, found.maple_tree.height) == ("309", 2)
    assert [(item.first, item.last, item.depth, item.node, item.entry) for item in found.ranges[1:]] == [
        ("0", "140112331583487", 1, "0xffff9034c01e8800", None),
        ("0", "94643156942847", None, None, "0x0"),
        ("94643156942848", "94643158024191", None, None, "0xffff9035131754c0"),
    ]


def test_a_maple_tree_is_walked_in_decimal() -> None:
    found = tree.parse("18446614382895129600\n18446614382895135232\n")
    assert [entry.address for entry in found.entries] == ["0xffff8a0c01136400", "0xffff8a0c01137a00"]
    assert found.unread == ()


def test_entries_that_stand_on_one_line() -> None:
    text = "ffff88001f2c50e0\t  vm_start = 0x400000\nffff94941535bd90   task = 0xb0c0   type = RWSEM_WAITING\n"
    first, second = tree.parse(text).entries
    assert [(member.name, member.value) for member in first.members] == [("vm_start", "0x400000")]
    assert [member.name for member in second.members] == ["task", "type"]
    assert text[slice(*second.span)] == text.splitlines()[1] and tree.parse(text).unread == ()
