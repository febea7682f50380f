# SPDX-License-Identifier: Apache-2.0
"""A command line as crash reads it: aliases, redirections, words (cmdline.c, tools.c:parse_line)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

BUILTIN_ALIASES: Mapping[str, str] = {
    "man": "help",
    "?": "help",
    "quit": "q",
    "sf": "set scroll off",
    "sn": "set scroll on",
    "hex": "set radix 16",
    "dec": "set radix 10",
    "g": "gdb",
    "px": "p -x",
    "pd": "p -d",
    "for": "foreach",
    "size": "*",
    "dmesg": "log",
    "lsmod": "mod",
    "last": "ps -l",
}
"""The aliases every crash starts with (cmdline.c:alias_init)."""

_NAMES = """
* alias ascii bpf bt btop dev dis eval exit extend files foreach fuser gdb help ipcs irq kmem list log mach
map mod mount net p ps pte ptob ptov q rd repeat runq rustfilt sbitmapq search set sig struct swap sym sys
task test timer tree union vm vtop waitq whatis wr s390dbf domain doms dumpinfo pcpus sched vcpu vcpus
"""
COMMANDS = frozenset(_NAMES.split())
"""The commands of every crash, its hypervisor mode included."""

EXTERNAL = frozenset(("vi", "pwd", "grep", "cat", "more", "less", "echo", "ls", "clear"))
"""Programs crash hands to a shell when the line begins with them (main.c:is_external_command)."""


class Redirection(NamedTuple):
    """Where the output goes: ``kind`` is "shell" (a pipe, or a line that is all shell) or "file"; ``at`` its place."""

    kind: Literal["shell", "file"]
    target: str
    at: int


class CommandLine(NamedTuple):
    """One line after aliases: the command's word, its arguments, the text in front of a redirection, redirections.

    ``redirections`` holds one per reading: crash before and after it learnt single quotes and nested parentheses. The
    first one is today's.
    """

    word: str
    arguments: tuple[str, ...]
    text: str
    redirections: tuple[Redirection, ...]


def read_line(line: str, aliases: Mapping[str, str] = BUILTIN_ALIASES) -> CommandLine:
    """Read ``line`` as crash would; any text is read somehow."""
    expanded = expand(_spread(line.strip(" \t")), aliases)
    now = redirection(expanded)
    readings = dict.fromkeys(one for one in (now, redirection(expanded, single_quotes=False)) if one)
    text = expanded[: now.at].rstrip(" \t") if now else expanded
    words = split_words(text)
    word = words[0] if words else ""
    return CommandLine(
        word[1:] if word[:1] == "\\" and len(word) > 1 else word, tuple(words[1:]), text, tuple(readings)
    )


def _spread(line: str) -> str:
    """``*name`` and ``<file`` get a blank (cmdline.c:check_special_handling)."""
    return f"{line[0]} {line[1:]}" if line[:1] in ("*", "<") and line[1:2] not in ("", " ", "\t") else line


def expand(line: str, aliases: Mapping[str, str]) -> str:
    """``line`` with its first word replaced once (cmdline.c:resolve_aliases)."""
    words = split_words(line)
    if not words or words[0] not in aliases:
        return line
    rest = line.split(None, 1)[1] if len(line.split(None, 1)) > 1 else ""
    return f"{aliases[words[0]]} {rest}".rstrip(" \t")


def redirection(line: str, single_quotes: bool = True) -> Redirection | None:
    """The first ``|``, ``!`` or ``>`` that crash acts on (cmdline.c:setup_redirect).

    Any quote character opens and closes a string, whatever opened it; parentheses are counted in strings, too, and an
    unbalanced one protects the rest. ``->`` is none. Without ``single_quotes``: as crash did up to 2013, when only
    ``"`` counted and any ``)`` ended an expression.
    """
    depth, string = 0, False
    for at, char in enumerate(line):
        if char == "(":
            depth = depth + 1 if single_quotes else 1
        elif char == ")":
            depth = depth - 1 if single_quotes else 0
        elif char == '"' or (char == "'" and single_quotes):
            string = not string
        if depth or string:
            continue
        if char in "|!":
            return Redirection("shell", line[at + 1 :].strip(" \t"), at)
        if char == ">" and not (at and line[at - 1] == "-"):
            return Redirection("file", line[at + 1 :].removeprefix(">").strip(" \t"), at)
    return None


def split_words(line: str) -> list[str]:
    """The words of ``line``: a string in double quotes or an expression in parentheses is one (tools.c:parse_line).

    As in crash, quotes count only at the beginning of a word.
    """
    words = []
    at, size = 0, len(line)
    while at < size:
        char = line[at]
        if char in " \t":
            at += 1
            continue
        if char == '"':
            end = line.find('"', at + 1)
            end = size if end < 0 else end
            words.append(line[at + 1 : end])
            at = end + 1
            continue
        end = _expression_end(line, at) if char == "(" and words else -1
        if end < 0:
            end = at
        while end < size and line[end] not in " \t":
            end += 1
        words.append(line[at:end])
        at = end
    return words


def _expression_end(line: str, at: int) -> int:
    """Behind the parenthesis that closes the one at ``at``; -1 when none does."""
    depth = 0
    for end in range(at, len(line)):
        depth += (line[end] == "(") - (line[end] == ")")
        if not depth:
            return end + 1
    return -1


def inside_repeat(parsed: CommandLine) -> str:
    """The command that ``repeat`` runs."""
    arguments = parsed.arguments
    return " ".join(arguments[1:] if arguments and arguments[0].startswith("-") else arguments)


def learnt(line: str, aliases: Mapping[str, str]) -> Mapping[str, str]:
    """The aliases after ``line`` was sent (cmdline.c:cmd_alias); an alias that crash refuses is kept, too."""
    parsed = read_line(line, aliases)
    if parsed.word == "repeat":
        parsed = read_line(inside_repeat(parsed), aliases)
    if parsed.word != "alias" or len(parsed.arguments) < 2:
        return aliases
    name, *value = parsed.arguments
    kept = {known: text for known, text in aliases.items() if known != name}
    return {**kept, name: " ".join(value)} if value != [""] else kept
