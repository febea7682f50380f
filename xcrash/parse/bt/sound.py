# SPDX-License-Identifier: Apache-2.0
"""Backtraces that are known to be whole without a look at their values: those of x86_64 and arm64, with ``-f``, ``-l``.

The forms are a part of those that the full reading knows; anything else is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xcrash.parse.lazy import is_plain
from xcrash.parse.value import Span

_END = r"[ \t\r]*(?:\n|\Z)"
_ADDRESS = "[0-9a-f]{8,16}"
_TASK = rf"PID: [0-9]{{1,10}} +TASK: {_ADDRESS} +CPU: [0-9]{{1,6}} +COMMAND: \"[^\"\n\r]{{0,16}}\"{_END}"
_FRAME = (
    rf" {{0,8}}#[0-9]{{1,5}} \[{_ADDRESS}\] [\w.$]{{1,128}}(?:\+(?:0x)?[0-9a-f]{{1,8}})? at {_ADDRESS}"
    rf"(?: \[[\w.-]{{1,64}}\])?{_END}"
)
_SOURCE = rf" {{4}}[\w./+-]{{0,200}}/[\w.+-]{{1,100}}: [0-9]{{1,7}}{_END}"
_WORDS = rf" {{4}}{_ADDRESS}: {_ADDRESS}(?: {{1,2}}{_ADDRESS}){{0,3}}{_END}"
_SWITCH = rf"--- <(?:IRQ|[A-Z]{{2,12}} exception) stack> ---{_END}"


def _registers(*lines: str) -> str:
    """Lines of registers with these names."""
    return "".join(
        " {3,8}" + r" {1,3}".join(f"{name}: [0-9a-f]{{4,16}}" for name in line.split()) + _END for line in lines
    )


_X86_64 = _registers("RIP RSP RFLAGS", "RAX RBX RCX", "RDX RSI RDI", "RBP R8 R9", "R10 R11 R12", "R13 R14 R15")
_X86_64 = (
    rf"(?: {{4}}\[exception RIP: [\w.$+]{{1,160}}\]{_END})?{_X86_64} {{4}}(?:ORIG_RAX: {_ADDRESS}  )?"
    rf"CS: [0-9a-f]{{4}}  SS: [0-9a-f]{{4}}{_END}"
)
_ARM64 = _registers("PC LR SP", *(f"X{top} X{top - 1} X{top - 2}" for top in range(29, 0, -3)))
_ARM64 += rf" {{4}}ORIG_X0: {_ADDRESS}  SYSCALLNO: [0-9a-f]{{1,16}}  PSTATE: {_ADDRESS}{_END}"
_REGISTERS = f"(?:{_X86_64}|{_ARM64})"
_BLOCK = re.compile(
    f"^{_TASK}{_REGISTERS}?(?:{_FRAME}(?:{_SOURCE})?(?:{_WORDS}){{0,4096}}{_REGISTERS}?(?:{_SWITCH})?){{1,4096}}"
    r"(?=[ \t\r\n]*(?:PID: |\Z))",
    re.MULTILINE,
)


def sound_blocks(text: str) -> Iterator[Span]:
    """The spans of the sound backtraces, from the line that names the task to the end of the last that is not blank."""
    if is_plain(text):
        for block in _BLOCK.finditer(text):
            start, end = block.span()
            while text[end - 1].isspace():
                end -= 1
            line_end = text.find("\n", end)
            yield start, len(text) if line_end < 0 else line_end
