# SPDX-License-Identifier: Apache-2.0
"""Search results."""

from __future__ import annotations

from tests.unit.parse import data_samples as samples
from xcrash.parse import search


def test_hits_on_stacks_belong_to_their_task() -> None:
    first, second = search.parse(samples.SEARCH).found
    assert first.task is not None
    assert second.task is not None
    assert (first.task.pid, second.task.pid) == (4876, 4880)
    assert [(hit.address, hit.value, hit.argument) for hit in second.hits] == [
        ("0xffff81002c0fbdd8", "0xffffffff800649d6", "__down_interruptible+191"),
        ("0xffff81002c0fbe78", "0xffff81002c0a3050", None),
    ]


def test_hits_elsewhere_have_no_task() -> None:
    (found,) = search.parse("c071481c: abcd\nc0c2b0fc: 804abcd \n").found
    assert (found.task, [hit.value for hit in found.hits]) == (None, ["0xabcd", "0x804abcd"])


def test_strings_are_text_whatever_they_look_like() -> None:
    (found,) = search.parse(samples.SEARCH_STRINGS, strings=True).found
    assert [(hit.address, hit.value) for hit in found.hits] == [
        ("0x20027", None),
        ("0x168a0b49", None),
        ("0x18abcd", None),
    ]
    assert [hit.text for hit in found.hits if hit.text and hit.text.startswith("WARNING: on_fail")] != []
    assert found.hits[2].text == "18abcd"


def test_memory_around_a_hit_is_context() -> None:
    found = search.parse("ffffffff8ad51580:  65762078756e694c 2e36206e6f697372   Linux version 6.\nffff8a10: abcd\n")
    assert [row.ascii for row in found.context] == ["Linux version 6."]
    assert found.found[0].hits[0].value == "0xabcd"


def test_errors_are_remarks() -> None:
    found = search.parse("search: -x option is not allowed with -c\n", strings=True)
    assert (found.found, found.unread) == ((), ())
    assert [remark.severity for remark in found.remarks] == ["error"]
