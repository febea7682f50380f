# SPDX-License-Identifier: Apache-2.0
"""A QEMU in which Xen runs with its Dom0, ended whatever happens."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import TracebackType

from tests.lab import serial_line
from tests.lab.dom0 import Dom0
from tests.lab.proc import LabError, end, plain_environment, say, start, wait_until

_MEMORY = "4096"
_XEN = "console=com1 com1=115200,8n1 dom0_mem=3072M,max:3072M loglvl=all noreboot"
_LINUX = "console=hvc0 rdinit=/sbin/init panic=0"
_BOOT = 900.0
_DEAD = ("---[ end Kernel panic", "Panic on CPU", "Hardware Dom0 ")


class Dom0Machine:
    """A running Xen with its Dom0."""

    def __init__(self, qemu: Path, dom0: Dom0, logs: Path) -> None:
        """Start Xen; the serial console and QEMU's own words go below ``logs``."""
        self._line = logs / "line"
        self._serial, self._said = logs / "serial.log", logs / "qemu.log"
        argv = [
            *(str(qemu), "-nodefaults", "-no-user-config", "-display", "none", "-vga", "std"),
            # With more features than qemu64 has, the Dom0 dies when it boots.
            *("-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-smp", "2", "-m", _MEMORY),
            *("-kernel", str(dom0.xen), "-append", _XEN),
            *("-initrd", f"{dom0.kernel.vmlinuz} {_LINUX},{dom0.initrd}"),
            *("-serial", f"file:{self._serial}"),
            *("-chardev", f"socket,id=line,path={self._line},server=on,wait=off", "-serial", "chardev:line"),
        ]
        with self._said.open("wb") as output:
            self._child = start(argv, stdout=output, env=plain_environment())

    def __enter__(self) -> Dom0Machine:
        """Give the machine."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """End QEMU."""
        end(self._child)

    def wait_ready(self) -> dict[str, str]:
        """Wait until the Dom0 is up and return what it says of itself, by word; raises LabError."""
        try:
            wait_until(self._is_ready, _BOOT, "the Dom0")
        except LabError:
            say(f"  the console ends with: ...{self._console()[-3000:]}")
            raise
        return dict(re.findall(r"^LAB: (\w+) (\S[^\r\n]*)", self._console(), re.MULTILINE))

    def argv(self, command: str) -> list[str]:
        """Return the words that run a shell command in the Dom0 as if it ran here, in a terminal; one at a time."""
        return [sys.executable, "-I", "-S", serial_line.__file__, str(self._line), command]

    def _is_ready(self) -> bool:
        text = self._console()
        if (status := self._child.poll()) is not None:
            said = self._said.read_text(errors="replace")[-2000:]
            raise LabError(f"QEMU ended early with status {status}: {said or 'it said nothing'}")
        if any(words in text for words in _DEAD):
            raise LabError("Xen or its Dom0 died while it booted")
        return "LAB: ready" in text

    def _console(self) -> str:
        return self._serial.read_bytes().decode("utf-8", "replace") if self._serial.exists() else ""
