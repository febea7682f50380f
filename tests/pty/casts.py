# SPDX-License-Identifier: Apache-2.0
"""Recordings put together from small pieces of what crash 8.0.2 printed, for the fake crash to play."""

from __future__ import annotations

import json
from pathlib import Path

WAIT = "gathering task table data", "determining panic task"

GPL = (
    "\r\ncrash 8.0.2\r\n"
    "Copyright (C) 2002-2022  Red Hat, Inc.\r\n"
    "This program has absolutely no warranty.  Enter \"help warranty\" for details.\r\n \r\n"
)  # fmt: skip
GDB = (
    "GNU gdb (GDB) 10.2\r\nCopyright (C) 2021 Free Software Foundation, Inc.\r\n"
    "License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\r\n"
    "Find the GDB manual and other documentation resources online at:\r\n"
    "    <http://www.gnu.org/software/gdb/documentation/>.\r\n\r\n"
    'For help, type "help".\r\nType "apropos word" to search for commands related to "word"...\r\n\r\n'
)
WARNING = "WARNING: cpu 0: cannot find NT_PRSTATUS note"
BANNER = (
    "      KERNEL: /usr/lib/debug/boot/vmlinux-6.1.0-50-cloud-amd64  [TAINTED]\r\n"
    "    DUMPFILE: /var/crash/vmcore  [PARTIAL DUMP]\r\n"
    "        CPUS: 2\r\n        DATE: Sat Oct  8 17:39:28 UTC 2022\r\n      UPTIME: 00:01:21\r\n"
    "LOAD AVERAGE: 0.28, 0.44, 0.51\r\n       TASKS: 101\r\n     RELEASE: 6.1.0-50-cloud-amd64\r\n"
    '       PANIC: "Kernel panic - not syncing: sysrq triggered crash"\r\n         PID: 0\r\n'
    '     COMMAND: "swapper/0"\r\n         CPU: 0\r\n       STATE: TASK_RUNNING (PANIC)\r\n\r\n'
)
USAGE = (
    "Usage:\r\n\r\n  crash [OPTION]... NAMELIST MEMORY-IMAGE[@ADDRESS]	(dumpfile form)\r\n"
    '  crash [OPTION]... [NAMELIST]             	(live system form)\r\n\r\nEnter "crash -h" for details.\r\n'
)
PS = (
    "      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM\r\n"
    ">       0       0   0  ffffffff8241a940  RU   0.0        0        0  [swapper/0]\r\n"
    "        1       0   1  ffff8d1a40280000  IN   0.3   168440     8700  systemd\r\n"
)
HELP = (
    "\r\nNAME\r\n  ps - display process status information\r\n\r\nEXAMPLES\r\n  Show the tasks:\r\n\r\n"
    "crash> ps -p 4249\r\nPID: 0      TASK: c0252000  CPU: 0   COMMAND: \"swapper\"\r\n"
    "crash> \r\ncrash> ps | head\r\n    crash> ps -u\r\n"
)  # fmt: skip


def painted(what: str) -> str:
    """A progress line as crash paints and erases it."""
    line = f"please wait... ({what})"
    return f"\r{line}\r{' ' * len(line)}\r"


STARTUP = GPL + GDB + WARNING + "\r\n" + "".join(painted(what) for what in WAIT) + BANNER


class Script:
    """A recording in the making: what crash says and what is typed, in order."""

    def __init__(self, startup: str | None = STARTUP, prompt: str = "crash> ") -> None:
        self.prompt = prompt
        self._clock = 0.0
        self._events: list[tuple[float, str, str]] = []
        if startup is not None:
            self.says(startup).says(prompt)

    def __len__(self) -> int:
        """The number of events so far: the number that the next one gets."""
        return len(self._events)

    def says(self, output: str | bytes, after: float = 0.0) -> Script:
        """crash prints ``output`` exactly, ``after`` seconds later."""
        text = output.decode("utf-8", "surrogateescape") if isinstance(output, bytes) else output
        return self._event("o", text, after)

    def asked(self, line: str) -> Script:
        """``line`` is typed."""
        return self._event("i", f"{line}\r", 0.0)

    def command(self, line: str, *answer: str | bytes, pause: float = 0.0) -> Script:
        """``line`` is typed and answered in pieces, then the prompt comes."""
        self.asked(line)
        for piece in answer:
            self.says(piece, pause)
        return self.says(self.prompt)

    def exits(self, status: int) -> Script:
        """crash ends."""
        return self._event("x", str(status), 0.0)

    def _event(self, code: str, data: str, after: float) -> Script:
        self._clock += after
        self._events.append((self._clock, code, data))
        return self

    def write(self, path: Path) -> Path:
        """Make the file."""
        header = {"version": 2, "width": 512, "height": 50, "xcrash": {"prompt": self.prompt}}
        lines = [header, *self._events]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path


def streaming(command: str = "search -k deadbeef", lines: int = 2000) -> Script:
    """A session whose command prints for minutes when it is played as recorded, with small answers behind it."""
    return (
        Script()
        .command(command, *(f"ffff8d1a{number:08x}: deadbeef\r\n" for number in range(lines)), pause=0.05)
        .command("p 1+1", "$1 = 2\r\n")
        .command("sys", "        CPUS: 2\r\n")
    )
