# SPDX-License-Identifier: Apache-2.0
"""Which parser reads the output of a command line."""

from __future__ import annotations

import pytest

from xcrash.parse import Parser, bare, bt, dis, p, parser_for, ps, rd, struct, sys, tree
from xcrash.parse import help as help_
from xcrash.parse import set as set_


@pytest.mark.parametrize(
    ("command_line", "parser"),
    [
        *(
            (line, ps.parse)
            for line in ("ps", " ps -A", "ps -ku", "ps -G 1", "ps -s", "ps 1 2", "ps 'kworker|x>'", "\\ps")
        ),
        *((line, ps.parse) for line in ("ps | grep UN", "ps|grep -v '>' | head -20", "ps -y FIFO")),
        *((line, bt.parse) for line in ("bt", "bt -a", "bt 1 | grep -v RIP")),
        *((line, sys.parse) for line in ("sys", "sys | grep -e PANIC -e DATE")),
        *((line, set_.parse) for line in ("set 1234", "set ffff8bd6c1231840", "set -p", "set -c 1")),
        *((line, None) for line in ("", "ps > f", "ps | wc -l", "ps | grep UN > f", "| ps")),
        *((line, set_.parse_variables) for line in ("set -v", "set scroll off", "hex", "sf")),
        *((line, struct.parse) for line in ("struct page", "union u", "* page 0", "*page 0", "size list_head")),
        *((line, p.parse) for line in ("p jiffies", "px jiffies", "pd x", "p (1 > 2)", "p x->y")),
        *((line, tree.parse) for line in ("tree -t rbtree x | paste - -", "tree x | tac")),
        *((line, None) for line in ("ps | paste - -", "tree x | paste - - | wc -l")),
        *((line, bare.parse) for line in ("psx", "page.flags,lru 0", "jiffies", "list_head", "runqueues:a")),
        *((line, help_.parse_page) for line in ("help ps", "man ps", "? ps")),
        *((line, dis.parse) for line in ("dis panic", "dis -lr panic")),
        *((line, rd.parse_text) for line in ("rd -a linux_banner", "rd -ap 1000")),
        *((line, None) for line in ("help -v", "1+1", "gdb info threads")),
        *((line, None) for line in ("foreach", "foreach bt vm")),
    ],
)
def test_choice(command_line: str, parser: Parser | None) -> None:
    assert parser_for(command_line) is parser


def test_gdb_prints_what_crash_prints() -> None:
    for line in ("gdb p jiffies", "g print/x jiffies", "p/x jiffies"):
        parser = parser_for(line)
        assert parser
        value = parser("$1 = 0xfffee233\n")
        assert isinstance(value, p.Print)
        assert value.results[0].value == "0xfffee233"
