# SPDX-License-Identifier: Apache-2.0
"""The output of ``kmem``: one module per option, the address without an option among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from xcrash.parse.kmem import (
    address,
    free,
    hugepages,
    nodes,
    page_cache,
    page_flags,
    pages,
    percpu,
    slabs,
    statistics,
    usage,
    vmalloc,
    zones,
)
from xcrash.parse.value import ParsedValue

Parse = Callable[[str], ParsedValue]

OPTIONS: Final[dict[str, Parse]] = {
    "i": usage.parse,
    "s": slabs.parse,
    "S": slabs.parse,
    "r": slabs.parse,
    "z": zones.parse,
    "n": nodes.parse,
    "v": vmalloc.parse,
    "V": statistics.parse,
    "f": free.parse,
    "F": free.parse,
    "h": hugepages.parse,
    "p": pages.parse,
    "m": pages.parse_members,
    "c": page_cache.parse,
    "C": page_cache.parse,
    "o": percpu.parse,
    "g": page_flags.parse,
}
"""By the letter of the option; crash takes only one of them. ``-P`` and ``-I`` go with another one."""

_OPTION = re.compile(r"-([A-Za-z]+)")


def parser(arguments: Sequence[str]) -> Parse:
    """The parser for ``kmem ARGUMENTS``; what has no option that prints a table is an address."""
    letters = [letter for word in arguments if (found := _OPTION.match(word)) for letter in found[1]]
    chosen = next((OPTIONS[letter] for letter in letters if letter in OPTIONS), address.parse)
    return slabs.parse_list if chosen is slabs.parse and "list" in arguments else chosen
