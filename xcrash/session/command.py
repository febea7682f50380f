# SPDX-License-Identifier: Apache-2.0
"""What may be typed at crash's prompt without losing the session."""

from __future__ import annotations

import re

from xcrash.errors import UsageError

LONGEST = 1400
"""Bytes of one line. crash refuses 1500 and more (cmdline.c:process_command_line); 1400 was seen to work."""

_HISTORY = re.compile(r"^\s*(?:h\s*$|hi|r\s*$|r\s|r\d|!!|!\s*\d)")
_SHELL = re.compile(r"[!|]\s*(?:(?:/usr)?/bin/)?(?:(?:ba|da|k|z|)sh(?:\s+-i)?\s*)?$")
_GRABS_TERMINAL = re.compile(r"(?:^|[!|])\s*(?:vi|vim|less|more|emacs|top)(?=\s|$)")
_BREAKS_SESSION = re.compile(r"^\s*(?:set\s+(?:gdb|scroll|error)\b|sn\s*$|gdb\s+(?:quit|q)\b)")
_QUITS = frozenset({"q", "Q", "quit", "exit"})


def ends_session(line: str) -> bool:
    """Would crash end over ``line``? It does not look at the arguments of these (main.c:cmd_quit)."""
    return bool(_QUITS.intersection(line.split(maxsplit=1)[:1]))


def redirection(line: str) -> str | None:
    """What follows the first ``>``, or the ``<`` at the start, that crash takes for a redirection; None without one.

    Quotes and parentheses protect, ``->`` is no redirection (cmdline.c:setup_redirect).
    """
    quote, depth = "", 0
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif (char == "<" and not line[:at].strip()) or (char == ">" and depth <= 0 and line[at - 1 : at] != "-"):
            return line[at:].lstrip("<>").strip()
    return None


def check_command(line: str) -> bytes:
    """The bytes to send for ``line``, without a line end.

    Raises UsageError for lines that would desynchronise the session or hang it: control characters, lines crash cuts,
    readline history shortcuts (cmdline.c:check_special_handling), an interactive shell or editor, settings that
    change the prompt or start a pager.
    """
    data = line.encode("utf-8", "surrogateescape")
    if any(byte < 0x20 or byte == 0x7F for byte in data):
        raise UsageError("command-control", "the command holds a control character", "send one plain line at a time")
    if len(data) > LONGEST:
        raise UsageError(
            "command-too-long",
            f"the command has {len(data)} bytes; crash takes lines of up to {LONGEST}",
            "put it into a file and send: < /absolute/path",
        )
    if _HISTORY.match(line):
        raise UsageError(
            "command-history",
            f"crash would rewrite {line.strip()!r} from its own history",
            "type the command itself; for a name that begins so, use: p NAME or struct NAME",
        )
    if _SHELL.search(line) or _GRABS_TERMINAL.search(line):
        raise UsageError(
            "command-terminal",
            f"{line.strip()!r} would take over crash's terminal",
            "run it in another terminal",
        )
    target = redirection(line)
    if target and not target.startswith(("/", "&")):
        raise UsageError(
            "command-redirection",
            f"crash would take {target!r} for a file in its private directory, which is removed with the session",
            "give the file's absolute path; put a comparison into parentheses: p (1 > 2)",
        )
    if _BREAKS_SESSION.match(line):
        raise UsageError(
            "command-setting",
            f"{line.strip()!r} would change how crash talks and cut this session off",
            "leave that setting as it is",
        )
    return data
