# SPDX-License-Identifier: Apache-2.0
"""What may be typed at crash's prompt without losing the session."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xcrash.errors import UsageError
from xcrash.session.command_line import BUILTIN_ALIASES, COMMANDS, EXTERNAL, CommandLine, inside_repeat, read_line
from xcrash.session.gdb_line import loses_gdb, takes_gdb
from xcrash.session.shell_line import relative_output, takes_terminal

LONGEST = 1400
"""Bytes of one line. crash refuses 1500 and more (cmdline.c:process_command_line); 1400 was seen to work."""

_HISTORY = re.compile(r"^\s*(?:h\s*$|hi|r\s*$|r\s|r\d|!!|!\s*\d)")
_PROGRAMS = EXTERNAL | {"vim", "emacs", "top"}
_BREAKS_SESSION = re.compile(r"set\s+(?:gdb|scroll|error|core)\b")
_QUITS = frozenset({"q", "Q", "quit", "exit"})
_LINE_ENDS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")


def ends_session(line: str) -> bool:
    """Would crash end over ``line``? It does not look at the arguments of these (main.c:cmd_quit)."""
    return bool(_QUITS.intersection(line.split(maxsplit=1)[:1]))


def check_command(line: str, aliases: Mapping[str, str] = BUILTIN_ALIASES) -> bytes:
    """The bytes to send for ``line``, without a line end; ``aliases`` are those the session has.

    Raises UsageError for lines that would desynchronise the session or hang it: control characters and anything that
    somebody could take for a line end, lines crash cuts, readline history shortcuts
    (cmdline.c:check_special_handling), an interactive shell or editor, settings that change the prompt or start a
    pager.
    """
    data = _encoded(line)
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
    parsed = read_line(line, aliases)
    if _takes_terminal(parsed):
        raise UsageError(
            "command-terminal",
            f"{line.strip()!r} would take over crash's terminal",
            "run it in another terminal",
        )
    _check_redirection(parsed)
    if parsed.word == "repeat" and read_line(inside_repeat(parsed), aliases).word in EXTERNAL:
        raise UsageError(
            "command-endless",
            f"{line.strip()!r} could never be interrupted: crash ignores Ctrl-C while another program runs",
            "send the command itself as often as it is needed",
        )
    if _changes_manners(parsed, aliases):
        raise UsageError(
            "command-setting",
            f"{line.strip()!r} would change how crash talks and cut this session off",
            "leave that setting as it is",
        )
    return data


def _encoded(line: str) -> bytes:
    try:
        data = line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise UsageError(
            "command-control", "the command holds a character that no text can hold", "send one plain line at a time"
        ) from error
    if _LINE_ENDS.search(line):
        raise UsageError("command-control", "the command holds a control character", "send one plain line at a time")
    return data


def _takes_terminal(parsed: CommandLine) -> bool:
    if any(one.kind == "shell" and takes_terminal(one.target, bool(parsed.text)) for one in parsed.redirections):
        return True
    if parsed.word in _PROGRAMS:
        return takes_terminal(parsed.text)
    gdb = _for_gdb(parsed)
    return gdb is not None and takes_gdb(gdb)


def _for_gdb(parsed: CommandLine) -> str | None:
    """What gdb gets; None for a line it never sees."""
    if parsed.word == "gdb":
        return parsed.text.partition(" ")[2]
    return None if parsed.word in COMMANDS else parsed.text


def _check_redirection(parsed: CommandLine) -> None:
    first = parsed.redirections[0] if parsed.redirections else None
    target = first.target if first and first.kind == "file" else None
    if first and first.kind == "shell":
        target = relative_output(first.target)
    if parsed.word == "<":
        target = " ".join(parsed.arguments)
    if target and not target.startswith(("/", "&")):
        raise UsageError(
            "command-redirection",
            f"crash would take {target!r} for a file in its private directory, which is removed with the session",
            "give the file's absolute path; put a comparison into parentheses: p (1 > 2)",
        )


def _changes_manners(parsed: CommandLine, aliases: Mapping[str, str], depth: int = 0) -> bool:
    """Would crash talk differently, or gdb not at all, from now on? xcrash itself asks for ``echo``."""
    if _BREAKS_SESSION.match(" ".join((parsed.word, *parsed.arguments))):
        return True
    gdb = _for_gdb(parsed)
    if gdb is not None and (loses_gdb(gdb) or re.match(r"set\s+gdb\b", gdb)):
        return True
    if parsed.word == "alias" and len(parsed.arguments) > 1:
        name, *value = parsed.arguments
        return name == "echo" or (
            depth < 2 and _changes_manners(read_line(" ".join(value), aliases), aliases, depth + 1)
        )
    if parsed.word == "repeat" and depth < 2:
        return _changes_manners(read_line(inside_repeat(parsed), aliases), aliases, depth + 1)
    return False
