# SPDX-License-Identifier: Apache-2.0
"""Memory."""

from __future__ import annotations

import pytest

from tests.unit.parse import data_samples as samples
from xcrash.parse import rd


def test_words_and_characters() -> None:
    first, second = rd.parse(samples.RD).rows
    assert (first.address, first.words) == ("0xffffffff8ad51580", ("0x65762078756e694c", "0x2e36206e6f697372"))
    assert first.ascii == "Linux version 6."
    assert (second.words, second.ascii) == (("0x0000000000000020",), " ......")


def test_words_of_32_bits() -> None:
    first, second = rd.parse(samples.RD_OLD).rows
    assert (len(first.words), first.ascii) == (4, "d....(..d...8(..")
    assert (second.words, second.ascii) == (("0x00000000",), "....")


@pytest.mark.parametrize(
    ("row", "words", "characters"),
    [
        ("c0226a6c:  2e32 2e32 2d35 3531                       2.2.5-15", 4, "2.2.5-15"),
        ("c0226a6c:  32 2e 32 2e 35 2d 31 35                           2.2.5-15", 8, "2.2.5-15"),
        (
            "ffffffff8ad51580:  4c 69 6e 75 78 20 76 65 72 73 69 6f 6e 20 36 2e   Linux version 6.",
            16,
            "Linux version 6.",
        ),
        ("            1000:  0000000000000000 0000000000000000   ................", 2, "................"),
        ("               0:  202020504d55444b 0000000000000006   KDUMP   ........   <-- magic", 2, "KDUMP   ........"),
    ],
)
def test_words_of_other_widths(row: str, words: int, characters: str) -> None:
    (found,) = rd.parse(row).rows
    assert (len(found.words), found.ascii) == (words, characters)


def test_symbols_and_slab_caches() -> None:
    rows = rd.parse(samples.RD_SYMBOLS).rows
    assert rows[0].words == ("[f6e31f6c:size-4096]", "[f779c180:filp]", "kmsg_read", "0x00a9dd40")
    assert rows[1].words == ("0x00000fff", "vfs_read+159", "[size-4096]", "[filp]")
    assert rows[2].words == (".data", "0x0420000200000002")


def test_decimal_numbers() -> None:
    rows = rd.parse(samples.RD_DECIMAL, decimal=True).rows
    assert [row.numbers for row in rows] == [(-73165, 0), (577376,)]
    (row,) = rd.parse("ffffffff8b8079c0:  18446744073709551615\n", decimal=True).rows
    assert row.numbers == (18446744073709551615,)


def test_text() -> None:
    found = rd.parse_text(samples.RD_TEXT)
    assert found.text.startswith("Linux version 2.6.32-119.el6.i686 (mockbuild@hs20-bc2-4.build.redhat.com)")
    assert [row.address for row in found.rows] == ["0xc082a020", "0xc082a05c"]


def test_an_unknown_symbol_is_an_error() -> None:
    found = rd.parse("symbol not found: zzz\npossible alternatives:\n  (none found)\n")
    assert [(remark.severity, remark.text) for remark in found.remarks] == [
        ("error", "symbol not found: zzz"),
        ("note", "possible alternatives:"),
        ("note", "(none found)"),
    ]
    assert found.unread == ()


def test_options_choose() -> None:
    assert rd.parser(["-a", "linux_banner"]) is rd.parse_text
    for arguments in (["-d", "x"], ["-32", "-D", "x"]):
        parse = rd.parser(arguments)
        assert parse
        found = parse("c0213ae0:  12345678\n")
        assert isinstance(found, rd.Memory)
        assert found.rows[0].numbers == (12345678,)
