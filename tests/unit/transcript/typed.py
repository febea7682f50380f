# SPDX-License-Identifier: Apache-2.0
"""A session typed by hand: a program with crash's prompt and the real readline and pager, and the keys to press."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

_PROGRAM = """
import readline, subprocess
readline.parse_and_bind("set enable-bracketed-paste off")
print("crash 8.0.2\\n")
while True:
    try:
        line = input("crash> ").strip()
    except KeyboardInterrupt:
        print("^C")
        continue
    if line == "q":
        break
    elif line == "sys":
        print("CPUS: 2")
    elif line == "list":
        text = "".join(f"entry {number}\\n" for number in range(1, 61))
        if PAGER:
            subprocess.run([PAGER, "-E", "-X", "-PsMORE"], input=text, text=True)
        else:
            print(text, end="")
    else:
        print(line)
"""

_PAGER = shutil.which("less")
_PAGING = [(" ", "MORE"), ("b", "MORE"), (" ", "MORE"), (" ", "MORE")] if _PAGER else []
SESSION = (
    ("syz\x7fs\r", "crash> "),
    ("struct task_struct.pid,comm,tasksx\x08\r", "crash> "),
    ("nonsense", "crash> "),
    ("\x03", "nonsense"),
    ("\x1b[A\x1b[A\x1b[B\x1b[A\r", "crash> "),
    ("lst\x02\x02i\r", "crash> "),
    *_PAGING,
    ("q\r", "crash> "),
)
"""Keys, each after what has to be on the screen: deleted characters, history, ^C, moves in the line, pages and back."""


def program(directory: Path) -> str:
    """The shell command that runs the program."""
    path = directory / "typed_to.py"
    path.write_text(f"PAGER = {_PAGER!r}\n{_PROGRAM}")
    return f"TERM=xterm INPUTRC=/dev/null LESS= {shlex.quote(sys.executable)} {shlex.quote(str(path))}"
