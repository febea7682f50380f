# SPDX-License-Identifier: Apache-2.0
"""The registers in a backtrace: of an exception, of a system call, of a CPU when it stopped.

Source of the forms: x86_64.c:x86_64_exception_frame, x86.c:x86_dump_eframe_common, arm64.c:arm64_print_exception_frame,
arm.c:arm_dump_exception_stack, ppc64.c:ppc64_print_regs, s390x.c:print_ptregs, s390x.c:s390x_print_lowcore,
riscv64.c:riscv64_dump_pt_regs, mips64.c, loongarch64.c, ia64.c.
"""

from __future__ import annotations

import re
from typing import Literal, TypedDict

import msgspec

from xcrash.parse.text import Line
from xcrash.parse.value import Span

Mode = Literal["kernel", "user"]

_VALUE = r"(?:\[<)?([0-9a-f]{1,16})(?:>\])?"
_NAME = (
    r"([RE]?[A-D]X|[RE]?(?:SI|DI|BP|SP|IP)|[RE]?FLAGS|ORIG_[RE]AX|[CDEFGS]S|ERR"  # x86
    r"|X[0-9]{1,2}|PC|LR|PSTATE|ORIG_X0|SYSCALLNO"  # arm64
    r"|r[0-9]{1,2}|pc|lr|psr|sp|ip|fp"  # arm
    r"|R[0-9]{1,2}|NIP|MSR|OR3|CTR|XER|CCR|MQ|DAR|DSISR|Syscall Result"  # ppc
    r"|epc|ra|gp|tp|[tsa][0-9]{1,2}|status|badaddr|cause|orig_a0|RA|CAUSE|ORIG_A0"  # riscv64
    r"|\$?r[0-9]{1,2}|era|badv|crmd|prmd|euen|ecfg|estat|hi|lo|Hi|Lo|Status|Cause|BadVA"  # loongarch64, mips
    r"|[BFR][0-9]{1,3}|CR_[A-Z]{2,5}|AR_[A-Z]{2,5}|PR|SSD|LOADRS|EFRAME)"  # ia64
)
_PAIR = re.compile(rf"\s*{_NAME} *: *{_VALUE}(?![^\s])(?: +\[(\S[^\]\n]{{0,200}})\])?")
_BROKEN = re.compile(rf"\s*{_NAME} *: *$")
_NOTE = re.compile(r" +(?:\*\*|<[-=<]|-+>|=+>|#|//)[^\n]*")
"""What people write behind a line."""
_LONE = re.compile(r"\s*([0-9a-f]{8,16})\s*")
_EXCEPTION = re.compile(r"\s*\[exception (RIP|PC|EIP|NIP): ([^\n]{1,300})\]\s*")
_TRAP = re.compile(r"\s*(\S[\w /-]{0,40}?) \[([0-9a-f]{1,4})\] exception frame:\s*")
_PLACE = re.compile(r"\s*(?:\[(NIP|LR) *: ([^\n\]]{1,300})\]|(NIP|LR) +\[[0-9a-f]{16}\] (\S{1,300}))\s*")
_SEARCHED = re.compile(r"\s*(KERNEL|USER)-MODE EXCEPTION FRAME AT:? ([0-9a-f]{6,16}):?\s*")
_ARM_FLAGS = re.compile(r"\s*Flags: (\S{4})  IRQs (\w+)  FIQs (\w+)  Mode (\S+)  ISA (\S+)\s*")
_PSW = re.compile(r"\s*PSW: +([0-9a-f]{16}) ([0-9a-f]{16}) +\((.*)\)\s*")
_GPRS = re.compile(r"\s*GPRS: +((?:[0-9a-f]{16} *){1,4})\s*")
_WORD = r"(?:0{18}|(?:0x)?[0-9a-f]{8,16})"
_ROW = re.compile(rf"\s+({_WORD}(?: +{_WORD}){{0,7}})\s*")
_LOWCORE = re.compile(r"\s*LOWCORE INFO:\s*")
_LOWCORE_VALUE = re.compile(
    r"\s*-(psw|prefix|cpu timer|clock cmp) *: *(0{18}|(?:0x)?[0-9a-f]{1,16})(?: (0{18}|0x[0-9a-f]{1,16}))?\s*"
)
_LOWCORE_FUNCTION = re.compile(r"\s*-function *: *(\S+) at ([0-9a-f]{1,16})\s*")
_MIPS = re.compile(r"\s*\$ ?([0-9]{1,2}) *: ([0-9a-f]{8,16}(?: +[0-9a-f]{8,16}){0,3})\s*")
_BANK = re.compile(r"\s*-(general|access|control|floating point|vector) registers(?: 0,2,4,6)?:\s*")
_BANKS = {"general": "GPR", "access": "AR", "control": "CR", "floating point": "FPR", "vector": "VR"}
_MOST_VALUES = 256
_UNKNOWN = "unknown or invalid address"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """``bt -l``: the place in the source of the kernel."""

    file: str
    line: int


class Registers(msgspec.Struct, frozen=True, kw_only=True):
    """Registers by their names as printed, the values ``"0x..."``.

    s390x: GPR0 to GPR15 and so on, PSW_MASK and PSW_ADDRESS. ``symbols`` says where a register points to, such as
    ``{"RIP": "stop_this_cpu+119"}``. ``mode`` and ``at``, the place on the stack, are known with ``bt -e`` and ``-E``.
    ``exception`` and ``trap`` are the name and number of an exception (ppc64). ``flags`` are those 32-bit arm prints.
    """

    line: int
    span: Span
    values: dict[str, str]
    symbols: dict[str, str] = {}
    mode: Mode | None = None
    at: str | None = None
    exception: str | None = None
    trap: int | None = None
    flags: str | None = None
    source: Source | None = None


