# SPDX-License-Identifier: Apache-2.0
"""Which parser reads the output of a command line."""

from __future__ import annotations

import pytest

from xcrash.parse import Parser, parser_for, ps, sys
from xcrash.parse import set as set_


@pytest.mark.parametrize(
    ("command_line", "parser"),
    [
        *(
            (line, ps.parse)
            for line in ("ps", " ps -A", "ps -ku", "ps -G 1", "ps -s", "ps 1 2", "ps 'kworker|x>'", "\\ps")
        ),
        *((line, ps.parse) for line in ("ps | grep UN", "ps|grep -v '>' | head -20", "ps -y FIFO")),
        *((line, sys.parse) for line in ("sys", "sys | grep -e PANIC -e DATE")),
        *((line, set_.parse) for line in ("set", "set 1234", "set ffff8bd6c1231840", "set -p", "set -c 1")),
        *(
            (line, None)
            for line in ("", "ps -l", "ps -m", "ps -At", "ps > f", "ps | wc -l", "ps | grep UN > f", "| ps")
        ),
        *((line, None) for line in ("sys -c", "sys config", "set scroll off", "set -v", "bt", "psx", "foreach ps")),
    ],
)
def test_choice(command_line: str, parser: Parser | None) -> None:
    assert parser_for(command_line) is parser
