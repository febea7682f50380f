# SPDX-License-Identifier: Apache-2.0
"""The ``struct domain`` of domains of a hypervisor.

Source of the format: xen_hyper_command.c:xen_hyper_do_domain, which has gdb print the structure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, structures
from xcrash.parse.value import CommandOutput


class DomainStructs(CommandOutput, frozen=True, kw_only=True, tag="domain"):
    """The structures, in the order of the arguments; crash does not say their addresses."""

    structs: tuple[Instance, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], DomainStructs] | None:
    """The parser for ``domain ARGUMENTS``."""
    return parse


def parse(text: str) -> DomainStructs:
    """The structures in the text."""
    said = answer(text, "domain")
    found, rest = structures(said.lines)
    return DomainStructs(structs=found, remarks=said.remarks, unread=tuple(unread(rest)))
