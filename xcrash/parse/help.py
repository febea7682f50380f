# SPDX-License-Identifier: Apache-2.0
"""The commands that crash has, and the manual page of one.

Source of the format: help.c:display_help_screen, help.c:display_commands, help.c:cmd_usage. Pages show sessions, so
lines that look like prompts or errors are text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line, plain_lines, prompt_command
from xcrash.parse.value import CommandOutput, Remark, Span

_NO_PAGES = re.compile(r"-[A-Za-z]|all$")
_VERSIONS = re.compile(r"\s*crash version: (\S+)(?:\s+gdb version: (\S+(?: \(.*\))?))?\s*$")
_HINT = re.compile(r"\s*For help on (?:any command above|input options|output options), enter ")
_COMMAND = re.compile(r"[*a-z][\w*-]*$")
_TITLE = re.compile(r"( {0,8}|\t)([A-Z][A-Z ]*[A-Z])\s*$")
_NAME = re.compile(r"\s*(\S+)(?: - (.*))?$")
_NO_HELP = re.compile(r"\s*No help data for .* is available\.")
_FIRST = "NAME"


class Help(CommandOutput, frozen=True, kw_only=True, tag="help"):
    """The commands, sorted, and the versions; ``span`` goes from the first command to the last hint."""

    span: Span | None
    commands: tuple[str, ...]
    crash_version: str | None = None
    gdb_version: str | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a page: its title in capitals, its text without margins and blank lines around.

    ``help input`` and its like are one section without a title.
    """

    line: int
    span: Span
    title: str | None
    text: str


class HelpPage(CommandOutput, frozen=True, kw_only=True, tag="help-page"):
    """A page: the sections are NAME, SYNOPSIS, DESCRIPTION and mostly EXAMPLES or NOTE.

    ``command`` and ``summary`` are what NAME says.
    """

    command: str | None
    summary: str | None
    synopsis: str | None
    sections: tuple[Section, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Help | HelpPage] | None:
    """The parser for ``help ARGUMENTS``; None for ``help -m`` and its like, which dump crash's own data."""
    if any(_NO_PAGES.match(word) for word in arguments) or len(arguments) > 1:
        return None
    return parse_page if arguments else parse


def parse(text: str) -> Help:
    """The commands in the text."""
    said = answer(text, "help")
    commands: list[str] = []
    versions: re.Match[str] | None = None
    read: list[Line] = []
    left: list[Line] = []
    for line in said.lines:
        words = line.text.split()
        if found := _VERSIONS.match(line.text):
            versions = found
        elif not versions and words and all(_COMMAND.match(word) for word in words):
            commands += words
        elif not _HINT.match(line.text):
            left.append(line)
            continue
        read += [line] if words else []
    return Help(
        span=(read[0].start, read[-1].end) if read else None,
        commands=tuple(sorted(commands)),
        crash_version=versions[1] if versions else None,
        gdb_version=versions[2] if versions else None,
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def parse_page(text: str) -> HelpPage:
    """The page in the text."""
    groups: list[tuple[Line, str | None, list[Line]]] = []
    remarks: list[Remark] = []
    left: list[Line] = []
    margin = ""
    for line in plain_lines(text):
        found = _TITLE.match(line.text)
        if found and (found[2] == _FIRST if not groups else found[1] == margin):
            margin = found[1]
            groups.append((line, found[2], []))
        elif groups:
            groups[-1][2].append(line)
        elif _NO_HELP.match(line.text):
            span = (line.start, line.end)
            remarks.append(Remark(line=line.number, span=span, severity="error", text=line.text.strip()))
        elif left or prompt_command(line.text) is None:
            left.append(line)
    if not groups and not remarks and any(line.text.strip() for line in left):
        groups, left = [(next(line for line in left if line.text.strip()), None, left)], []
    sections = tuple(_section(*group) for group in groups)
    texts = {section.title: section.text for section in sections}
    name = _NAME.match(texts.get(_FIRST, ""))
    return HelpPage(
        command=name[1] if name else None,
        summary=name[2].rstrip() if name and name[2] else None,
        synopsis=texts.get("SYNOPSIS"),
        sections=sections,
        remarks=tuple(remarks),
        unread=tuple(unread(left)),
    )


def _section(head: Line, title: str | None, lines: list[Line]) -> Section:
    while lines and not lines[-1].text.strip():
        lines.pop()
    while lines and not lines[0].text.strip():
        lines.pop(0)
    width = min((len(line.text) - len(line.text.lstrip(" ")) for line in lines if line.text.strip()), default=0)
    return Section(
        line=head.number,
        span=(head.start, lines[-1].end if lines else head.end),
        title=title,
        text="\n".join(line.text[width:].rstrip() for line in lines),
    )