class _Said(TypedDict, total=False):
    mode: Mode
    at: str
    exception: str
    trap: int
    flags: str


class Block:
    """Registers while their lines are being read."""

    def __init__(self, line: Line) -> None:
        self._line = line.number
        self._span = (line.start, line.end)
        self._values: dict[str, str] = {}
        self._symbols: dict[str, str] = {}
        self._said = _Said()
        self._bank = ""
        self._broken = ""

    def finish(self) -> Registers:
        """What was read."""
        return Registers(line=self._line, span=self._span, values=self._values, symbols=self._symbols, **self._said)

    def read(self, line: Line) -> bool:
        """Whether the line belongs to this block; it is read then."""
        known = any(read(line.text) for read in (self._joined, self._pairs, self._banks, self._other))
        if known:
            self._span = (self._span[0], line.end)
        return known

    def begins(self, text: str) -> bool:
        """Whether the line begins another block, though this one has not ended by itself."""
        if _TRAP.fullmatch(text) or _SEARCHED.fullmatch(text) or _LOWCORE.fullmatch(text):
            return bool(self._values or self._symbols or self._said)
        if _EXCEPTION.fullmatch(text):
            return bool(self._values or self._symbols)
        if _PSW.fullmatch(text):
            return bool(self._values)
        found = _PAIR.match(text)
        return bool(found and found[1] in self._values)

    def _pairs(self, text: str) -> bool:
        at, pairs = 0, []
        if ":" not in text or len(text) > 300:
            return False
        while at < len(text) and (found := _PAIR.match(text, at)):
            pairs.append(found)
            at = found.end()
        broken = _BROKEN.fullmatch(text, at) if pairs else None
        rest = text[at:].strip() and not broken and not (len(pairs) > 1 and _NOTE.fullmatch(text, at))
        if not pairs or rest or any(found[1] in self._values for found in pairs):
            return False
        for found in pairs:
            self._values[found[1]] = "0x" + found[2]
            if found[3] and found[3] != _UNKNOWN:
                self._symbols[found[1]] = found[3]
        self._broken = broken[1] if broken else ""
        return True

    def _joined(self, text: str) -> bool:
        """A mailer broke the line between the name of a register and its value."""
        found = _LONE.fullmatch(text) if self._broken else None
        if found:
            self._values[self._broken] = "0x" + found[1]
            self._broken = ""
        return found is not None

    def _banks(self, text: str) -> bool:
        psw, gprs, value = _PSW.fullmatch(text), _GPRS.fullmatch(text), _LOWCORE_VALUE.fullmatch(text)
        bank, function, mips = _BANK.fullmatch(text), _LOWCORE_FUNCTION.fullmatch(text), _MIPS.fullmatch(text)
        if psw:
            self._values.update({"PSW_MASK": "0x" + psw[1], "PSW_ADDRESS": "0x" + psw[2]})
            if psw[3] == "user space":
                self._said["mode"] = "user"
            else:
                self._symbols["PSW_ADDRESS"] = psw[3]
        elif gprs:
            self._bank = "GPR"
            self._row(gprs[1])
        elif value:
            name = value[1].replace(" ", "_")
            names = ("PSW_MASK", "PSW_ADDRESS") if name == "psw" else (name, f"{name}_low")
            self._values.update({key: _hex(word) for key, word in zip(names, value.groups()[1:], strict=True) if word})
        elif mips:
            self._values.update({f"${int(mips[1]) + at}": _hex(word) for at, word in enumerate(mips[2].split())})
        elif function:
            self._symbols["PSW_ADDRESS"] = function[1]
        elif bank:
            self._bank = _BANKS[bank[1]]
        elif self._bank and len(self._values) < _MOST_VALUES and (row := _ROW.fullmatch(text)):
            self._row(row[1])
        else:
            return _LOWCORE.fullmatch(text) is not None and not self._values
        return True

    def _row(self, text: str) -> None:
        first = sum(name.rstrip("0123456789") == self._bank for name in self._values)
        self._values.update({f"{self._bank}{first + at}": _hex(word) for at, word in enumerate(text.split())})

    def _other(self, text: str) -> bool:
        exception, trap, place = _EXCEPTION.fullmatch(text), _TRAP.fullmatch(text), _PLACE.fullmatch(text)
        searched, flags = _SEARCHED.fullmatch(text), _ARM_FLAGS.fullmatch(text)
        if exception:
            if exception[2] != _UNKNOWN:
                self._symbols[exception[1]] = exception[2]
        elif trap:
            self._said.update({"exception": trap[1], "trap": int(trap[2], 16)})
        elif place:
            self._symbols[place[1] or place[3]] = place[2] or place[4]
        elif searched:
            self._said.update({"mode": "user" if searched[1] == "USER" else "kernel", "at": "0x" + searched[2]})
        elif flags:
            self._said["flags"] = " ".join(text.split())
        else:
            return False
        return True


def _hex(word: str) -> str:
    """``%#018lx`` gives a zero no ``0x`` but two more digits."""
    return "0x" + (word[2:] if word.startswith("0x") or word in ("0" * 10, "0" * 18) else word)
