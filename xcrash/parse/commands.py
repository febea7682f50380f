# SPDX-License-Identifier: Apache-2.0
"""Which module reads the output of which crash command.

Each module says by its ``parser(arguments)`` which of its functions knows the shape that these arguments ask for. It is
imported when its command is met: to import all of them takes longer than most runs of xcrash.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Final

from xcrash.parse.value import ParsedValue

Parser = Callable[[str], ParsedValue | None]
Choice = Callable[[Sequence[str]], Parser | None]

_NAMED_LIKE_THE_COMMAND = (
    "alias bt dev dis domain doms dumpinfo extend files fuser gdb help ipcs irq kmem list log mach mod mount net p "
    "pcpus ps pte rd runq sched search set sig struct swap sym sys task timer tree vcpu vcpus vm vtop waitq whatis"
)
_CONVERSIONS = "ascii btop eval ptob ptov"


def _module(name: str) -> Choice:
    def choose(arguments: Sequence[str]) -> Parser | None:
        choice: Choice = importlib.import_module(f"xcrash.parse.{name}").parser
        return choice(arguments)

    return choose


def _conversion(name: str) -> Choice:
    def choose(arguments: Sequence[str]) -> Parser | None:
        from xcrash.parse.convert import PARSERS

        return PARSERS[name](arguments)

    return choose


def _foreach(arguments: Sequence[str]) -> Parser | None:
    from xcrash.parse import foreach

    return foreach.parser(arguments, COMMANDS)


COMMANDS: Final[dict[str, Choice]] = {
    **{name: _module(name) for name in _NAMED_LIKE_THE_COMMAND.split()},
    **{name: _conversion(name) for name in _CONVERSIONS.split()},
    "foreach": _foreach,
    "dmesg": _module("log"),
    "lsmod": _module("mod"),
    "union": _module("struct"),
    "*": _module("struct"),
}
"""By the name of the command as it is typed."""
