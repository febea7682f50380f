# SPDX-License-Identifier: Apache-2.0
"""The ``struct vcpu`` of vcpus of a hypervisor.

Source of the format: xen_hyper_command.c:xen_hyper_do_vcpu, which has gdb print the structure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, structures
from xcrash.parse.value import CommandOutput


class VcpuStructs(CommandOutput, frozen=True, kw_only=True, tag="vcpu"):
    """The structures, in the order of the arguments; crash does not say their addresses."""

    structs: tuple[Instance, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], VcpuStructs] | None:
    """The parser for ``vcpu ARGUMENTS``."""
    return parse


def parse(text: str) -> VcpuStructs:
    """The structures in the text."""
    said = answer(text, "vcpu")
    found, rest = structures(said.lines)
    return VcpuStructs(structs=found, remarks=said.remarks, unread=tuple(unread(rest)))
